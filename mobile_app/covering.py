"""A colleague stands in while she is away: set here, begun and ended by the hub. The cases stay hers.

What writes blocks and is one transaction, as in services.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from mobile_app.domain.standing_in import StandingIn
from mobile_app.errors import InvalidInput
from mobile_app.services import Desk
from storage import records
from storage.reading import ReadModel, SyncState
from storage.records import COVER_DAYS_MAX, NO_CITIZEN, Colleague, Cover
from sync.protocol import Covered

_AT_THE_HUB = (SyncState.RECEIVED, SyncState.SAFE)


@dataclass(frozen=True)
class Covers:
    """What a phone knows of covers. `author` is its consultant."""

    reading: ReadModel
    author: str

    def hers(self, today: date) -> list[Cover]:
        """Those that run or are to come."""
        return [one for one in self._all() if one.author == self.author and _is_ahead(one, today)]

    def by_her(self, today: date) -> list[Cover]:
        """Those of colleagues for whom she stands in, or is to."""
        return [one for one in self._all() if one.author != self.author and _is_ahead(one, today)]

    def _all(self) -> list[Cover]:
        return sorted(self.reading.all(Cover), key=lambda one: (one.from_on, one.id))

    def standing_in(self, covered: Iterable[Covered], state_of: Callable[[str], SyncState]) -> StandingIn:
        """`covered` is whom the hub lets her see as a cover."""
        known = self._all()
        own = (one for one in known if one.author == self.author and state_of(one.id) in _AT_THE_HUB)
        naming_her = [one for one in known if one.colleague_id == self.author]
        lent = {
            case.citizen_id: tuple(one for one in naming_her if one.author == case.consultant_id) for case in covered
        }
        return StandingIn(tuple(own), lent)


def _is_ahead(cover: Cover, today: date) -> bool:
    return cover.from_on <= cover.to_on and today <= cover.to_on


def planned(desk: Desk, colleague_id: str, from_on: date | None, to_on: date | None) -> Cover:
    """What would be set. Raises InvalidInput without a colleague or days, for days that have passed, that are too many,
    or on which somebody stands in already."""
    if not isinstance(desk.vault.reading.get(colleague_id), Colleague) or colleague_id == desk.author:
        raise InvalidInput("no_cover")
    if from_on is None or to_on is None:
        raise InvalidInput("no_days")
    now = desk.now()
    made = Cover(
        id=records.new_id(now, os.urandom(10)),
        citizen_id=NO_CITIZEN,
        created_at=now,
        updated_at=now,
        author=desk.author,
        colleague_id=colleague_id,
        from_on=from_on,
        to_on=to_on,
    )
    _check(made, Covers(desk.vault.reading, desk.author).hers(desk.today()), desk.today())
    return made


def set_cover(desk: Desk, colleague_id: str, from_on: date | None, to_on: date | None) -> Cover:
    """Waits to be sent like everything. Raises InvalidInput as `planned`."""
    with desk.vault.held():
        made = planned(desk, colleague_id, from_on, to_on)
        desk.vault.save(made)
    return made


def _check(made: Cover, others: Iterable[Cover], today: date) -> None:
    if made.to_on < made.from_on:
        raise InvalidInput("end_before_start")
    if made.to_on < today:
        raise InvalidInput("cover_passed")
    if made.days > COVER_DAYS_MAX:
        raise InvalidInput("cover_too_long")
    if any(one.from_on <= made.to_on and made.from_on <= one.to_on for one in others):
        raise InvalidInput("covered_already")


def end(desk: Desk, cover: Cover) -> None:
    """From today on nobody stands in. What the hub may know says so with its dates, so that a hub that goes back to a
    backup is told again; what it never heard of, or refused, is put away."""
    with desk.vault.held():
        stands = desk.vault.reading.get(cover.id)
        if not isinstance(stands, Cover):
            return
        state = desk.vault.reading.state_of(cover.id, 0)
        if state == SyncState.REFUSED or not desk.vault.reading.was_sent(cover.id):
            desk.vault.save(delete=[cover.id])
            return
        last = min(stands.to_on, max(desk.today(), stands.from_on) - timedelta(days=1))
        desk.vault.save(replace(stands, to_on=last, updated_at=desk.now()))

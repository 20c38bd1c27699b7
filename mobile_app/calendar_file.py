"""Her appointments out of the app, as a file for her calendar."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.calendar_entries import Choice, Given, Titles, Writer, called_off, remembered, to_give
from mobile_app.domain.case import Case
from mobile_app.domain.standing_in import StandingIn
from mobile_app.i18n import _
from storage.records import Reminder
from storage.store import Vault

if TYPE_CHECKING:
    from mobile_app.app import App

_KEPT = "calendar-file"
_SECRET_BYTES = 32


class Kept(Struct, frozen=True):
    """Of the files so far, sealed in the vault. `secret` makes the ids: with another one a calendar would show
    everything twice, so it outlives a change of keys and comes along in a backup."""

    secret: bytes
    choice: Choice = Choice()
    given: tuple[Given, ...] = ()


class Made(Struct, frozen=True):
    """A file, how many entries stand in it, and what is to be kept once she has it."""

    content: bytes
    count: int
    kept: Kept


async def hand_over(app: App, choice: Choice) -> bool:
    """Saves the file where she chooses. The sentence is on the screen then."""
    known = app.overview
    given = known.cases(), known.standing_in(), known.calendar()
    made = await app.attempt(make, app.vault, choice, *given, app.desk.now())
    if made is None:
        return False
    name = f"medgang-{day_of(app.desk.now())}.ics"
    if not await app.files.save(name, made.value.content):
        return False
    if await app.attempt(app.vault.put_sealed, _KEPT, made.value.kept) is None:
        return False
    app.say(_("The file is saved. Open it with your calendar. A later file brings the same entries up to date."))
    return True


def kept(vault: Vault) -> Kept:
    """What is known of the files so far. Raises VaultDamaged, VaultLocked."""
    return vault.get_sealed(_KEPT, Kept) or Kept(secrets.token_bytes(_SECRET_BYTES))


def make(
    vault: Vault,
    choice: Choice,
    cases: Sequence[Case],
    standing_in: StandingIn,
    calendar: WorkCalendar,
    now: datetime,
) -> Made:
    """The file of `now` (aware). Writes nothing. Where a record is missing for damage, nothing is called off for it."""
    from mobile_app.domain.calendar_export import as_bytes  # icalendar takes 60 ms that a start need not wait for

    before, titles = kept(vault), _titles()
    writer = Writer(before.secret, titles, choice, now, standing_in)
    standing = writer.entries(cases, vault.reading.all(Reminder), calendar)
    entries = to_give(standing, before.given, now)
    off = called_off(standing, before.given, now) if vault.health.is_whole else []
    after = replace(before, choice=choice, given=remembered(entries, before.given, now))
    return Made(as_bytes(entries, off, titles, now), len(entries), after)


def _titles() -> Titles:
    return Titles(
        appointment=_("Medgang: appointment"),
        call=_("Medgang: call"),
        reminder=_("Medgang: reminder"),
        cancelled=_("Medgang: called off"),
    )

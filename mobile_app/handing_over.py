"""A case goes to a colleague: asked for here, moved by the hub, accepted by whoever got it.

What writes blocks and is one transaction, as in services.py.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from mobile_app.errors import InvalidInput
from mobile_app.services import Desk
from storage import records
from storage.reading import ReadModel, SyncState
from storage.records import Citizen, Colleague, Handover

#: It can be undone at least so long before it is sent, and until it is.
HOLD = timedelta(minutes=1)
MESSAGE_MAX_CHARS = 500
_NOT_AT_THE_HUB = (SyncState.ON_THIS_PHONE, SyncState.WAITING, SyncState.SENT, SyncState.REFUSED)


@dataclass(frozen=True)
class Handovers:
    """What a phone knows of handovers. `author` is its consultant."""

    reading: ReadModel
    author: str

    def colleagues(self) -> list[Colleague]:
        """Whom a case can go to."""
        others = [one for one in self.reading.all(Colleague) if one.id != self.author]
        return sorted(others, key=lambda one: one.name)

    def to_accept(self, citizen_id: str | None = None) -> list[Handover]:
        """Of everybody or of this citizen: the last that brought the case here, if she has not accepted it yet."""
        last: dict[str, Handover] = {}
        for one in sorted(self.reading.all(Handover, citizen_id), key=lambda one: one.created_at):
            if one.to == self.author:
                last[one.citizen_id] = one
        return [one for one in last.values() if one.accepted_at is None]

    def on_its_way(self, citizen_id: str) -> tuple[Handover, SyncState] | None:
        """What she asked for and the hub has not done."""
        for one in self.reading.all(Handover, citizen_id):
            state = self.reading.state_of(one.id, 0)
            if one.author == self.author and one.to != self.author and state in _NOT_AT_THE_HUB:
                return one, state
        return None


def hand_over(desk: Desk, citizen: Citizen, to: str, message: str) -> Handover:
    """Waits to be sent like everything; the hub moves the case. Raises InvalidInput without a colleague, for a message
    that is too long, or where it is on its way already."""
    message = message.strip()
    if not isinstance(desk.vault.reading.get(to), Colleague):
        raise InvalidInput("no_colleague")
    if len(message) > MESSAGE_MAX_CHARS:
        raise InvalidInput("message_too_long")
    with desk.vault.held():
        if Handovers(desk.vault.reading, desk.author).on_its_way(citizen.id):
            raise InvalidInput("done_already")
        now = desk.now()
        made = Handover(
            id=records.new_id(now, os.urandom(10)),
            citizen_id=citizen.id,
            created_at=now,
            updated_at=now,
            author=desk.author,
            to=to,
            message=message,
        )
        desk.vault.save(made, hold=HOLD)
    return made


def take_back(desk: Desk, handover: Handover) -> None:
    """Nothing is handed over; also puts away what the hub refused. Raises InvalidInput once it may have reached the
    hub."""
    with desk.vault.held():
        if desk.vault.reading.get(handover.id) is None:
            return
        if desk.vault.reading.state_of(handover.id, 0) not in (SyncState.WAITING, SyncState.REFUSED):
            raise InvalidInput("handed_over_already")
        desk.vault.save(delete=[handover.id])


def accept(desk: Desk, handover: Handover) -> None:
    """ "Tag imod sag". Whose handover it is stays; the case is hers with or without it."""
    stands = desk.vault.reading.get(handover.id)
    if isinstance(stands, Handover) and stands.accepted_at is None:
        now = desk.now()
        desk.vault.save(replace(stands, accepted_at=now, updated_at=now))

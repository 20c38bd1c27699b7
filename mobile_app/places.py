"""Where she was writing: kept sealed, so that she comes back to it after a lock or a kill; and the ways to screens."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from mobile_app.domain.occurrence import Occurrence
from storage.records import Appointment

#: Their names among the sealed values.
PLACE, COMBINING = "open-editor", "combining"


class Place(Struct, frozen=True):
    """An open editor; without a draft, none. `citizen_id` is the one of its route, `caret` where she was in the text
    (in UTF-16 units, as Flutter counts) when that had `of_chars`: of a text that was saved since it says nothing."""

    draft_id: str = ""
    citizen_id: str = ""
    caret: int | None = None
    of_chars: int = 0

    @property
    def route(self) -> str:
        return note_route(self.draft_id, self.citizen_id)


class Combining(Struct, frozen=True):
    """The texts she has begun to put together of two versions, by Question.key."""

    texts: dict[str, str] = {}


def note_route(draft_id: str, citizen_id: str = "") -> str:
    return f"/citizens/{citizen_id}/note/{draft_id}" if citizen_id else f"/note/{draft_id}"


#: Of a route: there is no time yet.
NO_TIME = "0"


def booking_route(appointment: Appointment) -> str:
    return f"/citizens/{appointment.citizen_id}/appointment/{appointment.id}/book"


def time_route(one: Occurrence) -> str:
    """Where the time of an appointment is chosen, or this one is moved."""
    at = int(one.starts_at.timestamp()) if one.starts_at else NO_TIME
    return f"/citizens/{one.appointment.citizen_id}/appointment/{one.appointment.id}/time/{at}"


def time_in(at: str) -> datetime | None:
    """The time that such a route names."""
    return datetime.fromtimestamp(int(at), UTC) if at.isdecimal() and at != NO_TIME else None

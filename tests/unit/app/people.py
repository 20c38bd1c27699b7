"""Records to put on a desk: citizens, notes, appointments, as short as a test needs them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from mobile_app.services import Desk
from storage.records import HUB, Appointment, Citizen, Colleague, ContactNote, Draft, Record, encode
from storage.row import Row
from sync import plan
from sync.protocol import Change, Outcome, Reason, Status

#: Monday 2026-11-23 08:00 in Copenhagen, the day of domain.md's examples.
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TODAY = MONDAY.date()
KAREN = "consultant-karen"
FREJA, JONAS, THEA = "citizen-freja", "citizen-jonas", "citizen-thea"
_BY_IMPORT: dict[str, Any] = {"created_at": MONDAY, "updated_at": MONDAY, "author": "import"}


def citizen(record_id: str = FREJA, given_name: str = "Freja", **fields: Any) -> Citizen:
    known = {"case_number": record_id, "given_name": given_name, "started_on": date(2026, 1, 5)} | _BY_IMPORT
    return Citizen(id=record_id, citizen_id=record_id, **known | fields)


def note(record_id: str, days_ago: float = 0, citizen_id: str = FREJA, **fields: Any) -> ContactNote:
    known = {"occurred_at": MONDAY - timedelta(days=days_ago), "channel": "walk", "text": "Gik ved åen."}
    return ContactNote(id=record_id, citizen_id=citizen_id, **_BY_IMPORT | known | fields)


def appointment(record_id: str, in_days: float | None = 1, citizen_id: str = FREJA, **fields: Any) -> Appointment:
    starts_at = None if in_days is None else MONDAY + timedelta(days=in_days)
    known = {"type": "meeting", "state": "booked", "state_since": TODAY, "starts_at": starts_at}
    return Appointment(id=record_id, citizen_id=citizen_id, **_BY_IMPORT | known | fields)


def written(desk: Desk, text: str = "Gik ved åen.", **fields: Any) -> Draft:
    """A draft about Freja that can be finished."""
    known = {"channel": "walk", "text": text, "occurred_at": desk.now()}
    return Draft(id="draft-1", citizen_id=FREJA, **_BY_IMPORT | known | fields)


# ---------------------------------------------------------------- what a sync does to one record
def sent(desk: Desk, record_id: str) -> Row:
    """The record lies in a request whose answer has not come. Its hold is taken to be over."""
    row = desk.vault.row(record_id)
    assert row is not None
    frozen = plan.frozen(row, len(desk.vault.in_flight()) + 1)
    desk.vault.apply([frozen])
    return frozen


def answered(desk: Desk, record_id: str, **outcome: Any) -> None:
    """The hub answered: applied as version 1 under sequence 7, or what `outcome` says."""
    row = sent(desk, record_id)
    known = {"n": row.n, "status": Status.APPLIED, "version": 1, "seq": 7}
    step = plan.after_outcome(row, Outcome(**known | outcome))
    assert step.row is not None
    desk.vault.apply([step.row])


def refused(desk: Desk, record_id: str, reason: Reason) -> None:
    answered(desk, record_id, status=Status.REFUSED, version=0, seq=0, reason=reason)


def came(desk: Desk, *records: Record) -> None:
    """With a page of the hub."""
    for seq, record in enumerate(records, 100):
        change = Change(seq=seq, record_id=record.id, version=1, payload=msgspec.Raw(encode(record)))
        step = plan.after_change(None, change)
        assert step.row is not None
        desk.vault.apply([step.row])


def colleague(record_id: str, name: str) -> Colleague:
    return Colleague(id=record_id, name=name, **_BY_IMPORT | {"author": HUB})

"""Records for the tests of the rules: only what a test is about is named there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.rule import Wanted
from storage.records import (
    AftercareWindow,
    Appointment,
    AppointmentState,
    AppointmentType,
    Channel,
    Citizen,
    ContactNote,
    Event,
    EventType,
    Pause,
    PauseReason,
    PutOff,
    Reminder,
    ReminderAnswer,
)

CALENDAR = WorkCalendar()
TODAY = date(2026, 11, 23)  # a Monday, the demo day
_ids = count(1)


def at(text: str) -> datetime:
    """ "2026-11-23 08:00" in Copenhagen."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


NOW = at("2026-11-23 08:00")
FAR = NOW + timedelta(days=400)


def _record(given: dict[str, Any]) -> dict[str, Any]:
    common = {"id": f"r{next(_ids)}", "citizen_id": "c", "created_at": NOW, "updated_at": NOW, "author": "a"}
    return common | given


def citizen(**given: Any) -> Citizen:
    name = given.get("id", "c")
    plain = {"id": name, "citizen_id": name, "case_number": "1", "given_name": "Liva", "started_on": date(2026, 1, 5)}
    return Citizen(**_record(plain | given))


def note(when: str, **given: Any) -> ContactNote:
    return ContactNote(**_record({"occurred_at": at(when), "channel": Channel.PHONE} | given))


def appointment(state: str, since: date, **given: Any) -> Appointment:
    plain = {"type": AppointmentType.DOCTOR, "state": AppointmentState(state), "state_since": since}
    return Appointment(**_record(plain | given))


def window(starts_on: date, ends_on: date, **given: Any) -> AftercareWindow:
    return AftercareWindow(**_record({"starts_on": starts_on, "ends_on": ends_on} | given))


def pause(from_on: date, reason: PauseReason = PauseReason.HOLIDAY, **given: Any) -> Pause:
    return Pause(**_record({"from_on": from_on, "reason": reason} | given))


def death(on: date) -> Event:
    return Event(**_record({"on": on, "type": EventType.DEATH}))


def put_off(on: date, **given: Any) -> PutOff:
    return PutOff(**_record({"on": on} | given))


def reminder(due: str, **given: Any) -> Reminder:
    return Reminder(**_record({"due_at": at(due), "text": "Ring"} | given))


def answer(key: str, kind: str, **given: Any) -> ReminderAnswer:
    plain = {"id": key, "source_id": "s", "rule": "r", "step": "s", "due_at": NOW, "answer": kind}
    return ReminderAnswer(**_record(plain | given))


def case(*records: Any, **given: Any) -> Case:
    """A case of these records; `given` describes the citizen."""
    fields = {
        "notes": ContactNote,
        "appointments": Appointment,
        "pauses": Pause,
        "windows": AftercareWindow,
        "put_offs": PutOff,
        "events": Event,
        "reminders": Reminder,
        "answers": ReminderAnswer,
    }
    parts = {name: tuple(r for r in records if isinstance(r, kind)) for name, kind in fields.items()}
    return Case(citizen(**given), **parts)


def moments(found: list[Wanted]) -> list[tuple[str, str]]:
    """Step and local time of each, in order."""
    return [(w.step, f"{w.due_at.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}") for w in found]

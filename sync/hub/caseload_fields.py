"""What may stand in one field of a caseload file: the record's own types, CPR numbers refused, every refusal a sentence
that says what to write instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrulestr
from msgspec import inspect, structs

from storage.records import (
    AftercareWindow,
    AnyRecord,
    Appointment,
    AppointmentState,
    Citizen,
    Pause,
    Reminder,
    half_year_after,
)

ZONE = ZoneInfo("Europe/Copenhagen")
#: Fields every record has; a file of people need not have them.
OURS = ("id", "citizen_id", "created_at", "updated_at", "author")
#: Fields that point at another object of the same citizen, by its "ref" or by an id.
_REFERENCES = ("network_person_id", "appointment_id", "corrects", "retracts", "source_id")
_CPR = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})([-– ]?)\d{4}(?!\d)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Column:
    """One field of a record: its msgspec type, what that type is, and what to write in it."""

    name: str
    type: Any
    required: bool
    default: Any
    kind: inspect.Type
    wanted: str


def value_of(column: Column, raw: Any, refs: dict[str, str]) -> Any:
    """The value as the record holds it. Raises ValueError with the sentence for whoever made the file."""
    if raw == "" and column.required:
        raise ValueError(f"This is missing. Write {column.wanted}.")
    texts = raw if isinstance(raw, list) else [raw]
    if any(_is_cpr(column.name, text) for text in texts if isinstance(text, str)):
        raise ValueError("This looks like a CPR number, and no CPR number may be on the phone. Remove it.")
    if column.name in _REFERENCES and isinstance(raw, str):
        raw = refs.get(raw, raw)
        # A final note may outlive the network person it names: an id nobody here knows is left as it is.
        if raw not in refs and not _UUID.fullmatch(raw):
            raise ValueError(f'No object of this citizen has "ref": {_shown(raw)}. Add it, or write an id.')
    try:
        return msgspec.convert(_instants(column.kind, raw), column.type)
    except (ValueError, OverflowError):
        raise ValueError(f"{_shown(raw)} cannot be used here. Write {column.wanted}.") from None


def _instants(kind: inspect.Type, raw: Any) -> Any:
    """Local wall time to UTC. A time with its own offset is taken too: the export writes one in the repeated hour."""
    if isinstance(kind, inspect.VarTupleType) and isinstance(raw, list):
        return [_instants(kind.item_type, each) for each in raw]
    if not isinstance(kind, inspect.DateTimeType) or not isinstance(raw, str):
        return raw
    if not _MOMENT.fullmatch(raw):
        raise ValueError("a day without its time would silently be midnight")
    moment = datetime.fromisoformat(raw)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=ZONE).astimezone(UTC)
    if instant.astimezone(ZONE).replace(tzinfo=None) != moment:
        raise ValueError("the hour that summer time skips")
    return instant


def _is_cpr(column: str, text: str) -> bool:
    """DDMMYY-XXXX, also without the hyphen. A phone number may have ten digits, and a case number may hold ten digits
    among others, but neither may be a CPR number."""
    for found in _CPR.finditer(text):
        day, month, year, hyphen = found.groups()
        bare_phone = column == "phone" and not hyphen.strip()
        part_of_case = column == "case_number" and found.group() != text.strip()
        if column in (*OURS, *_REFERENCES) or bare_phone or part_of_case:
            continue
        if _is_date(2000 + int(year), int(month), int(day)):
            return True
    return False


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def _shown(raw: object) -> str:
    """The value for an error message; what is long may be a note about somebody and is not repeated."""
    return repr(raw) if len(repr(raw)) <= 30 else "This value"


def _is_rule(rule: str) -> bool:
    # dateutil takes an interval of 0, and then never comes to the next time.
    if re.search(r"INTERVAL=0*(;|$)", rule):
        return False
    try:
        return not rule or bool(rrulestr(rule, ignoretz=True))
    except (ValueError, TypeError):
        return False


def _ends_before(record: AnyRecord, first: str, last: str) -> bool:
    start, end = getattr(record, first), getattr(record, last)
    return start is not None and end is not None and end < start


_Check = tuple[Any, str, Callable[[Any], bool], str]
#: What no single field can tell: type of record, field, when it is wrong, and the sentence.
CHECKS: tuple[_Check, ...] = (
    (Citizen, "ended_on", lambda r: _ends_before(r, "started_on", "ended_on"), "Lies before started_on. Correct one."),
    (Pause, "expected_to", lambda r: _ends_before(r, "from_on", "expected_to"), "Lies before from_on. Correct one."),
    (Pause, "ended_on", lambda r: _ends_before(r, "from_on", "ended_on"), "Lies before from_on. Correct one."),
    (Appointment, "ends_at", lambda r: _ends_before(r, "starts_at", "ends_at"), "Lies before starts_at. Correct one."),
    (
        Appointment,
        "starts_at",
        lambda r: r.state == AppointmentState.BOOKED and r.starts_at is None,
        "This is missing. A booked appointment needs its time; without one the state is to_book or referred.",
    ),
    (Appointment | Reminder, "rrule", lambda r: not _is_rule(r.rrule), "No RFC 5545 rule. Write e.g. FREQ=WEEKLY."),
    (
        AftercareWindow,
        "ends_on",
        lambda r: not r.starts_on <= r.ends_on <= half_year_after(r.starts_on),
        "Must lie between starts_on and half a year after it. Correct one.",
    ),
    (
        AftercareWindow,
        "agreed_call_on",
        lambda r: r.agreed_call_on is not None and not r.starts_on <= r.agreed_call_on <= r.ends_on,
        "Must lie between starts_on and ends_on. Correct one.",
    ),
)


@cache
def columns_of(kind: type[AnyRecord]) -> tuple[Column, ...]:
    """The fields of this kind of record, in the order of the class."""
    return tuple(
        Column(f.name, f.type, f.required, f.default, info := _without_none(inspect.type_info(f.type)), _wanted(info))
        for f in structs.fields(kind)
    )


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        return next(each for each in kind.types if not isinstance(each, inspect.NoneType))
    return kind


def _wanted(kind: inspect.Type) -> str:
    """What to write in a field of this type, for the end of "Write ..."."""
    match kind:
        case inspect.DateType():
            return "a date as 2026-11-23"
        case inspect.DateTimeType():
            return "a local Danish time as 2026-11-23T13:00"
        case inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case inspect.BoolType():
            return "yes or no (in JSON: true or false)"
        case inspect.EnumType():
            return "one of: " + ", ".join(each.value for each in kind.cls)
        case inspect.VarTupleType():
            return f"a list (in CSV separated by spaces), each {_wanted(kind.item_type)}"
        case inspect.StrType(max_length=int(most)):
            return f"text of at most {most} characters"
    return "text"

"""What a field of a record is called, and its values as they are said: for two versions of one field."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import NODEFAULT

from mobile_app import formats
from mobile_app.i18n import _
from mobile_app.wording import appointment_title, record_title, word
from storage.records import KINDS, AnyRecord, Appointment, Citizen, NetworkPerson, Record

_FIELDS: dict[str, Callable[[], str]] = {
    "accepted_at": lambda: _("Accepted"),
    "accompany": lambda: _("Do I come along?"),
    "active": lambda: _("Not today"),
    "address_protected": lambda: _("Protected address"),
    "aftercare_answer": lambda: _("Answer about aftercare"),
    "age_limit_on": lambda: _("Age limit"),
    "agreed_call_on": lambda: _("Agreed call in aftercare"),
    "answer": lambda: _("Answer"),
    "appointment_id": lambda: _("Appointment"),
    "begun_by": lambda: _("Begun by"),
    "case_number": lambda: _("Case number"),
    "channel": lambda: _("Where or how"),
    "chosen_on": lambda: _("Chosen on"),
    "colleague_id": lambda: _("Colleague"),
    "consent_note": lambda: _("Consent"),
    "contact_every_days": lambda: _("Agreed contact"),
    "contacts_a_day": lambda: _("Contacts a day"),
    "corrects": lambda: _("Corrects an earlier note"),
    "due_at": lambda: _("When"),
    "duration_minutes": lambda: _("How long"),
    "ended_on": lambda: _("Ended on"),
    "ended_reason": lambda: _("Why it ended"),
    "ends": lambda: _("Until when"),
    "ends_at": lambda: _("Until when"),
    "ends_on": lambda: _("Until when"),
    "exdates": lambda: _("Days it does not take place"),
    "expected_to": lambda: _("Expected until"),
    "family_name": lambda: _("Family name"),
    "follow_up": lambda: _("Talk afterwards"),
    "from_on": lambda: _("From"),
    "given_name": lambda: _("First name"),
    "good_to_know": lambda: _("What makes things bearable"),
    "hours": lambda: _("Hours"),
    "initiated_by": lambda: _("Who made contact?"),
    "lead_minutes": lambda: _("Time to get there"),
    "leave": lambda: _("Leave"),
    "meeting_every_days": lambda: _("Agreed meetings"),
    "message": lambda: _("Message"),
    "name": lambda: _("Name"),
    "network_person_id": lambda: _("Person around"),
    "occurred_at": lambda: _("When"),
    "office_name": lambda: _("Name of the youth centre"),
    "on": lambda: _("Day"),
    "outcome": lambda: _("What became of it"),
    "phone": lambda: _("Phone"),
    "place": lambda: _("Place"),
    "preferred_channel": lambda: _("Preferred way of contact"),
    "reason": lambda: _("Reason"),
    "relation": lambda: _("Relation"),
    "retracts": lambda: _("Takes back a note on the wrong person"),
    "roles": lambda: _("Roles"),
    "roles_declined": lambda: _("Roles declined"),
    "rrule": lambda: _("Repeats"),
    "rule": lambda: _("Reminder"),
    "safety_note": lambda: _("Take care"),
    "snoozed_until": lambda: _("Put off until"),
    "source_id": lambda: _("Reminder"),
    "started_on": lambda: _("Began on"),
    "starts": lambda: _("From"),
    "starts_at": lambda: _("When"),
    "starts_on": lambda: _("From"),
    "state": lambda: _("State"),
    "state_since": lambda: _("State since"),
    "status": lambda: _("State"),
    "step": lambda: _("Reminder"),
    "summary": lambda: _("Summary"),
    "taken_over_by": lambda: _("Who takes over?"),
    "text": lambda: _("Text"),
    "to": lambda: _("To whom"),
    "to_on": lambda: _("Until when"),
    "two_person_visits": lambda: _("Visits by two"),
    "type": lambda: _("Kind"),
    "wants_information": lambda: _("The case needs information from them"),
    "with_whom": lambda: _("With whom"),
    "words": lambda: _("Small steps"),
    "working_days": lambda: _("Working days"),
    "zone": lambda: _("Time zone"),
}
_UNITS: dict[str, Callable[[object], str]] = {
    "contact_every_days": lambda n: _("every {n} days", n=n),
    "meeting_every_days": lambda n: _("every {n} days", n=n),
    "duration_minutes": lambda n: _("{n} min", n=n),
    "lead_minutes": lambda n: _("{n} min", n=n),
}


def field_title(name: str) -> str:
    """What a field is called; one of a newer version by its name in the records."""
    return _FIELDS[name]() if name in _FIELDS else name.replace("_", " ")


def field_value(record: AnyRecord | None, name: str, text: str) -> str:
    """A value of this field of the record (a JSON text) as it is said: codes by their words, moments by day and time,
    null as the field's default. Of a record that is gone the kind is not known: the first that has such a value."""
    plain = msgspec.json.decode(text)
    value = _default(type(record), name) if plain is None else _typed(record, name, plain)
    if value is not None and name in _UNITS:
        return formats.sentence(_UNITS[name](value))
    return _said(value) or _("(empty)")


def record_name(record: AnyRecord) -> str:
    """What a record is called where another one points to it."""
    if isinstance(record, NetworkPerson | Citizen):
        return record.name
    return appointment_title(record) if isinstance(record, Appointment) else record_title(record)


def _default(kind: type, name: str) -> Any:
    """None where there is none, and for what is gone."""
    fields = msgspec.structs.fields(kind) if issubclass(kind, Record) else ()
    default = next((field.default for field in fields if field.name == name), NODEFAULT)
    return None if default is NODEFAULT else default


def _typed(record: AnyRecord | None, name: str, plain: Any) -> Any:
    """As the record would have it; as it is where no record would."""
    kinds = KINDS.values() if record is None else [type(record)]
    for kind in kinds:
        if name in kind.__struct_fields__:
            with suppress(msgspec.ValidationError):
                return msgspec.convert(plain, _types(kind)[name])
    return plain


@cache
def _types(kind: type[Record]) -> dict[str, Any]:
    return get_type_hints(kind)


def _said(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_said, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    said = next((say for kind, say in _SAID.items() if isinstance(value, kind)), str)
    return "" if value is None else said(value)


#: In this order: a datetime is a date, and a code is a text.
_SAID: dict[type, Callable[[Any], str]] = {
    StrEnum: word,
    datetime: lambda at: formats.sentence(formats.full_moment(at)),
    date: formats.date_only,
}

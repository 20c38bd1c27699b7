"""Every field of every record has a name and a way to say its values, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mobile_app import i18n
from mobile_app.fields import _FIELDS, field_title, field_value, record_name
from storage.records import KINDS, AnyRecord, Conflict, Record, to_fields
from tests.unit.app.people import appointment, citizen
from tests.vaults import sample

#: What sync settles without her, and what no kind of hers has.
SETTLED = {*Record.__struct_fields__}
ASKED = [(kind, name) for kind, cls in KINDS.items() if cls is not Conflict for name in cls.__struct_fields__]
FIELDS = sorted({name for _kind, name in ASKED} - SETTLED)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_name(name: str) -> None:
    assert name in _FIELDS
    danish = field_title(name)
    i18n.use("en")
    assert danish[0].isupper() and field_title(name)[0].isupper()


def test_no_name_is_of_a_field_that_there_is_not() -> None:
    assert set(_FIELDS) == set(FIELDS)


def test_a_field_of_a_newer_version_is_called_by_its_name() -> None:
    assert field_title("of_tomorrow") == "of tomorrow"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in ASKED if name not in SETTLED])
def test_every_value_is_said_without_a_code(kind: str, name: str) -> None:
    record = sample(kind)
    for value in (to_fields(record).get(name), None):
        said = field_value(record, name, msgspec.json.encode(value).decode())
        assert said
        assert "_" not in said and "{" not in said and "[" not in said, said


@pytest.mark.parametrize(
    ("record", "name", "value", "said"),
    [
        (citizen(), "good_to_know", "none", "none"),  # her words, never a code
        (citizen(), "phone", None, "(tom)"),
        (citizen(), "good_to_know", "", "(tom)"),
        (citizen(), "status", None, "I forløb"),  # null is the default
        (citizen(), "contact_every_days", 14, "Hver 14. dag"),
        (citizen(), "contact_every_days", None, "(tom)"),
        (citizen(), "preferred_channel", "walk", "Gåtur"),
        (citizen(), "roles", ["mentor", "company"], "Mentor, Virksomhed"),
        (citizen(), "roles", None, "(tom)"),
        (citizen(), "two_person_visits", True, "Ja"),
        (citizen(), "two_person_visits", None, "Nej"),
        (citizen(), "ended_on", "2026-11-26", "26. nov. 2026"),
        (citizen(), "status", "of_tomorrow", "of_tomorrow"),
        (appointment("a"), "starts_at", "2026-11-25T09:00:00Z", "Onsdag 25. november kl. 10:00"),
        (appointment("a"), "lead_minutes", None, "90 min."),
        (appointment("a"), "of_tomorrow", "x", "x"),
        (None, "text", "Ring til Freja", "Ring til Freja"),
        (None, "text", None, "(tom)"),
        (None, "due_at", "2026-11-25T09:00:00Z", "Onsdag 25. november kl. 10:00"),
        (None, "state", "booked", "Bestilt"),
    ],
)
def test_a_value_is_said_as_people_say_it(record: AnyRecord | None, name: str, value: Any, said: str) -> None:
    assert field_value(record, name, msgspec.json.encode(value).decode()) == said


def test_what_a_value_points_to_is_called_by_its_name() -> None:
    start = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert record_name(citizen(family_name="Stenmose")) == "Freja Stenmose"
    assert record_name(appointment("a", starts_at=start, text="Årskontrol")) == "Årskontrol"
    assert record_name(sample("reminder")) == "Påmindelse"

"""Ids, canonical bytes and merge patches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import records
from storage.records import KINDS, Fields
from tests.vaults import NOON, note, samples

PLAIN = st.sampled_from([True, False, 2, 3, "", "å", [], ["å"], [[1, 2]], {"x": 1}])
FIELDS = st.dictionaries(st.sampled_from("abcdef"), PLAIN)


@given(FIELDS, FIELDS)
def test_the_difference_put_onto_the_old_gives_the_new(base: Fields, now: Fields) -> None:
    assert records.patched(base, records.difference(base, now)) == now


@given(FIELDS)
def test_no_difference_is_an_empty_patch(fields: Fields) -> None:
    assert records.difference(fields, fields) == {}


@given(FIELDS)
def test_the_same_fields_give_the_same_bytes_in_any_order(fields: Fields) -> None:
    assert records.from_fields(dict(reversed(fields.items()))) == records.from_fields(fields)


@pytest.mark.parametrize("record", samples(), ids=KINDS)
def test_a_record_and_its_plain_fields_are_the_same_bytes(record: Any) -> None:
    assert records.from_fields(records.to_fields(record)) == records.encode(record)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None).isoformat()
    fields = records.to_fields(note()) | {"occurred_at": naive}
    with pytest.raises(msgspec.ValidationError, match="occurred_at"):
        records.decode(records.from_fields(fields))


def test_a_text_of_more_than_40000_characters_is_refused_with_its_path() -> None:
    fields = records.to_fields(note()) | {"text": "ø" * 40_001}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.text"):
        records.decode(records.from_fields(fields))


# ---------------------------------------------------------------- ids
MILLISECONDS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MILLISECONDS, st.binary(min_size=10, max_size=10))
def test_a_new_id_is_a_uuid_of_version_7(now: datetime, random: bytes) -> None:
    made = UUID(records.new_id(now, random))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(now.timestamp() * 1000)


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time(first: bytes, second: bytes) -> None:
    assert records.new_id(NOON, first) < records.new_id(NOON + timedelta(milliseconds=1), second)


def test_an_answer_has_the_same_id_on_every_device_whatever_its_zone() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=1)))
    assert records.answer_id("a", "doctor", "1", NOON) == records.answer_id("a", "doctor", "1", elsewhere)


@pytest.mark.parametrize(
    "other",
    [("b", "doctor", "1", NOON), ("a", "doctor", "2", NOON), ("a", "doctor", "1", NOON + timedelta(seconds=1))],
)
def test_another_step_has_another_id(other: tuple[Any, ...]) -> None:
    assert records.answer_id("a", "doctor", "1", NOON) != records.answer_id(*other)


@pytest.mark.parametrize(
    ("value", "levels", "within"),
    [("x", 1, True), ({}, 1, True), ({"a": []}, 1, False), ({"a": [1, {"b": 2}]}, 3, True), ([[[]], 1], 2, False)],
)
def test_how_deep_values_lie_in_each_other(value: object, levels: int, within: bool) -> None:
    assert records.nests_within(value, levels) == within

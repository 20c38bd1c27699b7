"""Three versions of a record become one, and nothing of hers is dropped without a word (P3)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import Fields
from sync.merge import _SETTLED, Clash, merge

VALUES = st.sampled_from(["", "ja", "nej", 1, 2, True, ["a"], ["a", "b"]])
SETTLED_FIELDS = ["updated_at", "author", "created_at"]
FREE_FIELDS = ["text", "phone", "roles", "unknown_field"]
FIELDS = st.dictionaries(st.sampled_from(FREE_FIELDS), VALUES)
TIMES = st.sampled_from(["2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T08:00:00Z"])


# ---------------------------------------------------------------- properties
@given(FIELDS, FIELDS)
def test_the_same_change_on_both_sides_is_no_question(base: Fields, both: Fields) -> None:
    merged = merge(base, both, both)
    assert (merged.fields, merged.clashes) == (both, ())


@given(FIELDS, FIELDS)
def test_where_one_side_changed_nothing_the_other_side_stands(base: Fields, changed: Fields) -> None:
    for merged in (merge(base, changed, base), merge(base, base, changed)):
        assert (merged.fields, merged.clashes) == (changed, ())


@given(FIELDS, FIELDS, FIELDS)
def test_every_value_of_hers_is_in_the_merge_or_in_a_clash(base: Fields, ours: Fields, theirs: Fields) -> None:
    merged = merge(base, ours, theirs)
    asked = {clash.field: clash.ours for clash in merged.clashes}
    for field in {*base, *ours}:
        mine = ours.get(field)
        assert mine == base.get(field) or mine == merged.fields.get(field) or asked[field] == mine


@given(FIELDS, FIELDS, FIELDS)
def test_what_the_hub_changed_always_stands(base: Fields, ours: Fields, theirs: Fields) -> None:
    merged = merge(base, ours, theirs).fields
    for field in {*base, *theirs}:
        if theirs.get(field) != base.get(field):
            assert merged.get(field) == theirs.get(field)


@given(FIELDS, FIELDS, FIELDS)
def test_both_devices_are_asked_about_the_same_fields(base: Fields, ours: Fields, theirs: Fields) -> None:
    one, other = merge(base, ours, theirs).clashes, merge(base, theirs, ours).clashes
    assert [(c.field, c.ours, c.theirs) for c in one] == [(c.field, c.theirs, c.ours) for c in other]


@given(FIELDS, FIELDS, FIELDS)
def test_merging_again_asks_nothing_more(base: Fields, ours: Fields, theirs: Fields) -> None:
    first = merge(base, ours, theirs)
    assert merge(theirs, first.fields, theirs).clashes == ()
    assert merge(theirs, first.fields, theirs).fields == first.fields


@given(st.sampled_from(SETTLED_FIELDS), TIMES, TIMES, TIMES)
def test_what_the_table_settles_is_never_asked(field: str, base: str, ours: str, theirs: str) -> None:
    assert merge({field: base}, {field: ours}, {field: theirs}).clashes == ()


# ---------------------------------------------------------------- examples
def test_two_fields_changed_on_two_sides_are_both_kept() -> None:
    merged = merge({"text": "a", "phone": "1"}, {"text": "b", "phone": "1"}, {"text": "a", "phone": "2"})
    assert (merged.fields, merged.clashes) == ({"text": "b", "phone": "2"}, ())


def test_a_text_changed_on_both_sides_stands_as_the_hub_has_it_and_is_asked() -> None:
    merged = merge({"text": "a"}, {"text": "mit"}, {"text": "dit"})
    assert (merged.fields, merged.clashes) == ({"text": "dit"}, (Clash("text", "mit", "dit"),))


def test_a_field_emptied_here_and_changed_there_is_asked() -> None:
    assert merge({"text": "a"}, {}, {"text": "b"}).clashes == (Clash("text", None, "b"),)


def test_a_field_emptied_on_both_sides_is_gone() -> None:
    assert merge({"text": "a"}, {}, {}).fields == {}


EARLY, LATE = "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"
#: (kind, field, base, one side, the other side, what stands), in either order.
SETTLED: list[tuple[str, str, Any, Any, Any, Any]] = [
    ("event", "updated_at", None, EARLY, LATE, LATE),
    ("reminder_answer", "answer", "snoozed", "done", "open", "done"),
    ("reminder_answer", "answer", "open", "snoozed", "done", "done"),
    ("reminder_answer", "answer", "open", "snoozed", "cancelled", "cancelled"),
    ("reminder_answer", "answer", "open", "cancelled", "done", "done"),
    ("reminder_answer", "answer", "open", "from_a_newer_version", "done", "done"),
    ("reminder_answer", "snoozed_until", None, EARLY, LATE, LATE),
    ("reminder_answer", "snoozed_until", EARLY, None, LATE, LATE),
    ("reminder", "state", None, "cancelled", "done", "done"),
    ("reminder", "snoozed_until", None, EARLY, LATE, LATE),
    ("appointment", "exdates", None, [LATE], [EARLY], [EARLY, LATE]),
    ("appointment", "exdates", [EARLY], [EARLY, LATE], None, [EARLY, LATE]),
    ("handover", "accepted_at", None, LATE, EARLY, EARLY),
    ("cover", "to_on", "2026-12-18", "2026-12-11", "2026-12-20", "2026-12-11"),
    ("conflict", "resolved", None, True, False, True),
    ("conflict", "chosen", None, ['"mit"'], ['"mit"'], ['"mit"']),
    ("conflict", "chosen", None, ['"mit"'], ['"dit"'], ['"dit"', '"mit"']),
    ("conflict", "ours_at", None, EARLY, LATE, LATE),
    ("conflict", "theirs_at", None, EARLY, LATE, LATE),
]


@pytest.mark.parametrize(("kind", "field", "base", "one", "other", "stands"), SETTLED)
def test_a_settled_field_ends_alike_in_either_order(
    kind: str, field: str, base: Any, one: Any, other: Any, stands: Any
) -> None:
    for ours, theirs in ((one, other), (other, one)):
        merged = merge({"kind": kind, field: base}, {"kind": kind, field: ours}, {"kind": kind, field: theirs})
        assert (merged.fields.get(field), merged.clashes) == (stands, ())


@pytest.mark.parametrize("field", ["author", "created_at"])
def test_who_and_when_are_as_the_hub_has_them(field: str) -> None:
    assert merge({}, {field: "1"}, {field: "2"}).fields == {field: "2"}


def test_every_rule_of_the_table_has_an_example() -> None:
    shown = {(kind, field) for kind, field, *_ in SETTLED} | {"updated_at", "author", "created_at"}
    assert set(_SETTLED) <= shown


def test_the_state_of_an_appointment_is_asked() -> None:
    merged = merge(
        {"kind": "appointment", "state": "booked"},
        {"kind": "appointment", "state": "kept"},
        {"kind": "appointment", "state": "missed"},
    )
    assert merged.clashes == (Clash("state", "kept", "missed"),)


@pytest.mark.parametrize("theirs", [7, ["2026"], {}, True])
def test_a_time_that_is_none_gives_way(theirs: object) -> None:
    merged = merge({"updated_at": "2026-11-22"}, {"updated_at": "2026-11-23"}, {"updated_at": theirs})
    assert merged.fields["updated_at"] == "2026-11-23"

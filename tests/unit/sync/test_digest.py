"""One hash over what both sides hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.digest import COMPARE_EVERY, digest, is_due

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HELD = st.dictionaries(st.text(max_size=8), st.tuples(st.integers(1, 9), st.binary(max_size=8)), max_size=6)


def _digest(held: dict[str, tuple[int, bytes]]) -> bytes:
    return digest((record_id, *rest) for record_id, rest in held.items())


@given(one=HELD, other=HELD)
def test_it_is_equal_exactly_where_the_same_is_held(
    one: dict[str, tuple[int, bytes]], other: dict[str, tuple[int, bytes]]
) -> None:
    assert (_digest(one) == _digest(other)) == (one == other)


def test_the_order_does_not_matter() -> None:
    held = [("b", 1, b"x"), ("a", 2, b"y"), ("c", 1, b"")]
    assert digest(held) == digest(reversed(held)) != digest(held[1:])


@pytest.mark.parametrize(
    ("since", "due"),
    [(timedelta(0), False), (timedelta(minutes=59), False), (COMPARE_EVERY, True), (-timedelta(days=3650), True)],
)
def test_it_is_due_after_an_hour_by_whichever_clock(since: timedelta, due: bool) -> None:
    assert is_due(NOON - since, NOON, COMPARE_EVERY) is due


def test_what_was_never_asked_is_due() -> None:
    assert is_due(None, NOON, COMPARE_EVERY)

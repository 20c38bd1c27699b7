"""A wrong clock of the phone, as the hub's answers tell it (decision 0034)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.clock import OFF_MAX, hub_ahead
from sync.progress import Progress
from tests.vaults import NOON

MINUTE = timedelta(minutes=1)


def measured(
    phone_behind: timedelta, on_the_way: timedelta = timedelta(0), back: timedelta = timedelta(0)
) -> timedelta:
    """What comes out where the request and its answer took so long."""
    asked_at = NOON - phone_behind
    return hub_ahead(asked_at, asked_at + on_the_way + back, NOON + on_the_way)


@pytest.mark.parametrize("minutes", [-14 * 60, -14, 0, 1, 14, 24 * 60])
def test_a_quick_answer_tells_it_exactly(minutes: int) -> None:
    assert measured(minutes * MINUTE) == minutes * MINUTE


@pytest.mark.parametrize(("on_the_way", "back"), [(5, 0), (0, 5), (3, 4)])
def test_a_slow_line_is_no_wrong_clock(on_the_way: int, back: int) -> None:
    assert measured(timedelta(0), on_the_way * MINUTE, back * MINUTE) == timedelta(0)


@pytest.mark.parametrize("behind", [-30, 30])
def test_a_slow_line_never_makes_more_of_it(behind: int) -> None:
    assert timedelta(0) < abs(measured(behind * MINUTE, MINUTE, MINUTE)) <= abs(behind) * MINUTE


def test_a_clock_that_was_set_meanwhile_breaks_nothing() -> None:
    assert hub_ahead(NOON, NOON - 10 * MINUTE, NOON) == timedelta(0)


@pytest.mark.parametrize("year", [1, 9999])
def test_what_no_clock_shows_is_left_alone(year: int) -> None:
    assert hub_ahead(NOON, NOON, datetime(year, 1, 1, tzinfo=UTC)) == timedelta(0)
    assert hub_ahead(NOON, NOON, NOON + OFF_MAX) == OFF_MAX


@pytest.mark.parametrize(("seconds", "is_wrong"), [(0, False), (120, False), (-120, False), (121, True), (-121, True)])
def test_past_two_minutes_it_is_wrong(seconds: int, is_wrong: bool) -> None:
    assert bool(Progress("one", hub_ahead_s=seconds).wrong_by) is is_wrong

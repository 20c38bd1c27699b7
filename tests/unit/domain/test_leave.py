"""Her leave: what overlaps becomes one."""

from __future__ import annotations

from datetime import date

import pytest

from mobile_app.domain import leave

JULY = (date(2026, 7, 6), date(2026, 7, 19))
AUTUMN = (date(2026, 10, 12), date(2026, 10, 16))


@pytest.mark.parametrize(
    ("new", "shares"),
    [
        ((date(2026, 7, 1), date(2026, 7, 5)), []),
        ((date(2026, 7, 1), date(2026, 7, 6)), [JULY]),
        ((date(2026, 7, 19), date(2026, 7, 25)), [JULY]),
        ((date(2026, 7, 20), date(2026, 7, 25)), []),
        ((date(2026, 7, 1), date(2026, 12, 1)), [JULY, AUTUMN]),
    ],
)
def test_leave_overlaps_where_it_shares_a_day(new: leave.Leave, shares: list[leave.Leave]) -> None:
    assert leave.overlapping([AUTUMN, JULY], new) == shares


def test_what_overlaps_is_made_one_and_the_rest_stays_in_order() -> None:
    new = (date(2026, 7, 13), date(2026, 7, 26))
    assert leave.joined([JULY, AUTUMN], new) == (JULY[0], date(2026, 7, 26))
    assert leave.with_one_more([AUTUMN, JULY], new) == ((JULY[0], date(2026, 7, 26)), AUTUMN)
    apart = (date(2026, 12, 21), date(2026, 12, 31))
    assert leave.with_one_more([AUTUMN, JULY], apart) == (JULY, AUTUMN, apart)


def test_half_a_year_and_more_is_a_handover() -> None:
    assert not leave.is_handover((date(2026, 1, 1), date(2026, 7, 19)))
    assert leave.is_handover((date(2026, 1, 1), date(2026, 7, 20)))

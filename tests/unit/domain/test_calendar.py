"""Rule 6: working days and quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mobile_app.domain.calendar import WorkCalendar, day_of, shifted
from storage.records import WorkPattern
from tests.unit.domain.builders import CALENDAR, NOW, at


def pattern(**given: object) -> WorkPattern:
    return WorkPattern(id="w", created_at=NOW, updated_at=NOW, author="a", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 12, 24), False),  # closed though no public holiday
        (date(2026, 12, 25), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2026, 6, 5), False),
        (date(2026, 5, 14), False),  # Ascension
        (date(2026, 5, 1), True),  # store bededag is gone, and 1 May is an ordinary day
        (date(2027, 3, 29), False),  # Easter Monday
    ],
)
def test_the_municipal_calendar(day: date, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_the_closed_days_are_a_setting() -> None:
    assert WorkCalendar(closed_days=frozenset()).is_working_day(date(2026, 12, 24))


def test_working_days_are_counted_over_christmas() -> None:
    assert CALENDAR.next_working_day(date(2026, 12, 23)) == date(2026, 12, 28)
    assert CALENDAR.next_working_day(date(2026, 12, 23), 4) == date(2027, 1, 4)
    assert CALENDAR.previous_working_day(date(2027, 1, 4)) == date(2026, 12, 30)
    assert CALENDAR.previous_working_day(date(2026, 12, 28), 2) == date(2026, 12, 22)


def test_part_time_days_and_leave_are_not_worked() -> None:
    part_time = WorkCalendar.of(pattern(working_days=(0, 1, 2), leave=((date(2026, 11, 30), date(2026, 12, 4)),)))
    assert part_time.next_working_day(date(2026, 11, 25)) == date(2026, 12, 7)


def test_without_a_pattern_the_default_week_holds() -> None:
    assert WorkCalendar.of(None) == WorkCalendar()
    assert WorkCalendar.of(pattern()) == WorkCalendar()


@pytest.mark.parametrize(
    "broken", [{"working_days": ()}, {"starts": "99:99"}, {"starts": "17:00", "ends": "08:00"}, {"ends": "24:30"}]
)
def test_a_pattern_that_makes_no_day_falls_back(broken: dict[str, object]) -> None:
    assert WorkCalendar.of(pattern(**broken)) == WorkCalendar()


def test_nothing_is_moved_past_a_leave_that_is_a_handover() -> None:
    parental = WorkCalendar.of(pattern(leave=((date(2026, 11, 24), date(2028, 1, 1)),)))
    assert parental.next_working_day(date(2026, 11, 23)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("moment", "moved"),
    [
        ("2026-11-23 08:00", "2026-11-23 08:00"),
        ("2026-11-23 16:59", "2026-11-23 16:59"),
        ("2026-11-23 17:00", "2026-11-24 08:00"),
        ("2026-11-23 06:30", "2026-11-23 08:00"),
        ("2026-11-27 20:00", "2026-11-30 08:00"),
        ("2026-11-28 10:00", "2026-11-30 08:00"),
        ("2026-12-24 10:00", "2026-12-28 08:00"),
    ],
)
def test_quiet_hours_move_to_the_next_start_of_a_working_day(moment: str, moved: str) -> None:
    assert CALENDAR.out_of_quiet(at(moment)) == at(moved)


@pytest.mark.parametrize(
    ("moment", "moved"),
    [
        ("2026-11-24 09:00", "2026-11-24 09:00"),
        ("2026-11-24 07:00", "2026-11-23 14:00"),
        ("2026-11-30 06:30", "2026-11-27 14:00"),
        ("2026-11-29 12:00", "2026-11-27 14:00"),
    ],
)
def test_travel_moves_earlier_instead(moment: str, moved: str) -> None:
    assert CALENDAR.earlier_than_quiet(at(moment)) == at(moved)


def test_the_afternoon_before_lies_inside_a_short_day() -> None:
    short = WorkCalendar(ends=time(13))
    assert short.afternoon_before(date(2026, 11, 24)) == at("2026-11-23 12:00")


def test_an_hour_stays_an_hour_when_the_clocks_change() -> None:
    two_hours = timedelta(hours=2)
    assert shifted(at("2026-10-25 01:30"), two_hours).isoformat() == "2026-10-25T02:30:00+01:00"
    assert shifted(at("2027-03-28 01:30"), two_hours).isoformat() == "2027-03-28T04:30:00+02:00"


def test_a_clock_that_summer_time_skips_is_an_hour_later() -> None:
    assert CALENDAR.at(date(2027, 3, 28), "02:30").isoformat() == "2027-03-28T03:30:00+02:00"


def test_ten_oclock_is_ten_oclock_on_both_sides_of_the_change() -> None:
    assert CALENDAR.at(date(2026, 10, 24), "10:00").isoformat() == "2026-10-24T10:00:00+02:00"
    assert CALENDAR.at(date(2026, 10, 25), "10:00").isoformat() == "2026-10-25T10:00:00+01:00"


def test_a_day_is_read_in_copenhagen() -> None:
    assert day_of(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == date(2026, 11, 24)

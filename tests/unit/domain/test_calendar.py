"""Rule 6: working days and quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from mobile_app.domain import calendar as calendar_module
from mobile_app.domain.calendar import WorkCalendar, day_of, is_danish_time, knows_holidays, shifted
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
        (date(2023, 5, 5), False),  # store bededag, the last one
        (date(2024, 4, 26), True),  # where it would have been the year after
        (date(2024, 2, 29), True),  # a leap day is a day
        (date(2028, 2, 29), True),
        (date(2027, 5, 17), False),  # Whit Monday
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


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 3, 1)),
        (date(2027, 2, 26), 1, date(2027, 3, 1)),
        (date(2026, 4, 30), 1, date(2026, 5, 1)),
        (date(2027, 12, 30), 1, date(2028, 1, 3)),
        (date(2027, 3, 24), 1, date(2027, 3, 30)),  # over the whole of Easter
    ],
)
def test_working_days_are_counted_over_leap_days_ends_of_months_and_easter(
    day: date, count: int, expected: date
) -> None:
    assert CALENDAR.next_working_day(day, count) == expected
    assert CALENDAR.previous_working_day(expected, count) == day


def test_a_day_of_a_change_is_quiet_and_busy_by_its_own_clock() -> None:
    """Both are Sundays: with Sunday worked, 08:00 is 08:00 on both."""
    every_day = WorkCalendar(working_days=frozenset(range(7)))
    for day, offset in ((date(2026, 10, 25), "+01:00"), (date(2028, 3, 26), "+02:00")):
        starts = every_day.out_of_quiet(every_day.at(day, "00:30"))
        assert starts.isoformat() == f"{day}T08:00:00{offset}"
        assert every_day.is_quiet(starts - timedelta(seconds=1))
        assert every_day.is_quiet(every_day.at(day, "17:00"))


def test_a_clock_that_winter_time_shows_twice_is_the_first_one() -> None:
    assert CALENDAR.at(date(2026, 10, 25), "02:30").isoformat() == "2026-10-25T02:30:00+02:00"


# ---------------------------------------------------------------- a phone abroad
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "UTC"])
def test_the_rules_stay_in_copenhagen_wherever_the_phone_is(zone: str) -> None:
    there = at("2026-11-23 16:59").astimezone(ZoneInfo(zone))
    assert CALENDAR.out_of_quiet(there) == at("2026-11-23 16:59")
    assert CALENDAR.out_of_quiet(there + timedelta(minutes=1)) == at("2026-11-24 08:00")
    assert CALENDAR.earlier_than_quiet(there).tzinfo is calendar_module.COPENHAGEN
    assert day_of(there) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("moment", "hours", "is_danish"),
    [
        ("2026-11-23 08:00", 1, True),
        ("2026-11-23 08:00", 0, False),
        ("2026-07-01 08:00", 2, True),
        ("2026-07-01 08:00", 1, False),
        ("2026-10-25 01:59", 2, True),
        ("2026-10-25 03:00", 1, True),
    ],
)
def test_a_phone_shows_danish_time_where_its_clock_does(moment: str, hours: int, is_danish: bool) -> None:
    assert is_danish_time(at(moment), timedelta(hours=hours)) is is_danish


# ---------------------------------------------------------------- a year whose holidays nobody knows
@pytest.fixture
def no_table() -> Iterator[None]:
    """What was looked up before is looked up anew, and afterwards too."""
    calendar_module._public_holidays.cache_clear()
    yield
    calendar_module._public_holidays.cache_clear()


def test_the_years_to_come_are_known() -> None:
    assert all(knows_holidays(year) for year in range(2020, 2060))


def test_past_the_end_of_the_table_weekends_closed_days_and_christmas_hold() -> None:
    year = holidays.country_holidays("DK").end_year + 1
    assert not knows_holidays(year)
    for month, day in ((1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)):
        assert not CALENDAR.is_working_day(date(year, month, day))
    week = [CALENDAR.is_working_day(date(year, 9, day)) for day in range(5, 12)]
    assert sum(week) == 5


def test_a_table_that_fails_loses_no_reminder(no_table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NotImplementedError("no data")

    monkeypatch.setattr(holidays, "country_holidays", fails)
    assert not knows_holidays(2026)
    calendar = WorkCalendar()
    assert calendar.out_of_quiet(at("2026-12-24 10:00")) == at("2026-12-28 08:00")
    assert calendar.is_working_day(date(2026, 5, 14))  # Ascension: not known
    assert not calendar.is_working_day(date(2026, 11, 28))

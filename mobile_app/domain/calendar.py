"""Working days and quiet hours (rule 6). Pure. Days are read in Europe/Copenhagen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from storage.records import WorkPattern

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
#: Closed in a municipality without being public holidays: (month, day) of 24/12, 31/12 and 5/6 (rule 6).
CLOSED_DAYS = frozenset({(12, 24), (12, 31), (6, 5)})
AFTERNOON = time(14)
#: A leave longer than this (parental leave) is a handover, not a leave: nothing is moved past it.
SEARCH_MAX_DAYS = 200

#: New Year's Day and Christmas: known also of a year whose table is missing.
_ALWAYS = frozenset({(1, 1), (12, 25), (12, 26)})
#: More than anybody looks at: each year is made once.
_YEARS_KEPT = 64
_Fits = Callable[[date], bool]
_ONE_DAY = timedelta(days=1)
_ONE_HOUR = timedelta(hours=1)


def day_of(instant: datetime) -> date:
    """The day of this aware instant in Copenhagen."""
    return instant.astimezone(COPENHAGEN).date()


def shifted(instant: datetime, delta: timedelta) -> datetime:
    """`instant` plus real elapsed time, in Copenhagen: an hour stays an hour when the clocks change."""
    return (instant.astimezone(UTC) + delta).astimezone(COPENHAGEN)


def midnight_after(instant: datetime) -> datetime:
    """When the day of this aware instant ends in Copenhagen."""
    return datetime.combine(day_of(instant) + _ONE_DAY, time(), COPENHAGEN)


def is_danish_time(instant: datetime, offset: timedelta) -> bool:
    """Whether a clock that is `offset` from UTC shows at this aware instant what one in Copenhagen shows."""
    return instant.astimezone(COPENHAGEN).utcoffset() == offset


def knows_holidays(year: int) -> bool:
    """Whether the public holidays of this year are known. Of another one working days are counted by weekends, the
    closed days, New Year's Day and Christmas alone."""
    return bool(_public_holidays(year))


@lru_cache(maxsize=_YEARS_KEPT)
def _public_holidays(year: int) -> frozenset[date]:
    """Empty where they are not known (the table ends, or fails)."""
    try:
        return frozenset(holidays.country_holidays("DK", years=year, expand=False))
    except Exception:  # whatever the table says of a far year: reminders are worth more than a holiday
        return frozenset()


@dataclass(frozen=True)
class WorkCalendar:
    """The municipal calendar with one consultant's days, hours and leave. `closed_days` is a setting."""

    working_days: frozenset[int] = frozenset(range(5))
    starts: time = time(8)
    ends: time = time(17)
    leave: tuple[tuple[date, date], ...] = ()
    closed_days: frozenset[tuple[int, int]] = CLOSED_DAYS
    #: What was asked before: reminders ask of the same days thousands of times.
    _known: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, pattern: WorkPattern | None) -> WorkCalendar:
        """From her WorkPattern; a pattern without days, or with hours that make no day, falls back to the default."""
        if pattern is None:
            return cls()
        starts, ends = _hours(pattern)
        return cls(frozenset(pattern.working_days) or cls.working_days, starts, ends, pattern.leave)

    def is_working_day(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = self._is_open(day) and not any(first <= day <= last for first, last in self.leave)
            self._known[day] = known
        return known

    def next_working_day(self, day: date, count: int = 1) -> date:
        """The `count`-th working day after `day`."""
        return self._walk(day, count, _ONE_DAY)

    def previous_working_day(self, day: date, count: int = 1) -> date:
        """The `count`-th working day before `day`."""
        return self._walk(day, count, -_ONE_DAY)

    def at(self, day: date, clock: time | str) -> datetime:
        """This clock ("HH:MM") of this day in Copenhagen; a clock that the change to summer time skips is an hour
        later."""
        wall = time.fromisoformat(clock) if isinstance(clock, str) else clock
        return datetime.combine(day, wall, COPENHAGEN).astimezone(UTC).astimezone(COPENHAGEN)

    def afternoon_before(self, day: date) -> datetime:
        """The last working day before `day` at 14:00; on shorter days an hour before she goes home."""
        last_hour = (datetime.combine(day, self.ends) - _ONE_HOUR).time()
        return self.at(self.previous_working_day(day), max(self.starts, min(AFTERNOON, last_hour)))

    def is_quiet(self, moment: datetime) -> bool:
        local = moment.astimezone(COPENHAGEN)
        return not self.is_working_day(local.date()) or not self.starts <= local.time() < self.ends

    def out_of_quiet(self, moment: datetime) -> datetime:
        """`moment`, or the next start of a working day (08:00) if it falls in quiet hours."""
        local = moment.astimezone(COPENHAGEN)
        if not self.is_quiet(local):
            return local
        today_starts = self.is_working_day(local.date()) and local.time() < self.starts
        return self.at(local.date() if today_starts else self.next_working_day(local.date()), self.starts)

    def earlier_than_quiet(self, moment: datetime) -> datetime:
        """For travel reminders: `moment`, or 14:00 of the working day before if it falls in quiet hours."""
        return self.afternoon_before(day_of(moment)) if self.is_quiet(moment) else moment.astimezone(COPENHAGEN)

    def _is_open(self, day: date) -> bool:
        month_day = (day.month, day.day)
        closed = month_day in self.closed_days or month_day in _ALWAYS or day in _public_holidays(day.year)
        return day.weekday() in self.working_days and not closed

    def _walk(self, day: date, count: int, step: timedelta) -> date:
        return self._count(day, count, step, self.is_working_day) or self._count(day, count, step, self._is_open) or day

    def _count(self, day: date, count: int, step: timedelta, fits: _Fits) -> date | None:
        for _ in range(SEARCH_MAX_DAYS):
            day += step
            count -= fits(day)
            if not count:
                return day
        return None


def _hours(pattern: WorkPattern) -> tuple[time, time]:
    try:
        starts, ends = time.fromisoformat(pattern.starts), time.fromisoformat(pattern.ends)
    except ValueError:
        starts, ends = WorkCalendar.starts, WorkCalendar.ends
    return (starts, ends) if starts < ends else (WorkCalendar.starts, WorkCalendar.ends)

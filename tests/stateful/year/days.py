"""Working days as a person with a wall calendar finds them. Imports nothing that is judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

DENMARK = ZoneInfo("Europe/Copenhagen")
#: Days after Easter Sunday: Maundy Thursday to Easter Monday, Ascension, Whit Sunday and Monday. Store bededag is none
#: any more (2024).
_AFTER_EASTER = (-3, -2, 0, 1, 39, 49, 50)
_FIXED = {(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)}
DAY = timedelta(days=1)


@lru_cache
def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm, Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    m = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def is_holiday(day: date) -> bool:
    return (day.month, day.day) in _FIXED or (day - easter(day.year)).days in _AFTER_EASTER


def wall(day: date, clock: str) -> datetime:
    """This clock of this day in Denmark."""
    hour, minute = clock.split(":")
    return datetime.combine(day, time(int(hour), int(minute)), DENMARK).astimezone(UTC)


def local(moment: datetime) -> datetime:
    return moment.astimezone(DENMARK)


@dataclass(frozen=True)
class Week:
    """Her days, hours and leave."""

    days: frozenset[int] = frozenset(range(5))
    starts: str = "08:00"
    ends: str = "17:00"
    leave: tuple[tuple[date, date], ...] = ()

    def works(self, day: date) -> bool:
        away = any(first <= day <= last for first, last in self.leave)
        return day.weekday() in self.days and not is_holiday(day) and not away

    def after(self, day: date, count: int = 1) -> date:
        """The `count`-th working day after."""
        while count:
            day += DAY
            count -= self.works(day)
        return day

    def before(self, day: date) -> date:
        day -= DAY
        while not self.works(day):
            day -= DAY
        return day

    def afternoon_before(self, day: date) -> datetime:
        hour = min(14, int(self.ends[:2]) - 1)
        return wall(self.before(day), max(self.starts, f"{hour:02}:{self.ends[3:] if hour < 14 else '00'}"))

    def rings_at(self, moment: datetime, *, earlier: bool = False) -> datetime:
        """Out of quiet hours: the next working morning, or the afternoon before it."""
        here = local(moment)
        clock = f"{here:%H:%M}"
        if self.works(here.date()) and self.starts <= clock < self.ends:
            return moment.astimezone(UTC)
        if earlier:
            return self.afternoon_before(here.date())
        if self.works(here.date()) and clock < self.starts:
            return wall(here.date(), self.starts)
        return wall(self.after(here.date()), self.starts)

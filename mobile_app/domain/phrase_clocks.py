"""What a day, a number and a clock are in the words of a phrase (rule 5, phrases.md). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mobile_app.domain import phrase_tables as tables
from mobile_app.domain.calendar import WorkCalendar, day_of, shifted
from mobile_app.domain.phrase_tables import AFTER_NOON
from mobile_app.domain.phrase_tables_da import LONG_DAYS as LONG_DAYS_DA
from mobile_app.domain.phrase_tables_en import LONG_DAYS as LONG_DAYS_EN
from storage.records import FollowUp

NO_CLOCK = "09:00"
LATER_TODAY = "14:00"
FIRST_MORNING_HOUR = 6  # "kl. 2" and "halv tre" are in the afternoon: nobody works at night
MONTHS = tables.MONTHS_EN | tables.MONTHS
_PARTS = tables.PARTS | tables.PARTS_EN
_WEEKDAYS = LONG_DAYS_DA | LONG_DAYS_EN | tables.WEEKDAYS | tables.WEEKDAYS_EN
#: What "to" is in Danish it never is in an English pattern, and the other way round.
_NUMBERS = tables.NUMBERS_EN | tables.NUMBERS


@dataclass(frozen=True)
class Context:
    now: datetime
    calendar: WorkCalendar
    doctor_at: datetime | None
    doctor_follow_up: FollowUp
    #: The moment that the sentence named before, for "samme dag".
    said: datetime | None = None

    @property
    def today(self) -> date:
        return day_of(self.now)


@dataclass(frozen=True)
class Day:
    """`exact`: named as such, so it is kept even on a day off. `season`: only meant with "inden", "efter" or "indtil".
    `at`: the whole moment is known. `other`: a second reading."""

    first: date
    last: date | None = None
    exact: bool = True
    season: bool = False
    clock: str = NO_CLOCK
    at: datetime | None = None
    other: date | None = None
    certain: bool = True


Words = re.Match[str]


def named(words: Words, *groups: str) -> str | None:
    """The first of these groups that this language has and that was found."""
    known = words.re.groupindex
    return next((words[group] for group in groups if group in known and words[group] is not None), None)


def number(word: str) -> int:
    key = " ".join(word.replace("-", " ").split())
    return _NUMBERS[key] if key in _NUMBERS else int(re.sub(r"\D", "", key))


def weekday_number(word: str) -> int:
    return _WEEKDAYS[word.rstrip(".")]


# ---------------------------------------------------------------- clocks
def clock_of(words: Words, part: str | None) -> time:
    """The clock these words name. Hours before six, written without a zero, are in the afternoon."""
    minutes = _minutes(words)
    if part in AFTER_NOON and minutes < 12 * 60:
        minutes += 12 * 60
    return time(minutes // 60 % 24, minutes % 60)


def _minutes(words: Words) -> int:
    half_day = named(words, "meridiem", "over_meridiem", "half_meridiem")
    over, half_of, half_past = named(words, "over"), named(words, "half_hour_of"), named(words, "half_past")
    if over:
        half = -30 if named(words, "over_half") else 0
        sign = -1 if words["over_or_to"] in ("i", "to") else 1
        return _hour(words["over_hour"], half_day) * 60 + half + sign * number(over)
    if half_of or half_past:
        return _hour(half_of or half_past or "", half_day) * 60 + (30 if half_past else -30)
    four = named(words, "four_digits")
    if four:
        return int(four[:2]) * 60 + int(four[2:])
    hour = named(
        words, *(f"{n}hour" for n in ("", "about_", "from_", "bare_", "only_", "colon_", "meridiem_")), "o_clock"
    )
    minute = named(words, *(f"{n}minute" for n in ("", "about_", "from_", "bare_", "colon_", "meridiem_")))
    return _hour(hour or "", half_day) * 60 + int(minute or 0)


def _hour(word: str, half_day: str | None) -> int:
    hour = number(word)
    if half_day:
        return hour % 12 + (12 if half_day.startswith("p") else 0)
    return hour + 12 if 0 < hour < FIRST_MORNING_HOUR and not word.startswith("0") else hour


def part_clock(part: str) -> str:
    return _PARTS[part]


def later_than(now: datetime) -> datetime:
    """An hour from now, on the next quarter: for "i dag" when its usual clock has passed."""
    soon = shifted(now, timedelta(hours=1))
    return shifted(soon.replace(minute=0, second=0, microsecond=0), timedelta(minutes=-(-soon.minute // 15) * 15))

"""Which day and clock the words of time in a phrase mean (rule 5, phrases.md). Pure.

A resolver takes the matched word and the context and answers with a Day, or None where the words name no day to come.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from mobile_app.domain import appointments
from mobile_app.domain.calendar import WorkCalendar, day_of, shifted
from mobile_app.domain.phrase_tables import AFTER_NOON, MONTHS, NUMBERS, PARTS, WEEKDAYS
from storage.records import FollowUp

NO_CLOCK = "09:00"
LATER_TODAY = "14:00"
#: A day without a year that lies further ahead than this was meant in the past.
AHEAD_MAX_DAYS = 270
AUTUMN_WEEK = 42  # efterårsferien is ISO week 42 in every municipality
FIRST_MORNING_HOUR = 6  # "kl. 2" and "halv tre" are in the afternoon: nobody works at night


@dataclass(frozen=True)
class Context:
    now: datetime
    calendar: WorkCalendar
    doctor_at: datetime | None
    doctor_follow_up: FollowUp

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
Resolver = Callable[[Words, Context], Day | None]


def number(word: str) -> int:
    key = " ".join(word.split())
    return NUMBERS[key] if key in NUMBERS else int(key)


def clock_of(words: Words, part: str | None) -> time:
    """The clock these words name. Hours before six, written without a zero, are in the afternoon."""
    minutes = _minutes(words)
    if part in AFTER_NOON and minutes < 12 * 60:
        minutes += 12 * 60
    return time(minutes // 60 % 24, minutes % 60)


def _minutes(words: Words) -> int:
    found = {name: value for name, value in words.groupdict().items() if value is not None}
    if "over" in found:
        half = -30 if "over_half" in found else 0
        sign = 1 if found["over_or_to"] == "over" else -1
        return _hour(found["over_hour"]) * 60 + half + sign * number(found["over"])
    if "half_hour_of" in found:
        return _hour(found["half_hour_of"]) * 60 - 30
    hour = next(found[n] for n in ("hour", "about_hour", "from_hour", "bare_hour") if n in found)
    minute = next((found[n] for n in ("minute", "from_minute", "bare_minute") if n in found), "0")
    return _hour(hour) * 60 + int(minute)


def _hour(word: str) -> int:
    hour = number(word)
    return hour + 12 if 0 < hour < FIRST_MORNING_HOUR and not word.startswith("0") else hour


def part_clock(part: str) -> str:
    return PARTS[" ".join(part.split())]


def later_than(now: datetime) -> datetime:
    """An hour from now, on the next quarter: for "i dag" when its usual clock has passed."""
    soon = shifted(now, timedelta(hours=1))
    return shifted(soon.replace(minute=0, second=0, microsecond=0), timedelta(minutes=-(-soon.minute // 15) * 15))


# ---------------------------------------------------------------- relative days
def _days_from_now(days: int) -> Resolver:
    return lambda _words, context: Day(context.today + timedelta(days=days))


def _later_today(_words: Words, context: Context) -> Day:
    return Day(context.today, clock=LATER_TODAY)


def _in_hours(words: Words, context: Context) -> Day:
    if words["half_hour"] or words["quarter"]:
        delta = timedelta(minutes=30 if words["half_hour"] else 15)
    else:
        unit = "hours" if words["hour_unit"].startswith("time") else "minutes"
        delta = timedelta(**{unit: number(words["hours"])})
    return Day(context.today, at=shifted(context.now.replace(second=0, microsecond=0), delta))


def _in_days(words: Words, context: Context) -> Day:
    if words["half_year"]:
        delta = relativedelta(months=6)
    else:
        delta = _span(number(words["days"]), words["day_unit"] or words["unit_time"])
    day = context.today + delta
    if words["within"].startswith("inden"):
        return Day(context.calendar.previous_working_day(day))
    return Day(day, exact=False)


def _span(count: int, unit: str) -> relativedelta:
    stems = {"dag": "days", "uge": "weeks", "mån": "months", "år": "years", "års": "years"}
    return relativedelta(**{stems[unit[:3]]: count})


def _weekday_in(words: Words, context: Context) -> Day:
    """ "Torsdag om 14 dage": counted from the coming Thursday (some count from today, so it is not certain)."""
    count = number(words["in_weeks"])
    weeks = count if words["in_weeks_unit"].startswith("uge") else max(1, count // 7)
    return Day(_coming(words["in_weekday"], context) + timedelta(weeks=weeks), certain=False)


# ---------------------------------------------------------------- weekdays and weeks
def _weekday_number(word: str) -> int:
    return WEEKDAYS[word.rstrip(".")]


def _coming(word: str, context: Context) -> date:
    """The first such weekday after today."""
    return context.today + timedelta(days=(_weekday_number(word) - context.today.weekday() - 1) % 7 + 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weekday(words: Words, context: Context) -> Day:
    return Day(_coming(words["weekday_name"], context))


def _next_weekday(words: Words, context: Context) -> Day:
    """ "Næste tirsdag" is the one of next week; the coming one is offered too where it is another."""
    coming = _coming(words["next_weekday_name"], context)
    of_next_week = _monday(context.today) + timedelta(days=7 + _weekday_number(words["next_weekday_name"]))
    same = coming == of_next_week
    return Day(of_next_week, other=None if same else coming, certain=same)


def _next_week_weekday(words: Words, context: Context) -> Day:
    return Day(_monday(context.today) + timedelta(days=7 + _weekday_number(words["next_week_weekday_name"])))


def _weekday_of_week(words: Words, context: Context) -> Day | None:
    week = words["weekday_week"]
    monday = _monday_of(int(week), context) if week else _monday(context.today) + timedelta(days=7)
    return Day(monday + timedelta(days=_weekday_number(words["week_weekday"]))) if monday else None


def _week(words: Words, context: Context) -> Day | None:
    monday = _monday_of(int(words["week_number"]), context)
    if monday is None:
        return None
    if words["week_then_weekday"]:
        return Day(monday + timedelta(days=_weekday_number(words["week_then_weekday"])))
    if monday < context.today:
        rest = context.calendar.next_working_day(context.today)
        return Day(rest) if _monday(rest) == monday else None
    return Day(monday, exact=False)


def _next_week(_words: Words, context: Context) -> Day:
    return Day(_monday(context.today) + timedelta(days=7), exact=False)


def _monday_of(week: int, context: Context) -> date | None:
    """The Monday of this ISO week, this year or next; none for a week that lies behind."""
    this_monday = _monday(context.today)
    for year in (context.today.isocalendar().year, context.today.isocalendar().year + 1):
        try:
            monday = date.fromisocalendar(year, week, 1)
        except ValueError:
            continue
        if this_monday <= monday <= context.today + timedelta(days=AHEAD_MAX_DAYS):
            return monday
    return None


def _part_of_week(words: Words, context: Context) -> Day:
    monday = _monday(context.today) + timedelta(days=7 if words["part_next_week"] else 0)
    part = words["week_part"]
    weekday = 0 if "start" in part or "begynd" in part or "først" in part else 2 if "midt" in part else 4
    return Day(monday + timedelta(days=weekday if "senere" not in part else 3), exact=False)


def _weekend(words: Words, context: Context) -> Day:
    saturday = _monday(context.today) + timedelta(days=5)
    if words["next_weekend"]:
        saturday += timedelta(days=7)
    return Day(max(saturday, context.today), last=saturday + timedelta(days=1))


# ---------------------------------------------------------------- dates and months
def _date(words: Words, context: Context) -> Day | None:
    style = next(s for s in ("named", "slash", "dot") if words[f"{s}_day"])
    month = MONTHS[words["named_month"].rstrip(".")] if style == "named" else int(words[f"{style}_month"])
    year = words[f"{style}_year"] or (words["slash_long_year"] if style == "slash" else None)
    day = _on(int(words[f"{style}_day"]), month, year, context)
    if day is None:
        return None
    weekday = words["date_weekday"]
    return Day(day, certain=not weekday or day.weekday() == _weekday_number(weekday))


def _on(day: int, month: int, year: str | None, context: Context) -> date | None:
    """This date; without a year the next one, unless that is so far ahead that the past was meant."""
    years = [int(year) % 100 + 2000] if year else [context.today.year, context.today.year + 1]
    latest = date.max if year else context.today + timedelta(days=AHEAD_MAX_DAYS)
    for candidate in years:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if context.today <= found <= latest:
            return found
    return None


def _day_of_month(words: Words, context: Context) -> Day | None:
    months = (context.today + relativedelta(months=count) for count in range(3))
    for month in months:
        try:
            found = month.replace(day=int(words["day_number"]))
        except ValueError:
            continue
        if found >= context.today:
            return Day(found)
    return None


def _first_of(name: str, context: Context) -> date | None:
    """The first day of the month these words name; none for the month we are in when it is named."""
    name, first = " ".join(name.split()), context.today.replace(day=1)
    next_month: date = first + relativedelta(months=1)
    known = {"næste måned": next_month, "denne måned": first, "måneden": first}
    new_year = date(context.today.year + 1, 1, 1)
    known |= {"det nye år": new_year, "nytår": new_year}
    return known[name] if name in known else _on(1, MONTHS[name], None, context)


def _in_month(words: Words, context: Context) -> Day | None:
    first = _first_of(words["month"], context)
    return Day(first, exact=False) if first else None


def _working_day_of(words: Words, context: Context) -> Day | None:
    first = _first_of(words["of_month"], context)
    if first is None:
        return None
    if words["first_or_last"] == "sidste":
        return Day(context.calendar.previous_working_day(first + relativedelta(months=1)))
    return Day(context.calendar.next_working_day(first - timedelta(days=1)))


def _part_of_month(words: Words, context: Context) -> Day | None:
    first = _first_of(words["part_month"], context)
    if first is None:
        return None
    part = words["month_part"]
    if "midt" in part:
        return Day(first.replace(day=15), exact=False)
    if "sidst" in part or "slut" in part or "udgang" in part:
        return Day(context.calendar.previous_working_day(first + relativedelta(months=1)))
    return Day(first, exact=False)


# ---------------------------------------------------------------- seasons and the doctor
def _christmas(_words: Words, context: Context) -> Day:
    year = context.today.year + (context.today > date(context.today.year, 12, 24))
    return Day(date(year, 12, 24), last=date(year, 12, 26), season=True)


def _new_year(_words: Words, context: Context) -> Day:
    return Day(date(context.today.year + 1, 1, 1), season=True)


def _after_easter(days: int) -> Resolver:
    def resolve(_words: Words, context: Context) -> Day:
        here = easter(context.today.year) + timedelta(days=days)
        day = here if here >= context.today else easter(context.today.year + 1) + timedelta(days=days)
        return Day(day, season=True)

    return resolve


def _autumn_break(_words: Words, context: Context) -> Day | None:
    monday = _monday_of(AUTUMN_WEEK, context)
    return Day(monday, last=monday + timedelta(days=6), season=True) if monday else None


def _doctor(moment: Callable[[datetime, Context], datetime]) -> Resolver:
    def resolve(_words: Words, context: Context) -> Day | None:
        if context.doctor_at is None:
            return None
        at = moment(context.doctor_at, context)
        return Day(day_of(at), at=at)

    return resolve


def _follow_up(doctor_at: datetime, context: Context) -> datetime:
    return appointments.follow_up_at(doctor_at, context.doctor_follow_up, context.calendar)


def _next_day(doctor_at: datetime, context: Context) -> datetime:
    return appointments.follow_up_at(doctor_at, FollowUp.NEXT_DAY, context.calendar)


def _day_before(doctor_at: datetime, context: Context) -> datetime:
    return context.calendar.afternoon_before(day_of(doctor_at))


#: By the names of phrase_tables.DAYS.
RESOLVERS: dict[str, Resolver] = {
    "doctor_before": _doctor(_day_before),
    "doctor_next_day": _doctor(_next_day),
    "doctor_after": _doctor(_follow_up),
    "in_hours": _in_hours,
    "weekday_in": _weekday_in,
    "in_days": _in_days,
    "working_day_of": _working_day_of,
    "part_of_month": _part_of_month,
    "in_month": _in_month,
    "weekday_of_week": _weekday_of_week,
    "next_week_weekday": _next_week_weekday,
    "part_of_week": _part_of_week,
    "week": _week,
    "next_week": _next_week,
    "date": _date,
    "day_of_month": _day_of_month,
    "next_weekday": _next_weekday,
    "weekday": _weekday,
    "day_after_tomorrow": _days_from_now(2),
    "tomorrow": _days_from_now(1),
    "later_today": _later_today,
    "today": _days_from_now(0),
    "weekend": _weekend,
    "christmas": _christmas,
    "new_year": _new_year,
    "easter": _after_easter(0),
    "whitsun": _after_easter(49),
    "autumn_break": _autumn_break,
}


def resolved(name: str, words: Words, prefix: str | None, context: Context) -> Day | None:
    """The day these words mean with what stands before them: "inden" is the working day before, "efter" the one after;
    a season without either is no day."""
    day = RESOLVERS[name](words, context)
    if day is None or day.at or prefix == "since":
        return None if prefix == "since" else day
    if prefix == "after":
        return replace(day, first=context.calendar.next_working_day(day.last or day.first), other=None, exact=False)
    if prefix == "before":
        return replace(day, first=context.calendar.previous_working_day(day.first), other=None, exact=False)
    return None if day.season and prefix != "until" else day

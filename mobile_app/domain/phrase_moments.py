"""Which day and clock the words of time in a phrase mean (rule 5, phrases.md). Pure.

A resolver takes the matched words and the context and answers with a Day, or None where the words name no day to come:
a moment in the past offers nothing, for what a note says of it is nearly always told, not planned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from mobile_app.domain import appointments
from mobile_app.domain import phrase_tables as tables
from mobile_app.domain.calendar import day_of, shifted
from mobile_app.domain.phrase_clocks import LATER_TODAY, MONTHS, Context, Day, Words, named, number, weekday_number
from storage.records import FollowUp

#: A day without a year that lies further ahead than this was meant in the past.
AHEAD_MAX_DAYS = 270
AUTUMN_WEEK = 42  # efterårsferien is ISO week 42 in every municipality
MIDDLE_OF_MONTH = 15
_DATE_STYLES = ("named", "before", "iso", "slash", "dot", "late", "end", "dash", "behind", "long")
_LAST = ("sidste", "last")
Resolver = Callable[[Words, Context], Day | None]


# ---------------------------------------------------------------- relative days
def _days_from_now(days: int) -> Resolver:
    return lambda _words, context: Day(context.today + timedelta(days=days))


def _later_today(_words: Words, context: Context) -> Day:
    return Day(context.today, clock=LATER_TODAY)


def _same_day(_words: Words, context: Context) -> Day | None:
    return Day(day_of(context.said)) if context.said else None


def _in_hours(words: Words, context: Context) -> Day:
    if words["half_hour"] or words["quarter"]:
        delta = timedelta(minutes=30 if words["half_hour"] else 15)
    else:
        unit = "minutes" if words["hour_unit"].startswith("min") else "hours"
        delta = timedelta(**{unit: number(words["hours"])})
    return Day(context.today, at=shifted(context.now.replace(second=0, microsecond=0), delta))


def _in_days(words: Words, context: Context) -> Day:
    if words["half_year"]:
        delta = relativedelta(months=6)
    elif named(words, "fortnight", "from_fortnight"):
        delta = relativedelta(weeks=2)
    else:
        delta = span(number(named(words, "days", "from_days") or "0"), named(words, "day_unit", "from_unit") or "")
    day = context.today + delta
    within = named(words, "within")
    if within and within != "om":
        return Day(context.calendar.previous_working_day(day))
    return Day(day, exact=False)


def span(count: int, unit: str) -> relativedelta:
    """`count` days, weeks, months or years."""
    return relativedelta(**{tables.UNITS[unit[:3]]: count})


def _weekday_in(words: Words, context: Context) -> Day:
    """ "Torsdag om 14 dage": counted from the coming Thursday (some count from today, so it is not certain)."""
    week_on = named(words, "week_on_weekday", "weekday_week_on")
    if week_on:
        return Day(_coming(week_on, context) + timedelta(weeks=1))
    count = number(words["in_weeks"])
    weeks = count if words["in_weeks_unit"].startswith(("uge", "week")) else max(1, count // 7)
    return Day(_coming(words["in_weekday"], context) + timedelta(weeks=weeks), certain=False)


# ---------------------------------------------------------------- weekdays and weeks
def _coming(word: str, context: Context) -> date:
    """The first such weekday after today."""
    return context.today + timedelta(days=(weekday_number(word) - context.today.weekday() - 1) % 7 + 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _of_week(word: str, context: Context, weeks: int = 0) -> date:
    return monday_of(context.today) + timedelta(days=7 * weeks + weekday_number(word))


def _weekday(words: Words, context: Context) -> Day:
    return Day(_coming(named(words, "whole_weekday", "weekday_name") or "", context))


def _next_weekday(words: Words, context: Context) -> Day:
    """ "Næste tirsdag" is the one of next week; the coming one is offered too where it is another."""
    coming = _coming(words["next_weekday_name"], context)
    of_next_week = _of_week(words["next_weekday_name"], context, 1)
    same = coming == of_next_week
    return Day(of_next_week, other=None if same else coming, certain=same)


def _next_week_weekday(words: Words, context: Context) -> Day:
    return Day(_of_week(words["next_week_weekday_name"], context, 1))


def _weekday_of_week(words: Words, context: Context) -> Day | None:
    week, weekday = words["weekday_week"], words["week_weekday"]
    if not week:
        return Day(_of_week(weekday, context, 1 if words["weekday_next_week"] else 0))
    monday = _monday_of_week(int(week), context)
    return Day(monday + timedelta(days=weekday_number(weekday))) if monday else None


def _week(words: Words, context: Context) -> Day | None:
    monday = _monday_of_week(int(words["week_number"]), context)
    if monday is None:
        return None
    if words["week_then_weekday"]:
        return Day(monday + timedelta(days=weekday_number(words["week_then_weekday"])))
    if monday < context.today:
        rest = context.calendar.next_working_day(context.today)
        return Day(rest) if monday_of(rest) == monday else None
    return Day(monday, exact=False)


def _weeks_from_now(weeks: int) -> Resolver:
    return lambda _words, context: Day(monday_of(context.today) + timedelta(weeks=weeks), exact=False)


def _monday_of_week(week: int, context: Context) -> date | None:
    """The Monday of this ISO week, this year or next; none for a week that lies behind."""
    this_monday = monday_of(context.today)
    for year in (context.today.isocalendar().year, context.today.isocalendar().year + 1):
        try:
            monday = date.fromisocalendar(year, week, 1)
        except ValueError:
            continue
        if this_monday <= monday <= context.today + timedelta(days=AHEAD_MAX_DAYS):
            return monday
    return None


def _part_of_week(words: Words, context: Context) -> Day:
    monday = monday_of(context.today) + timedelta(days=7 if words["part_next_week"] else 0)
    weekday = 0 if words["week_first"] else 3 if words["week_later"] else 4
    if words["week_middle"] or words[0].startswith("midweek"):
        weekday = 2
    return Day(monday + timedelta(days=weekday), exact=False)


def _weekend(words: Words, context: Context) -> Day:
    saturday = monday_of(context.today) + timedelta(days=5)
    if words["next_weekend"]:
        saturday += timedelta(days=7)
    bare = words["bare_weekend"] is not None  # "hvordan weekenden er gået" plans nothing
    return Day(max(saturday, context.today), last=saturday + timedelta(days=1), season=bare)


def _over_weekend(_words: Words, context: Context) -> Day:
    sunday = monday_of(context.today) + timedelta(days=6)
    return Day(context.calendar.next_working_day(sunday))


# ---------------------------------------------------------------- dates and months
def _date(words: Words, context: Context) -> Day | None:
    style = next(s for s in _DATE_STYLES if named(words, f"{s}_day"))
    month_word = words[f"{style}_month"].rstrip(".")
    month = MONTHS[month_word] if month_word in MONTHS else int(month_word)
    day = _on(number(words[f"{style}_day"]), month, named(words, f"{style}_year"), context)
    if day is None:
        return None
    weekday = named(words, "date_weekday", "behind_weekday")
    return Day(day, certain=not weekday or day.weekday() == weekday_number(weekday))


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
    number_of_day = number(words["day_number"])
    begins = 1 if words["day_of_next_month"] else 0
    for month in (context.today.replace(day=1) + relativedelta(months=count) for count in range(begins, 3)):
        try:
            found = month.replace(day=number_of_day)
        except ValueError:
            continue
        if found >= context.today:
            return Day(found)
    return None


def _first_of(name: str, context: Context) -> date | None:
    """The first day of the month these words name; the present one where it is named, though its first is past."""
    key = " ".join(name.split()).rstrip(".")
    first = context.today.replace(day=1)
    count = tables.MONTH_COUNTS.get(key)
    if count is not None:
        there: date = first + relativedelta(months=count)
        return there
    return first if MONTHS[key] == first.month else _on(1, MONTHS[key], None, context)


def _in_month(words: Words, context: Context) -> Day | None:
    first = _first_of(named(words, "month", "next_month_alone") or "", context)
    return Day(first, exact=False) if first and first >= context.today else None


def _working_day_of(words: Words, context: Context) -> Day | None:
    if words["of_new_year"]:
        return _after_new_year(words, context)
    first = _first_of(words["of_month"], context)
    if first is None:
        return None
    if words["last_working_day"]:
        return _end_of(first, context)
    return Day(context.calendar.next_working_day(first - timedelta(days=1)))


def _nth_weekday(words: Words, context: Context) -> Day | None:
    first = _first_of(words["nth_month"], context)
    if first is None:
        return None
    weekday = weekday_number(words["nth_of_month_day"])
    if words["nth_of_month"] in _LAST:
        last = first + relativedelta(months=1, days=-1)
        return Day(last - timedelta(days=(last.weekday() - weekday) % 7))
    weeks = number(words["nth_of_month"]) - 1
    return Day(first + timedelta(days=(weekday - first.weekday()) % 7, weeks=weeks))


def _part_of_month(words: Words, context: Context) -> Day | None:
    first = _first_of(words["part_month"], context)
    if first is None:
        return None
    if words["month_last"]:
        return _end_of(first, context)
    return Day(first.replace(day=MIDDLE_OF_MONTH) if words["month_middle"] else first, exact=False)


def _month_end(_words: Words, context: Context) -> Day:
    return _end_of(context.today.replace(day=1), context)


def _end_of(first: date, context: Context) -> Day:
    return Day(context.calendar.previous_working_day(first + relativedelta(months=1)))


# ---------------------------------------------------------------- seasons and the doctor
def _christmas(_words: Words, context: Context) -> Day:
    year = context.today.year + (context.today > date(context.today.year, 12, 26))
    return Day(date(year, 12, 24), last=date(year, 12, 26), season=True)


def _new_year(_words: Words, context: Context) -> Day:
    return Day(_first_of_next_year(context), season=True)


def _after_new_year(_words: Words, context: Context) -> Day:
    return Day(context.calendar.next_working_day(_first_of_next_year(context)))


def _first_of_next_year(context: Context) -> date:
    """On New Year's day itself it is this one."""
    first = date(context.today.year, 1, 1)
    return first if first == context.today else first.replace(year=first.year + 1)


def _between_years(_words: Words, context: Context) -> Day:
    return Day(context.calendar.next_working_day(max(context.today, date(context.today.year, 12, 26))))


def _easter_day(days: int, context: Context) -> date:
    """The next day that lies `days` from Easter Sunday."""
    year = context.today.year
    here, then = (day_of_easter + timedelta(days=days) for day_of_easter in (easter(year), easter(year + 1)))
    found: date = here if here >= context.today else then
    return found


def _after_easter(days: int) -> Resolver:
    return lambda _words, context: Day(_easter_day(days, context), season=True)


#: By the beginning of their names: a date, or days from Easter Sunday.
_HOLIDAYS: dict[str, tuple[int, int] | int] = {
    "lillejuleaften": (23, 12), "juleaften": (24, 12), "christmas eve": (24, 12), "første juledag": (25, 12),
    "1. juledag": (25, 12), "anden juledag": (26, 12), "2. juledag": (26, 12), "boxing day": (26, 12),
    "nytårsaften": (31, 12), "new year": (31, 12), "nytårsdag": (1, 1), "grundlovsdag": (5, 6), "skærtorsdag": -3,
    "langfredag": -2, "good friday": -2, "anden påskedag": 1, "2. påskedag": 1, "easter monday": 1,
    "kristi himmelfart": 39, "anden pinsedag": 50, "2. pinsedag": 50, "whit monday": 50,
}  # fmt: skip


def _holiday(words: Words, context: Context) -> Day | None:
    name = " ".join(words["holiday_name"].split())
    when = next(when for known, when in _HOLIDAYS.items() if name.startswith(known))
    found = _easter_day(when, context) if isinstance(when, int) else _on(*when, None, context)
    return Day(found) if found else None


def _autumn_break(_words: Words, context: Context) -> Day | None:
    monday = _monday_of_week(AUTUMN_WEEK, context)
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


#: By the names of DAYS in the tables of either language.
RESOLVERS: dict[str, Resolver] = {
    "doctor_before": _doctor(_day_before),
    "doctor_next_day": _doctor(_next_day),
    "doctor_after": _doctor(_follow_up),
    "in_hours": _in_hours,
    "weekday_in": _weekday_in,
    "in_days": _in_days,
    "weekday_of_month": _nth_weekday,
    "working_day_of": _working_day_of,
    "new_year_part": _after_new_year,
    "between_years": _between_years,
    "part_of_month": _part_of_month,
    "month_end": _month_end,
    "in_month": _in_month,
    "weekday_of_week": _weekday_of_week,
    "next_week_weekday": _next_week_weekday,
    "part_of_week": _part_of_week,
    "week": _week,
    "week_after_next": _weeks_from_now(2),
    "next_week": _weeks_from_now(1),
    "date": _date,
    "day_of_month": _day_of_month,
    "holiday": _holiday,
    "next_weekday": _next_weekday,
    "weekday": _weekday,
    "day_after_tomorrow": _days_from_now(2),
    "tomorrow": _days_from_now(1),
    "later_today": _later_today,
    "same_day": _same_day,
    "today": _days_from_now(0),
    "over_weekend": _over_weekend,
    "weekend": _weekend,
    "new_year": _new_year,
    "christmas": _christmas,
    "easter": _after_easter(0),
    "whitsun": _after_easter(49),
    "autumn_break": _autumn_break,
}


def resolved(name: str, words: Words, prefix: str | None, context: Context) -> Day | None:
    """The day these words mean with what stands before them: "inden" is the working day before, "efter" the one after;
    a season without either is no day."""
    try:
        day = RESOLVERS[name](words, context)
    except (ValueError, OverflowError):  # "om 999 år" leads out of the calendar
        return None
    if day is None or day.at or prefix == "since":
        return None if prefix == "since" else day
    if prefix == "after":
        return replace(day, first=context.calendar.next_working_day(day.last or day.first), other=None, exact=False)
    if prefix == "before":
        return replace(day, first=context.calendar.previous_working_day(day.first), other=None, exact=False)
    return None if day.season and prefix != "until" else day

"""The rule of a phrase that comes again ("hver mandag kl. 9 indtil jul"), as RFC 5545 says it (rule 5). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from mobile_app.domain import phrase_tables as tables
from mobile_app.domain.phrase_clocks import Context, Words, named, number, weekday_number
from mobile_app.domain.phrase_moments import resolved, span
from mobile_app.domain.phrase_words import Phrase
from mobile_app.domain.recurrence import until_text

_WORKING_WEEK = "MO,TU,WE,TH,FR"
_INTERVAL_MAX = 99
_FREQUENCIES = {"days": "DAILY", "weeks": "WEEKLY", "months": "MONTHLY"}
#: In months and weeks, or words of their own: (how many, of what).
_PERIODS = {
    "kvartal": (3, "måned"), "quarter": (3, "month"), "ugentlig": (1, "uge"), "ugentligt": (1, "uge"),
    "månedlig": (1, "måned"), "månedligt": (1, "måned"), "daglig": (1, "dag"), "dagligt": (1, "dag"),
    "weekly": (1, "week"), "monthly": (1, "month"), "fortnightly": (2, "week"), "fortnight": (2, "week"),
    "daily": (1, "day"),
}  # fmt: skip
_WORKING_DAYS = re.compile(r"hverdag|arbejdsdag|weekday|working\s+day")


@dataclass(frozen=True)
class Rule:
    """`text` is RFC 5545, with its end if it has one; it counts from `first`."""

    text: str
    first: date
    certain: bool = True


def rule_of(phrase: Phrase, context: Context) -> Rule | None:
    """None where the words make no rule ("hver 0. dag")."""
    assert phrase.every is not None
    start = resolved(phrase.day.lastgroup or "", phrase.day, None, context) if phrase.day else None
    rule = _without_end(phrase.every, start.first if start else None, context)
    until = _until(phrase, context)
    return Rule(f"{rule.text};{until_text(until)}", rule.first, rule.certain) if rule and until else rule


def _without_end(words: Words, start: date | None, context: Context) -> Rule | None:
    weekdays = words["nth_weekday"] or words["every_weekdays"]
    if weekdays:
        return _by_weekday(weekdays, _nth(words["nth"]), start or context.today)
    if words["monthly_weekday"]:
        nth = "-1" if words["monthly_nth"] in ("sidste", "last") else "1"
        code = tables.WEEKDAY_CODES[weekday_number(words["monthly_weekday"])]
        return Rule(f"FREQ=MONTHLY;BYDAY={nth}{code}", start or context.today)
    if words["every_part"]:
        return Rule("FREQ=DAILY", start or context.today)
    return _by_unit(words, start, context)


def _by_weekday(names: str, count: int, start: date) -> Rule | None:
    found = [weekday_number(name) for name in re.findall(r"\w+", names) if name not in ("og", "and")]
    codes = ",".join(tables.WEEKDAY_CODES[day] for day in found)
    return (
        Rule(f"FREQ=WEEKLY{_interval(count)};BYDAY={codes}", start, count == 1) if 0 < count <= _INTERVAL_MAX else None
    )


def _by_unit(words: Words, start: date | None, context: Context) -> Rule | None:
    unit = named(words, "every_unit", "nth_unit", "every_count_unit", "every_fortnight", "adverb") or ""
    if _WORKING_DAYS.fullmatch(unit):
        return Rule(f"FREQ=WEEKLY;BYDAY={_WORKING_WEEK}", start or context.today)
    count, unit = _PERIODS.get(unit, (_nth(named(words, "nth", "every_count")), unit))
    kind = tables.UNITS[unit[:3]]
    if kind == "days" and count and count % 7 == 0:
        count, kind = count // 7, "weeks"
    if not 0 < count <= _INTERVAL_MAX:
        return None
    step = relativedelta(**{kind: count})
    return Rule(f"FREQ={_FREQUENCIES[kind]}{_interval(count)}", start or _first(context.today, step, kind, count))


def _first(today: date, step: relativedelta, kind: str, count: int) -> date:
    """ "Hver dag" begins today, "hver uge" in a week."""
    begins: date = today if kind == "days" and count == 1 else today + step
    return begins


def _interval(count: int) -> str:
    return f";INTERVAL={count}" if count > 1 else ""


def _nth(word: str | None) -> int:
    return 1 if word is None else 2 if word in ("andet",) else number(word)


# ---------------------------------------------------------------- its end
def _until(phrase: Phrase, context: Context) -> datetime | None:
    last = _last_day(phrase, context)
    return context.calendar.at(last, "23:59") if last else None


def _last_day(phrase: Phrase, context: Context) -> date | None:
    if phrase.how_long:
        return _end_of(phrase.how_long, context.today)
    if phrase.until is None:
        return None
    day = resolved(phrase.until.lastgroup or "", phrase.until, "until", context)
    if day is None:
        return None
    return day.first - timedelta(days=1) if day.season else day.first


def _end_of(words: Words, today: date) -> date:
    rest = named(words, "rest_unit", "out_unit")
    if rest is None:
        last: date = today + span(number(words["for_count"]), words["for_unit"])
        return last
    if rest in ("ugen", "week"):
        friday = today + timedelta(days=4 - today.weekday())
        return friday if friday >= today else friday + timedelta(days=2)
    month_end: date = today.replace(day=1) + relativedelta(months=1, days=-1)
    return month_end if rest in ("måneden", "month") else date(today.year, 12, 31)

"""Which days the words of a search mean, in Danish and English. A search looks back: a day without a year is the last
one, never one to come (where phrases of notes, phrase_moments.py, look ahead). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from mobile_app.domain.phrase_tables import MONTHS, NUMBERS, WEEKDAYS

#: 29 February and week 53 come back within so many years.
_YEARS_BACK = 9


@dataclass(frozen=True)
class Days:
    """From `first` to `last`, both inclusive; None is open. `in_notes`: a note may hold these very words and mean the
    same ("uge 42"), which it does not of those that are counted from today ("i går")."""

    first: date | None
    last: date | None
    in_notes: bool = True


_ALL_MONTHS = MONTHS | {
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "october": 10, "oct": 10, "december": 12,
}  # fmt: skip
#: Alone, only those that are no other word: "jan" is a person.
_MONTHS_ALONE = [
    name for name in _ALL_MONTHS if len(name) > 4 or name in ("maj", "may", "juni", "juli", "june", "july")
]
_ALL_WEEKDAYS = {name: day for name, day in WEEKDAYS.items() if name.endswith("dag")} | {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_ALL_NUMBERS = NUMBERS | {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
}  # fmt: skip
_DAYS_BACK = {
    "i dag": 0, "idag": 0, "today": 0, "i morges": 0, "i går": 1, "igår": 1, "yesterday": 1, "i aftes": 1,
    "i forgårs": 2, "the day before yesterday": 2,
}  # fmt: skip
#: How the date behind them bounds the search.
_BOUNDS = {
    "siden": "since", "fra": "since", "since": "since", "from": "since", "efter": "after", "after": "after",
    "indtil": "until", "til": "until", "until": "until", "till": "until", "to": "until",
    "inden": "before", "før": "before", "before": "before",
}  # fmt: skip
_UNITS = {
    "dag": "days", "day": "days", "uge": "weeks", "wee": "weeks", "mån": "months", "mon": "months", "år": "years",
    "yea": "years",
}  # fmt: skip


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace("\\ ", r"\s+")


_NUMBER = rf"(?:\d{{1,2}}|{_any(_ALL_NUMBERS)})"
_UNIT = r"(?:dage|dag|uger|uge|måneder|måned|år|days?|weeks?|months?|years?)"
_MONTH = rf"(?:{_any(_ALL_MONTHS)})\b"
_DAY = r"[0-3]?\d"
_PATTERNS = {
    "back": _any(_DAYS_BACK),
    "recent": rf"(?:de\s+|the\s+)?(?:sidste|seneste|last|past)\s+(?P<count>{_NUMBER})\s+(?P<count_unit>{_UNIT})",
    "ago": rf"(?:for\s+)?(?P<ago_count>{_NUMBER})\s+(?P<ago_unit>{_UNIT})\s+(?:siden|ago)",
    "period": rf"(?P<which>denne|dette|this|sidste|forrige|last)\s+(?P<period_unit>{_UNIT})|i\s+år",
    "week": r"(?:uge|week)\s+(?P<week_number>[0-5]?\d)(?:[\s/-]+(?P<week_year>20\d\d))?",
    "weekday": rf"(?P<past>(?:i|sidste|forrige|last)\s+)?(?P<weekday_name>{_any(_ALL_WEEKDAYS)})s?",
    "named": rf"(?:d\.?\s*|den\s+|the\s+)?(?P<named_day>{_DAY})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?"
    rf"(?P<named_month>{_MONTH})\.?(?:\s+(?P<named_year>20\d\d))?",
    "month_day": rf"(?P<md_month>{_MONTH})\s+(?P<md_day>{_DAY})(?:st|nd|rd|th)?(?:,?\s+(?P<md_year>20\d\d))?",
    "iso": r"(?P<iso_year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)",
    "slash": rf"(?:d\.?\s*|den\s+)?(?P<slash_day>{_DAY})/(?P<slash_month>1[0-2]|0?[1-9])"
    r"(?:[-/\s](?P<slash_year>20\d\d|\d\d))?",
    "dot": rf"(?:d\.?\s*|den\s+)?(?P<dot_day>{_DAY})\.(?P<dot_month>1[0-2]|0?[1-9])\.(?P<dot_year>20\d\d|\d\d)?",
    "month": rf"(?P<month_name>{_any(_MONTHS_ALONE)})(?:\s+(?P<month_year>20\d\d))?",
    "year": r"20\d\d",
}
#: Words of time, each as a whole, in lower-cased text.
DATES = re.compile(
    rf"(?<![\w./-])(?:(?P<bound>{_any(_BOUNDS)})\s+)?(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items())
    + r")(?![\w/]|[.-]\d)"
)


def days_of(words: re.Match[str], today: date) -> Days | None:
    """The days these words (a match of DATES) mean, seen from `today`; None where there are none such ("31/2")."""
    name = next(name for name in _PATTERNS if words[name] is not None)
    span = _SPANS[name](words, today)
    if span is None:
        return None
    first, last = span
    in_notes = name not in ("back", "recent", "ago", "period") and not words["bound"]
    if name == "weekday" and words["past"]:
        in_notes = False
    return _bounded(_BOUNDS.get(words["bound"] or ""), first, last, in_notes)


def _bounded(bound: str | None, first: date, last: date, in_notes: bool) -> Days:
    one_day = timedelta(days=1)
    bounds = {
        None: (first, last),
        "since": (first, None),
        "after": (last + one_day, None),
        "until": (None, last),
        "before": (None, first - one_day),
    }
    return Days(*bounds[bound], in_notes=in_notes)


# ---------------------------------------------------------------- one way of saying it each
_Span = tuple[date, date] | None


def _back(words: re.Match[str], today: date) -> _Span:
    day = today - timedelta(days=_DAYS_BACK[" ".join(words["back"].split())])
    return day, day


def _recent(words: re.Match[str], today: date) -> _Span:
    return today - _delta(words["count"], words["count_unit"]), today


def _ago(words: re.Match[str], today: date) -> _Span:
    unit = _UNITS[words["ago_unit"][:3]]
    return _period_around(today - _delta(words["ago_count"], words["ago_unit"]), unit)


def _period(words: re.Match[str], today: date) -> _Span:
    if words["which"] is None:
        return _period_around(today, "years")
    earlier = words["which"] in ("sidste", "forrige", "last")
    unit = _UNITS[words["period_unit"][:3]]
    return _period_around(today - relativedelta(**{unit: int(earlier)}), unit)


def _delta(count: str, unit: str) -> relativedelta:
    number = _ALL_NUMBERS.get(" ".join(count.split()))
    return relativedelta(**{_UNITS[unit[:3]]: int(count) if number is None else number})


def _period_around(day: date, unit: str) -> tuple[date, date]:
    """The calendar day, week, month or year this day lies in."""
    firsts = {
        "days": day,
        "weeks": day - timedelta(days=day.weekday()),
        "months": day.replace(day=1),
        "years": day.replace(month=1, day=1),
    }
    after: date = firsts[unit] + relativedelta(**{unit: 1})
    return firsts[unit], after - timedelta(days=1)


def _week(words: re.Match[str], today: date) -> _Span:
    def monday(year: int) -> date:
        return date.fromisocalendar(year, int(words["week_number"]), 1)

    found = _latest(monday, words["week_year"], today.isocalendar().year, today)
    return (found, found + timedelta(days=6)) if found else None


def _weekday(words: re.Match[str], today: date) -> _Span:
    """The last such day; "i mandags" said on a Monday is a week ago."""
    back = (today.weekday() - _ALL_WEEKDAYS[words["weekday_name"]]) % 7
    day = today - timedelta(days=back or (7 if words["past"] else 0))
    return day, day


def _date(style: str) -> Callable[[re.Match[str], date], _Span]:
    def span(words: re.Match[str], today: date) -> _Span:
        month = words[f"{style}_month"]
        number = _ALL_MONTHS[month] if month in _ALL_MONTHS else int(month)
        day = _latest(
            lambda year: date(year, number, int(words[f"{style}_day"])), words[f"{style}_year"], today.year, today
        )
        return (day, day) if day else None

    return span


def _month(words: re.Match[str], today: date) -> _Span:
    month = _ALL_MONTHS[words["month_name"]]
    first = _latest(lambda year: date(year, month, 1), words["month_year"], today.year, today)
    return _period_around(first, "months") if first else None


def _year(words: re.Match[str], _today: date) -> _Span:
    return _period_around(date(int(words["year"]), 1, 1), "years")


def _latest(made: Callable[[int], date], year: str | None, this_year: int, today: date) -> date | None:
    """In the year that is named; else in the last one in which there is such a day and it is not to come."""
    years = [int(year) % 100 + 2000] if year else range(this_year, this_year - _YEARS_BACK, -1)
    for candidate in years:
        try:
            found = made(candidate)
        except ValueError:
            continue
        if year or found <= today:
            return found
    return None


_SPANS: dict[str, Callable[[re.Match[str], date], _Span]] = {
    "back": _back,
    "recent": _recent,
    "ago": _ago,
    "period": _period,
    "week": _week,
    "weekday": _weekday,
    **{style: _date(style) for style in ("named", "iso", "slash", "dot")},
    "month_day": _date("md"),
    "month": _month,
    "year": _year,
}

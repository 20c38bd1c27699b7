"""Rule 5: follow-up phrases ("ringer i morgen kl. 10") are offered as reminders, never made silently. Pure.

A note is cut into sentences and clauses; a clause that is a plan (phrase_tables.py) gives one offer for each moment it
names (phrase_moments.py). Wrong offers cost more trust than missed ones, so in doubt there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from mobile_app.domain import phrase_tables as tables
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of
from mobile_app.domain.phrase_moments import (
    NO_CLOCK,
    Context,
    Day,
    clock_of,
    later_than,
    number,
    part_clock,
    resolved,
)
from mobile_app.domain.recurrence import occurrences, until_text
from storage.records import FollowUp

OFFERS_MAX = 20
#: Nobody plans a contact further ahead; a year out of bounds is a slip of the pen.
AHEAD_MAX = timedelta(days=2 * 366)
#: A rule that does not start by itself on its first day starts this soon ("hver 9. mandag").
FIRST_WITHIN = timedelta(days=100)
TEXT_MAX_CHARS = 500  # of Reminder.text
#: A part of the day this near behind belongs to what stands before it.
ATTACH_MAX_CHARS = 12
#: Bounds the work for a note without any punctuation.
CLAUSE_MAX_CHARS = 400
_WORKING_WEEK = "MO,TU,WE,TH,FR"


@dataclass(frozen=True)
class Offer:
    """A reminder to accept with one tap. `due_at` is aware, in Copenhagen; `rrule` is RFC 5545 or empty; `span` is
    where the words of time stand in the note; `by_citizen`: it is the citizen who acts ("Har han ringet?");
    `off_hours`: kept as said, but to be pointed out; `certain`: one reading and no "måske"."""

    due_at: datetime
    rrule: str
    span: tuple[int, int]
    text: str
    by_citizen: bool
    off_hours: bool
    certain: bool


@dataclass(frozen=True)
class Phrase:
    """The words of time that make one moment, as they were found."""

    start: int
    end: int
    day: re.Match[str] | None = None
    day_prefix: str | None = None
    clock: re.Match[str] | None = None
    part: str | None = None
    part_is_today: bool = False
    every: re.Match[str] | None = None
    until: re.Match[str] | None = None
    weeks: int | None = None


@dataclass(frozen=True)
class Clause:
    start: int
    end: int
    text: str
    phrases: list[Phrase]
    has_verb: bool


def offers(
    text: str,
    now: datetime,
    calendar: WorkCalendar,
    next_doctor: datetime | None = None,
    next_doctor_follow_up: FollowUp = FollowUp.SAME_DAY,
) -> list[Offer]:
    """What the note offers as reminders, in its own order, all after `now` (aware). `next_doctor` is the start of the
    citizen's next doctor's appointment, for "efter lægetiden". At most 20; writes nothing."""
    context = Context(now.astimezone(COPENHAGEN), calendar, next_doctor, next_doctor_follow_up)
    lowered = text.lower()
    if len(lowered) != len(text):  # some letters grow when lowered, and the spans must fit the text
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    found: list[Offer] = []
    for start, end in _pieces(text, 0, len(text), tables.SENTENCE_END):
        found += _of_sentence(text, lowered, start, end, context)
        if len(found) >= OFFERS_MAX:
            break
    return found[:OFFERS_MAX]


def _pieces(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for cut in boundary.finditer(text, start, end):
        if cut.start() > start:
            yield start, cut.start()
        start = cut.end() if cut.end() > cut.start() else cut.start()
    if start < end:
        yield start, end


def _of_sentence(text: str, lowered: str, start: int, end: int, context: Context) -> list[Offer]:
    if not _names_a_plan(lowered, start, end):
        return []  # most sentences tell, and telling must cost next to nothing
    sentence = text[start:end].strip()[:TEXT_MAX_CHARS]
    found: list[Offer] = []
    for clause in _clauses(lowered, start, end):
        if clause.phrases and _is_plan(clause):
            span = (clause.start, clause.end)
            offer = Offer(context.now, "", span, sentence, _by_citizen(clause.text), False, _is_sure(clause.text))
            for phrase in clause.phrases[:OFFERS_MAX]:
                found += _of_phrase(phrase, offer, context)
        if len(found) >= OFFERS_MAX:
            break
    return _without_repeats(found)


def _without_repeats(found: list[Offer]) -> list[Offer]:
    """One offer for each moment of a sentence, the first that named it."""
    by_moment = {(offer.due_at, offer.rrule): offer for offer in reversed(found)}
    return [offer for offer in found if by_moment[offer.due_at, offer.rrule] is offer]


def _clauses(lowered: str, start: int, end: int) -> list[Clause]:
    """The clauses; a plan and its moment that a comma parted ("Ringer igen, nok på torsdag") are joined again."""
    joined: list[Clause] = []
    for first, last in _pieces(lowered, start, end, tables.CLAUSE_END):
        clause = _clause(lowered, first, min(last, first + CLAUSE_MAX_CHARS))
        if joined and _belong_together(joined[-1], clause):
            clause = _clause(lowered, joined.pop().start, clause.end)
        joined.append(clause)
    return joined


def _clause(lowered: str, start: int, end: int) -> Clause:
    text = lowered[start:end]
    return Clause(start, end, text, _phrases(lowered, start, end), tables.PLAN_VERB.search(text) is not None)


def _belong_together(one: Clause, other: Clause) -> bool:
    """Whether one names the plan and the other the moment, and neither denies it."""
    parted = bool(one.phrases) != bool(other.phrases)
    complete = one.has_verb != bool(one.phrases) and other.has_verb != bool(other.phrases)
    return parted and complete and not (tables.BLOCKED.search(one.text) or tables.BLOCKED.search(other.text))


# ---------------------------------------------------------------- is it a plan, and whose
def _names_a_plan(lowered: str, start: int, end: int) -> bool:
    return bool(tables.PLAN_VERB.search(lowered, start, end) or tables.PLAN_NOUN.search(lowered, start, end))


def _is_plan(clause: Clause) -> bool:
    if tables.BLOCKED.search(_without_excuses(clause.text)):
        return False
    if clause.has_verb:
        return True
    # "Har møde hver tirsdag" tells of a week, not of a plan.
    recurring = any(phrase.every for phrase in clause.phrases)
    return not recurring and bool(tables.PLAN_NOUN.search(clause.text)) and not tables.PAST.search(clause.text)


def _without_excuses(clause: str) -> str:
    """ "Glem ikke" denies nothing, and neither does "hvis hun ikke ..."."""
    clause = tables.NOT_FORGOTTEN.sub("", clause)
    return clause.replace("ikke", "") if clause.lstrip().startswith("hvis") else clause


def _by_citizen(clause: str) -> bool:
    return bool(tables.BY_CITIZEN.search(clause)) and not tables.BY_CONSULTANT.search(clause)


def _is_sure(clause: str) -> bool:
    return not tables.PERHAPS.search(clause)


# ---------------------------------------------------------------- words of time -> phrases
def _phrases(lowered: str, start: int, end: int) -> list[Phrase]:
    found: list[Phrase] = []
    moved = tables.MOVED_TO.search(lowered, start, end)
    start = moved.end() if moved else start  # of "flyttet fra onsdag til fredag" only the new day counts
    for token in tables.TOKENS.finditer(lowered, start, end):
        handle = _HANDLERS.get(token.lastgroup or "", _add_day)
        handle(found, token, lowered)
    return _sharing_clock(found, lowered)


def _add_every(found: list[Phrase], token: re.Match[str], _lowered: str) -> None:
    found.append(Phrase(token.start(), token.end(), every=token))


def _add_weeks(found: list[Phrase], token: re.Match[str], _lowered: str) -> None:
    if found and found[-1].every:
        found[-1] = replace(found[-1], weeks=number(token["for_weeks"]), end=token.end())


def _add_clock(found: list[Phrase], token: re.Match[str], lowered: str) -> None:
    if found and found[-1].clock is None:
        found[-1] = replace(found[-1], clock=token, end=token.end())
    elif found and tables.AND_BETWEEN.fullmatch(lowered, found[-1].end, token.start()):
        found.append(replace(found[-1], start=token.start(), end=token.end(), clock=token))
    else:
        found.append(Phrase(token.start(), token.end(), clock=token))


def _add_bare_clock(found: list[Phrase], token: re.Match[str], lowered: str) -> None:
    behind_day = found and found[-1].day and not lowered[found[-1].end : token.start()].strip(" ,")
    if behind_day:
        _add_clock(found, token, lowered)


def _add_part(found: list[Phrase], token: re.Match[str], _lowered: str) -> None:
    last = found[-1] if found else None
    if last and last.part is None and token.start() - last.end <= ATTACH_MAX_CHARS:
        found[-1] = replace(last, part=token["part"], part_is_today=bool(token["today_part"]), end=token.end())
    else:
        found.append(Phrase(token.start(), token.end(), part=token["part"], part_is_today=bool(token["today_part"])))


def _add_day(found: list[Phrase], token: re.Match[str], lowered: str) -> None:
    before = tables.PREFIX.search(lowered, max(0, token.start() - 20), token.start())
    prefix = before.lastgroup if before else None
    start = before.start() if before else token.start()
    last = found[-1] if found else None
    if last and last.every and prefix == "until":
        found[-1] = replace(last, until=token, end=token.end())
    elif last and last.day is None and tables.NOTHING_BETWEEN.fullmatch(lowered, last.end, start):
        found[-1] = replace(last, day=token, day_prefix=prefix, end=token.end())
    else:
        found.append(Phrase(start, token.end(), day=token, day_prefix=prefix))


_HANDLERS = {
    "every": _add_every,
    "for_many_weeks": _add_weeks,
    "clock": _add_clock,
    "bare_clock": _add_bare_clock,
    "day_part": _add_part,
}


def _sharing_clock(found: list[Phrase], lowered: str) -> list[Phrase]:
    """ "Mandag og torsdag kl. 10": the clock is that of both. A part of a day on its own ("om formiddagen") is
    nothing."""
    shared = list(found)
    for index in range(len(found) - 2, -1, -1):
        one, other = shared[index], shared[index + 1]
        if one.day and other.day and not (one.clock or one.part):
            between = tables.AND_BETWEEN.fullmatch(lowered, one.end, other.start)
            shared[index] = replace(one, clock=other.clock, part=other.part) if between else one
    return [phrase for phrase in shared if phrase.day or phrase.clock or phrase.every or phrase.part_is_today]


# ---------------------------------------------------------------- phrases -> moments
def _of_phrase(phrase: Phrase, offer: Offer, context: Context) -> list[Offer]:
    spanned = replace(offer, span=(phrase.start, phrase.end))
    made = _recurring(phrase, spanned, context) if phrase.every else _single(phrase, spanned, context)
    latest = context.now + AHEAD_MAX
    quiet = context.calendar.is_quiet
    return [replace(o, off_hours=quiet(o.due_at)) for o in made if context.now < o.due_at <= latest]


def _single(phrase: Phrase, offer: Offer, context: Context) -> list[Offer]:
    day = _day(phrase, context)
    if day is None:
        return []
    if day.at:
        return [replace(offer, due_at=day.at.astimezone(COPENHAGEN))]
    first = day.first if day.exact or context.calendar.is_working_day(day.first) else None
    first = first or context.calendar.next_working_day(day.first)
    certain = offer.certain and day.certain
    days = [first] if day.other is None else [first, day.other]
    return [replace(offer, due_at=_at(phrase, d, day.clock, context), certain=certain) for d in days]


def _day(phrase: Phrase, context: Context) -> Day | None:
    if phrase.day is None:
        return Day(context.today)
    # "Inden fredag kl. 12" names the moment itself.
    prefix = None if phrase.clock and phrase.day_prefix == "before" else phrase.day_prefix
    return resolved(phrase.day.lastgroup or "", phrase.day, prefix, context)


def _at(phrase: Phrase, day: date, usual: str, context: Context) -> datetime:
    due = context.calendar.at(day, _clock(phrase, usual))
    if phrase.clock is None and day == context.today and due <= context.now:
        later = later_than(context.now)
        return later if day_of(later) == day else due
    return due


def _clock(phrase: Phrase, usual: str) -> time:
    part = " ".join(phrase.part.split()) if phrase.part else None
    if phrase.clock:
        return clock_of(phrase.clock, part)
    return time.fromisoformat(part_clock(part) if part else usual)


# ---------------------------------------------------------------- recurring
def _recurring(phrase: Phrase, offer: Offer, context: Context) -> list[Offer]:
    rule, first_day, certain = _rule(phrase, context)
    until = _until(phrase, context)
    if until:
        rule = f"{rule};{until_text(until)}"
    due = context.calendar.at(first_day, _clock(phrase, NO_CLOCK))
    # The start of a rule need not be one of its moments ("hver mandag og torsdag" said on a Tuesday).
    coming = occurrences(due, COPENHAGEN.key, rule, (), context.now, due + FIRST_WITHIN)
    return [replace(offer, due_at=coming[0], rrule=rule, certain=offer.certain and certain)] if coming else []


def _rule(phrase: Phrase, context: Context) -> tuple[str, date, bool]:
    """The rule without its end, the day it counts from, and whether there is only one reading."""
    words = phrase.every
    assert words is not None
    if words["nth_weekday"] or words["every_weekdays"]:
        return _by_weekday(words, context)
    count = 1 if words["every_unit"] else _nth(words["nth"])
    unit = words["every_unit"] or words["nth_unit"]
    start = _day(phrase, context) if phrase.day else None
    if unit == "hverdag":
        return f"FREQ=WEEKLY;BYDAY={_WORKING_WEEK}", context.today, True
    frequency, count, step = _period(unit, count)
    first = start.first if start else context.today + step
    interval = f";INTERVAL={count}" if count > 1 else ""
    return f"FREQ={frequency}{interval}", first, True


def _by_weekday(words: re.Match[str], context: Context) -> tuple[str, date, bool]:
    named = re.findall(r"\w+dag", words["nth_weekday"] or words["every_weekdays"])
    codes = ",".join(tables.WEEKDAY_CODES[tables.WEEKDAYS[name]] for name in named)
    count = _nth(words["nth"]) if words["nth_weekday"] else 1
    interval = f";INTERVAL={count}" if count > 1 else ""
    return f"FREQ=WEEKLY{interval};BYDAY={codes}", context.today, count == 1


def _nth(word: str) -> int:
    return 2 if word == "anden" else max(1, number(word))


def _period(unit: str, count: int) -> tuple[str, int, timedelta | relativedelta]:
    """The frequency and interval of "every `count` of `unit`", and how far ahead the first one lies."""
    if unit == "dag" and count % 7:
        return "DAILY", count, timedelta(days=count)
    if unit in ("dag", "uge"):
        weeks = count if unit == "uge" else count // 7
        return "WEEKLY", weeks, timedelta(weeks=weeks)
    months = 3 * count if unit == "kvartal" else count
    return "MONTHLY", months, relativedelta(months=months)


def _until(phrase: Phrase, context: Context) -> datetime | None:
    if phrase.weeks:
        return context.calendar.at(context.today + timedelta(weeks=phrase.weeks), "23:59")
    if phrase.until is None:
        return None
    day = resolved(phrase.until.lastgroup or "", phrase.until, "until", context)
    if day is None:
        return None
    last = day.first - timedelta(days=1) if day.season else day.first
    return context.calendar.at(last, "23:59")

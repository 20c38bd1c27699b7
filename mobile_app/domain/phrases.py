"""Rule 5: follow-up phrases ("ringer i morgen kl. 10") are offered as reminders, never made silently. Pure.

A note is cut into sentences and clauses; a clause that is a plan in either language (phrase_tables_da.py, _en.py) gives
one offer for each moment it names (phrase_words.py, phrase_moments.py). Wrong offers cost more trust than missed ones,
so in doubt there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from mobile_app.domain import phrase_tables as tables
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of
from mobile_app.domain.phrase_clocks import NO_CLOCK, Context, Day, clock_of, later_than, named, part_clock
from mobile_app.domain.phrase_moments import monday_of, resolved
from mobile_app.domain.phrase_recurring import rule_of
from mobile_app.domain.phrase_tables import Grammar
from mobile_app.domain.phrase_tables_da import DANISH
from mobile_app.domain.phrase_tables_en import ENGLISH
from mobile_app.domain.phrase_words import Phrase, phrases_of
from mobile_app.domain.recurrence import occurrences
from storage.records import FollowUp

OFFERS_MAX = 20
#: Nobody plans a contact further ahead; a year out of bounds is a slip of the pen.
AHEAD_MAX = timedelta(days=2 * 366)
#: A rule that does not start by itself on its first day starts this soon ("hver 9. mandag").
FIRST_WITHIN = timedelta(days=100)
TEXT_MAX_CHARS = 500  # of Reminder.text
#: Bounds the work for a note without any punctuation.
CLAUSE_MAX_CHARS = 400
#: More words than these beside the moment ("nok på torsdag"), and a clause tells something of its own.
_BARE_WORDS_MAX = 3
_THING = re.compile(r"[^\W\d_]{4}")
#: Danish first: most notes are.
_GRAMMARS = (DANISH, ENGLISH)
#: So many more words of one language than of the other, and it is that one's sentence alone.
_ONE_LANGUAGE = 2


@dataclass(frozen=True)
class Offer:
    """A reminder to accept with one tap. `due_at` is aware, in Copenhagen; `rrule` is RFC 5545 or empty; `span` is
    where the words of time stand in the note; `by_citizen`: it is the citizen or somebody else who acts ("Har han
    ringet?"), and `asks` is then who and what ("he_calls"), if known; `off_hours`: kept as said, but to be pointed out;
    `certain`: one reading and no "måske"; `name`: the same for the same words of the same draft, however it grows."""

    due_at: datetime
    rrule: str
    span: tuple[int, int]
    text: str
    by_citizen: bool
    off_hours: bool
    certain: bool
    asks: str = ""
    name: str = ""


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
    lowered = _lowered(text)
    found: list[Offer] = []
    for start, end in _pieces(text, 0, len(text), tables.SENTENCE_END):
        found += _of_sentence(text, lowered, start, end, context)
        if len(found) >= OFFERS_MAX:
            break
    return _named(found[:OFFERS_MAX], lowered)


def _named(found: list[Offer], lowered: str) -> list[Offer]:
    """By the words of time and which of their moments it is: a moment counted from now ("om 2 timer") moves on."""
    seen: dict[str, int] = {}
    named_ones: list[Offer] = []
    for offer in found:
        words = " ".join(lowered[slice(*offer.span)].split())
        seen[words] = seen.get(words, 0) + 1
        named_ones.append(replace(offer, name=f"{words} {seen[words]}"))
    return named_ones


def _lowered(text: str) -> str:
    """In small letters, each where it stood, and without what is quoted."""
    lowered = text.lower()
    if len(lowered) != len(text):  # some letters grow when lowered, and the spans must fit the text
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return tables.QUOTED.sub(lambda quoted: " " * len(quoted[0]), lowered.replace("’", "'"))


def _pieces(text: str, start: int, end: int, boundary: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for cut in boundary.finditer(text, start, end):
        if cut.start() > start:
            yield start, cut.start()
        start = cut.end() if cut.end() > cut.start() else cut.start()
    if start < end:
        yield start, end


def _of_sentence(text: str, lowered: str, start: int, end: int, context: Context) -> list[Offer]:
    if not tables.ANY_TIME.search(lowered, start, end):
        return []  # most sentences name no moment, and those must cost next to nothing
    sentence = text[start:end].strip()[:TEXT_MAX_CHARS]
    leaning = tables.languages_of(lowered, start, end)
    for grammar in reversed(_GRAMMARS) if leaning > 0 else _GRAMMARS:
        if not _names_a_plan(lowered, start, end, grammar):
            if abs(leaning) >= _ONE_LANGUAGE:
                return []
            continue
        found = _in_language(sentence, lowered, start, end, grammar, context)
        if found or leaning:  # what its own language denies, the other does not plan
            return found
    return []


def _in_language(sentence: str, lowered: str, start: int, end: int, grammar: Grammar, context: Context) -> list[Offer]:
    found: list[Offer] = []
    clauses = _clauses(lowered, start, end, grammar)
    for clause in clauses:
        plan = _plan_of(clause, clauses, grammar)
        if plan is None:
            continue
        sure = grammar.perhaps.search(clause.text) is None
        other = _by_other(plan, grammar)
        asks = tables.asked(plan.text) if other else ""
        offer = Offer(context.now, "", (start, end), sentence, other, False, sure, asks)
        for phrase in _planned(clause, plan, grammar)[:OFFERS_MAX]:
            found += _of_phrase(phrase, offer, replace(context, said=found[-1].due_at) if found else context)
        if len(found) >= OFFERS_MAX:
            break
    return _without_repeats(found)


def _without_repeats(found: list[Offer]) -> list[Offer]:
    """One offer for each moment of a sentence, the first that named it."""
    by_moment = {(offer.due_at, offer.rrule): offer for offer in reversed(found)}
    return [offer for offer in found if by_moment[offer.due_at, offer.rrule] is offer]


# ---------------------------------------------------------------- clauses
def _clauses(lowered: str, start: int, end: int, grammar: Grammar) -> list[Clause]:
    """The clauses; a plan and its moment that a comma parted ("Ringer igen, nok på torsdag") are joined again."""
    joined: list[Clause] = []
    for first, last in _cut(lowered, start, end, grammar):
        clause = _clause(lowered, first, min(last, first + CLAUSE_MAX_CHARS), grammar)
        if joined and _belong_together(joined[-1], clause, lowered[joined[-1].end : first], grammar):
            clause = _clause(lowered, joined.pop().start, clause.end, grammar)
        elif len(joined) > 1 and _is_aside(joined[-1], grammar) and _belong_together(joined[-2], clause, "", grammar):
            aside, plan = joined.pop(), joined.pop()
            clause = replace(clause, start=plan.start, text=f"{plan.text} {clause.text}", has_verb=True)
            clause = clause if clause.phrases else replace(clause, phrases=plan.phrases)
            assert aside.end <= clause.end
        joined.append(clause)
    return joined


def _cut(lowered: str, start: int, end: int, grammar: Grammar) -> Iterator[tuple[int, int]]:
    """At commas and the like, and where a plan follows a past without one ("Svarede ikke prøver igen i morgen")."""
    for first, last in _pieces(lowered, start, end, grammar.clause_end):
        past = grammar.past.search(lowered, first, min(last, first + CLAUSE_MAX_CHARS))
        again = grammar.restart.search(lowered, past.end(), last) if past else None
        if past and again and not tables.SUBORDINATE.search(lowered, past.start(), again.start()):
            yield first, again.start()
            yield again.start(), last
        else:
            yield from _after_condition(lowered, first, last, grammar)


def _after_condition(lowered: str, start: int, end: int, grammar: Grammar) -> Iterator[tuple[int, int]]:
    """ "Hvis hun ikke ringer fredag ringer jeg mandag" needs no comma."""
    condition = grammar.condition.match(lowered, start, end)
    follows = grammar.inverted.search(lowered, condition.end(), end) if condition else None
    if follows:
        yield start, follows.start()
    yield follows.start() if follows else start, end


def _clause(lowered: str, start: int, end: int, grammar: Grammar) -> Clause:
    text = lowered[start:end]
    has_verb = grammar.plan_verbs.search(text) is not None
    has_verb = has_verb or (bool(grammar.first_person.search(text)) and not tables.OFF.search(text))
    return Clause(start, end, text, phrases_of(lowered, start, end, grammar), has_verb)


def _belong_together(one: Clause, other: Clause, between: str, grammar: Grammar) -> bool:
    """Whether one names the plan and the other the moment alone, and neither denies it. Across a colon ("Næste samtale:
    torsdag kl. 10") the plan may be a thing."""
    if bool(one.phrases) == bool(other.phrases) or grammar.blocked.search(f"{one.text} {other.text}"):
        return False
    moment, plan = (one, other) if one.phrases else (other, one)
    if ":" in between and not moment.has_verb and grammar.plan_nouns.search(plan.text):
        return True
    if moment.has_verb or not plan.has_verb or grammar.third_person.search(moment.text):
        return False
    return len(_beside(moment).split()) <= _BARE_WORDS_MAX or grammar.inverted.search(plan.text) is not None


def _is_aside(clause: Clause, grammar: Grammar) -> bool:
    """ "..., når hun er klar, ..."."""
    return not clause.phrases and grammar.condition.match(clause.text) is not None


def _beside(clause: Clause) -> str:
    """What it says beside its moments."""
    text = clause.text
    for phrase in reversed(clause.phrases):
        text = text[: phrase.start - clause.start] + text[phrase.end - clause.start :]
    return text


# ---------------------------------------------------------------- is it a plan, and whose
def _names_a_plan(lowered: str, start: int, end: int, grammar: Grammar) -> bool:
    kinds = (grammar.plan_verbs, grammar.plan_nouns, grammar.first_person, tables.THING)
    return any(kind.search(lowered, start, end) for kind in kinds)


def _plan_of(clause: Clause, clauses: list[Clause], grammar: Grammar) -> Clause | None:
    """The clause that says what is planned at the moments of `clause`: itself, or of a condition ("hvis hun ikke ringer
    inden fredag, ringer jeg") the one that follows from it. None where nothing is planned."""
    if not clause.phrases:
        return None
    if grammar.condition.match(clause.text) and not grammar.first_person.search(clause.text):
        others = [one for one in clauses if one is not clause]
        mains = (one for one in others if one.has_verb and not grammar.blocked.search(one.text))
        return None if any(one.phrases for one in others) else next(mains, None)
    return clause if _is_plan(clause, grammar) else None


def _is_plan(clause: Clause, grammar: Grammar) -> bool:
    text = grammar.excused.sub("", clause.text)
    if grammar.condition.match(text) is None and grammar.blocked.search(text):
        return False
    ours = grammar.consultant.search(text) is not None
    other = not ours and _third_party(text, grammar)
    private = grammar.private.search(text)
    if private and not tables.WE.search(text) and ((not ours and other) or named(private, "own", "with_own", "family")):
        return False
    if other and not _acts(text, grammar):
        return _is_planned_thing(clause, text, grammar)
    planned = _is_planned_act(clause, text, grammar) or _is_planned_thing(clause, text, grammar)
    return planned or _is_thing_with_moment(clause, text)


def _is_planned_act(clause: Clause, text: str, grammar: Grammar) -> bool:
    if not clause.has_verb:
        return False
    if _tells_a_habit(clause, text, grammar):
        return False
    past = grammar.past.search(text)
    if past is None or grammar.agreed.search(text) or grammar.first_person.search(text, past.end()):
        return True
    # "Ringede for at høre" is over; "Fik tid torsdag" and "Ring når hun kom hjem" are not.
    verbs = grammar.plan_verbs.finditer(text)
    return any(_comes_first(verb, past, text) or not grammar.infinitives.fullmatch(verb[0]) for verb in verbs)


def _comes_first(verb: re.Match[str], past: re.Match[str], text: str) -> bool:
    """ "Ask how it went" asks; "Call at 10 went well" tells."""
    return tables.SUBORDINATE.search(text, verb.end(), past.start()) is not None


def _is_planned_thing(clause: Clause, text: str, grammar: Grammar) -> bool:
    """ "Har møde hver tirsdag" tells of a week, not of a plan."""
    if any(phrase.every and not phrase.has_end for phrase in clause.phrases):
        return False
    told = grammar.past.search(text) and not grammar.moved_to.search(text)
    return bool(grammar.plan_nouns.search(text)) and not told


def _is_thing_with_moment(clause: Clause, text: str) -> bool:
    """ "Farvelkaffe fredag kl. 11", "ansøgning inden 1/1": only a thing, and a day with its clock or a limit. Either
    language may tell that it is more."""
    if not all(p.day and (p.clock or p.day_prefix == "before") and not p.every for p in clause.phrases):
        return False
    told = (kind for one in _GRAMMARS for kind in (one.past, one.third_person, one.finite, one.leisure))
    return _THING.search(_beside(clause)) is not None and not any(kind.search(text) for kind in told)


def _tells_a_habit(clause: Clause, text: str, grammar: Grammar) -> bool:
    """What others do again and again, without an end, is how they live."""
    endless = any(phrase.every and not phrase.has_end for phrase in clause.phrases)
    return endless and grammar.consultant.search(text) is None and _third_party(text, grammar)


def _third_party(text: str, grammar: Grammar) -> bool:
    """Whether somebody else acts: a pronoun before the first verb of the plan or right behind it, or a name."""
    verb = grammar.plan_verbs.search(text)
    until = verb.end() if verb else len(text)
    pronoun = grammar.third_person.search(text, 0, until) is not None
    behind = verb is not None and grammar.third_person.match(text, verb.end() + 1) is not None
    return pronoun or behind or grammar.promised.match(text.lstrip()) is not None


def _acts(text: str, grammar: Grammar) -> bool:
    return bool(grammar.by_citizen.search(text) or grammar.promised.search(text))


def _by_other(clause: Clause, grammar: Grammar) -> bool:
    if grammar.consultant.search(clause.text):
        return False
    return _third_party(clause.text, grammar) and _acts(clause.text, grammar)


def _planned(clause: Clause, plan: Clause, grammar: Grammar) -> list[Phrase]:
    """Beside a past verb "i dag" is the day of the note."""
    if grammar.past.search(plan.text) is None:
        return clause.phrases
    return [phrase for phrase in clause.phrases if not phrase.is_plain_today]


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
    if day.at and phrase.clock is None:
        return [replace(offer, due_at=day.at.astimezone(COPENHAGEN))]
    first = day.first if day.exact or context.calendar.is_working_day(day.first) else None
    first = first or context.calendar.next_working_day(day.first)
    certain = offer.certain and day.certain
    days = [first] if day.other is None else [first, day.other]
    return [replace(offer, due_at=_at(phrase, d, day.clock, context), certain=certain) for d in days]


def _day(phrase: Phrase, context: Context) -> Day | None:
    if phrase.day is None:
        return Day(context.today)
    if phrase.day_prefix == "until":
        return None  # how long something lasts
    # "Inden fredag kl. 12" names the moment itself.
    prefix = None if phrase.clock and phrase.day_prefix == "before" else phrase.day_prefix
    day = resolved(phrase.day.lastgroup or "", phrase.day, prefix, context)
    week = resolved(phrase.week_of.lastgroup or "", phrase.week_of, None, context) if phrase.week_of else None
    if day is None or week is None:
        return day
    return replace(day, first=monday_of(week.first) + timedelta(days=day.first.weekday()))


def _at(phrase: Phrase, day: date, usual: str, context: Context) -> datetime:
    due = context.calendar.at(day, _clock(phrase, usual))
    if phrase.clock is None and day == context.today and due <= context.now:
        later = later_than(context.now)
        return later if day_of(later) == day else due
    return due


def _clock(phrase: Phrase, usual: str) -> time:
    if phrase.clock:
        return clock_of(phrase.clock, phrase.part)
    return time.fromisoformat(part_clock(phrase.part) if phrase.part else usual)


def _recurring(phrase: Phrase, offer: Offer, context: Context) -> list[Offer]:
    rule = rule_of(phrase, context)
    if rule is None:
        return []
    words = phrase.every
    part = phrase.part or (words["every_part"] if words else None)
    due = context.calendar.at(rule.first, _clock(replace(phrase, part=part), NO_CLOCK))
    # The start of a rule need not be one of its moments ("hver mandag og torsdag" said on a Tuesday).
    found = occurrences(due, COPENHAGEN.key, rule.text, (), context.now, due + FIRST_WITHIN)
    coming = [moment for moment in found if moment > context.now]
    certain = offer.certain and rule.certain
    return [replace(offer, due_at=coming[0], rrule=rule.text, certain=certain)] if coming else []

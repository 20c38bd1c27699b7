"""Words of time next to each other make one phrase: a day with its clock, a rule with its end (rule 5). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from mobile_app.domain.phrase_clocks import named
from mobile_app.domain.phrase_tables import HABITS, Grammar

#: A part of the day this near behind belongs to what stands before it.
ATTACH_MAX_CHARS = 12
#: No words that stand before a day ("startende", "day before") are longer.
_PREFIX_MAX_CHARS = 24


@dataclass(frozen=True)
class Phrase:
    """The words of time that make one moment, as they were found. `week_of`: the other day of "mandag og onsdag i næste
    uge", which says of which week this one is."""

    start: int
    end: int
    day: re.Match[str] | None = None
    day_prefix: str | None = None
    clock: re.Match[str] | None = None
    part: str | None = None
    part_is_today: bool = False
    every: re.Match[str] | None = None
    until: re.Match[str] | None = None
    how_long: re.Match[str] | None = None
    week_of: re.Match[str] | None = None

    @property
    def has_end(self) -> bool:
        return self.until is not None or self.how_long is not None

    @property
    def is_plain_today(self) -> bool:
        """ "I dag" without a clock."""
        today = (self.day is not None and self.day.lastgroup == "today") or (self.day is None and self.part_is_today)
        return today and self.clock is None


_Found = list[Phrase]
_Handler = Callable[[_Found, re.Match[str], str, Grammar], None]


def phrases_of(lowered: str, start: int, end: int, grammar: Grammar) -> list[Phrase]:
    """The phrases from `start` to `end`, in order."""
    found: _Found = []
    moved = grammar.moved_to.search(lowered, start, end)
    start = moved.end() if moved else start  # of "flyttet fra onsdag til fredag" only the new day counts
    for token in grammar.tokens.finditer(lowered, start, end):
        _HANDLERS.get(token.lastgroup or "", _add_day)(found, token, lowered, grammar)
    return _shared(found, lowered, grammar)


def _add_every(found: _Found, token: re.Match[str], lowered: str, grammar: Grammar) -> None:
    last = found[-1] if found else None
    joined = last and last.every is None and grammar.nothing_between.fullmatch(lowered, last.end, token.start())
    if last and joined:  # "kl. 10 hver mandag"
        found[-1] = replace(last, every=token, end=token.end())
    else:
        found.append(Phrase(token.start(), token.end(), every=token))


def _add_how_long(found: _Found, token: re.Match[str], _lowered: str, _grammar: Grammar) -> None:
    if found and found[-1].every:
        found[-1] = replace(found[-1], how_long=token, end=token.end())


def _add_clock(found: _Found, token: re.Match[str], lowered: str, grammar: Grammar) -> None:
    if found and found[-1].clock is None:
        found[-1] = replace(found[-1], clock=token, end=token.end())
    elif found and grammar.and_between.fullmatch(lowered, found[-1].end, token.start()):
        found.append(replace(found[-1], start=token.start(), end=token.end(), clock=token))
    else:
        found.append(Phrase(token.start(), token.end(), clock=token))


def _add_bare_clock(found: _Found, token: re.Match[str], lowered: str, grammar: Grammar) -> None:
    """A number alone is a clock right behind a day, and with minutes right before one too."""
    last = found[-1] if found else None
    behind_day = last and (last.day or last.every) and not lowered[last.end : token.start()].strip(" ,")
    following = grammar.tokens.match(lowered, token.end() + 1) if named(token, "bare_hour") else None
    before_day = following is not None and named(following, *_NEAR_DAYS) is not None
    if behind_day or before_day:
        _add_clock(found, token, lowered, grammar)


_NEAR_DAYS = ("today", "tomorrow", "day_after_tomorrow", "weekday")


def _add_part(found: _Found, token: re.Match[str], _lowered: str, _grammar: Grammar) -> None:
    last = found[-1] if found else None
    part = " ".join(token["part"].split())
    today = bool(token["today_part"]) or part == "tonight"
    if last and last.part is None and token.start() - last.end <= ATTACH_MAX_CHARS:
        found[-1] = replace(last, part=part, part_is_today=today, end=token.end())
    else:
        found.append(Phrase(token.start(), token.end(), part=part, part_is_today=today))


def _add_day(found: _Found, token: re.Match[str], lowered: str, grammar: Grammar) -> None:
    before = grammar.prefixes.search(lowered, max(0, token.start() - _PREFIX_MAX_CHARS), token.start())
    prefix = before.lastgroup if before else None
    start = before.start() if before else token.start()
    last = found[-1] if found else None
    if last and last.every and prefix in ("until", "to"):
        found[-1] = replace(last, until=token, end=token.end())
    elif last and last.day is None and _adjoin(last, lowered[last.end : start], grammar):
        found[-1] = replace(last, day=token, day_prefix=prefix, end=token.end())
    else:
        found.append(Phrase(start, token.end(), day=token, day_prefix=prefix))


def _adjoin(last: Phrase, between: str, grammar: Grammar) -> bool:
    """Whether a day belongs to the clock or the rule before it: "kl. 10 ringer jeg på torsdag"."""
    if grammar.nothing_between.fullmatch(between):
        return True
    is_clock = last.clock is not None and last.every is None and not last.part_is_today
    return is_clock and not _SEPARATE.search(between)


_SEPARATE = re.compile(r"[,.]|\b(?:og|eller|igen|and|or|again)\b")

_HANDLERS: dict[str, _Handler] = {
    "every": _add_every,
    "for_long": _add_how_long,
    "clock": _add_clock,
    "bare_clock": _add_bare_clock,
    "bare_hour_token": _add_bare_clock,
    "day_part": _add_part,
}


def _shared(found: _Found, lowered: str, grammar: Grammar) -> list[Phrase]:
    """ "Mandag og torsdag kl. 10": the clock is that of both, and so is the week of "mandag og onsdag i næste uge". A
    part of a day on its own ("om formiddagen") is nothing, with a clock it is a habit."""
    shared = list(found)
    for index in range(len(found) - 2, -1, -1):
        one, other = shared[index], shared[index + 1]
        if one.day and other.day and grammar.and_between.fullmatch(lowered, one.end, other.start):
            shared[index] = _sharing(one, other)
    return [phrase for phrase in shared if _names_a_moment(phrase)]


def _sharing(one: Phrase, other: Phrase) -> Phrase:
    assert one.day is not None and other.day is not None
    if one.day.lastgroup == "weekday" and other.day.lastgroup in ("weekday_of_week", "next_weekday"):
        one = replace(one, week_of=other.week_of or other.day)
    if one.clock or one.part:
        return one
    return replace(one, clock=other.clock, part=other.part)


def _names_a_moment(phrase: Phrase) -> bool:
    if phrase.day or phrase.every or phrase.part_is_today:
        return True
    return phrase.clock is not None and not (phrase.part and HABITS.fullmatch(phrase.part))

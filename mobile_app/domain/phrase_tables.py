"""The words of follow-up phrases (rule 5) that both languages share: numbers, days, clocks, and how text is cut. Pure.

What a language says, and how, is a Grammar: Danish in phrase_tables_da.py, English in phrase_tables_en.py. Their groups
have the same names, so that phrase_moments.py says once what each one means. Every pattern is matched against
lower-cased text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NUMBERS = {
    "en": 1, "et": 1, "én": 1, "ét": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "syv": 7, "otte": 8,
    "ni": 9, "ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15, "tyve": 20,
    "tredive": 30, "et par": 2, "nogle": 3, "første": 1, "anden": 2, "tredje": 3, "fjerde": 4, "fjortende": 14,
    "kvart": 15,
}  # fmt: skip
NUMBERS_EN = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20,
    "twenty five": 25, "thirty": 30, "a couple of": 2, "couple of": 2, "a few": 3, "first": 1, "second": 2, "third": 3,
    "fourth": 4, "other": 2, "quarter": 15, "a quarter": 15,
}  # fmt: skip
WEEKDAYS = {
    "mandag": 0, "tirsdag": 1, "onsdag": 2, "torsdag": 3, "fredag": 4, "lørdag": 5, "søndag": 6,
    "man": 0, "tirs": 1, "tir": 1, "ons": 2, "tors": 3, "tor": 3, "fre": 4, "lør": 5, "søn": 6,
    "mand": 0, "tirsd": 1, "onsd": 2, "torsd": 3, "fred": 4, "lørd": 5, "sønd": 6,
}  # fmt: skip
WEEKDAYS_EN = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tues": 1, "tue": 1, "weds": 2, "wed": 2, "thurs": 3, "thur": 3, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _months(*names: str) -> dict[str, int]:
    return {name: number for number, of_one in enumerate(names, start=1) for name in of_one.split()}


#: "jul" is Christmas, so July is written out.
MONTHS = _months(
    "januar jan", "februar feb", "marts mar", "april apr", "maj", "juni jun", "juli", "august aug",
    "september sept sep", "oktober okt", "november nov", "december dec",
)  # fmt: skip
MONTHS_EN = _months(
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
#: What a part of the day means when no clock is named (phrases.md; those about noon and after 15 are our judgement).
PARTS = {
    "tidligt": "08:00", "tidlig": "08:00", "morgen": "08:00", "fra morgenstunden": "08:00", "først på dagen": "08:00",
    "om morgenen": "08:00", "på morgenen": "08:00", "tidligt om morgenen": "08:00", "tidlig morgen": "08:00",
    "formiddag": "10:00", "om formiddagen": "10:00", "på formiddagen": "10:00", "op ad formiddagen": "10:00",
    "fm": "10:00", "formid": "10:00",
    "inden frokost": "11:00", "før frokost": "11:00", "middag": "12:00", "middagstid": "12:00", "til middag": "12:00",
    "ved middagstid": "12:00", "midt på dagen": "12:00", "til frokost": "12:00", "efter frokost": "13:00",
    "eftermiddag": "14:00", "om eftermiddagen": "14:00", "på eftermiddagen": "14:00", "hen på eftermiddagen": "14:00",
    "ud på eftermiddagen": "14:00", "em": "14:00", "eftm": "14:00", "sidst på eftermiddagen": "15:00",
    "sen eftermiddag": "15:00", "sidst på dagen": "15:00", "aften": "19:00", "om aftenen": "19:00",
}  # fmt: skip
PARTS_EN = {
    "first thing in the morning": "08:00", "first thing": "08:00", "early in the morning": "08:00",
    "early morning": "08:00", "early": "08:00",
    "in the morning": "10:00", "morning": "10:00", "before lunch": "11:00", "noon": "12:00", "midday": "12:00",
    "at lunchtime": "12:00", "lunchtime": "12:00", "at lunch": "12:00", "after lunch": "13:00",
    "in the afternoon": "14:00", "afternoon": "14:00", "late in the afternoon": "15:00", "late afternoon": "15:00",
    "at the end of the day": "15:00", "end of the day": "15:00", "end of day": "15:00",
    "in the evening": "19:00", "evening": "19:00", "tonight": "19:00",
}  # fmt: skip
#: Said of every day ("om formiddagen"): without a day or a clock they tell of a habit.
HABITS = re.compile(r"(?:tidligt )?(?:om|på|op ad|hen på|ud på|sidst på) \w+en|(?:early |late )?in the \w+")
#: A clock named with one of these lies after noon.
AFTER_NOON = frozenset(part for part, clock in (PARTS | PARTS_EN).items() if clock >= "13:00")
#: Which month words mean, counted from the present one.
MONTH_COUNTS = {
    "næste måned": 1, "denne måned": 0, "måneden": 0, "måned": 0, "next month": 1, "this month": 0, "the month": 0,
    "month": 0,
}  # fmt: skip
#: By the first letters.
UNITS = {
    "dag": "days", "uge": "weeks", "mån": "months", "år": "years", "års": "years",
    "day": "days", "wee": "weeks", "mon": "months", "yea": "years",
}  # fmt: skip


def any_of(words: Iterable[str]) -> str:
    """An alternative of these, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace("\\ ", r"\s{1,9}")


def whole_words(*alternatives: str) -> re.Pattern[str]:
    """Any of these as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def with_slips(days: Mapping[str, int]) -> dict[str, int]:
    """The days, and each with one letter left out or two that changed places where only one day is meant
    ("torsdg", "tirdsag"): notes are written on the move."""
    slips: dict[str, set[int]] = {}
    for name, day in days.items():
        left_out = {name[:i] + name[i + 1 :] for i in range(len(name))}
        swapped = {name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)}
        for slip in left_out | swapped:
            slips.setdefault(slip, set()).add(day)
    return {slip: found.pop() for slip, found in slips.items() if len(found) == 1} | dict(days)


@dataclass(frozen=True)
class Grammar:
    """How one language says when, and what makes a clause a plan.

    `tokens` are the words of time, each named; `prefixes` stand before a day; `nothing_between` may stand between a
    clock and its day, `and_between` between two of them; `moved_to` is all that stands before the new day of something
    moved. `plan_verbs` hold beside a past verb unless they are `infinitives` of something that happened (and not of one
    that was `agreed`), `plan_nouns` do not; `first_person` makes any verb a plan. `blocked` denies a clause, `excused`
    is cut out before that is asked, `condition` begins one that is no plan by itself, `inverted` what follows from it.
    `restart` is a plan that goes on from a past without a comma. `by_citizen` are what others do that is worth
    asking after. A clause without any of `finite` and `leisure` only names a thing with its moment ("Farvelkaffe fredag
    kl. 11")."""

    tokens: re.Pattern[str]
    prefixes: re.Pattern[str]
    nothing_between: re.Pattern[str]
    and_between: re.Pattern[str]
    moved_to: re.Pattern[str]
    clause_end: re.Pattern[str]
    plan_verbs: re.Pattern[str]
    infinitives: re.Pattern[str]
    agreed: re.Pattern[str]
    plan_nouns: re.Pattern[str]
    first_person: re.Pattern[str]
    consultant: re.Pattern[str]
    third_person: re.Pattern[str]
    by_citizen: re.Pattern[str]
    promised: re.Pattern[str]
    private: re.Pattern[str]
    blocked: re.Pattern[str]
    excused: re.Pattern[str]
    past: re.Pattern[str]
    restart: re.Pattern[str]
    condition: re.Pattern[str]
    inverted: re.Pattern[str]
    perhaps: re.Pattern[str]
    finite: re.Pattern[str]
    leisure: re.Pattern[str]


# ---------------------------------------------------------------- where sentences end
_SHORTENED = (
    "man", "ons", "fre", "lør", "søn", "tor", "tir", "irs", "ors", "rsd", "nsd", "jan", "feb", "mar", "apr", "jun",
    "aug", "sep", "ept", "okt", "nov", "dec", "tlf", "evt", "min", "pga", "mht", "osv", "ang", "vdr", "bl.a", "opf",
    "mon", "tue", "wed", "thu", "hur", "urs", "ues", "eds", "fri", "sat", "sun", "oct", "jul", "eftm", "vedr",
)  # fmt: skip
_NAMES = MONTHS | MONTHS_EN | dict.fromkeys((*WEEKDAYS, *WEEKDAYS_EN), 0)
_NAME = "(?:" + "|".join(f"[{name[0].upper()}{name[0]}]{name[1:]}" for name in _NAMES) + r")\b"
#: "kl. 10. han var glad": after a clock a full stop is one, whatever letter follows.
_BEHIND_CLOCK = "|".join(
    rf"(?<={kl} {digits})"
    for kl in ("kl", r"kl\.", "at")
    for digits in (r"\d", r"\d\d", r"\d[.:]\d\d", r"\d\d[.:]\d\d")
)
SENTENCE_END = re.compile(
    r"(?<!\b[a-zæøå])(?<!\b(?:kl|ca|nr|dr|pr"
    rf"|st))(?<!tlf)(?<!evt)(?<!ang)(?<!vedr)[.!?…]{{1,5}}(?=\s{{1,5}}(?!{_NAME})[A-ZÆØÅ])"
    rf"|(?:{_BEHIND_CLOCK})\.(?=\s)"
    rf"|(?<=[a-zæøå]{{3}}){''.join(f'(?<!{word})' for word in _SHORTENED)}\.(?=\s)|[!?…](?=\s)|\n|;"
)
#: What somebody said or wrote is told, not planned.
QUOTED = re.compile(r"\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”|”[^”\n]{0,400}”|»[^«\n]{0,400}«|«[^»\n]{0,400}»")
#: Between a past verb and a plan one of these says that it is not a new beginning.
SUBORDINATE = whole_words(
    "at|om|der|som|hvis|når|hvornår|hvordan|hvad|efter|when|once|what|after|ville|skulle|kunne|vil|skal|that|if|whether|who|which|would|could|to|how"
)
#: The consultant herself, in either language.
WE = whole_words("jeg|vi|we|we'll|i'll|i'm")
#: Her own days off are no plan.
OFF = whole_words(
    r"ferie|ferien|fri|barsel|orlov|lukket|lukker|kursus|syg|holiday|holidays|vacation|leave|off|away|closed|sick"
)
#: Words that are of one language alone, or nearly.
DANISH_WORDS = re.compile(
    r"[æøå]|\b(?:og|til|er|det|den|de|hun|han|jeg|vi|ikke|kl|om|med|en|et|af|ved|fra|har|skal|hende|ham|men|igen|uge"
    r"|dag|morgen|ringer|ses|op|hos)\b"
)
ENGLISH_WORDS = re.compile(
    r"\b(?:the|on|will|and|with|is|of|she|he|him|his|again|about|tomorrow|next|week|today|we|we'll|i'll|was|has|by|not"
    r"|an?|call|meet|meeting|need|must|should|from|his|before|after|this|that|who|or|\w+n't|\w+day)\b"
)


def languages_of(lowered: str, start: int, end: int) -> int:
    """Below nought the sentence is Danish, above it English, at nought it may be either."""
    danish = sum(1 for _ in DANISH_WORDS.finditer(lowered, start, end))
    return sum(1 for _ in ENGLISH_WORDS.finditer(lowered, start, end)) - danish


#: What only names a thing with its moment has one of these.
THING = re.compile(
    r"\bkl\b|klokken|\binden\b|senest|\bat \d|\d ?[ap]m\b|\bbefore\b|\d[.:]\d\d|halv|half|kvart|quarter|tiden"
)

#: Who acts and what, where the question can be more than "Er det sket?".
_WHO = {"he": whole_words("han", r"he(?:'ll|'s|'d)?"), "she": whole_words("hun", r"she(?:'ll|'s|'d)?")}
_WHAT = {
    "calls": whole_words(r"ring\w*", r"calls?|calling|rings?|ringing|phones?"),
    "writes": whole_words(r"skriv\w*|sms\w*|mailer?", r"writes?|texts?|texting|emails?|messages?"),
    "sends": whole_words(r"send\w*|indsend\w*|aflever\w*", r"sends?|sending|hands? in|submits?"),
    "books": whole_words(r"bestil\w*|book\w*", r"books?|booking"),
    "comes": whole_words(r"komme\w*", r"comes?|coming|drops? (?:in|by)|pops? in"),
}


def asked(clause: str) -> str:
    """Who does what in a clause: "she_calls"; empty where one of them is not known."""
    who = next((name for name, words in _WHO.items() if words.search(clause)), None)
    what = next((name for name, words in _WHAT.items() if words.search(clause)), None)
    return f"{who}_{what}" if who and what else ""


#: Whatever names a moment in either language has a figure or one of these in it.
ANY_TIME = re.compile(
    r"\d|dag|morg|mogr|mogen|moren|uge|måned|aften|middag|\bkl|halv|kvart|læge|konsultation|\bår\b|nytår|\bjul"
    r"|påske|pinse|ferie"
    r"|weekend|\bom \w|ultimo|primo|medio|hverdag|time|tiden|mellem|\b(?:tirs|tors|ons|fre|man|lør|søn|tor|tir)"
    r"|day|tom|tm|week|month|year"
    r"|fortnight|noon|morning|evening|tonight|lunch|half|quarter|o'clock|doctor|\bgp|christmas|easter|\bat |\bin "
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)|" + any_of(name for name in (*MONTHS, *MONTHS_EN) if len(name) > 3)
)

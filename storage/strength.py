"""How hard a passphrase or PIN is to guess, with the reason where it is too easy. Pure.

zxcvbn estimates the guesses; it knows no Danish, so a word that it takes for random letters still counts as a word.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

PASSPHRASE_MIN_CHARS = 12
PIN_MIN_DIGITS = 6
#: zxcvbn's own line for its highest score: withstands guessing at the file itself behind a slow key derivation.
GUESSES_MIN_LOG10 = 10.0
#: A word is one of a hundred thousand, however long; a compound ("sommerferie") is worth half its letters.
_WORD_LOG10 = 5
#: What lies beyond adds nothing, and zxcvbn's work grows with the square of the length.
_ESTIMATED_MAX_CHARS = 64
#: Always tried by who knows whose phone it is.
_KNOWN = ("medgang", "kommune", "borger", "sagsbehandler")
#: As a day of birth is typed, and a CPR number begins.
_DATES = ("%d%m%y", "%d%m%Y", "%y%m%d", "%Y%m%d")
_RUNS = re.compile(r"[^\W\d_]+|[\W\d_]")


class Weakness(StrEnum):
    """Why a secret is too easy to guess."""

    TOO_SHORT = "too_short"
    COMMON = "common"
    NAME_OR_DATE = "name_or_date"
    PATTERN = "pattern"
    GUESSABLE = "guessable"
    PIN_SHORT = "pin_short"
    PIN_ROW = "pin_row"
    PIN_DATE = "pin_date"


#: Of zxcvbn's matches, by the pattern and for words by the list they stand in.
_REASONS = {
    "spatial": Weakness.PATTERN,
    "repeat": Weakness.PATTERN,
    "sequence": Weakness.PATTERN,
    "date": Weakness.NAME_OR_DATE,
    "regex": Weakness.NAME_OR_DATE,
    "female_names": Weakness.NAME_OR_DATE,
    "male_names": Weakness.NAME_OR_DATE,
    "surnames": Weakness.NAME_OR_DATE,
    "user_inputs": Weakness.NAME_OR_DATE,
    "passwords": Weakness.COMMON,
    "english_wikipedia": Weakness.COMMON,
    "us_tv_and_film": Weakness.COMMON,
}


def weakness(passphrase: str, known: Sequence[str] = ()) -> Weakness | None:
    """Why this passphrase may not guard a file alone; None where it may. `known` are words an attacker would try first
    (her name, the municipality). Takes some 10 ms, the first time 0.2 s for the word lists."""
    text = unicodedata.normalize("NFC", passphrase).strip()
    if len(text) < PASSPHRASE_MIN_CHARS:
        return Weakness.TOO_SHORT
    guesses_log10, matches = _estimated(text[:_ESTIMATED_MAX_CHARS], known)
    if min(guesses_log10, _by_words_log10(text)) >= GUESSES_MIN_LOG10:
        return None
    return _main_reason(matches)


def weakness_of_pin(pin: str) -> Weakness | None:
    """The same for a PIN beside a keystore's secret, where ten tries are all there are: no repeats, no straight run, no
    date of birth."""
    if len(pin) < PIN_MIN_DIGITS:
        return Weakness.PIN_SHORT
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(pin)}
    if len(steps) == 1:
        return Weakness.PIN_ROW
    return Weakness.PIN_DATE if any(_is_date(pin, form) for form in _DATES) else None


def _is_date(pin: str, form: str) -> bool:
    try:
        return datetime.strptime(pin, form).strftime(form) == pin  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return False


def _estimated(text: str, known: Sequence[str]) -> tuple[float, list[dict[str, Any]]]:
    from zxcvbn import zxcvbn

    words = [word for phrase in (*_KNOWN, *known) for word in (phrase, *phrase.split())]
    found = zxcvbn(text, user_inputs=words)
    return float(found["guesses_log10"]), found["sequence"]


def _by_words_log10(text: str) -> float:
    """A bound that needs no word list: runs of letters are words, everything else is worth a digit, and once."""
    lengths = [len(run) for run in set(_RUNS.findall(text.casefold())) if not run.isspace()]
    return sum(min(length, max(_WORD_LOG10, length / 2)) for length in lengths)


def _main_reason(matches: list[dict[str, Any]]) -> Weakness:
    """What most of the characters are."""
    chars: Counter[Weakness] = Counter()
    for match in matches:
        what = match.get("dictionary_name") if match["pattern"] == "dictionary" else match["pattern"]
        chars[_REASONS.get(str(what), Weakness.GUESSABLE)] += len(match["token"])
    return chars.most_common(1)[0][0]

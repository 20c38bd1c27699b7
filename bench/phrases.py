"""Phrases of notes next to dateparser: the moments of the corpus, what is offered where nothing is planned, the time.

Dateparser finds dates and knows no plans, so what it finds is taken as an offer. Only sentences of one moment are asked
of it, without a rule and without the doctor's appointment.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import datetime

from bench.lines import Line
from tests.unit.domain import sentences
from tests.unit.domain.sentences import Sentence

LANGUAGES = {"Danish": "da", "English": "en"}
#: One that the grammar was written against, one that was written before it and held out, and one by somebody who had
#: not seen it, for which nothing was mended.
CORPORA = {"": "", "held out, ": "held-out-", "unseen, ": "unseen-"}
#: Ours takes at most so much of dateparser's.
_TIME_MOST, _FALSE_MOST = 0.5, 0.1
_DOCTOR = ("læge", "konsultation", "doctor", "gp", "clinic")
_ROUNDS = 3
_Found = list[str]
_Side = Callable[[Sentence, str], _Found]


def measure() -> list[Line]:
    """What was right in percent of the sentences with a moment, what was false in percent of those without one, and
    the median time of a sentence."""
    return [line for corpus in CORPORA for language in LANGUAGES for line in _lines(corpus, language)]


def _lines(corpus: str, language: str) -> Iterable[Line]:
    code, said = LANGUAGES[language], sentences.read(f"{CORPORA[corpus]}{language.lower()}")
    plans = [sentence for sentence in said if _is_comparable(sentence)]
    tales = [sentence for sentence in said if not sentence.moments]
    name = f"{corpus}{language}"
    yield Line.of(f"exact moments (%), {name}, {len(plans)} sentences / dateparser",
                  _right(plans, _ours, code), _right(plans, _searched, code))  # fmt: skip
    yield Line.of(f"false offers (%), {name}, {len(tales)} sentences / dateparser",
                  _false(tales, _ours, code), _false(tales, _searched, code), _FALSE_MOST)  # fmt: skip
    if not corpus:
        yield Line.of(f"a sentence (ms), {name}, {len(said)} sentences / dateparser",
                      _took_ms(said, _ours, code), _took_ms(said, _searched, code), _TIME_MOST)  # fmt: skip


def _is_comparable(sentence: Sentence) -> bool:
    about_doctor = any(word in sentence.text.lower() for word in _DOCTOR)
    return len(sentence.moments) == 1 and "FREQ" not in sentence.also and not about_doctor


# ---------------------------------------------------------------- the sides
def _ours(sentence: Sentence, _language: str) -> _Found:
    return [_moment(offer.due_at) for offer in sentence.found()]


def _searched(sentence: Sentence, language: str) -> _Found:
    from dateparser.search import search_dates

    settings = {"RELATIVE_BASE": _base(sentence), "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = search_dates(sentence.text, languages=[language], settings=settings) or []
    return [_future(at, sentence) for _words, at in found if at > _base(sentence)]


def _base(sentence: Sentence) -> datetime:
    return sentence.now.replace(tzinfo=None)


def _future(at: datetime, sentence: Sentence) -> str:
    """Where it names no clock it gives midnight or that of now: for the app that is nine o'clock."""
    unnamed = at.time() in (datetime.min.time(), sentence.now.time())
    return _moment(at.replace(hour=9, minute=0) if unnamed else at)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


# ---------------------------------------------------------------- the figures
def _right(said: list[Sentence], side: _Side, language: str) -> float:
    """Ours must give the moment and no other; of the other's moments one is enough."""
    exact = side is _ours
    found = [(side(sentence, language), list(sentence.moments)) for sentence in said]
    right = sum(moments == wanted if exact else wanted[0] in moments for moments, wanted in found)
    return 100 * right / len(said)


def _false(said: list[Sentence], side: _Side, language: str) -> float:
    return 100 * sum(bool(side(sentence, language)) for sentence in said) / len(said)


def _took_ms(said: list[Sentence], side: _Side, language: str) -> float:
    def took(sentence: Sentence) -> float:
        begun = time.perf_counter()
        side(sentence, language)
        return (time.perf_counter() - begun) * 1_000

    side(said[0], language)  # what is loaded at first use is no sentence's
    return statistics.median(min(took(sentence) for _ in range(_ROUNDS)) for sentence in said)

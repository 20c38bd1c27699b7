"""Seeded Danish-looking contact notes of 300-1,500 characters, all invented, and the queries put to them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

SEED = 20261123
CITIZENS = 21
FIRST_AT_S = 1_700_000_000
CHARS_MIN, CHARS_MAX = 300, 1_500
QUERIES = 200
_WORDS = 20_000
_COMMON = (
    "og i at det er en til af på for den der med de som han har et ikke hun var sig fra men om vi så "
    "efter kan skal blev vil hos når også ved over havde dag uge samtale møde telefon aftale besøg bolig "
    "medicin læge støtte kontakt ønsker fortæller virker glad træt rolig bekymret bedre igen kommunen mor "
    "far søster ven praktik job skole uddannelse økonomi gåtur søvn mad angst ro netværk ensom morgen "
    "formiddag aften mandag tirsdag onsdag torsdag fredag ringede skrev mødte talte"
)
_HEADS = (
    "bolig medicin læge støtte kontakt sags hjem økonomi arbejds uddannelses søvn tand netværks familie "
    "ungdoms social sundheds kommune fritids angst stress motivations hverdags praktik"
)
_TAILS = (
    "samtale møde aftale besøg plan indsats forløb notat oversigt tid vejleder rådgiver gruppe tilbud "
    "ydelse ansøgning svar brev opkald opfølgning øvelse ledsagelse nøgle lejlighed kursus hold pause "
    "problem løsning behov ønske"
)
_ENDS = ["", "en", "et", "er", "erne", "s", "ens", "ernes"]


class Note(NamedTuple):
    id: str
    citizen: str
    at_s: int
    text: str


def _vocabulary() -> list[str]:
    rng, words = random.Random(SEED), dict.fromkeys(_COMMON.split())
    heads, tails = _HEADS.split(), _TAILS.split()
    while len(words) < _WORDS:
        parts = [rng.choice(heads), rng.choice(tails), rng.choice([*tails, *[""] * 90]), rng.choice(_ENDS)]
        words["".join(parts)] = None
    return list(words)


def write(path: Path, count: int) -> None:
    """The first `count` notes, one JSON a line."""
    rng, at_s, texts = random.Random(SEED + 1), FIRST_AT_S, _Texts()
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            at_s += rng.randint(30, 3600)
            text = texts.next(rng, rng.randint(CHARS_MIN, CHARS_MAX))
            file.write(json.dumps([f"note-{i:06}", f"citizen-{rng.randrange(CITIZENS)}", at_s, text]) + "\n")


def texts(rng: random.Random, count: int, chars: int) -> Iterator[str]:
    """Texts of one length."""
    made = _Texts()
    return (made.next(rng, chars) for _ in range(count))


class _Texts:
    """Words are as frequent as in a language (Zipf)."""

    def __init__(self) -> None:
        self._words = _vocabulary()
        self._cumulated = list(accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def next(self, rng: random.Random, chars: int) -> str:
        return " ".join(rng.choices(self._words, cum_weights=self._cumulated, k=chars // 3))[:chars]


def read(path: Path, count: int) -> list[Note]:
    with path.open(encoding="utf-8") as file:
        return [Note(*json.loads(line)) for line in islice(file, count)]


def queries() -> list[str]:
    """Words, beginnings of words and pairs, common and rare ones alike. The last word counts as a beginning."""
    rng, words = random.Random(SEED + 2), _vocabulary()

    def word() -> str:
        return words[int(len(words) ** rng.uniform(0.15, 0.9))]

    shapes = [word, lambda: word()[:4], lambda: f"{word()} {word()}"]
    return [shapes[i % len(shapes)]() for i in range(QUERIES)]

"""What a search compares, and how a hit is shown. Pure, and the same for the scan, the index and the highlighting.

Text and query are folded alike: case does not count, nor how a letter is composed (NFC), and å, æ and ø are written aa,
ae and oe. So "aa" finds "å" and "å" finds "aa" (Aage, Åge), and while a word is typed each beginning of it finds it.
The price is a hit too many now and then: "poesi" answers to "pøsi".
"""

from __future__ import annotations

import re
from unicodedata import normalize

from storage.records import ContactNote

Marks = tuple[tuple[int, int], ...]

_SNIPPET_BEFORE_CHARS, _SNIPPET_CHARS = 40, 160
#: A word that begins in the snippet is looked at so far beyond it.
_WORD_MAX = 100
_WORD = re.compile(r"[^\W_]+")
_NO_WORD = re.compile(r"[\W_]")
_BLANKS = re.compile(r"\s+")
_EXPANDED = {"å": "aa", "æ": "ae", "ø": "oe"}
_LONG = re.compile("[åæø]")
#: Letters that `str.lower` would make two of, or another one of by the letters around it.
_EXCEPTIONS = str.maketrans("\u0130ς", "ıσ")
#: The Kelvin sign would become the one ASCII letter that is none in the stored note, where the scan looks.
_KELVIN = "\u212a", "ĸ"
#: Two or more of these in a row may come from å, æ and ø; at the end of a beginning one may, too.
_PIECES = re.compile(r"[aeo]{2,}|[^\x00-\x7f]+")


def _plain(text: str) -> str:
    """Small letters with blanks between the words, each character in its place. `text` is NFC."""
    try:
        return text.encode("latin-1").translate(_LATIN_1).decode("latin-1")
    except UnicodeEncodeError:
        return _any_plain(text)


def _any_plain(text: str) -> str:
    small = text.translate(_EXCEPTIONS).lower().translate(_EXCEPTIONS)
    return _NO_WORD.sub(" ", small)


#: What `_any_plain` makes of each: twenty times as fast, and nearly every note is Latin-1.
_LATIN_1 = b"".join(_any_plain(chr(code)).encode("latin-1") for code in range(256))


def _expanded(plain: str) -> str:
    return plain.replace("å", "aa").replace("æ", "ae").replace("ø", "oe")


def folded(text: str) -> str:
    """What is compared: small letters, composed, å æ ø as aa ae oe, and nothing but blanks between the words."""
    return _expanded(_plain(_composed(text)))


def compared(text: str) -> str:
    """Folded, with a blank before and behind it: where the places of a `Wanted` are looked for."""
    return f" {folded(text)} "


def _composed(text: str) -> str:
    return normalize("NFC", text.replace(*_KELVIN))


class Wanted:
    """A query: all of its words in any order, the last one as a beginning."""

    __slots__ = ("_needles", "places", "words")

    def __init__(self, query: str) -> None:
        self.words = tuple(folded(query).split())
        *whole, last = self.words or ("",)
        #: As each stands in a folded text with a blank before and behind it.
        self.places = (*[f" {word} " for word in whole], f" {last}")
        self._needles: tuple[bytes, ...] | None = None

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Letters that the JSON of a note with these words must hold, once it is small ASCII: longest first."""
        if self._needles is None:
            *whole, last = self.words or ("",)
            pieces = [piece for word in (*whole, last.rstrip("ao")) for piece in _PIECES.split(word)]
            self._needles = tuple(sorted({piece.encode() for piece in pieces if piece}, key=len, reverse=True))
        return self._needles

    @property
    def match(self) -> str:
        """The same in the language of FTS5, for folded texts under the tokenizer "ascii"."""
        return " ".join(f'"{word}"' for word in self.words) + "*"

    def holds(self, text: str) -> bool:
        """Whether a note of this text is a hit."""
        return self.stands_in(compared(text))

    def stands_in(self, compared: str) -> bool:
        """The same for the text of a note as `compared` makes it."""
        for place in self.places:  # noqa: SIM110 - a generator would cost more than the search
            if place not in compared:
                return False
        return True

    def may_be_in(self, payload: bytes) -> bool:
        """False where a note of this JSON (letters unescaped) is surely no hit: a tenth of the work of `holds`."""
        small = payload.lower()
        for needle in self.needles:  # noqa: SIM110 - as above
            if needle not in small:
                return False
        return True

    def excerpt(self, text: str) -> tuple[str, Marks]:
        """One line around the first of the words, and the parts of it to be marked, as (from, to) in the line."""
        text = _composed(text)
        plain = _plain(text)
        at = self._first(plain)
        begin = _word_begin(plain, at - _SNIPPET_BEFORE_CHARS, at) if at > _SNIPPET_BEFORE_CHARS else 0
        end = begin + _SNIPPET_CHARS
        marks = [self._mark(word) for word in _WORD.finditer(plain, begin, end + _WORD_MAX) if word.start() < end]
        return _line(text, begin, end, tuple((first, min(last, end)) for first, last in marks if last))

    def _first(self, plain: str) -> int:
        """Where the first of the words that is met stands; 0 for none."""
        where = f" {_expanded(plain)} "
        found = min((at for place in self.places if (at := where.find(place)) >= 0), default=0)
        for before, letter in enumerate(_LONG.finditer(plain)):
            if letter.start() + before >= found:
                return found - before
        return found - sum(map(plain.count, _EXPANDED))

    def _mark(self, word: re.Match[str]) -> tuple[int, int]:
        """What of a word to mark: all of it, the beginning that was asked for, or (0, 0)."""
        whole = _expanded(word[0])
        if whole in self.words[:-1]:
            return word.span()
        if not self.words or not whole.startswith(self.words[-1]):
            return 0, 0
        length = next(n for n in range(1, len(word[0]) + 1) if len(_expanded(word[0][:n])) >= len(self.words[-1]))
        return word.start(), word.start() + length


class Hit:
    """A note that was found. The line is made when it is asked for, and once."""

    __slots__ = ("_excerpt", "_wanted", "note")

    def __init__(self, note: ContactNote, wanted: Wanted) -> None:
        self.note = note
        self._wanted = wanted
        self._excerpt: tuple[str, Marks] | None = None

    @property
    def snippet(self) -> str:
        """The place on one line."""
        return self._line()[0]

    @property
    def marks(self) -> Marks:
        """The parts of the snippet that were asked for, as (from, to), in order and apart from each other."""
        return self._line()[1]

    def _line(self) -> tuple[str, Marks]:
        if self._excerpt is None:
            self._excerpt = self._wanted.excerpt(self.note.text)
        return self._excerpt


def _word_begin(plain: str, first: int, last: int) -> int:
    """Behind the first blank in between; `first` where there is none."""
    return plain.find(" ", first, last) + 1 or first


def _line(text: str, begin: int, end: int, marks: Marks) -> tuple[str, Marks]:
    """The part of the text on one line, with dots where it was cut."""
    cut, lead = text[begin:end], "… " if begin else ""
    places = [(first - begin, last - begin) for first, last in marks]
    if not cut.isprintable():  # more than one line
        cut, whole = _BLANKS.sub(" ", cut), cut
        places = [(len(_BLANKS.sub(" ", whole[:first])), len(_BLANKS.sub(" ", whole[:last]))) for first, last in places]
    shift = len(lead)
    line = f"{lead}{cut}{' …' if end < len(text) else ''}"
    return line, tuple((first + shift, last + shift) for first, last in places)

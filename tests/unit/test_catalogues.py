"""The Danish on the screen: all there, compiled, and what the code asks for. `make locale` mends the latter two."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mobile_app import i18n
from tests import catalogues

ROOT = Path(__file__).resolve().parents[2]

#: Words that are the same in both languages.
ALIKE = {"Mentor", "Pause", "Video"}
ENGLISH = re.compile(
    r"\b(the|and|you|your|with|this|that|was|were|has|are|its|not|no|of|on|from|again|please|what|which|when|who|where"
    r"|how|write|wait|choose|save|notes?|phone|hub|here|there|today|yes|done|undo|cancel|back|appointment|reminder)\b"
)
LANGUAGES = tuple(i18n.LANGUAGES)


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """(message, translation), one for each plural form."""
    for message in catalogues.catalogue(language):
        if isinstance(message.id, tuple):
            yield from zip(message.id, message.string, strict=True)
        elif message.id:
            yield message.id, message.string


def names(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


def body(po: bytes) -> bytes:
    """Without the header, which names the version of the tool."""
    return po.partition(b"\n\n")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_what_the_code_asks_for(language: str) -> None:
    stored = (catalogues.LOCALE / language / "LC_MESSAGES" / "medgang.po").read_bytes()
    assert body(stored) == body(catalogues.as_po(catalogues.catalogue(language)))


def test_every_message_has_its_danish() -> None:
    assert catalogues.missing(catalogues.catalogue("da")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_readable_one(language: str) -> None:
    folder = catalogues.LOCALE / language / "LC_MESSAGES"
    with (folder / "medgang.po").open("rb") as readable, (folder / "medgang.mo").open("rb") as compiled:
        wanted = [message for message in read_po(readable) if message.id]
        translations = gettext.GNUTranslations(compiled)
    for message in wanted:
        if isinstance(message.id, tuple):
            for n, form, text in zip((1, 2), message.id, message.string, strict=True):
                assert translations.ngettext(*message.id, n) == (text or form)
        else:
            assert translations.gettext(message.id) == (message.string or message.id)


def test_translations_have_the_same_names_to_fill_in() -> None:
    assert [(text, danish) for text, danish in pairs("da") if names(text) != names(danish)] == []


def test_no_english_is_left_in_the_danish() -> None:
    assert {text for text, danish in pairs("da") if text == danish} == ALIKE
    for _, danish in pairs("da"):
        assert not ENGLISH.findall(re.sub(r"\{\w+\}", "", danish.lower())), danish


def test_the_danish_is_danish_letters() -> None:
    """No "aa", "ae" or "oe" for å, æ and ø, and nothing torn by a wrong encoding."""
    for _, danish in pairs("da"):
        assert not re.search(r"Ã|â€|\ufffd|faer|naes|maaned|paamind|soeg|proev|laeg", danish, re.IGNORECASE), danish


@pytest.mark.parametrize("chosen", ["", "xx", "de"])
def test_an_unknown_language_is_danish(chosen: str) -> None:
    i18n.use(chosen)
    assert i18n.language() == "da"
    assert i18n._("Yes, until {day}", day="26. nov.").startswith("Ja")


@pytest.mark.parametrize(("n", "danish"), [(0, "0 flyttet"), (1, "1 flyttet"), (2, "2 flyttet")])
def test_plurals_are_danish(n: int, danish: str) -> None:
    i18n.use("da")
    assert i18n.n_("{n} record moved", "{n} records moved", n) == danish


def test_the_tour_of_the_screens_waits_for_words_that_are_on_them() -> None:
    """Else `make screens` waits in vain."""
    known = {message for message, _ in pairs("da")}
    tour = "".join(file.read_text() for file in (ROOT / "tests" / "browser").glob("*screens*.py"))
    waited_for = set(re.findall(r'\b_\("([^"]+)"\)', tour))
    assert len(waited_for) > 40
    assert waited_for - known == set()

"""Collects the messages of the app into assets/locale and compiles them: `make locale`.

English is in the code, so the English catalogue needs no translations; the Danish one must have them all.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "assets" / "locale"
_KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}


def messages() -> Catalog:
    """Every message of the code, with where it stands."""
    found = Catalog(project="Medgang", charset="utf-8")
    source = ROOT / "mobile_app"
    for file, _line, message, _comments, _context in extract_from_dir(source, keywords=_KEYWORDS, comment_tags=()):
        found.add(message, locations=[(f"mobile_app/{file}", 0)])
    return found


def catalogue(language: str) -> Catalog:
    """The stored translations, brought up to the code's messages."""
    path = LOCALE / language / "LC_MESSAGES" / "medgang.po"
    stored = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            stored = read_po(file, locale=language)
    stored.update(messages(), no_fuzzy_matching=True)
    stored.obsolete.clear()
    stored.fuzzy = False
    return stored


def as_po(found: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, found, width=120, include_lineno=False, omit_header=False, sort_output=True)
    lines = [line for line in file.getvalue().splitlines(keepends=True) if b"-Date:" not in line]
    return b"".join(lines)


def as_mo(found: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, found)
    return file.getvalue()


def missing(found: Catalog) -> list[str]:
    texts = [m for m in found if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]
    return [m.id if isinstance(m.id, str) else m.id[0] for m in texts]


def main() -> int:
    for language in ("da", "en"):
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        found = catalogue(language)
        (folder / "medgang.po").write_bytes(as_po(found))
        (folder / "medgang.mo").write_bytes(as_mo(found))
    untranslated = missing(catalogue("da"))
    print("\n".join(["Without Danish:", *untranslated]) if untranslated else "Every message has its Danish.")
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())

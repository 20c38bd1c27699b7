"""The language on the screen: gettext catalogues in assets/locale, English in the code, Danish first for the reader.

One vault, one reader: the language is the process's.
"""

from __future__ import annotations

import gettext
from importlib import resources

LANGUAGES = {"da": "Dansk", "en": "English"}
DEFAULT_LANGUAGE = "da"

_chosen = DEFAULT_LANGUAGE
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Changes the language; an unknown one gives the default."""
    global _chosen, _catalogue
    _chosen = language if language in LANGUAGES else DEFAULT_LANGUAGE
    file = resources.files("assets") / "locale" / _chosen / "LC_MESSAGES" / "medgang.mo"
    with file.open("rb") as catalogue:
        _catalogue = gettext.GNUTranslations(catalogue)


def language() -> str:
    return _chosen


def _(message: str, **values: object) -> str:
    """The message in the chosen language, its {names} filled in."""
    text = _catalogue.gettext(message)
    return text.format(**values) if values else text


def n_(singular: str, plural: str, n: int, **values: object) -> str:
    return _catalogue.ngettext(singular, plural, n).format(n=n, **values)

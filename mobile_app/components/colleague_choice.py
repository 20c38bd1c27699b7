"""Choosing a colleague: chips, and a field that narrows them where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app.components.choices import chip, labelled
from mobile_app.components.parts import quiet, text_field
from mobile_app.domain.searching import is_named_so
from mobile_app.i18n import _
from storage.records import Colleague

#: With more colleagues than this there is a field that narrows them.
ALL_SHOWN_MAX = 8


def find_field(on_asked: Callable[[str], None]) -> ft.TextField:
    return text_field(_("Find a colleague"), on_change=lambda e: on_asked(e.control.value))


def colleague_choice(
    label: str,
    colleagues: Sequence[Colleague],
    find: ft.TextField,
    asked: str,
    chosen: str,
    on_choose: Callable[[str], None],
) -> list[ft.Control]:
    """`find` is kept by the screen, so that what was typed stays; `asked` is what stands in it."""
    shown = [one for one in colleagues if not asked.strip() or one.id == chosen or is_named_so(asked, one.name)]
    names = [chip(one.name, one.id == chosen, lambda one=one: on_choose(one.id)) for one in shown]
    return [
        *([find] if len(colleagues) > ALL_SHOWN_MAX else []),
        labelled(label, names or [quiet(_("Nobody is called that."))]),
    ]

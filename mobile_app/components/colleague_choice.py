"""Choosing a colleague: chips, and a field that narrows them where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app.app import App
from mobile_app.components.choices import chip, labelled
from mobile_app.components.kept import kept_field, use_kept
from mobile_app.components.parts import quiet
from mobile_app.domain.searching import is_named_so
from mobile_app.i18n import _
from storage.records import Colleague

#: With more colleagues than this there is a field that narrows them.
ALL_SHOWN_MAX = 8


def use_find_field(app: App, route: str) -> tuple[ft.TextField, str]:
    """The field, and what stands in it: kept by the screen of this route."""
    asked = use_kept(app, f"{route}#asked", "")
    return ft.use_memo(lambda: kept_field(asked, _("Find a colleague"), asked.put), [route]), asked.now


def colleague_choice(
    label: str,
    colleagues: Sequence[Colleague],
    find: tuple[ft.TextField, str],
    chosen: str,
    on_choose: Callable[[str], None],
) -> list[ft.Control]:
    """`find` is of `use_find_field`."""
    field, asked = find
    shown = [one for one in colleagues if not asked.strip() or one.id == chosen or is_named_so(asked, one.name)]
    names = [chip(one.name, one.id == chosen, lambda one=one: on_choose(one.id)) for one in shown]
    return [
        *([field] if len(colleagues) > ALL_SHOWN_MAX else []),
        labelled(label, names or [quiet(_("Nobody is called that."))]),
    ]

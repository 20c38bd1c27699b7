"""The small parts a screen is put together from: headings, quiet lines, boxes, wide buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from mobile_app import formats

#: The least height of what is tapped (WCAG 2.2 asks 24 px; cold fingers more).
TARGET = 48


def heading(text: str) -> ft.Control:
    return ft.Semantics(
        content=ft.Text(formats.sentence(text), theme_style=ft.TextThemeStyle.TITLE_MEDIUM, weight=ft.FontWeight.W_600),
        header=True,
    )


def quiet(text: str) -> ft.Text:
    """A line of less weight."""
    return ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT)


def card(*controls: ft.Control) -> ft.Control:
    """A box around what belongs together."""
    inside = ft.Container(ft.Column(list(controls), spacing=6, tight=True), padding=14)
    return ft.Card(inside, margin=0, variant=ft.CardVariant.FILLED)


def entry(
    icon: ft.IconData,
    title: str,
    lines: Sequence[str],
    actions: Sequence[ft.Control] = (),
    *,
    on_click: Callable[[], None] | None = None,
    bgcolor: ft.ColorValue | None = None,
) -> ft.Control:
    """A box for one thing to do or to know: what, the lines below it, and its buttons. The upper part is one target."""
    words: list[ft.Control] = [ft.Text(title, size=16, weight=ft.FontWeight.W_500)]
    words += [ft.Text(line, size=14, color=ft.Colors.ON_SURFACE_VARIANT) for line in lines if line]
    head = ft.Row(
        [ft.Icon(icon, size=20, color=ft.Colors.PRIMARY), ft.Column(words, spacing=2, tight=True, expand=True)],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    upper = ft.Container(
        head,
        padding=ft.Padding(left=14, top=12, right=14, bottom=4 if actions else 12),
        ink=on_click is not None,
        on_click=(lambda e: on_click()) if on_click else None,
    )
    rows: list[ft.Control] = [upper]
    if actions:
        buttons = ft.Row(list(actions), wrap=True, spacing=8, run_spacing=4)
        rows.append(ft.Container(buttons, padding=ft.Padding(left=12, top=0, right=12, bottom=8)))
    return ft.Card(
        ft.Column(rows, spacing=0, tight=True),
        margin=0,
        variant=ft.CardVariant.FILLED,
        bgcolor=bgcolor,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )


def list_entry(icon: ft.IconData, title: str, subtitle: str, on_click: Callable[..., object]) -> ft.Control:
    """A way to another screen."""
    return ft.ListTile(leading=ft.Icon(icon), title=ft.Text(title), subtitle=ft.Text(subtitle), on_click=on_click)


def icon_button(icon: ft.IconData, label: str, on_click: Callable[[], object]) -> ft.IconButton:
    """A button without words, with a name for who cannot see it."""
    return ft.IconButton(
        ft.Icon(icon, semantics_label=label), width=TARGET, height=TARGET, on_click=lambda e: on_click()
    )


def text_field(label: str, begins_at: int | None = None, **options: Any) -> ft.TextField:
    """The one way to a text field: the keyboard corrects, suggests and learns nothing about anybody (control 14). The
    caret begins behind the text, or `begins_at` this UTF-16 unit of it."""
    field = _TextField(
        label=label, autocorrect=False, enable_suggestions=False, enable_ime_personalized_learning=False, **options
    )
    # Behind the text it begins anyway: to say so would be a chance to move it under her while she types already.
    if begins_at is not None and begins_at < len(field.value.encode("utf-16-le")) // 2:
        field.begin_at(begins_at)
    return field


@ft.control
class _TextField(ft.TextField):
    """Flutter puts a caret only where the focus is already, and Flet 1.0.5 freezes a field that a component drew: for
    this one word it is thawed. Its text is not written to."""

    _first_caret, _opened_on = None, ""  # unannotated, else Flet would send them and freeze them too

    def begin_at(self, caret: int) -> None:
        self._first_caret, self._opened_on = caret, self.value
        self.on_focus = self._begin

    def _begin(self) -> None:
        """Once, and not under her hands: later she is where she goes."""
        caret, self._first_caret = self._first_caret, None
        if caret is None or self.value != self._opened_on:
            return
        frozen = vars(self).pop("_frozen")
        try:
            self.selection = ft.TextSelection(caret, caret)
            self.update()
        finally:
            self._frozen = frozen


def changing(name: str, rows: Sequence[ft.Control]) -> ft.Control:
    """Rows that come and go while the screen stays, under a name of their own on it: drawn whole where their number
    changes. (Flet 1.0.5 left one of
    two rows standing that were taken out of the middle of a list.)"""
    across = ft.CrossAxisAlignment.STRETCH
    return ft.Column(list(rows), spacing=12, tight=True, horizontal_alignment=across, key=f"{name}-{len(rows)}")


def problem_line(problem: str) -> list[ft.Control]:
    """What is wrong with what she put in, said aloud too; nothing where nothing is."""
    return [ft.Semantics(content=ft.Text(problem, color=ft.Colors.ERROR), live_region=True)] if problem else []


def saying(text: str, which: str) -> ft.Text:
    """The words of a button that stands several times on a screen: a screen reader says of which it is, too."""
    return ft.Text(text, semantics_label=f"{text}: {which}")


def wide(button: ft.LayoutControl) -> ft.Control:
    """A button across the column."""
    button.height = TARGET
    return ft.Row([ft.Container(button, expand=True)])

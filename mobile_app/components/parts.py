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


def text_field(label: str, **options: Any) -> ft.TextField:
    """The one way to a text field: the keyboard corrects, suggests and learns nothing about anybody (control 14)."""
    return ft.TextField(
        label=label, autocorrect=False, enable_suggestions=False, enable_ime_personalized_learning=False, **options
    )


def problem_line(problem: str) -> list[ft.Control]:
    """What is wrong with what she put in, said aloud too; nothing where nothing is."""
    return [ft.Semantics(content=ft.Text(problem, color=ft.Colors.ERROR), live_region=True)] if problem else []


def wide(button: ft.LayoutControl) -> ft.Control:
    """A button across the column."""
    button.height = TARGET
    return ft.Row([ft.Container(button, expand=True)])

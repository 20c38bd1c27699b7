"""Where somebody is in the half year, as a picture: the measure is always half a year, so a short window is short.

Said aloud by words alone (aftercare_words.said_aloud): the drawing is no part of what a screen reader meets. What it
shows, it shows by form: passed is filled, to come is hollow, today is a line, a contact a dot, the call a receiver.
"""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.layout import COLUMN_MAX, SIDE
from mobile_app.domain.half_year import HalfYear
from mobile_app.i18n import _

CARD_PADDING = 14
_HEIGHT, _BAR_TOP, _BAR = 44, 20, 14
_DOT, _CALL, _LINE = 8, 16, 3


def half_year_bar(one: HalfYear, width: float) -> ft.Control:
    today, end = one.place(one.today) * width, one.place(one.window.ends_on) * width
    parts: list[ft.Control] = [
        _box(0, _BAR_TOP, end, _BAR, border=ft.Border.all(1.5, ft.Colors.OUTLINE), border_radius=_BAR / 2),
        _box(0, _BAR_TOP, min(today, end), _BAR, bgcolor=ft.Colors.PRIMARY_CONTAINER, border_radius=_BAR / 2),
        *(_dot(one.place(formats.local(note.occurred_at).date()) * width, width) for note in one.contacts),
        *_agreed_call(one, width),
        _box(_within(today, _LINE, width), _BAR_TOP - 6, _LINE, _BAR + 12, bgcolor=ft.Colors.ON_SURFACE),
    ]
    days = ft.Row(
        [_small(formats.short_day(one.window.starts_on)), _small(formats.short_day(one.window.ends_on))],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        width=max(end, 120),
    )
    drawn = ft.Column([ft.Stack(parts, width=width, height=_HEIGHT), days], spacing=0, tight=True)
    return ft.Semantics(content=drawn, exclude_semantics=True)


def bar_width(app: App) -> float:
    """As wide as the inside of a card."""
    return min(app.state.width - 2 * SIDE, COLUMN_MAX) - 2 * CARD_PADDING


def legend() -> ft.Control:
    """What the signs mean."""
    signs = [
        (ft.Container(width=_LINE, height=16, bgcolor=ft.Colors.ON_SURFACE), _("today")),
        (_filled_dot(), _("contact")),
        (ft.Icon(ft.Icons.CALL, size=_CALL), _("agreed call")),
    ]
    pairs: list[ft.Control] = [ft.Row([sign, _small(text)], spacing=6, tight=True) for sign, text in signs]
    return ft.Semantics(content=ft.Row(pairs, spacing=16, wrap=True), exclude_semantics=True)


def _agreed_call(one: HalfYear, width: float) -> list[ft.Control]:
    on = one.window.agreed_call_on
    if on is None:
        return []
    icon = ft.Icon(ft.Icons.CALL, size=_CALL, color=ft.Colors.ON_SURFACE)
    return [ft.Container(icon, left=_within(one.place(on) * width, _CALL, width), top=0)]


def _dot(at: float, width: float) -> ft.Control:
    dot = _filled_dot()
    dot.left, dot.top = _within(at, _DOT, width), _BAR_TOP + (_BAR - _DOT) / 2
    return dot


def _filled_dot() -> ft.Container:
    return ft.Container(width=_DOT, height=_DOT, bgcolor=ft.Colors.ON_SURFACE, border_radius=_DOT / 2)


def _within(middle: float, size: float, width: float) -> float:
    """The left edge of what lies around this middle, inside the picture."""
    return min(max(middle - size / 2, 0), width - size)


def _box(left: float, top: float, width: float, height: float, **look) -> ft.Control:
    return ft.Container(left=left, top=top, width=width, height=height, **look)


def _small(text: str) -> ft.Text:
    return ft.Text(text, size=12, color=ft.Colors.ON_SURFACE_VARIANT)

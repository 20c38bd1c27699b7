"""Choosing: chips of 48 px for a few codes, and day and time by picker or by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

import flet as ft

from mobile_app import formats
from mobile_app.domain.calendar import COPENHAGEN, day_of
from mobile_app.i18n import _, language
from mobile_app.theme import LOCALES
from mobile_app.wording import icon, word
from storage.records import Channel

E = TypeVar("E", bound=StrEnum)


def chips(label: str, codes: Iterable[E], chosen: E | Sequence[E] | None, on_choose: Callable[[E], None]) -> ft.Control:
    """A few codes under a label; `on_choose` gets the tapped one."""
    selected = [chosen] if isinstance(chosen, StrEnum) else list(chosen or ())
    return labelled(
        label, [chip(word(code), code in selected, lambda code=code: on_choose(code), _leading(code)) for code in codes]
    )


def _leading(code: StrEnum) -> ft.IconData | None:
    return icon(code) if isinstance(code, Channel) else None


def labelled(label: str, controls: Sequence[ft.Control]) -> ft.Control:
    row = ft.Row(list(controls), wrap=True, spacing=8, run_spacing=4)
    return ft.Column([ft.Text(label, size=13, color=ft.Colors.ON_SURFACE_VARIANT), row], spacing=4, tight=True)


def chip(text: str, selected: bool, on_tap: Callable[[], None], leading: ft.IconData | None = None) -> ft.Chip:
    return ft.Chip(
        label=ft.Text(text),
        leading=ft.Icon(leading, size=18) if leading and not selected else None,
        selected=selected,
        show_checkmark=True,
        padding=ft.Padding.symmetric(horizontal=8, vertical=12),
        on_select=lambda e: on_tap(),
    )


def day_field(
    page: ft.Page,
    label: str,
    value: date | None,
    today: date,
    on_change: Callable[[date | None], None],
    *,
    may_be_empty: bool = False,
) -> ft.Control:
    """A day behind a button; the picker also takes typing."""
    text = formats.sentence(formats.day_in_full(value, today)) if value else _("Choose a day")
    row = [day_button(page, text, value, on_change, label)]
    if value and may_be_empty:
        row.append(ft.TextButton(_("Take the day away"), height=48, on_click=lambda e: on_change(None)))
    return labelled(label, row)


def day_button(
    page: ft.Page, text: str, value: date | None, on_chosen: Callable[[date], None], label: str = ""
) -> ft.Control:
    """A button that says the day, and opens the picker. `label` is for a screen reader, where there are several."""
    return ft.OutlinedButton(
        _said(label, text), icon=ft.Icons.CALENDAR_TODAY, height=48, on_click=lambda e: pick_day(page, value, on_chosen)
    )


def _said(label: str, text: str) -> ft.Text | str:
    return ft.Text(text, semantics_label=f"{label}: {text}") if label else text


def pick_day(page: ft.Page, value: date | None, on_chosen: Callable[[date], None]) -> None:
    def chosen(event: ft.Event[ft.DatePicker]) -> None:
        picked = event.control.value
        if picked is None:
            return
        assert isinstance(picked, datetime), "Flet's picker answers with a moment in UTC, up to half a day early"
        on_chosen((picked + timedelta(hours=12)).date())

    shown = datetime.combine(value, time()) if value else None
    page.show_dialog(ft.DatePicker(value=shown, locale=LOCALES[language()], on_change=chosen))


def time_button(page: ft.Page, value: time | None, on_chosen: Callable[[time], None], label: str = "") -> ft.Control:
    """As day_button, for a time of the day."""

    def chosen(event: ft.Event[ft.TimePicker]) -> None:
        if event.control.value is not None:
            on_chosen(event.control.value)

    def pick() -> None:
        page.show_dialog(
            ft.TimePicker(
                value=value,
                locale=LOCALES[language()],
                hour_format=ft.TimePickerHourFormat.H24,
                on_change=chosen,
            )
        )

    return ft.OutlinedButton(
        _said(label, formats.clock(value) if value else _("Choose a time")),
        icon=ft.Icons.SCHEDULE,
        height=48,
        on_click=lambda e: pick(),
    )


def moment_field(
    page: ft.Page, label: str, value: datetime | None, today_from: datetime, on_change: Callable[[datetime], None]
) -> ft.Control:
    """Day and time in Europe/Copenhagen, each behind a button; the pickers also take typing."""
    local = formats.local(value) if value else None

    def day_chosen(on: date) -> None:
        clock = local.time() if local else today_from.astimezone(COPENHAGEN).time()
        on_change(datetime.combine(on, clock.replace(second=0, microsecond=0), COPENHAGEN))

    def time_chosen(clock: time) -> None:
        on = local.date() if local else day_of(today_from)
        on_change(datetime.combine(on, clock, COPENHAGEN))

    day_text = formats.sentence(formats.day(local.date(), day_of(today_from))) if local else _("Choose a day")
    return labelled(
        label,
        [
            day_button(page, day_text, local.date() if local else None, day_chosen, label),
            time_button(page, local.time() if local else None, time_chosen, label),
        ],
    )


def citizen_dropdown(
    people: Iterable[tuple[str, str]], chosen: str, on_choose: Callable[[str], None], label: str = ""
) -> ft.Dropdown:
    """Choose whom it is about: (id, name) pairs; typing narrows the list."""
    return ft.Dropdown(
        label=label or _("Whom is it about?"),
        value=chosen or None,
        options=[ft.DropdownOption(key=identity, text=name) for identity, name in people],
        enable_filter=True,
        editable=True,
        expand=True,
        menu_height=320,
        on_select=lambda e: on_choose(e.control.value or ""),
    )

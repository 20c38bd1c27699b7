"""The lock screen: PIN or passphrase, and a sentence when it does not fit."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import demo_line, notice
from mobile_app.components.parts import wide
from mobile_app.i18n import _
from mobile_app.state import AppState
from mobile_app.views.elsewhere import plain_view


@ft.component
def Lock(state: AppState) -> ft.View:
    app = state.app
    problem, set_problem = ft.use_state("")
    busy, set_busy = ft.use_state(False)
    entered = ft.use_ref("")

    async def unlock() -> None:
        if busy:
            return
        set_busy(True)
        problem = await app.unlock(entered.current or "")
        if problem:
            set_busy(False)
            set_problem(problem)

    def typed(e: ft.Event[ft.TextField]) -> None:
        entered.current = e.control.value

    pin = ft.use_memo(
        lambda: ft.TextField(
            label=_("PIN"), password=True, can_reveal_password=True, autofocus=True, on_change=typed, on_submit=unlock
        ),
        [],
    )
    controls: list[ft.Control] = []
    if state.rang_locked:
        controls.append(notice(_("You have a reminder. Unlock to see it."), ft.Icons.NOTIFICATIONS_ACTIVE))
    controls.append(pin)
    if problem:
        controls.append(ft.Semantics(content=ft.Text(problem, color=ft.Colors.ERROR), live_region=True))
    label = _("Unlocking ...") if busy else _("Unlock")
    controls.append(wide(ft.FilledButton(label, icon=ft.Icons.LOCK_OPEN, disabled=busy, on_click=unlock)))
    if app.setup.demo_pin:
        controls.append(demo_line(app.setup.demo_pin))
    return plain_view("/lock", controls)

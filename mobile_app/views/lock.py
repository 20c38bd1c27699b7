"""The lock screen: PIN or passphrase, a finger or face where that is set up, and the way on where none of it fits."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import demo_line, notice
from mobile_app.components.new_secret import secret_field, words
from mobile_app.components.parts import problem_line, wide
from mobile_app.i18n import _
from mobile_app.state import AppState
from mobile_app.views.elsewhere import plain_view
from storage import slots


@ft.component
def Lock(state: AppState) -> ft.View:
    app = state.app
    problem, set_problem = ft.use_state("")
    busy, set_busy = ft.use_state(False)
    entered = ft.use_ref("")
    ways = state.ways.slots
    called = ft.use_memo(lambda: words(state.ways.demands_passphrase or state.just_restored), [])

    async def unlock(pin: str | None) -> None:
        if busy:
            return
        set_busy(True)
        problem = await app.unlock(pin)
        if problem:
            set_busy(False)
            set_problem(problem)

    async def by_pin() -> None:
        await unlock(entered.current or "")

    async def by_biometrics() -> None:
        await unlock(None)

    def typed(e: ft.Event[ft.TextField]) -> None:
        entered.current = e.control.value

    pin = ft.use_memo(lambda: secret_field(called.name, typed, autofocus=True, on_submit=by_pin), [])
    controls: list[ft.Control] = []
    if state.rang_locked:
        controls.append(notice(_("You have a reminder. Unlock to see it."), ft.Icons.NOTIFICATIONS_ACTIVE))
    if state.handed_in:
        text = _("This phone was handed in. Unlock it once more: what you wrote is sent, then it empties itself.")
        controls.append(notice(text, ft.Icons.ASSIGNMENT_RETURN_OUTLINED))
    if state.just_restored:
        text = _("Your notes are put back. Open them with the passphrase of the backup.")
        controls.append(notice(text, ft.Icons.SETTINGS_BACKUP_RESTORE))
    if slots.PIN in ways:
        label = _("Unlocking ...") if busy else _("Unlock")
        controls += [pin, *problem_line(problem)]
        controls.append(wide(ft.FilledButton(label, icon=ft.Icons.LOCK_OPEN, disabled=busy, on_click=by_pin)))
    else:
        controls.append(notice(_("After ten wrong tries that PIN opens nothing any more. Your notes are kept."), _STOP))
    if slots.BIOMETRIC in ways and app.keystore is not None:
        label = _("Finger or face")
        button = ft.OutlinedButton(label, icon=ft.Icons.FINGERPRINT, disabled=busy, on_click=by_biometrics)
        controls.append(wide(button))
    forgotten = called.forgotten if slots.PIN in ways else _("Get a new one")
    controls.append(wide(ft.TextButton(forgotten, disabled=busy, on_click=lambda e: app.recovering.show())))
    if app.setup.demo_pin:
        controls.append(demo_line(app.setup.demo_pin))
    return plain_view("/lock", controls)


_STOP = ft.Icons.REPORT_OUTLINED

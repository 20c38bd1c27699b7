"""The first start: a language and a passphrase. The hub is connected afterwards, under More."""

from __future__ import annotations

import flet as ft

from mobile_app import i18n, messages
from mobile_app.components.parts import quiet, wide
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from mobile_app.state import AppState
from mobile_app.views.elsewhere import plain_view

#: Without a keystore a short PIN falls in hours to anyone with the file (docs/security.md).
PASSPHRASE_MIN_CHARS = 12


@ft.component
def FirstRun(state: AppState) -> ft.View:
    app = state.app
    problem, set_problem = ft.use_state("")
    first = ft.use_memo(lambda: _secret(_("Passphrase")), [i18n.language()])
    again = ft.use_memo(lambda: _secret(_("The passphrase again")), [i18n.language()])

    async def create() -> None:
        try:
            passphrase = checked_passphrase(first.value or "", again.value or "")
        except InvalidInput as error:
            set_problem(messages.sentence(error))
            return
        await app.create(passphrase)

    languages = ft.Row(
        [
            ft.TextButton(name, height=48, on_click=lambda e, code=code: app.use_language(code))
            for code, name in i18n.LANGUAGES.items()
        ],
        alignment=ft.MainAxisAlignment.CENTER,
    )
    controls: list[ft.Control] = [
        languages,
        ft.Text(_("Welcome. Choose a passphrase that only you know: three or four words. It opens your notes.")),
        quiet(_("Nobody can open the notes without it, and nobody can tell it to you again.")),
        first,
        again,
    ]
    if problem:
        controls.append(ft.Semantics(content=ft.Text(problem, color=ft.Colors.ERROR), live_region=True))
    controls.append(wide(ft.FilledButton(_("Begin"), on_click=create)))
    return plain_view("/welcome", controls)


def _secret(label: str) -> ft.TextField:
    return ft.TextField(label=label, password=True, can_reveal_password=True)


def checked_passphrase(first: str, again: str) -> str:
    """Raises InvalidInput."""
    if first != again:
        raise InvalidInput("pins_differ")
    if len(first) < PASSPHRASE_MIN_CHARS:
        raise InvalidInput("passphrase_short")
    return first

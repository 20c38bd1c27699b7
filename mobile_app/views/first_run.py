"""The first start: a language, and a passphrase (a PIN where the phone has a safe) or a backup to go on from. The hub
is connected afterwards, under More."""

from __future__ import annotations

import flet as ft

from mobile_app import backups, i18n
from mobile_app.components.layout import notice
from mobile_app.components.new_secret import NewSecret, NewSecretFields
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.i18n import _
from mobile_app.state import AppState
from mobile_app.views.elsewhere import plain_view
from sync.command import Verb


@ft.component
def FirstRun(state: AppState) -> ft.View:
    app = state.app
    problem, set_problem = ft.use_state("")
    passphrase = app.keystore is None
    new = ft.use_memo(lambda: NewSecret(passphrase), [])

    async def create() -> None:
        secret = await new.chosen(set_problem)
        if secret is None:
            return
        await app.create(secret)

    async def restore() -> None:
        await backups.restore(app)

    languages = ft.Row(
        [
            ft.TextButton(name, height=48, on_click=lambda e, code=code: app.use_language(code))
            for code, name in i18n.LANGUAGES.items()
        ],
        alignment=ft.MainAxisAlignment.CENTER,
    )
    labels = (_("Passphrase"), _("The passphrase again")) if passphrase else (_("PIN"), _("The PIN again"))
    controls: list[ft.Control] = [
        languages,
        *_emptied(state),
        *_welcome(passphrase),
        NewSecretFields(new, *labels, key=i18n.language()),
        *problem_line(problem),
        wide(ft.FilledButton(_("Begin"), on_click=create)),
        wide(ft.TextButton(_("Restore from a backup"), icon=ft.Icons.SETTINGS_BACKUP_RESTORE, on_click=restore)),
    ]
    return plain_view("/welcome", controls)


def _emptied(state: AppState) -> list[ft.Control]:
    """What happened to the notes that were here, and whom to ask."""
    sentences = {
        Verb.HANDED_IN: _("This phone was handed in, and its notes were removed. To use it again, ask IT support."),
        Verb.STOLEN: _("This phone was reported stolen, and its notes were removed. Ask IT support about it."),
    }
    return [notice(sentences[state.emptied], ft.Icons.PHONELINK_ERASE)] if state.emptied else []


def _welcome(passphrase: bool) -> list[ft.Control]:
    if passphrase:
        return [
            ft.Text(_("Welcome. Choose a passphrase that only you know: three or four words. It opens your notes.")),
            quiet(_("Nobody can open the notes without it, and nobody can tell it to you again.")),
        ]
    return [
        ft.Text(_("Welcome. Choose a PIN of at least six digits that only you know. It opens your notes.")),
        quiet(_("It works on this phone alone. Nobody can tell it to you again.")),
    ]

"""A backup: everything in one sealed file, under a passphrase of its own."""

from __future__ import annotations

import flet as ft

from mobile_app import backups
from mobile_app.components.layout import screen
from mobile_app.components.new_secret import NewSecret, NewSecretFields
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app


@ft.component
def Backup() -> ft.View:
    app = use_app()
    problem, set_problem = ft.use_state("")
    busy, set_busy = ft.use_state(False)
    round_, set_round = ft.use_state(0)
    new = ft.use_memo(lambda: NewSecret(passphrase=True, known=[app.desk.consultant_name]), [round_])

    async def save() -> None:
        passphrase = await new.chosen(set_problem)
        if passphrase is None:
            return
        set_busy(True)
        if await backups.back_up(app, passphrase):
            set_round(round_ + 1)
        set_busy(False)

    label = _("Saving ...") if busy else _("Save the backup")
    body: list[ft.Control] = [
        ft.Text(_("Everything on this phone in one file that nobody can read, also what was not sent yet.")),
        quiet(_("A new phone opens it by the passphrase you choose here, or with the help of your IT support.")),
        NewSecretFields(new, _("Passphrase of the backup"), _("Passphrase of the backup again")),
        *problem_line(problem),
        wide(ft.FilledButton(label, icon=ft.Icons.SAVE_ALT, disabled=busy, on_click=save)),
        quiet(_("A citizen whose notes are erased here is still in backups made before. Delete old ones.")),
    ]
    return screen(app, "/more/safety/backup", _("Backup"), body)

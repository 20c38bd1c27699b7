"""What cannot be read: each record with what is known about it, and what to do. Nothing here is ever deleted."""

from __future__ import annotations

import flet as ft

from mobile_app.app import App
from mobile_app.components.health import health_lines
from mobile_app.components.layout import DAMAGE, notice, screen
from mobile_app.components.parts import card, heading, quiet, wide
from mobile_app.i18n import _, n_
from mobile_app.state import use_app
from storage.health import Quarantined
from storage.row import RowStatus

_SHOWN_MAX = 50
#: Whether the words are anywhere else.
_WHERE = {
    RowStatus.CLEAN: lambda: _("The hub has it: your municipality can read it there."),
    RowStatus.SENT: lambda: _("It was on its way to the hub. Ask whether it came."),
    RowStatus.WAITING: lambda: _("It was not sent yet. Keep the app: IT support may find it in a backup."),
    RowStatus.REFUSED: lambda: _("The hub had not taken it. Keep the app: IT support may find it in a backup."),
}


@ft.component
def Damage() -> ft.View:
    app = use_app()
    health = app.vault.health

    async def read() -> None:
        if await app.attempt(app.vault.acknowledge) is not None:
            app.state.revision += 1

    body: list[ft.Control] = [notice(line, ft.Icons.REPORT_OUTLINED) for line in health_lines(health)]
    if not body:
        body.append(ft.Text(_("Everything on the phone can be read, and nothing was changed from outside.")))
    if health.older_copy or health.changed_outside or health.restored:
        body.append(wide(ft.OutlinedButton(_("I have read it"), on_click=read)))
    if health.quarantined:
        body.append(heading(_("Cannot be opened")))
        body += [_record(app, one) for one in health.quarantined[:_SHOWN_MAX]]
    left = len(health.quarantined) - _SHOWN_MAX
    if left > 0:
        body.append(quiet(n_("and {n} more", "and {n} more", left)))
    title = _("Cannot be read") if health.quarantined or health.read_only else _("Your notes")
    return screen(app, DAMAGE, title, body, section="/more")


def _record(app: App, one: Quarantined) -> ft.Control:
    citizen = app.overview.citizen(one.citizen_id) if one.citizen_id else None
    size = _("about {n} kB", n=max(1, round(one.size_bytes / 1024)))
    times = n_("written once", "written {n} times", one.times_written)
    return card(
        ft.Text(citizen.name if citizen else _("Not known whom it is about"), weight=ft.FontWeight.W_600),
        quiet(f"{size} · {times}"),
        ft.Text(_WHERE[one.status]()),
    )

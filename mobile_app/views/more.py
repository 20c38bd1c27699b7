"""Mere: synchronisation, settings, calendar, safety, and lock now."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import screen
from mobile_app.components.parts import list_entry, quiet
from mobile_app.components.sync_line import sync_title
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.views.half_years import ROUTE as HALF_YEARS


@ft.component
def More() -> ft.View:
    app = use_app()

    async def lock() -> None:
        await app.lock()

    body: list[ft.Control] = [
        list_entry(ft.Icons.SYNC, _("Synchronisation"), sync_title(app), lambda e: app.go("/more/sync")),
        list_entry(
            ft.Icons.VIEW_TIMELINE_OUTLINED,
            _("Aftercare"),
            _("Who is where in the half year"),
            lambda e: app.go(HALF_YEARS),
        ),
        list_entry(ft.Icons.SETTINGS_OUTLINED, _("Settings"), _("Language, PIN"), lambda e: app.go("/more/settings")),
        list_entry(
            ft.Icons.CALENDAR_MONTH_OUTLINED,
            _("Calendar"),
            _("Put your appointments in your calendar"),
            lambda e: app.go("/more/calendar"),
        ),
        list_entry(
            ft.Icons.SHIELD_OUTLINED,
            _("Safety"),
            _("Backup, keys, ways in"),
            lambda e: app.go("/more/safety"),
        ),
        list_entry(ft.Icons.LOCK_OUTLINE, _("Lock now"), _("Drafts are saved first"), lock),
    ]
    if app.desk.consultant_name:
        body.append(quiet(_("Signed in as {name}", name=app.desk.consultant_name)))
    return screen(app, "/more", _("More"), body, section="/more")

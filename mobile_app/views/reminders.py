"""Påmindelser: what is due, then what is coming."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import screen
from mobile_app.components.parts import heading, quiet
from mobile_app.components.reminder_card import ReminderCard
from mobile_app.components.ringing import off_notice
from mobile_app.i18n import _
from mobile_app.state import use_app


@ft.component
def Reminders() -> ft.View:
    app = use_app()
    ringing = {one.key for one in app.state.ringing}
    due = [one for one in app.overview.reminders_due_today() if one.key not in ringing]
    coming = app.overview.reminders_coming()
    body: list[ft.Control] = [*off_notice(app), heading(_("Today and earlier"))]
    body += [ReminderCard(one, key=one.key) for one in due] or [quiet(_("Nothing waits for you right now."))]
    if coming:
        body += [heading(_("Coming")), *(ReminderCard(one, key=one.key) for one in coming)]
    button = ft.FloatingActionButton(
        content=_("New reminder"), icon=ft.Icons.ADD_ALERT, on_click=lambda e: app.go("/reminders/new")
    )
    return screen(app, "/reminders", _("Reminders"), body, section="/reminders", button=button)

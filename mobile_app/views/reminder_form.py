"""A reminder set by hand: what, about whom, when."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from mobile_app.components.choices import citizen_dropdown, labelled, moment_field
from mobile_app.components.kept import use_field, use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import wide
from mobile_app.i18n import _
from mobile_app.state import use_app

_QUICK = {
    "this_afternoon": lambda: _("This afternoon"),
    "tomorrow": lambda: _("Tomorrow"),
    "next_week": lambda: _("Next week"),
}


@ft.component
def ReminderForm() -> ft.View:
    app = use_app()
    given = ft.use_route_params().get("citizen_id", "")
    route = f"/citizens/{given}/reminder" if given else "/reminders/new"
    citizen_id = use_kept(app, f"{route}#citizen", given)
    no_moment: datetime | None = None
    due_at = use_kept(app, f"{route}#due_at", no_moment)
    text = use_field(app, f"{route}#text", _("Remind me of"), autofocus=True, max_length=500, counter="")
    back = f"/citizens/{given}" if given else "/reminders"

    async def save() -> None:
        moment: datetime = due_at.now or app.desk.now()
        if await app.attempt(app.desk.add_reminder, citizen_id.now, moment, text.value or "") is not None:
            app.go(back)
            app.say(_("The reminder is set."))

    quick = [
        ft.OutlinedButton(_QUICK[code](), height=48, on_click=lambda e, moment=moment: due_at.put(moment))
        for code, moment in app.desk.snooze_choices()
    ]
    body: list[ft.Control] = [
        text,
        moment_field(app.page, _("When"), due_at.now, app.desk.now(), due_at.put),
        labelled(_("Or"), quick),
    ]
    if not given:
        people = [(citizen.id, citizen.name) for citizen in app.overview.citizens()]
        body.append(citizen_dropdown(people, citizen_id.now, citizen_id.put, _("About whom? (may be left out)")))
    foot = wide(ft.FilledButton(_("Save reminder"), on_click=save))
    return screen(app, route, _("New reminder"), body, foot=foot)

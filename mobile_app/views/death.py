"""A citizen has died: one confirmed act, after which nothing rings or suggests any more."""

from __future__ import annotations

import flet as ft

from mobile_app.components.choices import day_field
from mobile_app.components.kept import use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app


@ft.component
def Death() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/death"
    citizen = app.overview.citizen(citizen_id)
    on = use_kept(app, f"{route}#day", app.overview.today())
    if citizen is None:
        return screen(app, route, _("Death"), [quiet(_("This citizen is not on this phone."))])
    name = citizen.given_name

    async def confirm() -> None:
        if await app.attempt(app.desk.has_died, citizen_id, on.now) is not None:
            app.go(f"/citizens/{citizen_id}")

    body: list[ft.Control] = [
        ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        ft.Text(_("Has {name} died?", name=name), size=18),
        day_field(app.page, _("Day"), on.now, app.overview.today(), lambda day: on.put(day or on.now)),
        quiet(_("All reminders, suggestions and alarms about {name} stop, also on your other devices.", name=name)),
        quiet(_("The notes stay and can be found. It can be taken back.")),
        wide(ft.FilledButton(_("Yes, {name} has died", name=name), on_click=confirm)),
        wide(ft.OutlinedButton(_("Go back"), on_click=lambda e: app.go(f"/citizens/{citizen_id}"))),
    ]
    return screen(app, route, _("Death"), body)

"""A citizen moves to another municipality: the day of it, and what that leads to."""

from __future__ import annotations

from datetime import date

import flet as ft

from mobile_app.components.choices import day_field
from mobile_app.components.kept import use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app


@ft.component
def Moving() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route, title = f"/citizens/{citizen_id}/moving", _("Moves to another municipality")
    case = app.overview.case(citizen_id)
    known = case.moves_away_on if case else None
    nothing: date | None = known
    on = use_kept(app, f"{route}#day", nothing)
    if case is None:
        return screen(app, route, title, [quiet(_("This citizen is not on this phone."))])
    name = case.citizen.given_name

    def left(said: str) -> None:
        app.go(f"/citizens/{citizen_id}")
        app.say(said)

    async def save() -> None:
        day = on.now
        if day is None:
            app.say(_("Choose the day of the move."))
        elif await app.attempt(app.desk.moves_away, citizen_id, day) is not None:
            left(_("You are reminded of the closing talk, and of ending the course."))

    async def stays() -> None:
        if await app.attempt(app.desk.stays, citizen_id) is not None:
            left(_("{name} stays. Everything is as it was.", name=name))

    body: list[ft.Control] = [
        ft.Text(case.citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        day_field(app.page, _("Day of the move"), on.now, app.overview.today(), on.put),
        quiet(_("A week before you are reminded of the closing talk, and on the day of ending the course.")),
        quiet(
            _(
                "Medgang sends nothing to the other municipality. Hand over by phone or in the case system, with the"
                " consent of {name}. Once the course has ended, the case leaves the phone when all of it is safe at the"
                " hub.",
                name=name,
            )
        ),
    ]
    if known:
        body.append(ft.Row([ft.TextButton(_("{name} stays after all", name=name), height=48, on_click=stays)]))
    return screen(app, route, title, body, foot=wide(ft.FilledButton(_("Save the day"), on_click=save)))

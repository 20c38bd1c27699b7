"""The course ends: aftercare - yes, no thanks, or ask later (rule 1)."""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.components.layout import screen
from mobile_app.components.parts import quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app
from storage.records import AftercareAnswer, half_year_after


@ft.component
def EndCourse() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/end"
    citizen = app.overview.citizen(citizen_id)
    if citizen is None:
        return screen(app, route, _("End the course"), [quiet(_("This citizen is not on this phone."))])
    starts = citizen.ended_on or app.overview.today()
    until = formats.date_only(half_year_after(starts))

    def end(answer: AftercareAnswer, said: str):
        async def run() -> None:
            done = await app.attempt(app.desk.end_course, citizen, answer)
            if done is not None:
                app.go(f"/citizens/{citizen_id}")
                app.say(said, _("Undo"), lambda: _undo(citizen))

        return run

    async def _undo(before) -> None:
        await app.attempt(app.desk.undo_end, before)

    name = citizen.given_name
    body: list[ft.Control] = [
        ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        ft.Text(_("May {name} ring you for half a year, until {day}?", name=name, day=until), size=18),
        quiet(_("It is {name} who rings. Talk about who takes over in the end.", name=name)),
        wide(
            ft.FilledButton(
                _("Yes, until {day}", day=until),
                on_click=end(AftercareAnswer.ACCEPTED, _("{name} can ring you until {day}.", name=name, day=until)),
            )
        ),
        wide(
            ft.OutlinedButton(
                _("No thanks"), on_click=end(AftercareAnswer.DECLINED, _("The course has ended, without aftercare."))
            )
        ),
        wide(
            ft.OutlinedButton(
                _("Ask later"),
                on_click=end(AftercareAnswer.ASK_LATER, _("The course has ended. You will be reminded to ask.")),
            )
        ),
    ]
    return screen(app, route, _("End the course"), body)

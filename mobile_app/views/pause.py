"""A pause: admission, holiday or other; from, until - begun, planned, changed, ended."""

from __future__ import annotations

import flet as ft
from msgspec.structs import replace

from mobile_app.app import App
from mobile_app.components.choices import chips, day_field
from mobile_app.components.kept import use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app
from storage.records import Pause, PauseReason

NEW = "new"


@ft.component
def PauseForm() -> ft.View:
    app = use_app()
    params = ft.use_route_params()
    citizen_id, pause_id = params["citizen_id"], params["pause_id"]
    route = f"/citizens/{citizen_id}/pause/{pause_id}"
    found = ft.use_memo(lambda: _found(app, citizen_id, pause_id), [citizen_id, pause_id])
    form = use_kept(app, f"{route}#pause", found)
    pause = form.now
    citizen, today = app.overview.citizen(citizen_id), app.overview.today()
    if citizen is None or pause is None:
        return screen(app, route, _("Pause"), [quiet(_("This pause is not on this phone."))])

    def change(**fields: object) -> None:
        form.put(replace(form.now or pause, **fields))

    def left(said: str) -> None:
        app.go(f"/citizens/{citizen_id}")
        app.say(said)

    async def save() -> None:
        if await app.attempt(app.desk.save_pause, form.now) is not None:
            left(_("The pause is saved."))

    async def remove() -> None:
        if await app.attempt(app.desk.remove_pause, pause) is not None:
            left(_("The pause is gone, as if it had never been."))

    def day(label: str, name: str, *, may_be_empty: bool = True) -> ft.Control:
        value = getattr(pause, name)
        return day_field(app.page, label, value, today, lambda on: change(**{name: on}), may_be_empty=may_be_empty)

    body: list[ft.Control] = [
        ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        chips(_("Why"), PauseReason, pause.reason, lambda code: change(reason=code)),
        quiet(_STOPS[pause.reason](citizen.given_name)),
        day(_("From"), "from_on", may_be_empty=False),
        day(_("Expected until (may be left out)"), "expected_to"),
    ]
    if pause_id != NEW:
        body.append(day(_("First day back, once it is over"), "ended_on"))
        body.append(ft.Row([ft.TextButton(_("Delete the pause"), height=48, on_click=remove)]))
    foot = wide(ft.FilledButton(_("Save pause"), on_click=save))
    return screen(app, route, _("Pause"), body, foot=foot)


def _found(app: App, citizen_id: str, pause_id: str) -> Pause | None:
    found = app.desk.new_pause(citizen_id) if pause_id == NEW else app.vault.reading.get(pause_id)
    return found if isinstance(found, Pause) else None


def _contact_rests(name: str) -> str:
    return _(
        "{name} is not suggested meanwhile, and you are not reminded to try again. Other reminders ring as usual."
        " After it contact is due in two working days.",
        name=name,
    )


_STOPS = {
    PauseReason.ADMISSION: lambda name: _(
        "Suggestions and reminders about {name} are silent until the discharge, also those you have set. None is lost:"
        " they come back then. The age limit and what you set from now on still ring. You are asked every week whether"
        " {name} is discharged.",
        name=name,
    ),
    PauseReason.HOLIDAY: _contact_rests,
    PauseReason.OTHER: _contact_rests,
}

""" "Overdrag sag": to whom, with a word or two, and once more what happens before it does."""

from __future__ import annotations

from typing import Any

import flet as ft

from mobile_app import handing_over
from mobile_app.app import App
from mobile_app.components.colleague_choice import colleague_choice, use_find_field
from mobile_app.components.handover_card import on_its_way
from mobile_app.components.kept import use_field, use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app
from storage.records import Citizen, Colleague

_MESSAGE: dict[str, Any] = {
    "multiline": True,
    "min_lines": 2,
    "max_lines": 4,
    "max_length": handing_over.MESSAGE_MAX_CHARS,
    "counter": "",
    "capitalization": ft.TextCapitalization.SENTENCES,
}


@ft.component
def HandOver() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route, title = f"/citizens/{citizen_id}/handover", _("Hand over the case")
    chosen = use_kept(app, f"{route}#chosen", "")
    problem, set_problem = ft.use_state("")
    find = use_find_field(app, route)
    message = use_field(app, f"{route}#message", _("A word along with it (may be left out)"), **_MESSAGE)
    citizen, colleagues = app.overview.citizen(citizen_id), app.overview.handovers.colleagues()
    if citizen is None:
        return screen(app, route, title, [quiet(_("This citizen is not on this phone."))])
    name = ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
    if waiting := on_its_way(app, citizen):
        return screen(app, route, title, [name, *waiting])
    if not colleagues:
        return screen(app, route, title, [name, quiet(_("No colleagues are known yet. They come with the next sync."))])

    def choose(colleague_id: str) -> None:
        chosen.put(colleague_id)
        set_problem("")

    def ask() -> None:
        to = next((one for one in colleagues if one.id == chosen.now), None)
        if to is None:
            set_problem(_("Choose who takes over."))
        else:
            app.page.show_dialog(_confirmation(app, citizen, to, message.value or ""))

    body: list[ft.Control] = [
        name,
        *colleague_choice(_("Who takes over?"), colleagues, find, chosen.now, choose),
        *problem_line(problem),
        message,
        quiet(_("Everything about {name} goes along: notes, appointments, aftercare.", name=citizen.given_name)),
    ]
    foot = wide(
        ft.FilledButton(_("Hand over the case"), icon=ft.Icons.MOVE_TO_INBOX_OUTLINED, on_click=lambda e: ask())
    )
    return screen(app, route, title, body, foot=foot)


def _confirmation(app: App, citizen: Citizen, to: Colleague, message: str) -> ft.AlertDialog:
    names = {"name": citizen.given_name, "who": to.name}

    async def hand_over() -> None:
        done = await app.attempt(handing_over.hand_over, app.desk, citizen, to.id, message)
        app.page.pop_dialog()
        if done is not None:
            app.go(f"/citizens/{citizen.id}")  # there it says so, with the way back

    happens = [
        _("{who} gets everything about {name}, and {name} leaves your phone.", **names),
        _("You can undo it until it is sent, for a minute at the least."),
        _("Notes you have begun wait seven days for you. Then {who} gets them as unfinished.", **names),
    ]
    return ft.AlertDialog(
        title=ft.Text(_("Hand {name} over to {who}?", **names)),
        content=ft.Column([ft.Text(line) for line in happens], tight=True, spacing=12, width=320),
        scrollable=True,
        actions=[
            ft.TextButton(_("Keep the case"), height=48, on_click=lambda e: app.page.pop_dialog()),
            ft.FilledButton(_("Hand over"), height=48, on_click=hand_over),
        ],
    )

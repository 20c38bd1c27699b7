"""A case that came from a colleague, one that is on its way to one, and notes that go along with cases."""

from __future__ import annotations

import flet as ft

from mobile_app import formats, handing_over, messages
from mobile_app.app import App
from mobile_app.components.layout import notice
from mobile_app.components.parts import card, entry, quiet
from mobile_app.i18n import _
from mobile_app.wording import word
from storage.reading import SyncState
from storage.records import HUB, Citizen, Draft, Handover


def came_to_her(app: App, citizen_id: str | None = None) -> list[ft.Control]:
    """Cases that were handed to her, as long as she has not accepted them: of everybody, or of this citizen."""
    return [_came(app, one, here=citizen_id is not None) for one in app.overview.handovers.to_accept(citizen_id)]


def _came(app: App, handover: Handover, *, here: bool) -> ft.Control:
    citizen = app.overview.citizen(handover.citizen_id)
    name = citizen.given_name if citizen else _("the citizen")

    async def accept() -> None:
        if await app.attempt(handing_over.accept, app.desk, handover) is not None:
            app.say(_("You have accepted the case."))

    def open_citizen() -> None:
        app.go(f"/citizens/{handover.citizen_id}")

    buttons: list[ft.Control] = [
        ft.FilledTonalButton(_("Accept the case"), icon=ft.Icons.CHECK, height=48, on_click=accept)
    ]
    if not here:
        buttons.append(ft.TextButton(_("Open"), height=48, on_click=lambda e: open_citizen()))
    when = formats.sentence(formats.moment(handover.created_at, app.overview.today()))
    lines = [handover.message, when]
    on_click = None if here else open_citizen
    return entry(ft.Icons.MOVE_TO_INBOX_OUTLINED, _from_whom(app, handover, name), lines, buttons, on_click=on_click)


def _from_whom(app: App, handover: Handover, name: str) -> str:
    who = app.overview.colleague(handover.author)
    if handover.author == HUB or not who:
        return _("{name} was handed over to you", name=name)
    return _("{who} has handed {name} over to you", who=who, name=name)


def on_its_way(app: App, citizen: Citizen) -> list[ft.Control]:
    """What she asked for, with the way back as long as there is one."""
    found = app.overview.handovers.on_its_way(citizen.id)
    if found is None:
        return []
    handover, state = found
    names = {"name": citizen.given_name, "who": app.overview.colleague(handover.to)}

    async def take_back() -> None:
        if await app.attempt(handing_over.take_back, app.desk, handover) is not None:
            app.say(_("{name} stays with you.", **names))

    undo = ft.Row([ft.TextButton(_("Undo"), height=48, on_click=take_back)])
    if state == SyncState.REFUSED:
        said = _("{name} was not handed over to {who}.", **names)
        why = ft.Text(messages.refusal(app.overview.refusal_of(handover.id)))
        remove = ft.TextButton(_("Remove"), height=48, on_click=take_back)
        return [card(ft.Text(said), why, ft.Row([remove]))]
    said = _("{name} is handed over to {who} with the next sync.", **names)
    told = ft.Semantics(content=ft.Text(said), live_region=True)
    return [card(told, quiet(word(state)), *([] if state == SyncState.SENT else [undo]))]


# ---------------------------------------------------------------- notes
def begun_by(app: App, draft: Draft) -> str:
    """Of a note that a colleague left to be finished; else nothing."""
    if not draft.begun_by or draft.begun_by == app.desk.author:
        return ""
    return app.overview.colleague(draft.begun_by) or _("a colleague")


def draft_title(app: App, draft: Draft) -> str:
    """Whom it is about; the case may be another's by now."""
    citizen = app.overview.citizen(draft.citizen_id)
    if citizen is not None:
        return citizen.name
    return _("A case that is no longer here") if draft.citizen_id else _("Nobody chosen yet")


def begun_notice(app: App, draft: Draft) -> list[ft.Control]:
    """In the editor: that somebody else began it."""
    if not (who := begun_by(app, draft)):
        return []
    said = _("{who} began this note. Finish it in your own name, or put it away.", who=who)
    return [notice(said, ft.Icons.EDIT_NOTE)]


def elsewhere_notice() -> ft.Control:
    """In the editor: of a case that has left this phone."""
    said = _("You can finish a note on a case you handed over for seven days. Then it goes to your colleague.")
    return notice(said, ft.Icons.MOVE_TO_INBOX_OUTLINED)

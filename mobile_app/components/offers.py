"""A phrase in a note, offered as a reminder with its full moment: one tap to accept, never made silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flet as ft

from mobile_app import formats
from mobile_app.components.parts import quiet
from mobile_app.domain.phrases import Offer
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import offer_text
from storage.records import Reminder

if TYPE_CHECKING:
    from mobile_app.views.note import Editor


@ft.component
def OfferCard(editor: Editor, offer: Offer) -> ft.Control:
    app = use_app()
    name = f"{offer.due_at.isoformat()} {offer.rrule}"
    accepted = editor.accepted.get(name)

    async def accept() -> None:
        done = await app.attempt(app.desk.accept, offer, editor.draft.citizen_id, offer_text(offer))
        if done is not None:
            editor.accepted[name] = done.value
            editor.redraw()

    async def undo() -> None:
        if accepted is not None and await app.attempt(app.desk.discard, accepted.id) is not None:
            del editor.accepted[name]
            editor.redraw()

    moment = formats.full_moment(offer.due_at)
    if isinstance(accepted, Reminder):
        line: list[ft.Control] = [
            ft.Icon(ft.Icons.CHECK),
            ft.Text(_("Reminder set: {moment}", moment=moment), expand=True),
        ]
        line.append(ft.TextButton(_("Undo"), height=48, on_click=undo))
        return ft.Row(line)
    button = ft.FilledTonalButton(
        _("Remind me {moment}", moment=moment), icon=ft.Icons.ADD_ALERT, height=48, on_click=accept
    )
    notes = [
        text
        for applies, text in ((offer.off_hours, _("outside working hours")), (offer.rrule, _("every week")))
        if applies
    ]
    return ft.Row([button, *(quiet(text) for text in notes)], wrap=True)

"""Phrases in a note, offered as reminders with their full moment: a tap accepts, a tap drops, none is made silently."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.parts import icon_button, quiet
from mobile_app.domain.phrases import Offer
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import offer_moment, offer_text
from storage.records import Draft, Reminder

#: Suggestions are looked for at once in a text of this length: a few milliseconds (docs/performance.md).
AT_ONCE_MAX_CHARS = 2_000


class Offered:
    """What the text of one open draft offers, what she accepted of it, and what she dropped."""

    def __init__(self, app: App, redraw: Callable[[], None]) -> None:
        self.app, self.redraw = app, redraw
        self.draft: Draft | None = None
        self.found: list[Offer] = []
        self.accepted: dict[str, Reminder] = {}

    def find(self, draft: Draft) -> None:
        """In a long text behind, for it takes too long to be typed beside."""
        self.draft = draft
        asked = self.app.overview.offering(draft.text, draft.citizen_id)
        if len(draft.text) <= AT_ONCE_MAX_CHARS:
            self.found = asked()
        else:
            self.app.page.run_task(self._find_behind, draft, asked)

    async def _find_behind(self, draft: Draft, asked: Callable[[], list[Offer]]) -> None:
        found = await asyncio.to_thread(asked)
        if draft is self.draft and self.app.is_open:
            self.found = found
            self.redraw()

    def _dropped(self) -> set[int]:
        return self.app.dropped.setdefault(self.draft.id if self.draft else "", set())

    @property
    def shown(self) -> list[Offer]:
        """What was found and not dropped."""
        dropped = self._dropped()
        return [offer for offer in self.found if hash(offer.name) not in dropped]

    def drop(self, offer: Offer, *, dropped: bool = True) -> None:
        """A suggestion is gone from this draft for as long as the app runs, or is back."""
        of_draft = self._dropped()
        (of_draft.add if dropped else of_draft.discard)(hash(offer.name))
        self.redraw()

    async def accept(self, offer: Offer) -> None:
        citizen_id = self.draft.citizen_id if self.draft else ""
        done = await self.app.attempt(self.app.desk.accept, offer, citizen_id, offer_text(offer))
        if done is not None:
            self.accepted[offer.name] = done.value
            self.redraw()

    async def undo(self, offer: Offer) -> None:
        accepted = self.accepted.get(offer.name)
        if accepted is not None and await self.app.attempt(self.app.desk.discard, accepted.id) is not None:
            del self.accepted[offer.name]
            self.redraw()

    async def take_along(self, citizen_id: str) -> None:
        """Reminders accepted for the person chosen before follow the note to the new one."""
        if not citizen_id or not self.accepted:
            return
        moved = await self.app.attempt(self.app.desk.move_reminders, tuple(self.accepted.values()), citizen_id)
        if moved is not None:
            self.accepted = dict(zip(self.accepted, moved.value, strict=True))
            self.redraw()

    def cards(self) -> list[ft.Control]:
        return [OfferCard(self, offer, key=offer.name) for offer in self.shown]


@ft.component
def OfferCard(offered: Offered, offer: Offer) -> ft.Control:
    app = use_app()
    moment = offer_moment(offer, app.overview.today())
    if offer.name in offered.accepted:
        said = ft.Text(_("Reminder set: {moment}", moment=moment), expand=True)
        undo = ft.TextButton(_("Undo"), height=48, on_click=lambda e: app.page.run_task(offered.undo, offer))
        return ft.Row([ft.Icon(ft.Icons.CHECK), said, undo])

    async def take_up() -> None:
        offered.drop(offer, dropped=False)

    def drop() -> None:
        offered.drop(offer)
        app.say(_("The suggestion is gone."), _("Undo"), take_up)

    lines: list[ft.Control] = [_accept_button(offered, offer, moment)]
    if offer.by_citizen:
        lines.append(quiet(offer_text(offer)))
    if offer.off_hours:
        lines.append(quiet(formats.sentence(_("outside working hours"))))
    away = icon_button(ft.Icons.CLOSE, _("No reminder {moment}", moment=moment), drop)
    column = ft.Column(lines, spacing=2, tight=True, expand=True)
    return ft.Row([column, away], vertical_alignment=ft.CrossAxisAlignment.START)


def _accept_button(offered: Offered, offer: Offer, moment: str) -> ft.Control:
    async def accept() -> None:
        await offered.accept(offer)

    return ft.FilledTonalButton(
        _("Remind me {moment}", moment=moment),
        icon=ft.Icons.ADD_ALERT,
        style=ft.ButtonStyle(padding=ft.Padding.symmetric(vertical=14, horizontal=16)),
        on_click=accept,
    )

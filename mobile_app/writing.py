"""The ways into the note editor, from whatever screen she is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mobile_app.domain.occurrence import Occurrence
from mobile_app.i18n import _
from mobile_app.places import note_route
from storage.records import Channel, Citizen, ContactNote, Draft, InitiatedBy

if TYPE_CHECKING:
    from mobile_app.app import App


class Writing:
    def __init__(self, app: App) -> None:
        self._app = app

    def new_note(self, citizen_id: str = "", one: Occurrence | None = None) -> None:
        """Of an appointment the note that she has begun, if she has."""
        begun = self._app.overview.draft_of(one) if one else None
        self._open(begun or self._app.desk.new_draft(self._app.overview.citizen(citizen_id), one), citizen_id)

    def correct(self, note: ContactNote) -> None:
        self._open(self._app.desk.correction_of(note), note.citizen_id)

    def of_text(self, text: str, citizen_id: str) -> None:
        """A new note that begins with this text."""
        draft = self._app.desk.new_draft(self._app.overview.citizen(citizen_id))
        self._open(replace(draft, text=text), citizen_id)

    def of_contact(self, citizen: Citizen, channel: Channel, text: str) -> None:
        """The young person rang or wrote: a note that says so already."""
        draft = self._app.desk.new_draft(citizen)
        self._open(replace(draft, channel=channel, initiated_by=InitiatedBy.CITIZEN, text=text), citizen.id)

    def take_back(self, note: ContactNote, *, open_editor: bool) -> None:
        """ "Fortryd" and "Ret" of a note that was not sent yet: it is a draft again."""

        async def run() -> None:
            taken = await self._app.attempt(self._app.desk.take_back, note)
            if taken is not None and open_editor:
                self._app.go(note_route(taken.value.id, note.citizen_id))
            elif taken is not None:
                self._app.say(_("The note is a draft again."))

        self._app.page.run_task(run)

    def wrong_person(self, note: ContactNote) -> None:
        """Takes the note off this citizen with a trace; its text waits as a draft for the right one."""

        async def run() -> None:
            taken = await self._app.attempt(self._app.desk.retract, note, _("Written on the wrong person."))
            if taken is not None:
                self._app.go(note_route(taken.value.id))

        self._app.page.run_task(run)

    def _open(self, draft: Draft, citizen_id: str) -> None:
        if self._app.vault.reading.get(draft.id) is None:
            self._app.fresh_drafts[draft.id] = draft
        self._app.go(note_route(draft.id, citizen_id))

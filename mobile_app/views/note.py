"""The note editor. The field is never written to while she types (docs/decisions/0004): it is read, and saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import flet as ft
from msgspec.structs import replace

from mobile_app import formats
from mobile_app.acting import Done
from mobile_app.app import App
from mobile_app.components.choices import chip, chips, labelled, moment_field
from mobile_app.components.layout import notice, screen
from mobile_app.components.offers import Offered
from mobile_app.components.parts import icon_button, quiet, text_field, wide
from mobile_app.components.whom import whom
from mobile_app.i18n import _
from mobile_app.places import Place, note_route
from mobile_app.state import use_app
from mobile_app.wording import word
from storage.records import (
    DRAFT_TEXT_MAX_CHARS,
    Channel,
    ContactNote,
    Draft,
    InitiatedBy,
    Outcome,
    Role,
    WithWhom,
)

#: Autosave this long after the last key, and at the latest this long after the first unsaved one.
QUIET_S, LATEST_S = 0.8, 2.0
_MINUTES = (10, 20, 30, 45, 60, 90, 120)
_OUTCOMES = (Outcome.NO_ANSWER, Outcome.CANCELLED, Outcome.MOVED)


class Editor:
    """One open draft: what she typed so far, what was saved, and what the text offers."""

    def __init__(self, app: App, draft: Draft, place: Place, redraw: Callable[[], None]) -> None:
        self.app, self.draft, self.redraw = app, draft, redraw
        #: Where she comes back to, and whether she was told what copying means.
        self.place, self.warned = place, False
        self.offered = Offered(app, redraw)
        self.saved_text: str | None = draft.text
        self._kept: Draft | None = draft
        self.failed = False
        self._dirty_since: float | None = None
        self._typed = asyncio.Event()
        self._closed = False
        #: One save after the other: an older text never lands on a newer one, nor a draft beside its note.
        self._saving = asyncio.Lock()

    def change(self, **fields: Any) -> None:
        """A choice other than the text."""
        if "citizen_id" in fields:
            fields["appointment_id"] = None
            self.app.page.run_task(self.offered.take_along, fields["citizen_id"])
        self.draft = replace(self.draft, **fields)
        self.touch()
        self.find_offers()
        self.redraw()

    def typed(self, text: str) -> None:
        self.draft = replace(self.draft, text=text)
        self.touch()

    def selected(self, selection: ft.TextSelection) -> None:
        self.place = replace(self.place, caret=selection.extent_offset, of_chars=len(self.draft.text))
        self.touch()
        if not selection.is_collapsed and not self.warned:
            self.warned = True
            self.redraw()

    def touch(self) -> None:
        if self._dirty_since is None:
            self._dirty_since = asyncio.get_running_loop().time()
        self._typed.set()

    async def autosave(self) -> None:
        """Runs while the editor is open."""
        while not self._closed:
            await self._typed.wait()
            await self._until_quiet()
            await self.flush()

    async def _until_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        while self._dirty_since is not None and loop.time() - self._dirty_since < LATEST_S - QUIET_S:
            self._typed.clear()
            try:
                await asyncio.wait_for(self._typed.wait(), QUIET_S)
            except TimeoutError:
                return

    async def flush(self) -> None:
        """Saves what is unsaved."""
        self._typed.clear()
        if self._dirty_since is None or self._closed:
            return
        async with self._saving:
            if self._closed:  # it became a note, or was put away, while this waited
                return
            since, self._dirty_since = self._dirty_since, None
            if self.draft != self._kept:  # else she moved the caret alone
                await self._keep(since)
        await self.app.keep_place(self.place)
        if self.app.is_open:
            self.find_offers()
            self.redraw()

    async def _keep(self, since: float | None) -> None:
        draft = self.draft
        kept = await self.app.attempt(self.app.desk.keep_draft, draft, self.saved_text)
        self.failed = kept is None
        if kept is None:
            self._dirty_since = since  # the next key, leaving and locking try again
            self.app.unsaved[draft.id] = draft
            return
        self.saved_text = draft.text
        self.draft = replace(self.draft, id=kept.value.id)
        self._kept = replace(draft, id=kept.value.id)
        self.place = replace(self.place, draft_id=kept.value.id)
        self.forget()

    def never_kept(self) -> None:
        """The draft in the vault, if any, is an older one."""
        self._kept = None
        self.touch()

    async def rest(self) -> None:
        """What it does before the screen is covered or locked."""
        await self.flush()
        await self.app.keep_place(self.place)

    def forget(self) -> None:
        """The draft is in the vault, or done with."""
        self.app.fresh_drafts.pop(self.draft.id, None)
        self.app.unsaved.pop(self.draft.id, None)

    def find_offers(self) -> None:
        self.offered.find(self.draft)

    async def leave(self, *, for_good: bool) -> None:
        """The screen is gone; what was typed is not. (Before a lock everything was saved already.) `for_good`: she went
        elsewhere herself, and is not to be brought back."""
        if self.app.can_save:
            await self.flush()
        self.close()
        if not for_good:
            return
        if self.failed:
            said = _("The last words are not saved. They stay here until Medgang is closed.")
            self.app.say(said, _("Back to the note"), self._come_back)
        elif self.app.place.draft_id == self.place.draft_id:
            await self.app.keep_place(Place())

    async def _come_back(self) -> None:
        self.app.go(self.place.route)

    async def finish(self) -> Done[ContactNote] | None:
        """The draft becomes a note."""
        async with self._saving:
            done = await self.app.attempt(self.app.desk.finish, self.draft)
            if done is not None:
                self.forget()
                self.failed = False
                self.close()
            return done

    async def put_away(self) -> Draft | None:
        """The draft is gone; None where it could not be put away, and goes on being saved."""
        async with self._saving:
            draft = self.draft
            if await self.app.attempt(self.app.desk.discard, draft.id) is None:
                return None
            self.forget()
            self.close()
            return draft

    def close(self) -> None:
        self._closed = True
        self._typed.set()


@ft.component
def NoteEditor() -> ft.View:
    app = use_app()
    params = ft.use_route_params()
    draft_id = params["draft_id"]
    _count, set_count = ft.use_state(0)
    drawn = ft.use_ref(0)
    details, set_details = ft.use_state(False)

    def redraw() -> None:
        drawn.current = (drawn.current or 0) + 1
        set_count(drawn.current)

    here = params.get("citizen_id", "")
    editor = ft.use_memo(lambda: _open(app, draft_id, here, redraw), [draft_id])
    field = ft.use_memo(lambda: _field(editor), [draft_id])
    ft.use_effect(lambda: _begin(app, editor), [draft_id], lambda: _end(app, editor))
    route = note_route(draft_id, here)
    if editor is None or field is None:
        return screen(app, route, _("Note"), [quiet(_("This draft is finished or was put away."))])
    body = [
        *whom(app, editor),
        field,
        *_copying(editor),
        *editor.offered.cards(),
        chips(_("Where or how"), Channel, editor.draft.channel, lambda code: editor.change(channel=code)),
        *_details(app, editor, details, lambda: set_details(not details)),
    ]
    foot = ft.Column([_saved_line(editor), wide(_save_button(app, editor))], spacing=4, tight=True)
    return screen(app, route, _title(editor.draft), body, actions=[_put_away(app, editor)], foot=foot)


def _open(app: App, draft_id: str, here: str, redraw: Callable[[], None]) -> Editor | None:
    found = app.vault.reading.get(draft_id)
    stored = found if isinstance(found, Draft) else app.fresh_drafts.get(draft_id)
    draft = app.unsaved.get(draft_id, stored)
    if draft is None:
        return None
    editor = Editor(app, draft, Place(draft_id, here), redraw)
    if draft_id in app.unsaved:
        editor.saved_text = stored.text if stored else ""
        editor.never_kept()
    editor.find_offers()
    return editor


def _field(editor: Editor | None) -> ft.TextField | None:
    if editor is None:
        return None
    place, text = editor.app.place, editor.draft.text
    back = place.draft_id == editor.place.draft_id
    return text_field(
        _("Note"),
        value=text,
        begins_at=place.caret if back and place.of_chars == len(text) else None,
        multiline=True,
        min_lines=5,
        max_length=DRAFT_TEXT_MAX_CHARS,
        counter="",
        autofocus=back or bool(editor.draft.citizen_id),
        capitalization=ft.TextCapitalization.SENTENCES,
        on_change=lambda e: editor.typed(e.control.value),
        on_selection_change=lambda e: editor.selected(e.selection),
    )


def _begin(app: App, editor: Editor | None) -> None:
    if editor is not None:
        app.savers.add(editor.rest)
        app.page.run_task(editor.autosave)


def _end(app: App, editor: Editor | None) -> None:
    if editor is not None:
        app.savers.discard(editor.rest)
        for_good = app.is_open and not app.state.covered

        async def leave() -> None:
            await editor.leave(for_good=for_good)

        app.page.run_task(leave)


def _title(draft: Draft) -> str:
    return _("Correction") if draft.corrects else _("Note")


def _details(app: App, editor: Editor, shown: bool, toggle: Callable[[], None]) -> list[ft.Control]:
    draft, change = editor.draft, editor.change
    moment = formats.sentence(formats.moment(draft.occurred_at, app.overview.today())) if draft.occurred_at else ""
    label = _("Fewer details") if shown else _("More details · {moment}", moment=moment)
    icon = ft.Icons.EXPAND_LESS if shown else ft.Icons.EXPAND_MORE
    rows: list[ft.Control] = [
        ft.Row([ft.TextButton(label, icon=icon, height=48, on_click=lambda e: toggle())], wrap=True)
    ]
    if not shown:
        return rows
    persons = app.overview.persons(draft.citizen_id) if draft.citizen_id else []
    rows += [
        moment_field(app.page, _("When"), draft.occurred_at, app.desk.now(), lambda at: change(occurred_at=at)),
        labelled(
            _("How long"),
            [
                chip(_("{n} min", n=n), draft.duration_minutes == n, lambda n=n: change(duration_minutes=n))
                for n in _MINUTES
            ],
        ),
        chips(_("It did not take place"), _OUTCOMES, draft.outcome, lambda code: change(outcome=_toggled(draft, code))),
        chips(_("With whom"), WithWhom, draft.with_whom, lambda code: change(with_whom=code)),
    ]
    if persons and draft.with_whom != WithWhom.CITIZEN:
        named = [
            chip(p.name, draft.network_person_id == p.id, lambda p=p: change(network_person_id=p.id)) for p in persons
        ]
        rows.append(labelled(_("Who?"), named))
    rows += [
        chips(_("Who began it"), InitiatedBy, draft.initiated_by, lambda code: change(initiated_by=code)),
        chips(_("Role"), Role, draft.roles, lambda code: change(roles=_with_or_without(draft.roles, code))),
    ]
    return rows


def _toggled(draft: Draft, code: Outcome) -> Outcome:
    return Outcome.NONE if draft.outcome == code else code


def _with_or_without(roles: tuple[Role, ...], role: Role) -> tuple[Role, ...]:
    return tuple(one for one in roles if one != role) if role in roles else (*roles, role)


def _copying(editor: Editor) -> list[ft.Control]:
    if not editor.warned:
        return []
    text = _("What you copy from here, other apps on the phone can read.")
    return [ft.Semantics(content=notice(text, ft.Icons.CONTENT_COPY), live_region=True)]


def _saved_line(editor: Editor) -> ft.Control:
    if editor.failed:
        return ft.Text(_("Not saved. The text stays here."), color=ft.Colors.ERROR)
    if not editor.draft.text and not editor.saved_text:
        return quiet("")
    saved = editor.saved_text == editor.draft.text
    return quiet(_("Draft saved on the phone") if saved else _("Writing ..."))


def _save_button(app: App, editor: Editor) -> ft.FilledButton:
    async def save() -> None:
        done = await editor.finish()
        if done is None:
            return
        note = done.value
        app.go(f"/citizens/{note.citizen_id}" if app.overview.citizen(note.citizen_id) else "/")
        said = _("Saved on the phone: {channel}.", channel=word(note.channel))

        async def undo() -> None:
            app.writing.take_back(note, open_editor=True)

        app.say(said, _("Undo"), undo)

    return ft.FilledButton(_("Save note"), icon=ft.Icons.CHECK, on_click=save)


def _put_away(app: App, editor: Editor) -> ft.Control:
    """Puts an unfinished note away, with a way back."""

    async def put_away() -> None:
        draft = await editor.put_away()
        if draft is None:
            return
        app.go(f"/citizens/{draft.citizen_id}" if draft.citizen_id else "/")

        async def undo() -> None:
            await app.attempt(app.desk.keep_draft, draft)

        if draft.text:
            app.say(_("The draft was put away."), _("Undo"), undo)

    return icon_button(ft.Icons.DELETE_OUTLINE, _("Put the draft away"), lambda: app.page.run_task(put_away))

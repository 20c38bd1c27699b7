"""One note in a timeline, and what can still be done about it."""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.conflict_line import conflict_button
from mobile_app.components.parts import quiet
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import icon, word
from storage.reading import SyncState
from storage.records import ContactNote, Outcome

_STATE_ICONS = {
    SyncState.RECEIVED: ft.Icons.CHECK,
    SyncState.SAFE: ft.Icons.DONE_ALL,
    SyncState.REFUSED: ft.Icons.ERROR_OUTLINE,
}


@ft.component
def NoteCard(note: ContactNote, retracted: bool = False, corrected: bool = False) -> ft.Control:
    """`retracted`, `corrected`: by a later note. It stays, and says so."""
    app = use_app()
    lines: list[ft.Control] = [_head(app, note)]
    marks = [
        (written := _by_whom(app, note), written),
        (retracted, _("Taken back: it was about somebody else")),
        (corrected, _("Corrected by a later note")),
        (note.retracts, _("Takes back a note on the wrong person")),
        (note.corrects, _("Corrects an earlier note")),
        (note.outcome != Outcome.NONE, word(note.outcome) if note.outcome != Outcome.NONE else ""),
    ]
    lines += [ft.Text(text, italic=True) for applies, text in marks if applies]
    if note.text:
        lines.append(quiet(note.text) if retracted else ft.Text(note.text))
    lines.append(_state(app, note))
    if not (note.retracts or retracted or corrected):
        lines.append(_actions(app, note))
    return ft.Card(
        ft.Container(ft.Column(lines, spacing=6, tight=True), padding=14), margin=0, variant=ft.CardVariant.OUTLINED
    )


def _head(app: App, note: ContactNote) -> ft.Control:
    when = formats.sentence(formats.moment(note.occurred_at, app.overview.today()))
    person = app.overview.network_person(note.network_person_id)
    who = f" · {person.name}" if person else ""
    minutes = " · " + _("{n} min", n=note.duration_minutes) if note.duration_minutes else ""
    return ft.Row(
        [
            ft.Icon(icon(note.channel), size=20),
            ft.Text(f"{when} · {word(note.channel)}{who}{minutes}", weight=ft.FontWeight.W_600, expand=True),
        ]
    )


def _by_whom(app: App, note: ContactNote) -> str:
    """Where it was not she alone: after a handover she reads what others wrote."""
    others = [who for who in (note.author, note.begun_by) if who and who != app.desk.author]
    names = {who: app.overview.colleague(who) for who in others}
    lines = (
        _("Written by {who}", who=names[note.author]) if names.get(note.author) else "",
        _("Begun by {who}", who=names[note.begun_by]) if names.get(note.begun_by) else "",
    )
    return " · ".join(filter(None, lines))


def _state(app: App, note: ContactNote) -> ft.Control:
    state = app.overview.state_of(note.id)
    if state == SyncState.CONFLICT:
        return conflict_button(app, word(state))
    return ft.Row(
        [
            ft.Icon(_STATE_ICONS.get(state, ft.Icons.SCHEDULE), size=16, color=ft.Colors.ON_SURFACE_VARIANT),
            quiet(word(state)),
        ],
        spacing=6,
    )


def _actions(app: App, note: ContactNote) -> ft.Control:
    buttons: list[ft.Control]
    if app.overview.can_take_back(note):
        buttons = [
            ft.TextButton(_("Undo"), height=48, on_click=lambda e: app.writing.take_back(note, open_editor=False)),
            ft.TextButton(_("Edit"), height=48, on_click=lambda e: app.writing.take_back(note, open_editor=True)),
        ]
    else:
        buttons = [
            ft.TextButton(_("Correct"), height=48, on_click=lambda e: app.writing.correct(note)),
            ft.TextButton(_("Wrong person"), height=48, on_click=lambda e: app.writing.wrong_person(note)),
        ]
    return ft.Row(buttons, wrap=True)

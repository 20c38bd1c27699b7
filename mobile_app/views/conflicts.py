"""Two versions of one field, side by side where there is room: what stands now, what else was written, her choice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import groupby
from typing import Any, cast

import flet as ft
import msgspec

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.conflict_line import CONFLICTS
from mobile_app.components.layout import screen
from mobile_app.components.parts import card, heading, quiet, text_field
from mobile_app.conflicts import Question, Version, combining, correct, keep_combining, put_away, settle
from mobile_app.fields import field_title, field_value, record_name
from mobile_app.i18n import _
from mobile_app.places import note_route
from mobile_app.state import use_app
from mobile_app.wording import record_title
from storage.records import AnyRecord, Citizen, ContactNote, Reminder

#: Two columns of text need so much (px).
SIDE_BY_SIDE_MIN = 700
#: The author of what a caseload file brought.
IMPORT = "import"
#: What a version is called, and the button that chooses it, in the order of Question.versions.
_PLACES: list[tuple[Callable[[], str], Callable[[], str]]] = [
    (lambda: _("Stands now"), lambda: _("Keep what stands")),
    (lambda: _("The other version"), lambda: _("Use the other one")),
    (lambda: _("A third version"), lambda: _("Use the third one")),
    (lambda: _("A fourth version"), lambda: _("Use the fourth one")),
]


@ft.component
def Conflicts() -> ft.View:
    app = use_app()
    asked = app.overview.conflicts()
    told = _("Two devices wrote in the same place. Nothing is lost: choose what is to stand.")
    body: list[ft.Control] = [quiet(told if asked else _("There is nothing to choose between."))]
    for _record_id, questions in groupby(asked, key=lambda question: question.record_id):
        of_record = list(questions)
        body.append(heading(_whose(app, of_record[0])))
        body += [QuestionCard(question, key=question.key) for question in of_record]
    return screen(app, CONFLICTS, _("Two versions"), body, section="/more")


def _whose(app: App, question: Question) -> str:
    """Whose record it is, and which."""
    citizen, record = app.overview.citizen(question.citizen_id), question.record
    parts = [citizen.name if citizen else ""]
    if record is not None and not isinstance(record, Citizen):
        parts += [record_title(record), _which(app, record)]
    return " · ".join(dict.fromkeys(part for part in parts if part)) or _("Not known whom it is about")


def _which(app: App, record: AnyRecord) -> str:
    if isinstance(record, ContactNote):
        return formats.moment(record.occurred_at, app.overview.today())
    if isinstance(record, Reminder):
        return record.text
    return record_name(record)


# ---------------------------------------------------------------- one question
@ft.component
def QuestionCard(question: Question) -> ft.Control:
    app = use_app()
    begun, set_begun = ft.use_state(cast("Question | None", question if combining(app.desk, question) else None))
    rows: list[ft.Control] = [ft.Text(field_title(question.field), size=16, weight=ft.FontWeight.W_600)]
    if question.record is None:
        rows.append(ft.Text(_("It was deleted meanwhile. What was written can still be read here.")))
    elif question.is_final:
        rows.append(quiet(_("The note was sent and stays as it is. Another text becomes a correction.")))
    rows.append(_beside(app, [_version(app, question, place) for place in range(len(question.versions))]))
    if begun is None:
        rows += _all_of_them(app, question, lambda: set_begun(question))
    else:
        rows.append(Combining(question, begun, set_begun))
    return card(*rows)


def _beside(app: App, boxes: list[ft.Semantics]) -> ft.Control:
    if app.state.width < SIDE_BY_SIDE_MIN:
        return ft.Column(list(boxes), spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    for box in boxes:
        box.expand = True
    return ft.Row(list(boxes), spacing=8, vertical_alignment=ft.CrossAxisAlignment.START)


def _version(app: App, question: Question, place: int) -> ft.Semantics:
    """A version, who wrote it and when, and the button that chooses it: read aloud as one."""
    version = question.versions[place]
    rows = [
        ft.Text(_title(question, place), size=13, color=ft.Colors.ON_SURFACE_VARIANT),
        ft.Text(_value(question, version)),
        ft.Text(_who_and_when(app, version), size=13, color=ft.Colors.ON_SURFACE_VARIANT),
        *_choice(app, question, place),
    ]
    column = ft.Column(rows, spacing=6, tight=True)
    border = ft.Border.all(1, ft.Colors.OUTLINE_VARIANT)
    box = ft.Container(column, padding=12, border=border, border_radius=12, bgcolor=ft.Colors.SURFACE)
    return ft.Semantics(content=box, container=True)


def _title(question: Question, place: int) -> str:
    if question.record is None:
        return _("Version {n}", n=place + 1)
    return _PLACES[min(place, 3)][0]()


def _value(question: Question, version: Version) -> str:
    if version.names is not None:
        return record_name(version.names)
    return field_value(question.record, question.field, version.value)


def _who_and_when(app: App, version: Version) -> str:
    when = formats.moment(version.at, app.overview.today()) if version.at else ""
    return ", ".join(filter(None, (_who(app, version.author), when)))


def _who(app: App, author: str) -> str:
    if author and author == app.desk.author:
        return _("You")
    return app.overview.colleague(author) or (_("By import") if author == IMPORT else _("Another device"))


# ---------------------------------------------------------------- the choices
def _choice(app: App, question: Question, place: int) -> list[ft.Control]:
    """Of one version. What is gone cannot be chosen, but written down anew."""
    version = question.versions[place]
    if question.record is None:
        return _write_down(app, question, version)
    words = _PLACES[min(place, 3)][1]()
    if place == 0:
        return [ft.FilledTonalButton(words, height=48, on_click=_runs(app, _settle, question, version.value))]
    if question.is_final:
        words = _("Write as a correction")
    return [ft.OutlinedButton(words, height=48, on_click=_runs(app, _use, question, version.value))]


def _runs(app: App, answer: Callable[..., Coroutine[Any, Any, object]], *arguments: object) -> Callable[..., object]:
    """What a tap on a button does."""
    return lambda e: app.page.run_task(answer, app, *arguments)


def _write_down(app: App, question: Question, version: Version) -> list[ft.Control]:
    if not (question.is_prose and version.text):
        return []
    words, citizen_id = _("Make a note of it"), question.citizen_id
    return [ft.TextButton(words, height=48, on_click=lambda e: app.writing.of_text(version.text, citizen_id))]


def _all_of_them(app: App, question: Question, combine: Callable[[], None]) -> list[ft.Control]:
    """What is done with all versions at once."""
    if question.record is None:
        return [ft.Row([ft.FilledTonalButton(_("Put away"), height=48, on_click=_runs(app, _put_away, question))])]
    if not question.is_prose or sum(bool(version.text) for version in question.versions) < 2:
        return []
    both = msgspec.json.encode(question.together).decode()
    words = _("Keep both") if len(question.versions) == 2 else _("Keep all of them")
    buttons = [ft.TextButton(words, height=48, on_click=_runs(app, _use, question, both))]
    if not question.is_final:
        buttons.append(ft.TextButton(_("Write them together"), height=48, on_click=lambda e: combine()))
    return [ft.Row(list(buttons), wrap=True)]


async def _use(app: App, question: Question, value: str) -> bool:
    """Another value than the one that stands. Returns whether it was taken."""
    if not question.is_final:
        return await _settle(app, question, value)
    done = await app.attempt(correct, app.desk, question, value)
    if done is not None:
        app.go(note_route(done.value.id, question.citizen_id))
    return done is not None


async def _settle(app: App, question: Question, value: str) -> bool:
    done = await app.attempt(settle, app.desk, question, value)
    if done is not None:
        _say(app, _("That is what stands now."), done.value)
    return done is not None


async def _put_away(app: App, question: Question) -> None:
    done = await app.attempt(put_away, app.desk, question)
    if done is not None:
        _say(app, _("Put away."), done.value)


def _say(app: App, said: str, undo: Callable[[], None]) -> None:
    async def take_back() -> None:
        await app.attempt(undo)

    app.say(said, _("Undo"), take_back)


# ---------------------------------------------------------------- a text of her own
@ft.component
def Combining(question: Question, begun: Question, set_begun: Callable[[Question | None], None]) -> ft.Control:
    """A text that begins with all versions. `begun`: as they were when she began; where one came since, she is told
    before anything is saved, and her text stays."""
    app = use_app()

    saving = ft.use_memo(asyncio.Lock, [])

    async def keep(text: Callable[[], str | None]) -> None:
        """One after the other, so that the last one stands."""
        async with saving:
            await app.attempt(keep_combining, app.desk, question, text())

    field = ft.use_memo(
        lambda: text_field(
            _("The text that is to stand"),
            value=combining(app.desk, question) or begun.together,
            multiline=True,
            on_change=lambda e: app.page.run_task(keep, lambda: e.control.value),
        ),
        [],
    )

    async def save() -> None:
        text = (field.value or "").strip()
        taken = await _settle(app, begun, msgspec.json.encode(text or None).decode())
        if taken:
            await keep(lambda: None)
        set_begun(None if taken else question)

    async def leave() -> None:
        await keep(lambda: None)
        set_begun(None)

    buttons = [
        ft.FilledButton(_("Save the text"), height=48, on_click=save),
        ft.TextButton(_("Leave it"), height=48, on_click=leave),
    ]
    apart = ft.Semantics(content=field, container=True)  # else a reader takes the whole card for the field
    return ft.Column(
        [ft.Container(apart, padding=ft.Padding(left=0, top=8, right=0, bottom=0)), ft.Row(list(buttons), wrap=True)],
        spacing=8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )

"""Borgere: sorted by who has waited longest; and one box that finds them, people around them, and what notes say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flet as ft

from mobile_app import formats, messages
from mobile_app.app import App
from mobile_app.components.choices import chip
from mobile_app.components.cover_mark import lent_mark
from mobile_app.components.found import filter_chip, note_found, person_found
from mobile_app.components.layout import new_note_button, screen
from mobile_app.components.parts import TARGET, heading, icon_button, quiet, text_field
from mobile_app.domain.searching import Filter
from mobile_app.finding import Found, Waiting
from mobile_app.i18n import _, n_
from mobile_app.state import use_app
from mobile_app.views.half_years import ROUTE as HALF_YEARS
from mobile_app.wording import short_due
from storage.records import Citizen, CitizenStatus

#: Asked this long after the last key.
QUIET_S = 0.15
PEOPLE_SHOWN = 3


class SearchBox:
    """What is asked, and the newest answer. Searches run beside the screen; the answer to an older question is
    dropped."""

    def __init__(self, app: App, redraw: Callable[[], None]) -> None:
        self.app, self.redraw = app, redraw
        self.found: Found | None = None
        self.everybody = False
        self._turn = 0

    def ask(self, after_s: float = 0, **changes: Any) -> None:
        self.app.overview.asked = replace(self.app.overview.asked, **changes)
        self._turn += 1
        self.app.page.run_task(self._answer, self._turn, after_s)

    def ask_again(self) -> None:
        """What was saved or came with a sync is found at once."""
        if self.app.overview.asked.text.strip():
            self.ask()

    def switch(self, one: Filter) -> None:
        self.ask(off=self.app.overview.asked.off ^ {one})

    def show_everybody(self) -> None:
        self.everybody = True
        self.redraw()

    def close(self) -> None:
        self._turn += 1

    async def _answer(self, turn: int, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if not self._is_wanted(turn):
            return
        asked = self.app.overview.asked
        try:
            found = await asyncio.to_thread(self.app.overview.search, asked)
        except Exception as error:
            if self._is_wanted(turn):  # else it was locked meanwhile
                self.app.say(messages.sentence(error))
            return
        if self._is_wanted(turn):
            self.everybody = self.everybody and bool(self.found and found and self.found.text == found.text)
            self.found = found
            self.redraw()

    def _is_wanted(self, turn: int) -> bool:
        return turn == self._turn and self.app.is_open


@ft.component
def Citizens() -> ft.View:
    app = use_app()
    _count, set_count = ft.use_state(0)
    drawn = ft.use_ref(0)
    cleared, set_cleared = ft.use_state(0)

    def redraw() -> None:
        drawn.current = (drawn.current or 0) + 1
        set_count(drawn.current)

    def clear() -> None:
        box.ask(text="", off=frozenset())
        set_cleared(cleared + 1)

    box = ft.use_memo(lambda: SearchBox(app, redraw), [])
    field = ft.use_memo(lambda: _field(app, box, clear), [cleared])
    ft.use_effect(box.ask_again, [app.state.revision], box.close)
    ft.use_effect(lambda: app.page.run_task(field.focus) if cleared else None, [cleared])
    body: list[ft.Control] = [field]
    if box.found is not None and app.overview.asked.text.strip():
        body += _results(app, box, box.found)
    else:
        body += [_row(app, waiting) for waiting in app.overview.waiting_longest()]
        if len(body) == 1:
            body.append(quiet(_("No citizens yet. They come with the first sync.")))
    half_years = icon_button(ft.Icons.VIEW_TIMELINE_OUTLINED, _("Aftercare"), lambda: app.go(HALF_YEARS))
    return screen(
        app,
        "/citizens",
        _("Citizens"),
        body,
        section="/citizens",
        actions=[half_years],
        button=new_note_button(app),
    )


def _field(app: App, box: SearchBox, clear: Callable[[], None]) -> ft.TextField:
    return text_field(
        _("Search names and notes"),
        value=app.overview.asked.text,
        helper=_("For example: a name, walk yesterday, since 1 September"),
        prefix_icon=ft.Icons.SEARCH,
        suffix_icon=icon_button(ft.Icons.CLOSE, _("Clear the search"), clear),
        on_change=lambda e: box.ask(QUIET_S, text=e.control.value),
    )


def _results(app: App, box: SearchBox, found: Found) -> list[ft.Control]:
    return [
        *_filters(app, box, found),
        *(_row(app, waiting) for waiting in found.citizens),
        *_people(app, box, found),
        *_notes(app, box, found),
    ]


def _filters(app: App, box: SearchBox, found: Found) -> list[ft.Control]:
    if not found.filters:
        return []
    off = app.overview.asked.off
    names = {waiting.citizen.id: waiting.citizen.name for waiting in app.overview.waiting_longest()}
    chips = [
        filter_chip(app, one, names, on=one not in off, switch=lambda one=one: box.switch(one)) for one in found.filters
    ]
    return [ft.Row(chips, wrap=True, spacing=8, run_spacing=4)]


def _people(app: App, box: SearchBox, found: Found) -> list[ft.Control]:
    if not found.people:
        return []
    shown = found.people if box.everybody else found.people[:PEOPLE_SHOWN]
    rows = [heading(_("People around")), *(person_found(app, one) for one in shown)]
    if len(shown) < len(found.people):
        more = _("Show all {n}", n=len(found.people))
        rows.append(ft.TextButton(more, height=TARGET, on_click=lambda e: box.show_everybody()))
    return rows


def _notes(app: App, box: SearchBox, found: Found) -> list[ft.Control]:
    if not found.notes:
        tip = _("Try fewer words, or tap a filter to switch it off.") if found.filters else _("Try fewer words.")
        return [_said(ft.Text(_("No notes with “{text}”.", text=found.text.strip()))), quiet(tip)]
    count = quiet(n_("{n} note", "{n} notes", len(found.notes)))
    ranked = app.overview.asked.ranked
    best = chip(_("Best match first"), ranked, lambda: box.ask(ranked=not ranked))
    head = ft.Row([heading(_("In the notes")), _said(count), best], spacing=12, wrap=True)
    return [head, *(note_found(app, one) for one in found.notes)]


def _said(text: ft.Text) -> ft.Control:
    """A screen reader says it when it changes."""
    return ft.Semantics(content=text, live_region=True)


def _row(app: App, waiting: Waiting) -> ft.Control:
    citizen = waiting.citizen
    last = _("No contact yet")
    if waiting.last_contact_on:
        last = _("Contact {when}", when=formats.ago(waiting.last_contact_on, app.overview.today()))
    line = " · ".join(part for part in (last, _standing(app, waiting)) if part)
    return ft.ListTile(
        leading=ft.Semantics(content=ft.CircleAvatar(ft.Text(_initials(citizen))), exclude_semantics=True),
        title=ft.Text(citizen.name),
        subtitle=ft.Text("\n".join(part for part in (line, lent_mark(app, citizen.id)) if part)),
        on_click=lambda e: app.go(f"/citizens/{citizen.id}"),
        content_padding=ft.Padding.symmetric(horizontal=4),
    )


def _standing(app: App, waiting: Waiting) -> str:
    if waiting.died_on:
        return _("Died {day}", day=formats.last_day(waiting.died_on, app.overview.today()))
    if waiting.citizen.status == CitizenStatus.AFTERCARE:
        return _("Aftercare")
    if waiting.citizen.status == CitizenStatus.CLOSED:
        return _("Closed")
    return short_due(waiting.due, app.overview.today())


def _initials(citizen: Citizen) -> str:
    return (citizen.given_name[:1] + citizen.family_name[:1]).upper()

"""Borgere: found by name and by what notes say, sorted by who has waited longest."""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.layout import new_note_button, screen
from mobile_app.components.parts import heading, quiet
from mobile_app.i18n import _
from mobile_app.overview import Waiting
from mobile_app.state import use_app
from mobile_app.wording import short_due
from storage.reading import Hit
from storage.records import Citizen, CitizenStatus


@ft.component
def Citizens() -> ft.View:
    app = use_app()
    query, set_query = ft.use_state("")
    field = ft.use_memo(
        lambda: ft.TextField(
            label=_("Search names and notes"),
            prefix_icon=ft.Icons.SEARCH,
            autocorrect=False,
            enable_suggestions=False,
            on_change=lambda e: set_query(e.control.value),
        ),
        [],
    )
    found = app.overview.waiting_longest(query)
    body: list[ft.Control] = [field, *(_row(app, waiting) for waiting in found.citizens)]
    if query.strip():
        body += [heading(_("In the notes")), *(_hit(app, citizen, hit) for citizen, hit in found.hits)]
        if not found.hits:
            body.append(quiet(_("No note says that.")))
    elif not found.citizens:
        body.append(quiet(_("No citizens yet. They come with the first sync.")))
    return screen(app, "/citizens", _("Citizens"), body, section="/citizens", button=new_note_button(app))


def _row(app: App, waiting: Waiting) -> ft.Control:
    citizen = waiting.citizen
    last = _("No contact yet")
    if waiting.last_contact_on:
        last = _("Contact {when}", when=formats.ago(waiting.last_contact_on, app.overview.today()))
    return ft.ListTile(
        leading=ft.Semantics(content=ft.CircleAvatar(ft.Text(_initials(citizen))), exclude_semantics=True),
        title=ft.Text(citizen.name),
        subtitle=ft.Text(" · ".join(part for part in (last, _standing(app, waiting)) if part)),
        on_click=lambda e: app.go(f"/citizens/{citizen.id}"),
        content_padding=ft.Padding.symmetric(horizontal=4),
    )


def _standing(app: App, waiting: Waiting) -> str:
    if waiting.citizen.status == CitizenStatus.AFTERCARE:
        return _("Aftercare")
    if waiting.citizen.status == CitizenStatus.CLOSED:
        return _("Closed")
    return short_due(waiting.due, app.overview.today())


def _initials(citizen: Citizen) -> str:
    return (citizen.given_name[:1] + citizen.family_name[:1]).upper()


def _hit(app: App, citizen: Citizen | None, hit: Hit) -> ft.Control:
    when = formats.moment(hit.note.occurred_at, app.overview.today())
    return ft.ListTile(
        title=ft.Text(f"{citizen.name if citizen else ''} · {when}"),
        subtitle=ft.Text(hit.snippet, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
        on_click=lambda e: app.go(f"/citizens/{hit.note.citizen_id}"),
        content_padding=ft.Padding.symmetric(horizontal=4),
    )

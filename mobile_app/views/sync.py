"""Synchronisation: what waits, what was received, what was refused and why, and the way to a hub."""

from __future__ import annotations

import socket

import flet as ft

from mobile_app import messages
from mobile_app.app import App
from mobile_app.components.conflict_line import conflict_line
from mobile_app.components.layout import screen
from mobile_app.components.parts import card, heading, quiet, text_field, wide
from mobile_app.components.sync_line import sync_lines
from mobile_app.components.time_lines import wrong_clock
from mobile_app.components.unsent import unsent_lines
from mobile_app.i18n import _, n_
from mobile_app.receipts import Item
from mobile_app.state import SyncPhase, use_app
from mobile_app.wording import record_title, word
from storage.reading import SyncState
from sync.enrolment import enrol

_SHOWN_MAX = 50
#: What each word on a record means, in the order a record goes through them.
_MEANINGS = {
    SyncState.ON_THIS_PHONE: lambda: _("Saved here and encrypted. No hub is connected yet."),
    SyncState.WAITING: lambda: _("Saved here. It goes with the next sync."),
    SyncState.SENT: lambda: _("It was sent. The hub has not said yet that it has it."),
    SyncState.RECEIVED: lambda: _("The hub has it. The phone keeps it until a backup of the hub covers it."),
    SyncState.SAFE: lambda: _("The hub has it, and so has its backup."),
    SyncState.CONFLICT: lambda: _("Two devices wrote differently. Both are kept until you choose."),
    SyncState.REFUSED: lambda: _("The hub did not take it. It stays here, and you can try again."),
}


@ft.component
def SyncView() -> ft.View:
    app = use_app()
    running = app.state.sync.phase == SyncPhase.RUNNING
    body: list[ft.Control] = [card(*sync_lines(app)), *wrong_clock(app)]
    if app.state.sync.phase == SyncPhase.NOT_ENROLLED:
        body.append(Enrol())
        return screen(app, "/more/sync", _("Synchronisation"), body, section="/more")
    if running:
        moved = n_("{n} record moved", "{n} records moved", app.state.sync.moved)
        body += [ft.ProgressBar(semantics_label=_("Synchronising")), quiet(moved)]
    body.append(
        wide(ft.FilledButton(_("Sync now"), icon=ft.Icons.SYNC, disabled=running, on_click=lambda e: _sync(app)))
    )
    body += conflict_line(app)
    if app.state.sync.asks_to_let_go:
        body.append(wide(ft.OutlinedButton(_("Let them go"), on_click=lambda e: _sync(app, let_vanish=True))))
    outstanding = app.overview.outstanding()
    waiting = [item for item in outstanding if item.state != SyncState.REFUSED]
    refused = [item for item in outstanding if item.state == SyncState.REFUSED]
    body += _section(_("Waiting to be sent"), [_item(app, item) for item in waiting[:_SHOWN_MAX]])
    body += _section(_("Not taken by the hub"), [_refused(app, item) for item in refused])
    body += _section(_("How many records, and where they are"), _counts(app))
    body += _section(_("Newest notes"), [_item(app, item) for item in app.overview.recent_records()])
    return screen(app, "/more/sync", _("Synchronisation"), body, section="/more")


def _counts(app: App) -> list[ft.Control]:
    counts = app.overview.states()
    return [
        ft.ListTile(
            title=ft.Text(f"{word(state)}: {counts[state]}"),
            subtitle=ft.Text(meaning()),
            content_padding=ft.Padding.symmetric(horizontal=4),
        )
        for state, meaning in _MEANINGS.items()
        if counts[state]
    ]


def _sync(app: App, *, let_vanish: bool = False) -> None:
    app.page.run_task(app.sync.now, let_vanish=let_vanish)


def _section(title: str, rows: list[ft.Control]) -> list[ft.Control]:
    return [heading(title), *rows] if rows else []


def _item(app: App, item: Item) -> ft.Control:
    citizen = app.overview.citizen(item.record.citizen_id) if item.record else None
    name = citizen.name if citizen else ""
    title = record_title(item.record)
    return ft.ListTile(
        title=ft.Text(" · ".join(part for part in (title, name) if part)),
        subtitle=ft.Text(word(item.state)),
        content_padding=ft.Padding.symmetric(horizontal=4),
    )


def _refused(app: App, item: Item) -> ft.Control:
    again = ft.TextButton(_("Try again"), height=48, on_click=lambda e: app.do(app.desk.try_again, item.record_id))
    return card(_item(app, item), ft.Text(messages.refusal(item.reason)), *unsent_lines(item), ft.Row([again]))


@ft.component
def Enrol() -> ft.Control:
    """The way to a hub: its address and a one-time code."""
    app = use_app()
    address = ft.use_memo(lambda: text_field(_("Address of the hub"), value="https://"), [])
    code = ft.use_memo(lambda: text_field(_("Code"), capitalization=ft.TextCapitalization.CHARACTERS), [])

    async def connect() -> None:
        done = await app.attempt(enrol, app.vault, address.value or "", code.value or "", socket.gethostname()[:60])
        if done is not None:
            await app.enrolled()

    rows: list[ft.Control] = [
        ft.Text(_("Ask your municipality for the address and a code. The code works once, for ten minutes.")),
        address,
        code,
    ]
    rows.append(wide(ft.FilledButton(_("Connect"), on_click=connect)))
    return ft.Column(rows, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

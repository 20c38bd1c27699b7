"""How things stand with the hub, in one line: how many wait, or that everything was received."""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.parts import card, quiet
from mobile_app.domain.calendar import day_of
from mobile_app.i18n import _, n_
from mobile_app.state import SyncPhase


def sync_title(app: App) -> str:
    """Derived from the outbox, never from how a sync felt."""
    waiting = app.overview.waiting_count()
    if app.state.sync.phase == SyncPhase.NOT_ENROLLED:
        return _("Not connected to a hub yet")
    refused = app.overview.refused_count()
    if refused:
        return n_("{n} not taken by the hub", "{n} not taken by the hub", refused)
    if waiting:
        return n_("{n} waiting", "{n} waiting", waiting)
    progress = app.overview.progress()
    if progress is None or progress.last_success_at is None:
        return _("Nothing was sent or fetched yet")
    if progress.differs:
        return _("The hub and this phone do not hold the same")
    return _("Everything is received")


def sync_lines(app: App) -> list[ft.Control]:
    line = app.state.sync
    lines: list[ft.Control] = [
        ft.Semantics(content=ft.Text(sync_title(app), size=16, weight=ft.FontWeight.W_600), live_region=True)
    ]
    if line.unreachable:
        lines += [ft.Text(_("No connection")), quiet(_("The notes are saved on the phone"))]
    elif line.problem:
        lines.append(ft.Text(line.problem))
    progress = app.overview.progress()
    if progress and progress.differs:
        lines.append(
            ft.Text(_("Nothing was deleted. It is tried again tomorrow. Ring your IT support if it stays so."))
        )
    if progress and progress.last_success_at:
        moment = formats.moment(progress.last_success_at, app.overview.today())
        lines.append(quiet(_("Last synced {moment}", moment=moment)))
    if progress and progress.mended_at and not progress.differs:
        moment = formats.moment(progress.mended_at, app.overview.today())
        lines.append(quiet(_("A difference to the hub was found and put right {moment}", moment=moment)))
    lease = app.state.lease
    if lease is not None and lease.warns:
        closes = formats.day(day_of(app.setup.clock() + lease.left), app.overview.today())
        lines.append(quiet(_("Without a sync the notes close {day}, until there is one.", day=closes)))
    return lines


def sync_card(app: App) -> ft.Control:
    open_button = ft.TextButton(_("Synchronisation"), height=48, on_click=lambda e: app.go("/more/sync"))
    return card(*sync_lines(app), ft.Row([open_button]))

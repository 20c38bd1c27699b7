"""What the PIN opens when the notes are not to be seen: the sync, why it is so, and what to do about it. Of her words
only those that a phone which was handed in could not get rid of."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app import messages
from mobile_app.app import App
from mobile_app.components.layout import demo_line, notice
from mobile_app.components.parts import card, heading, quiet, wide
from mobile_app.components.unsent import unsent_lines
from mobile_app.i18n import _, n_
from mobile_app.state import AppState, SyncPhase
from mobile_app.views.elsewhere import plain_view
from mobile_app.wording import record_title
from storage.reading import SyncState
from storage.row import RowStatus


@ft.component
def SyncOnly(state: AppState) -> ft.View:
    app = state.app
    sure, set_sure = ft.use_state(False)
    running = state.sync.phase == SyncPhase.RUNNING

    async def sync() -> None:
        await app.sync.now()

    async def lock() -> None:
        await app.lock()

    controls = [*(_handed_in(state) if state.handed_in else _too_long(state))]
    if state.asks_to_empty:
        controls += [*_not_taken(app), *_empty(app, sure, set_sure)]
    controls += _line(state, running=running)
    button = ft.OutlinedButton if state.asks_to_empty else ft.FilledButton
    controls.append(wide(button(_("Sync now"), icon=ft.Icons.SYNC, disabled=running, on_click=sync)))
    controls.append(wide(ft.TextButton(_("Lock now"), icon=ft.Icons.LOCK_OUTLINE, on_click=lock)))
    if app.setup.demo_pin:
        controls.append(demo_line(app.setup.demo_pin))
    return plain_view("/sync-only", controls)


def _too_long(state: AppState) -> list[ft.Control]:
    days = state.lease.spent.days if state.lease else 0
    why = n_(
        "It is {n} day since this phone met the hub. Your notes are all here, and open again once it has synced.",
        "It is {n} days since this phone met the hub. Your notes are all here, and open again once it has synced.",
        days,
    )
    return [heading(_("One sync, and you are back")), notice(why, ft.Icons.SYNC_PROBLEM)]


def _handed_in(state: AppState) -> list[ft.Control]:
    if state.asks_to_empty:
        text = _("This phone was handed in. The hub has what you wrote, but for what stands here.")
    else:
        text = _("This phone was handed in. What you wrote is sent first, then the phone empties itself.")
    return [notice(text, ft.Icons.ASSIGNMENT_RETURN_OUTLINED)]


def _line(state: AppState, *, running: bool) -> list[ft.Control]:
    """How the sync goes, without a word of what is in it."""
    if running:
        moved = n_("{n} record moved", "{n} records moved", state.sync.moved)
        return [ft.ProgressBar(semantics_label=_("Synchronising")), quiet(moved)]
    lines: list[ft.Control] = []
    if waiting := state.app.overview.waiting_count():
        lines.append(ft.Text(n_("{n} waiting", "{n} waiting", waiting)))
    if state.sync.unreachable:
        lines.append(ft.Text(_("No connection. Go where the phone has a network, then sync.")))
        lines.append(quiet(_("If that does not help, ring your IT support. Nothing is lost meanwhile.")))
    elif state.sync.problem:
        lines.append(ft.Text(state.sync.problem))
    return lines


def _not_taken(app: App) -> list[ft.Control]:
    """In full: nobody else has it."""
    rows = [heading(_("Not taken by the hub"))]
    for item in app.overview.outstanding():
        if item.state == SyncState.REFUSED:
            again = ft.TextButton(
                _("Try again"), height=48, on_click=lambda e, i=item.record_id: app.do(app.desk.try_again, i)
            )
            # The rest of the sentence would say that it stays on the phone.
            why = quiet(messages.refusal(item.reason).partition(".")[0] + ".")
            rows.append(card(_title(record_title(item.record)), *unsent_lines(item), why, ft.Row([again])))
    rows += [card(_title(_("Draft")), ft.Text(draft.text)) for draft in app.unsaved.values()]
    unreadable = sum(one.status != RowStatus.CLEAN for one in app.vault.health.quarantined)
    if unreadable:
        rows.append(quiet(n_("{n} record cannot be opened.", "{n} records cannot be opened.", unreadable)))
    return rows


def _title(text: str) -> ft.Control:
    return ft.Text(text, weight=ft.FontWeight.W_600)


def _empty(app: App, sure: bool, set_sure: Callable[[bool], object]) -> list[ft.Control]:
    """Two taps: it cannot be undone."""
    if not sure:
        words = ft.Text(_("Write down what you still need, or tell the office. Then let the phone be emptied."))
        return [words, wide(ft.FilledButton(_("Empty the phone"), on_click=lambda e: set_sure(True)))]
    return [
        ft.Text(_("What stands here is gone then, for good.")),
        wide(ft.FilledButton(_("Empty it for good"), icon=ft.Icons.DELETE_OUTLINE, on_click=app.lost.agree)),
        wide(ft.TextButton(_("Not yet"), on_click=lambda e: set_sure(False))),
    ]

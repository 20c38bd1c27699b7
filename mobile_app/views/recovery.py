"""A forgotten PIN: a question to the helpdesk, its code to read aloud, and a new PIN once they answered."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import notice
from mobile_app.components.new_secret import NewSecret, NewSecretFields, words
from mobile_app.components.parts import heading, problem_line, quiet, wide
from mobile_app.i18n import _
from mobile_app.state import AppState
from mobile_app.views.elsewhere import plain_view
from storage import slots


@ft.component
def RecoveryView(state: AppState) -> ft.View:
    app = state.app
    ft.use_effect(app.recovering.start_looking, [], app.recovering.stop_looking)
    if slots.RECOVERY not in state.ways.slots:
        body = _no_help()
    elif state.recovery.answer is not None:
        body = [NewPin(state)]
    elif state.recovery.request is not None:
        body = _code(state, state.recovery.request.code)
    else:
        body = _ask(state)
    back = ft.TextButton(_("Back to the lock screen"), on_click=lambda e: app.recovering.leave())
    return plain_view("/recovery", [*body, wide(back)])


def _no_help() -> list[ft.Control]:
    """Without the municipality's key nothing opens the file: said plainly."""
    return [
        heading(_("No help with this one")),
        ft.Text(_("This phone was not set up for help with a forgotten PIN. Nobody can open these notes without it.")),
        ft.Text(_("What the hub has received is not lost: ask your municipality for a code and set Medgang up anew.")),
        ft.Text(_("What was not sent yet is only here. Keep the app as long as you may still remember the PIN.")),
    ]


def _ask(state: AppState) -> list[ft.Control]:
    return [
        heading(_("A new PIN")),
        ft.Text(_("Your IT support can let you in again. Nothing you wrote is lost, also what was not sent yet.")),
        ft.Text(_("The phone sends them a question. They see no notes, and not your PIN.")),
        *problem_line(state.recovery.problem),
        wide(ft.FilledButton(_("Ask for a new PIN"), icon=ft.Icons.SUPPORT_AGENT, on_click=state.app.recovering.ask)),
    ]


def _code(state: AppState, code: str) -> list[ft.Control]:
    shown = ft.Text(code, size=32, weight=ft.FontWeight.W_600, selectable=True, text_align=ft.TextAlign.CENTER)
    return [
        heading(_("Ring your IT support")),
        ft.Text(_("Read this code to them, so that they know that it is you who asks:")),
        ft.Semantics(content=shown, label=spelled(code), exclude_semantics=True, container=True),
        quiet(_("You may leave the app meanwhile. The answer comes by itself; the question stands for a day.")),
        *problem_line(state.recovery.problem),
        wide(ft.FilledButton(_("Is there an answer?"), icon=ft.Icons.REFRESH, on_click=state.app.recovering.look)),
    ]


def spelled(code: str) -> str:
    """For a screen reader: sign by sign."""
    return ", ".join(sign for sign in code if sign.isalnum())


@ft.component
def NewPin(state: AppState) -> ft.Control:
    app = state.app
    problem, set_problem = ft.use_state("")
    passphrase = state.ways.demands_passphrase
    new, called = ft.use_memo(lambda: (NewSecret(passphrase), words(passphrase)), [])

    async def finish() -> None:
        secret = await new.chosen(set_problem)
        if secret is None:
            return
        await app.recovering.finish(secret)

    rows: list[ft.Control] = [
        notice(_("The answer is there. Choose a new one; from then on the old one opens nothing."), ft.Icons.CHECK),
        NewSecretFields(new, called.new, called.new_again),
        *problem_line(problem or state.recovery.problem),
        wide(ft.FilledButton(_("Open my notes"), icon=ft.Icons.LOCK_OPEN, on_click=finish)),
    ]
    return ft.Column(rows, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

"""What stops or changes a course, on the citizen's page: a pause, a move, an age limit, a death."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.parts import card, entry, quiet
from mobile_app.domain.case import Case, returned_on
from mobile_app.domain.edges import is_silent
from mobile_app.i18n import _, n_
from mobile_app.wording import pause_words
from storage.records import CitizenStatus, Pause, PauseReason, ReminderState


def circumstances(app: App, case: Case) -> list[ft.Control]:
    today = app.overview.today()
    coming = [pause for pause in case.pauses if (returned_on(pause) or today) >= today and not pause.ended_on]
    cards = [_pause(app, case, pause) for pause in sorted(coming, key=lambda pause: pause.from_on)]
    if case.moves_away_on and case.citizen.status != CitizenStatus.CLOSED:
        cards.append(_moves(app, case))
    return cards


def _pause(app: App, case: Case, pause: Pause) -> ft.Control:
    citizen, today = case.citizen, app.overview.today()
    runs = pause in case.pauses_on(today)
    lines = [_silent(app, case)] if runs and pause.reason == PauseReason.ADMISSION else []
    change = f"/citizens/{citizen.id}/pause/{pause.id}"
    buttons: list[ft.Control] = []
    if runs:
        ended = _("Discharged") if pause.reason == PauseReason.ADMISSION else _("Back now")
        buttons.append(ft.FilledTonalButton(ended, height=48, on_click=lambda e: end_pause(app, pause.id)))
    buttons.append(ft.TextButton(_("Change"), height=48, on_click=lambda e: app.go(change)))
    return entry(ft.Icons.PAUSE_CIRCLE_OUTLINE, pause_words(pause, today), lines, buttons)


def _silent(app: App, case: Case) -> str:
    today = app.overview.today()
    silent = [r for r in case.reminders if r.state == ReminderState.OPEN and is_silent(r, case, today)]
    if not silent:
        return _("Reminders are silent until the discharge.")
    return n_(
        "Reminders are silent until the discharge. {n} of your own comes back then.",
        "Reminders are silent until the discharge. {n} of your own come back then.",
        len(silent),
    )


def end_pause(app: App, pause_id: str) -> None:
    """In one tap, with a way back."""
    acted(app, _("The pause has ended."), app.desk.end_pause, pause_id)


def acted(app: App, said: str, use_case: Callable[..., Callable[[], None]], *arguments: object) -> None:
    """A use case that answers with what undoes it."""

    async def run() -> None:
        done = await app.attempt(use_case, *arguments)
        if done is not None:
            undo = done.value

            async def back() -> None:
                await app.attempt(undo)

            app.say(said, _("Undo"), back)

    app.page.run_task(run)


def _moves(app: App, case: Case) -> ft.Control:
    citizen, on = case.citizen, case.moves_away_on
    assert on is not None
    day = formats.day_in_full(on, app.overview.today())
    moved = on <= app.overview.today()
    title = _("Moved to another municipality {day}") if moved else _("Moves to another municipality {day}")
    lines = [_("Medgang passes nothing on: hand over by phone or in the case system.")]
    buttons: list[ft.Control] = [
        ft.TextButton(_("Change"), height=48, on_click=lambda e: app.go(f"/citizens/{citizen.id}/moving"))
    ]
    if moved:
        buttons.insert(0, close_button(app, case))
    return entry(ft.Icons.LUGGAGE, title.format(day=day), lines, buttons)


def close_button(app: App, case: Case) -> ft.Control:
    said = _("The course has ended. The case leaves the phone once all of it is safe at the hub.")
    return ft.FilledTonalButton(
        _("End the course"), height=48, on_click=lambda e: acted(app, said, app.desk.close_course, case.citizen)
    )


def has_died(app: App, case: Case) -> ft.Control:
    """Quiet: what is so, what that means, and the way back from a wrong tap."""
    citizen, on = case.citizen, case.died_on
    assert on is not None
    day = formats.day_in_full(on, app.overview.today())
    rows: list[ft.Control] = [
        ft.Text(_("{name} died {day}.", name=citizen.given_name, day=day), size=18),
        quiet(_("Reminders, suggestions and alarms have stopped. The notes are here.")),
    ]
    actions: list[ft.Control] = [
        ft.TextButton(_("Take it back"), height=48, on_click=lambda e: app.do(app.desk.lives, citizen.id))
    ]
    if citizen.status != CitizenStatus.CLOSED:
        actions.insert(0, close_button(app, case))
    return card(*rows, ft.Row(actions, wrap=True))

"""One reminder with what she can do about it: done, snooze, cancel - each with a way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.appointment_answers import drop_label, replies
from mobile_app.components.parts import entry
from mobile_app.domain.agenda import Open
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import reminder_text, reminder_why
from storage.records import Answer

_SNOOZES = {
    "this_afternoon": lambda: _("This afternoon"),
    "tomorrow": lambda: _("Tomorrow"),
    "next_week": lambda: _("Next week"),
}


@ft.component
def ReminderCard(one: Open, ringing: bool = False, with_name: bool = True) -> ft.Control:
    app = use_app()
    snoozing, set_snoozing = ft.use_state(False)
    citizen = app.overview.citizen(one.citizen_id)
    about, today = app.overview.asked_about(one), app.overview.today()
    when = formats.sentence(formats.moment(one.due_at, today))
    whom = f"{citizen.name} · {when}" if citizen and with_name else when
    return entry(
        ft.Icons.NOTIFICATIONS_ACTIVE if ringing else ft.Icons.NOTIFICATIONS_OUTLINED,
        reminder_text(one, citizen, about, today),
        [whom, reminder_why(one, citizen, about, today)],
        _snoozes(app, one) if snoozing else _answers(app, one, lambda: set_snoozing(True)),
        on_click=(lambda: app.go(f"/citizens/{one.citizen_id}")) if citizen and with_name else None,
        bgcolor=ft.Colors.TERTIARY_CONTAINER if ringing else None,
    )


def _answers(app: App, one: Open, on_snooze: Callable[[], None]) -> list[ft.Control]:
    done = ft.FilledTonalButton(
        _("Done"), icon=ft.Icons.CHECK, height=48, on_click=lambda e: answer(app, one, Answer.DONE)
    )
    return [
        *(replies(app, one, app.overview.asked_about(one)) or [done]),
        ft.TextButton(_("Snooze"), height=48, on_click=lambda e: on_snooze()),
        ft.TextButton(drop_label(one), height=48, on_click=lambda e: answer(app, one, Answer.CANCELLED)),
    ]


def _snoozes(app: App, one: Open) -> list[ft.Control]:
    return [
        ft.OutlinedButton(
            _SNOOZES[code](), height=48, on_click=lambda e, moment=moment: answer(app, one, Answer.SNOOZED, moment)
        )
        for code, moment in app.desk.snooze_choices()
    ]


def answer(app: App, one: Open, chosen: Answer, until: datetime | None = None) -> None:
    async def run() -> None:
        done = await app.attempt(app.desk.answer, one, chosen, until)
        app.state.ringing = tuple(r for r in app.state.ringing if r.key != one.key)
        if done is not None:
            app.say(_said(app, chosen, until), _("Undo"), lambda: _undo(app, done.value))

    app.page.run_task(run)


async def _undo(app: App, undo) -> None:
    await app.attempt(undo)


def _said(app: App, chosen: Answer, until: datetime | None) -> str:
    if until is not None:
        return _("You are reminded {moment}.", moment=formats.moment(until, app.overview.today()))
    return _("Done.") if chosen == Answer.DONE else _("The reminder is cancelled.")

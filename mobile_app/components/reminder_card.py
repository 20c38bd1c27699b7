"""One reminder with what she can do about it: done, call, snooze, cancel - each with a way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.appointment_answers import drop_label, replies
from mobile_app.components.around import end_pause
from mobile_app.components.choices import moment_field
from mobile_app.components.cover_mark import cover_mark
from mobile_app.components.parts import entry, problem_line
from mobile_app.components.ways import direct_ways
from mobile_app.domain.agenda import Open
from mobile_app.domain.edges import DISCHARGED_YET
from mobile_app.i18n import _, n_
from mobile_app.state import use_app
from mobile_app.wording import reminder_text, reminder_why
from storage.records import Answer, Citizen

#: The morning is said with its day: on a Friday it is Monday's.
_SNOOZES = {
    "ten_minutes": lambda moment, today: _("In 10 minutes"),
    "an_hour": lambda moment, today: _("In an hour"),
    "morning": lambda moment, today: formats.sentence(formats.moment(moment, today)),
}
_NO_MOMENT: datetime | None = None


@ft.component
def ReminderCard(one: Open, ringing: bool = False, with_name: bool = True) -> ft.Control:
    app = use_app()
    snoozing, set_snoozing = ft.use_state(False)
    citizen = app.overview.citizen(one.citizen_id)
    about, today = app.overview.asked_about(one), app.overview.today()
    when = formats.sentence(formats.moment(one.due_at, today))
    whom = f"{citizen.name} · {when}" if citizen and with_name else when
    actions = [Snoozes(one, lambda: set_snoozing(False))] if snoozing else _answers(app, one, citizen, set_snoozing)
    shown = entry(
        ft.Icons.NOTIFICATIONS_ACTIVE if ringing else ft.Icons.NOTIFICATIONS_OUTLINED,
        reminder_text(one, citizen, about, today),
        [
            whom,
            reminder_why(one, citizen, about, today),
            cover_mark(app, one.citizen_id) if with_name else "",
        ],
        actions,
        on_click=(lambda: app.go(f"/citizens/{one.citizen_id}")) if citizen and with_name else None,
        bgcolor=ft.Colors.TERTIARY_CONTAINER if ringing else None,
    )
    return ft.Semantics(content=shown, live_region=True) if ringing else shown


def ringing_line(app: App) -> ft.Control:
    """What rings, in one line that leads there."""
    ringing = app.state.ringing
    if len(ringing) == 1:
        (one,) = ringing
        citizen = app.overview.citizen(one.citizen_id)
        text = reminder_text(one, citizen, app.overview.asked_about(one), app.overview.today())
        words = f"{text} · {citizen.given_name}" if citizen else text
    else:
        words = n_("{n} reminder rings", "{n} reminders ring", len(ringing))
    row = ft.Row(
        [
            ft.Icon(ft.Icons.NOTIFICATIONS_ACTIVE),
            ft.Text(words, expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
            ft.TextButton(_("See"), height=48, on_click=lambda e: app.go("/reminders")),
        ]
    )
    line = ft.Container(
        row, bgcolor=ft.Colors.TERTIARY_CONTAINER, border_radius=12, padding=ft.Padding.symmetric(horizontal=12)
    )
    return ft.Semantics(content=line, live_region=True)


def _answers(app: App, one: Open, citizen: Citizen | None, snooze: Callable[[bool], None]) -> list[ft.Control]:
    return [
        *_replies(app, one),
        ft.TextButton(_("Snooze"), height=48, on_click=lambda e: snooze(True)),
        ft.TextButton(drop_label(one), height=48, on_click=lambda e: answer(app, one, Answer.CANCELLED)),
        *_calls(app, one, citizen),
    ]


def _replies(app: App, one: Open) -> list[ft.Control]:
    """What its question is answered with, in one tap."""
    if one.step == DISCHARGED_YET:
        return _discharged(app, one)
    return replies(app, one, app.overview.asked_about(one)) or [
        *direct_ways(app, one),
        ft.FilledTonalButton(
            _("Done"), icon=ft.Icons.CHECK, height=48, on_click=lambda e: answer(app, one, Answer.DONE)
        ),
    ]


def _discharged(app: App, one: Open) -> list[ft.Control]:
    """ "Udskrevet endnu?" Yes ends the pause; no is asked again in a week."""
    return [
        ft.FilledTonalButton(
            _("Yes, discharged"), icon=ft.Icons.CHECK, height=48, on_click=lambda e: end_pause(app, one.source_id)
        ),
        ft.OutlinedButton(_("Not yet"), height=48, on_click=lambda e: answer(app, one, Answer.DONE)),
    ]


def _calls(app: App, one: Open, citizen: Citizen | None) -> list[ft.Control]:
    """Whom it may be about: the citizen, and whom the appointment is with."""
    if citizen is None:
        return []
    phones = [(citizen.given_name, citizen.phone)]
    case = app.overview.case(citizen.id)
    for appointment in case.appointments if case else ():
        person = app.overview.network_person(appointment.network_person_id)
        if appointment.id == one.source_id and person is not None:
            phones.append((person.name, person.phone))
    return [
        ft.TextButton(
            _("Call {name}", name=name),
            icon=ft.Icons.CALL,
            height=48,
            on_click=lambda e, phone=phone: app.page.run_task(app.call, phone),
        )
        for name, phone in phones
        if phone
    ]


@ft.component
def Snoozes(one: Open, back: Callable[[], None]) -> ft.Control:
    """When to be asked again."""
    app = use_app()
    choosing, set_choosing = ft.use_state(False)
    until, set_until = ft.use_state(_NO_MOMENT)
    if choosing:
        field = moment_field(app.page, _("When"), until, app.desk.now(), set_until)
        has_passed = until is not None and until <= app.desk.now()
        is_late = until is not None and one.expires_at is not None and until >= one.expires_at
        chosen = ft.FilledTonalButton(
            _("Remind me then"),
            height=48,
            disabled=until is None or has_passed or is_late,
            on_click=lambda e: answer(app, one, Answer.SNOOZED, until),
        )
        late = _("By then it is over. Choose an earlier moment.") if is_late else ""
        problem = problem_line(_("Choose a moment that is still to come.") if has_passed else late)
        return _row(field, *problem, chosen, _back(back))
    offered = [
        ft.OutlinedButton(
            _SNOOZES[code](moment, app.overview.today()),
            height=48,
            on_click=lambda e, moment=moment: answer(app, one, Answer.SNOOZED, moment),
        )
        for code, moment in app.desk.moments_to_ask_again()
        if one.expires_at is None or moment < one.expires_at
    ]
    choose = ft.OutlinedButton(_("Another time"), height=48, on_click=lambda e: set_choosing(True))
    return _row(*offered, choose, _back(back))


def _row(*controls: ft.Control) -> ft.Control:
    return ft.Row(list(controls), wrap=True, spacing=8, run_spacing=4)


def _back(back: Callable[[], None]) -> ft.Control:
    return ft.TextButton(_("Back"), height=48, on_click=lambda e: back())


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

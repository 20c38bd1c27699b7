"""What the screens of an appointment share: when, how long, how often; and what she had put in when she looked away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.choices import chip, labelled, moment_field, pick_day
from mobile_app.components.parts import problem_line, quiet
from mobile_app.domain.appointments import CLOCK, RECURRING_SPAN, TO_COME
from mobile_app.domain.calendar import day_of
from mobile_app.domain.occurrence import Occurrence, single
from mobile_app.domain.repeating import TIMES_OFFERED, Every, Repeat, last_of, repeat_of, rule_of
from mobile_app.i18n import _
from mobile_app.wording import word
from storage.records import Appointment

Change = Callable[..., None]

_LENGTHS_MINUTES = (30, 45, 60, 90, 120)
_TIMES = (4, 6, 8, TIMES_OFFERED, 12, 20)


def found_appointment(app: App, appointment_id: str) -> Appointment | None:
    """As she left it when she looked away, else as it is kept."""
    return app.fresh_appointments.get(appointment_id) or app.overview.appointment(appointment_id)


def left(app: App, written: Appointment | None) -> None:
    """A covered screen forgets nothing: the form is as it was when she looks again, until the lock."""
    if written is not None and app.state.covered:
        app.fresh_appointments[written.id] = written
    elif written is not None:
        app.fresh_appointments.pop(written.id, None)


def when(app: App, appointment: Appointment, change: Change, moved_from: Occurrence | None = None) -> list[ft.Control]:
    """Day and time; and in one tap what is likely: of a time that is missing, has passed, or is to be moved."""
    at, today = appointment.starts_at, app.overview.today()
    rows = [
        moment_field(app.page, _("When"), at, app.desk.now(), lambda chosen: change(**starting(appointment, chosen)))
    ]
    stored = app.overview.appointment(appointment.id)
    was = moved_from.starts_at if moved_from else stored.starts_at if stored else None
    passed = at is not None and at != was and at <= app.desk.now() and appointment.state in TO_COME
    if passed:
        rows += problem_line(_("That time has passed."))
    offered = _moments(app, single(appointment) if passed else moved_from, missing=at is None)
    chips = [
        chip(formats.sentence(formats.moment(m, today)), m == at, lambda m=m: change(**starting(appointment, m)))
        for m in offered
    ]
    return [*rows, labelled(_("Or"), chips)] if chips else rows


def _moments(app: App, from_: Occurrence | None, *, missing: bool) -> list[datetime]:
    """The same clock on the next two working days; ten o'clock where there is no time yet."""
    calendar, today = app.overview.calendar(), app.overview.today()
    if missing:
        return [calendar.at(calendar.next_working_day(today), CLOCK)]
    return [from_.working_days_on(count, calendar, today) for count in (1, 2)] if from_ else []


def starting(appointment: Appointment, at: datetime) -> dict[str, Any]:
    """With the same length, and on the weekday of the new day where it repeats every month."""
    a, repeat = appointment, repeat_of(appointment.rrule)
    length = a.ends_at - a.starts_at if a.ends_at and a.starts_at else None
    rule = a.rrule if repeat.every == Every.OTHER else rule_of(repeat, at)
    return {"starts_at": at, "ends_at": at + length if length else None, "rrule": rule}


def how_long(appointment: Appointment, change: Change) -> list[ft.Control]:
    begins = appointment.starts_at
    if begins is None:
        return []
    chips = [
        chip(
            _("{n} min", n=n),
            appointment.ends_at == begins + timedelta(minutes=n),
            lambda n=n: change(ends_at=begins + timedelta(minutes=n)),
        )
        for n in _LENGTHS_MINUTES
    ]
    return [labelled(_("How long"), chips)]


def repeats(app: App, appointment: Appointment, change: Change) -> list[ft.Control]:
    """How often, and until when: without an end one is offered, and it is said which time is the last."""
    begins, repeat = appointment.starts_at, repeat_of(appointment.rrule)
    if begins is None:
        return []

    def choose(**fields: Any) -> None:
        change(rrule=rule_of(Repeat(**fields), begins))

    every = [code for code in Every if code != Every.OTHER or repeat.every == Every.OTHER]
    chips = [
        chip(word(code), code == repeat.every, lambda code=code: choose(every=code, times=TIMES_OFFERED))
        if code != Every.OTHER
        else chip(word(code), True, lambda: None)
        for code in every
    ]
    rows = [labelled(_("Repeats"), chips)]
    if repeat.every in (Every.NEVER, Every.OTHER):
        return rows
    times = [
        chip(_("{n} times", n=n), repeat.times == n, lambda n=n: choose(every=repeat.every, times=n))
        for n in sorted({*_TIMES, *([repeat.times] if repeat.times else [])})
    ]
    rows.append(labelled(_("Until when"), [*times, _until(app, repeat, begins, choose)]))
    return rows + _last_said(app, appointment, repeat)


def _until(app: App, repeat: Repeat, begins: datetime, choose: Callable[..., None]) -> ft.Control:
    def chosen(day: date) -> None:
        choose(every=repeat.every, until=day)

    text = _("Until {day}", day=formats.date_only(repeat.until)) if repeat.until else _("Until a day")
    shown = repeat.until or day_of(begins) + timedelta(weeks=TIMES_OFFERED)
    return ft.OutlinedButton(
        text, icon=ft.Icons.CALENDAR_TODAY, height=48, on_click=lambda e: pick_day(app.page, shown, chosen)
    )


def _last_said(app: App, appointment: Appointment, repeat: Repeat) -> list[ft.Control]:
    if not repeat.ends:
        return problem_line(_("It repeats without an end. Choose how many times, for example ten."))
    assert appointment.starts_at is not None, "what repeats has a start"
    last = last_of(appointment, appointment.starts_at + 2 * RECURRING_SPAN)
    if last is None:
        return problem_line(_("The last day lies before the first time. Choose a later one."))
    return [quiet(_("The last time is {moment}.", moment=formats.full_moment(last)))]

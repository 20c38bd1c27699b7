"""How a reminder speaks of its appointment: "lægetiden", "til lægen", "på mandag kl. 10:30"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from mobile_app import formats
from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import day_of, shifted
from mobile_app.i18n import _
from storage.records import Appointment, AppointmentType

_WHAT: dict[AppointmentType | None, Callable[[], str]] = {
    AppointmentType.DOCTOR: lambda: _("the doctor's appointment"),
    AppointmentType.PSYCHIATRY: lambda: _("the appointment at psychiatry"),
    AppointmentType.MEETING: lambda: _("the meeting"),
    AppointmentType.INTERNSHIP: lambda: _("the appointment about the internship"),
    AppointmentType.OTHER: lambda: _("the appointment"),
    None: lambda: _("the appointment"),
}
_WHITHER: dict[AppointmentType | None, Callable[[], str]] = {
    AppointmentType.DOCTOR: lambda: _("to the doctor"),
    AppointmentType.PSYCHIATRY: lambda: _("to psychiatry"),
    AppointmentType.MEETING: lambda: _("to the meeting"),
    AppointmentType.INTERNSHIP: lambda: _("to the internship"),
    AppointmentType.OTHER: lambda: _("to the appointment"),
    None: lambda: _("to the appointment"),
}


def seen_on(one: Open, today: date | None) -> date:
    """The day that "i morgen" is said on; without one the day it is due."""
    return today or day_of(one.due_at)


def start_of(one: Open, about: Appointment | None) -> datetime:
    """Of a series the anchor tells which time is meant."""
    return one.anchor if about is None or about.rrule or about.starts_at is None else about.starts_at


def words(one: Open, about: Appointment | None, today: date | None) -> dict[str, str]:
    """What the messages of rule 2 may name; without the appointment only what the reminder itself knows."""
    at, on = start_of(one, about), seen_on(one, today)
    kind = about.type if about else None
    lead = timedelta(minutes=about.lead_minutes if about else 0)
    return {
        "what": _WHAT[kind](),
        "whither": _WHITHER[kind](),
        "since": formats.dated(about.state_since if about else day_of(one.anchor), on),
        "day": formats.coming_day(day_of(at), on),
        "moment": _moment(at, on),
        "leaving": _moment(shifted(at, -lead), on),
    }


def _moment(at: datetime, on: date) -> str:
    """The day is said where it is another one."""
    if day_of(at) == on:
        return _("at {time}", time=formats.clock(at))
    return _("{day} at {time}", day=formats.coming_day(day_of(at), on), time=formats.clock(at))

"""Direct ways from a reminder to what it asks for, by its step."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app.app import App
from mobile_app.domain import aftercare
from mobile_app.domain.agenda import Open
from mobile_app.i18n import _
from storage.records import AppointmentState, AppointmentType, Channel

Way = tuple[Callable[[], str], Callable[[App, Open], None]]


def _goes(to: str) -> Callable[[App, Open], None]:
    return lambda app, one: app.go(f"/citizens/{one.citizen_id}/{to}")


def _rings(app: App, one: Open) -> None:
    citizen = app.overview.citizen(one.citizen_id)
    if citizen and citizen.phone:
        app.page.run_task(app.call, citizen.phone)
    elif citizen:
        app.say(_("No phone number."))


def _arranges(text: Callable[[], str]) -> Callable[[App, Open], None]:
    """An appointment to ring at, on the next working day until she says another."""

    def arrange(app: App, one: Open) -> None:
        calendar = app.overview.calendar()
        appointment = app.desk.new_appointment(
            one.citizen_id,
            type=AppointmentType.MEETING,
            state=AppointmentState.BOOKED,
            channel=Channel.PHONE,
            text=text(),
            starts_at=calendar.at(calendar.next_working_day(app.overview.today()), aftercare.CLOCK),
        )
        app.fresh_appointments[appointment.id] = appointment
        app.go(f"/citizens/{one.citizen_id}/appointment/{appointment.id}")

    return arrange


_WAYS: dict[str, tuple[Way, ...]] = {
    aftercare.AGREED_CALL: ((lambda: _("Call"), _rings),),
    aftercare.CLOSING_CALL: (
        (lambda: _("Arrange a time"), _arranges(lambda: _("Closing call"))),
        (lambda: _("Call"), _rings),
    ),
    aftercare.WHO_TAKES_OVER: ((lambda: _("Choose who"), _goes("aftercare")),),
    aftercare.SUM_UP: ((lambda: _("See the summary"), _goes("aftercare/finish")),),
    aftercare.ASK_AGAIN: ((lambda: _("The answer"), _goes("end")),),
}


def direct_ways(app: App, one: Open) -> list[ft.Control]:
    return [
        ft.OutlinedButton(say(), height=48, on_click=lambda e, act=act: act(app, one))
        for say, act in _WAYS.get(one.step, ())
    ]

"""One appointment: when, what, where, how she goes along - and what became of it."""

from __future__ import annotations

import flet as ft
from msgspec.structs import replace

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.cover_mark import lent_mark
from mobile_app.components.parts import entry
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import appointment_title, icon, word
from storage.records import Accompany, Appointment, AppointmentState

_OUTCOMES = (AppointmentState.KEPT, AppointmentState.MISSED, AppointmentState.CANCELLED)


@ft.component
def AppointmentCard(appointment: Appointment, with_name: bool = True) -> ft.Control:
    app = use_app()
    citizen = app.overview.citizen(appointment.citizen_id)
    when = word(appointment.state)
    if appointment.starts_at:
        when = formats.sentence(formats.moment(appointment.starts_at, app.overview.today()))
    return entry(
        icon(appointment.channel),
        appointment_title(appointment),
        [
            f"{citizen.name} · {when}" if citizen and with_name else when,
            " · ".join(_details(app, appointment)),
            lent_mark(app, appointment.citizen_id) if with_name else "",
        ],
        _actions(app, appointment),
        on_click=(lambda: app.go(f"/citizens/{citizen.id}")) if citizen and with_name else None,
    )


def _details(app: App, appointment: Appointment) -> list[str]:
    citizen = app.overview.citizen(appointment.citizen_id)
    person = app.overview.network_person(appointment.network_person_id)
    hidden = citizen is not None and citizen.address_protected
    parts = [
        person.name if person else "",
        "" if hidden else appointment.place,
        word(appointment.accompany) if appointment.accompany != Accompany.ALONE else "",
        word(appointment.state) if appointment.starts_at and appointment.state != AppointmentState.BOOKED else "",
        _("Two go along") if citizen and citizen.two_person_visits and appointment.channel == "home_visit" else "",
    ]
    return list(dict.fromkeys(part for part in parts if part))


def _actions(app: App, appointment: Appointment) -> list[ft.Control]:
    here = f"/citizens/{appointment.citizen_id}"
    began = appointment.starts_at is not None and appointment.starts_at <= app.desk.now()
    buttons: list[ft.Control] = []
    if began and appointment.state == AppointmentState.BOOKED:
        buttons += [
            ft.OutlinedButton(word(state), height=48, on_click=lambda e, s=state: became(app, appointment, s))
            for state in _OUTCOMES
        ]
    written = app.overview.is_noted(appointment)
    if began and not written and appointment.state in (AppointmentState.BOOKED, AppointmentState.KEPT):
        buttons.append(
            ft.FilledTonalButton(
                _("Write the note"),
                height=48,
                on_click=lambda e: app.writing.new_note(appointment.citizen_id, appointment),
            )
        )
    change = f"{here}/appointment/{appointment.id}"
    buttons.append(ft.TextButton(_("Change"), height=48, on_click=lambda e: app.go(change)))
    return buttons


def became(app: App, appointment: Appointment, state: AppointmentState) -> None:
    async def run() -> None:
        done = await app.attempt(app.desk.save_appointment, replace(appointment, state=state))
        if done is not None:
            app.say(word(state), _("Undo"), undo)

    async def undo() -> None:
        await app.attempt(app.desk.save_appointment, appointment)

    app.page.run_task(run)

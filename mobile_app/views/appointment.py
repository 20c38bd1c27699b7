"""An appointment: what, when, where, in which state, and whether she goes along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
from msgspec.structs import replace

from mobile_app.app import App
from mobile_app.components.appointment_fields import Change, found_appointment, how_long, left, repeats, when
from mobile_app.components.choices import chip, chips, labelled
from mobile_app.components.layout import notice, screen
from mobile_app.components.parts import changing, quiet, text_field, wide
from mobile_app.domain.appointments import HEALTH, TIMELESS
from mobile_app.i18n import _
from mobile_app.state import use_app
from storage.records import Accompany, Appointment, AppointmentState, AppointmentType, Channel, FollowUp

#: Of the lines of a record (storage.records.Line).
LINE_MAX_CHARS = 500


@ft.component
def AppointmentForm() -> ft.View:
    app = use_app()
    params = ft.use_route_params()
    citizen_id, appointment_id = params["citizen_id"], params["appointment_id"]
    route = f"/citizens/{citizen_id}/appointment/{appointment_id}"
    found = ft.use_memo(lambda: found_appointment(app, appointment_id), [appointment_id])
    # Changed at once and drawn after: a quick "Gem" saves what was tapped just before.
    form = ft.use_ref(found)
    appointment, draw = ft.use_state(found)
    text = ft.use_memo(
        lambda: _line(_("What is it about? (may be left out)"), found.text if found else ""), [appointment_id]
    )
    place = ft.use_memo(lambda: _line(_("Place"), found.place if found else ""), [appointment_id])

    citizen = app.overview.citizen(citizen_id)
    on_purpose, show_place = ft.use_state(False)

    def as_written() -> Appointment | None:
        return replace(form.current, text=text.value or "", place=place.value or "") if form.current else None

    ft.use_effect(lambda: None, [appointment_id], lambda: left(app, as_written()))
    if appointment is None:
        return screen(app, route, _("Appointment"), [quiet(_("This appointment is not on this phone."))])

    def change(**fields: Any) -> None:
        form.current = replace(form.current or appointment, **fields)
        draw(form.current)

    async def save() -> None:
        chosen = as_written() or appointment
        finished = replace(chosen, text=chosen.text.strip(), place=chosen.place.strip())
        if await app.attempt(app.desk.save_appointment, finished) is not None:
            app.fresh_appointments.pop(appointment_id, None)
            app.go(f"/citizens/{citizen_id}")
            app.say(_("The appointment is saved."))

    shows_place = on_purpose or not place.value or citizen is None or not citizen.address_protected
    name = ft.Text(citizen.name if citizen else "", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
    body = [
        name,
        chips(_("Kind"), AppointmentType, appointment.type, lambda code: change(**usual(code, appointment.channel))),
        text,
        chips(_("State"), AppointmentState, appointment.state, lambda code: change(state=code)),
        changing("time", [] if appointment.state in TIMELESS else _times(app, appointment, change)),
        place if shows_place else _hidden(lambda: show_place(True)),
        *_with_whom(app, appointment, change),
        chips(_("Where or how"), Channel, appointment.channel, lambda code: change(channel=code)),
        chips(_("Do I come along?"), Accompany, appointment.accompany, lambda code: change(accompany=code)),
        chips(_("Talk afterwards"), FollowUp, appointment.follow_up, lambda code: change(follow_up=code)),
        changing("information", _information(appointment, change)),
    ]
    foot = wide(ft.FilledButton(_("Save appointment"), on_click=save))
    return screen(app, route, _("Appointment"), body, foot=foot)


def _hidden(show: Callable[[], None]) -> ft.Control:
    """Protected address: over her shoulder nobody reads where."""
    return ft.Row([ft.TextButton(_("Show the place"), icon=ft.Icons.VISIBILITY, height=48, on_click=lambda e: show())])


def _line(label: str, value: str) -> ft.TextField:
    return text_field(label, value=value, max_length=LINE_MAX_CHARS, counter="")


def usual(code: AppointmentType, channel: Channel | None = None) -> dict[str, Any]:
    """What usually goes with a kind; all of it can be changed. A meeting is not at the doctor's any more."""
    if code in HEALTH:
        return {"type": code, "channel": Channel.HEALTH, "follow_up": FollowUp.NEXT_DAY}
    elsewhere = None if channel == Channel.HEALTH else channel
    return {"type": code, "channel": elsewhere, "follow_up": FollowUp.NONE}


def _times(app: App, appointment: Appointment, change: Change) -> list[ft.Control]:
    rows = [*when(app, appointment, change), *how_long(appointment, change), *repeats(app, appointment, change)]
    if appointment.rrule and app.overview.appointment(appointment.id):
        rows.insert(0, notice(_("This changes every time. One time alone is changed on its card."), ft.Icons.REPEAT))
    return rows


def _with_whom(app: App, appointment: Appointment, change: Change) -> list[ft.Control]:
    persons = app.overview.persons(appointment.citizen_id)
    if not persons:
        return []
    named = [
        chip(p.name, appointment.network_person_id == p.id, lambda p=p: change(network_person_id=p.id)) for p in persons
    ]
    return [labelled(_("With whom"), named)]


def _information(appointment: Appointment, change: Change) -> list[ft.Control]:
    if appointment.type not in HEALTH:
        return []
    wanted, text = appointment.wants_information, _("The case needs information from them")
    return [labelled(_("Afterwards"), [chip(text, wanted, lambda: change(wants_information=not wanted))])]

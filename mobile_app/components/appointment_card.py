"""One time of an appointment: when, what, where, how she goes along - and what became of it."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.cover_mark import lent_mark
from mobile_app.components.parts import entry
from mobile_app.domain.appointments import TIMELESS, TO_COME
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.repeating import repeat_of
from mobile_app.i18n import _
from mobile_app.places import booking_route, time_route
from mobile_app.state import use_app
from mobile_app.wording import appointment_title, icon, word
from storage.records import Accompany, AppointmentState

_OUTCOMES = (AppointmentState.KEPT, AppointmentState.MISSED, AppointmentState.CANCELLED)


@ft.component
def AppointmentCard(one: Occurrence, with_name: bool = True) -> ft.Control:
    app, appointment = use_app(), one.appointment
    more, set_more = ft.use_state(False)
    citizen = app.overview.citizen(appointment.citizen_id)
    when = word(appointment.state)
    if one.starts_at:
        when = formats.sentence(formats.moment(one.starts_at, app.overview.today()))
    return entry(
        icon(appointment.channel),
        appointment_title(appointment),
        [
            f"{citizen.name} · {when}" if citizen and with_name else when,
            " · ".join(_details(app, one)),
            lent_mark(app, appointment.citizen_id) if with_name else "",
        ],
        _actions(app, one, more, lambda e: set_more(not more)),
        on_click=(lambda: app.go(f"/citizens/{citizen.id}")) if citizen and with_name else None,
    )


def _details(app: App, one: Occurrence) -> list[str]:
    appointment = one.appointment
    citizen = app.overview.citizen(appointment.citizen_id)
    person = app.overview.network_person(appointment.network_person_id)
    hidden = citizen is not None and citizen.address_protected
    parts = [
        person.name if person else "",
        "" if hidden else appointment.place,
        word(appointment.accompany) if appointment.accompany != Accompany.ALONE else "",
        word(appointment.state) if one.starts_at and appointment.state != AppointmentState.BOOKED else "",
        word(repeat_of(appointment.rrule).every) if one.recurs else "",
        _("Two go along") if citizen and citizen.two_person_visits and appointment.channel == "home_visit" else "",
    ]
    return list(dict.fromkeys(part for part in parts if part))


def _actions(app: App, one: Occurrence, more: bool, toggle: Callable[..., None]) -> list[ft.Control]:
    appointment = one.appointment
    began = one.starts_at is not None and one.starts_at <= app.desk.now()
    buttons: list[ft.Control] = []
    if appointment.state in TIMELESS:
        buttons.append(_tonal(_("Book together now"), lambda: app.go(booking_route(appointment))))
    if began and appointment.state in TO_COME:
        buttons += [_outlined(word(state), lambda s=state: became(app, one, s)) for state in _OUTCOMES]
        buttons.append(_outlined(word(AppointmentState.MOVED), lambda: app.go(time_route(one))))
    if began and not app.overview.is_noted(one) and appointment.state in TO_COME | {AppointmentState.KEPT}:
        buttons.append(_tonal(_("Write the note"), lambda: app.writing.new_note(appointment.citizen_id, one)))
    if not began and one.may_move:
        buttons.append(_outlined(_("Move it a day"), lambda: moved(app, one, 1)))
    if not began and one.may_become_walk:
        buttons.append(_outlined(_("Take a walk instead"), lambda: walk_instead(app, one)))
    change = f"/citizens/{appointment.citizen_id}/appointment/{appointment.id}"
    buttons.append(ft.TextButton(_("Change"), height=48, on_click=lambda e: app.go(change)))
    if one.may_move and (one.recurs or not began):
        buttons.append(ft.TextButton(_("Fewer choices") if more else _("More choices"), height=48, on_click=toggle))
    return buttons + (_seldom(app, one) if more else [])


def _seldom(app: App, one: Occurrence) -> list[ft.Control]:
    """What is wanted less often."""
    cancel = _("Cancel this time only") if one.recurs else _("Cancel the appointment")
    buttons = [
        _outlined(_("Move it two days"), lambda: moved(app, one, 2)),
        _outlined(_("Another time"), lambda: app.go(time_route(one))),
        _outlined(cancel, lambda: became(app, one, AppointmentState.CANCELLED)),
    ]
    if one.recurs:
        buttons.append(_outlined(_("Cancel this and the rest"), lambda: rest_cancelled(app, one)))
    return buttons


def _tonal(text: str, act: Callable[[], None]) -> ft.Control:
    return ft.FilledTonalButton(text, height=48, on_click=lambda e: act())


def _outlined(text: str, act: Callable[[], None]) -> ft.Control:
    return ft.OutlinedButton(text, height=48, on_click=lambda e: act())


def became(app: App, one: Occurrence, state: AppointmentState) -> None:
    app.change(word(state), app.desk.become, one, state=state)


def moved(app: App, one: Occurrence, working_days: int) -> None:
    at = one.working_days_on(working_days, app.overview.calendar(), app.overview.today())
    said = _("Moved to {moment}.", moment=formats.moment(at, app.overview.today()))
    app.change(said, app.desk.move_by, one, working_days)


def walk_instead(app: App, one: Occurrence) -> None:
    app.change(_("It is a walk now, at the same time."), app.desk.walk_instead, one)


def rest_cancelled(app: App, one: Occurrence) -> None:
    app.change(_("This time and the rest are cancelled."), app.desk.cancel_rest, one)

"""Booking: together, now, with the number, the hours and a few words to say; and a day and a time in one tap more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import flet as ft
from msgspec.structs import replace

from mobile_app.app import App
from mobile_app.components.appointment_fields import found_appointment, left, when
from mobile_app.components.choices import chip, chips, labelled
from mobile_app.components.layout import screen
from mobile_app.components.parts import card, changing, heading, quiet, text_field, wide
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.opening_hours import is_open
from mobile_app.i18n import _
from mobile_app.places import time_in
from mobile_app.state import use_app
from mobile_app.wording import appointment_title, word
from storage.records import Accompany, Appointment, AppointmentState, AppointmentType, NetworkPerson, Relation

_RELATIONS = {
    AppointmentType.DOCTOR: (Relation.DOCTOR, Relation.CLINIC, Relation.PSYCHIATRY),
    AppointmentType.PSYCHIATRY: (Relation.PSYCHIATRY, Relation.CLINIC, Relation.DOCTOR),
}
_ANY = tuple(Relation)
_SAYS_OPEN: dict[bool | None, Callable[[], str]] = {
    True: lambda: _("Open now"),
    False: lambda: _("Not open now"),
    None: lambda: "",
}


@ft.component
def BookTogether() -> ft.View:
    """ "Bestil sammen nu": the rule of the source is to book the time together, at once [M]."""
    return _view("book", _("Book together now"), together=True)


@ft.component
def NewTime() -> ft.View:
    """The time that was booked, or the new one of what was moved."""
    at = ft.use_route_params()["at"]
    moving = time_in(at)
    return _view(f"time/{at}", _("When instead?") if moving else _("When is it?"), at=moving)


def _view(path: str, title: str, *, together: bool = False, at: datetime | None = None) -> ft.View:
    app, params = use_app(), ft.use_route_params()
    citizen_id, appointment_id = params["citizen_id"], params["appointment_id"]
    route = f"/citizens/{citizen_id}/appointment/{appointment_id}/{path}"
    found = ft.use_memo(lambda: _begun(app, appointment_id, at), [appointment_id, path])
    form = ft.use_ref(found)
    appointment, draw = ft.use_state(found)
    number = ft.use_memo(lambda: _Number(app, found), [appointment_id])
    ft.use_effect(number.begin, [appointment_id], number.end)
    ft.use_effect(lambda: None, [appointment_id], lambda: left(app, form.current))
    if appointment is None:
        return screen(app, route, title, [quiet(_("This appointment is not on this phone."))])

    def change(**fields: Any) -> None:
        form.current = replace(form.current or appointment, **fields)
        draw(form.current)

    async def save() -> None:
        if number.phone.value and (kept := await number.keep()):
            change(network_person_id=kept.id)
        chosen = form.current or appointment
        moved = at is not None
        known = app.overview.appointment(appointment_id)
        if moved and known is not None and chosen.starts_at is not None:
            done = await app.attempt(app.desk.move, Occurrence(known, at), chosen.starts_at)
        else:
            done = await app.attempt(app.desk.book, chosen)
        if done is not None:
            app.fresh_appointments.pop(appointment_id, None)
            app.go(f"/citizens/{citizen_id}")
            app.offer_undo(_("The time is moved.") if moved else _("The time is booked."), done.value)

    citizen = app.overview.citizen(citizen_id)
    body: list[ft.Control] = [
        ft.Text(citizen.name if citizen else "", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        quiet(appointment_title(appointment)),
    ]
    if together:
        body.append(changing("ringing", _ringing(app, appointment, change, number)))
        body += _to_say(citizen.given_name if citizen else "")
        body.append(heading(_("The time")))
    body.append(changing("time", when(app, appointment, change, Occurrence(appointment, at) if at else None)))
    if at is None:
        body.append(chips(_("Do I come along?"), Accompany, appointment.accompany, lambda code: change(accompany=code)))
    foot = wide(ft.FilledButton(_("Move it") if at else _("The time is booked"), on_click=save))
    return screen(app, route, title, body, foot=foot)


def _begun(app: App, appointment_id: str, at: datetime | None) -> Appointment | None:
    """As she left it when she looked away; else with the time that is to be moved, or to be booked."""
    found = found_appointment(app, appointment_id)
    if found is None or (at is not None and appointment_id in app.fresh_appointments):
        return found
    return replace(found, state=AppointmentState.BOOKED) if at is None else _moving(found, at)


def _moving(found: Appointment, at: datetime) -> Appointment:
    return replace(found, starts_at=at, ends_at=None, rrule="", state=AppointmentState.MOVED)


# ---------------------------------------------------------------- ringing
class _Number:
    """The fields for a number that is not known yet: never written to. What was typed is kept whichever way she goes
    on: by the button, by booking, by leaving, or by the lock."""

    def __init__(self, app: App, appointment: Appointment | None) -> None:
        self._app, self._appointment, self._kept = app, appointment, False
        self.name = text_field(_("Name (may be left out)"), max_length=200, counter="")
        self.phone = text_field(_("Phone"), keyboard_type=ft.KeyboardType.PHONE, max_length=50, counter="")
        self.hours = text_field(_("Hours (may be left out)"), max_length=200, counter="")

    async def keep(self) -> NetworkPerson | None:
        """None where nothing was kept: the sentence is on the screen then."""
        if self._appointment is None or self._kept:
            return None
        relation = _RELATIONS.get(self._appointment.type, (Relation.OTHER,))[0]
        name = (self.name.value or "").strip() or word(relation)
        typed = (self.phone.value or "", self.hours.value or "")
        kept = await self._app.attempt(self._app.desk.keep_number, self._appointment.citizen_id, relation, *typed, name)
        self._kept = kept is not None
        return kept.value if kept else None

    async def rest(self) -> None:
        if any(character.isdigit() for character in self.phone.value or "") and self._app.can_save:
            await self.keep()

    def begin(self) -> None:
        self._app.savers.add(self.rest)

    def end(self) -> None:
        self._app.savers.discard(self.rest)
        self._app.page.run_task(self.rest)


def _ringing(app: App, appointment: Appointment, change: Callable[..., None], number: _Number) -> list[ft.Control]:
    persons = _whom(app, appointment)
    chosen = next((p for p in persons if p.id == appointment.network_person_id), persons[0] if persons else None)
    rows: list[ft.Control] = [heading(_("Ring together"))]
    if len(persons) > 1:
        named = [chip(p.name, p == chosen, lambda p=p: change(network_person_id=p.id)) for p in persons]
        rows.append(labelled(_("Whom?"), named))
    return rows + (_known(app, chosen) if chosen else _unknown(change, number))


def _whom(app: App, appointment: Appointment) -> list[NetworkPerson]:
    """Those with a number that such a time is booked with, the likeliest first."""
    order = _RELATIONS.get(appointment.type, _ANY)
    persons = [p for p in app.overview.persons(appointment.citizen_id) if p.phone and p.relation in order]
    return sorted(persons, key=lambda p: (p.id != appointment.network_person_id, order.index(p.relation)))


def _known(app: App, person: NetworkPerson) -> list[ft.Control]:
    says_open = _SAYS_OPEN[is_open(person.hours, app.desk.now())]()
    hours = " · ".join(part for part in (person.hours, says_open) if part)
    call = ft.FilledTonalButton(
        _("Call {name}", name=person.name),
        icon=ft.Icons.CALL,
        height=48,
        on_click=lambda e: app.page.run_task(app.call, person.phone),
    )
    lines = [ft.Text(person.name, weight=ft.FontWeight.W_500), ft.Text(person.phone)]
    return [card(*lines, *([quiet(hours)] if hours else []), ft.Row([call], wrap=True))]


def _unknown(change: Callable[..., None], number: _Number) -> list[ft.Control]:
    async def save() -> None:
        kept = await number.keep()
        if kept is not None:
            change(network_person_id=kept.id)

    button = ft.FilledTonalButton(_("Save the number"), height=48, on_click=save)
    hint = quiet(_("There is no number yet. Write it here, and it is kept under people around."))
    return [hint, number.phone, number.name, number.hours, ft.Row([button])]


def _to_say(name: str) -> list[ft.Control]:
    """Short, in the citizen's favour, and without a word about why."""
    words = (
        _("“Hello. I am sitting here with {name}, and we would like to book a time.”", name=name),
        _("“Which is the first free one? We also take a cancellation.”"),
        _("“May there be plenty of time, and can {name} get a text with it?”", name=name),
    )
    return [heading(_("A few words to say")), card(*(ft.Text(line) for line in words))]

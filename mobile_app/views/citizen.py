"""One citizen: "Hvor er vi?" on top, then contact, aftercare, people around, and the timeline."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app import course, formats
from mobile_app.app import App
from mobile_app.components.aftercare_card import aftercare_over, aftercare_part
from mobile_app.components.appointment_card import AppointmentCard
from mobile_app.components.around import circumstances, has_died
from mobile_app.components.conflict_line import conflict_line
from mobile_app.components.cover_notices import citizen_notice
from mobile_app.components.handover_card import came_to_her, on_its_way
from mobile_app.components.layout import new_note_button, notice, screen
from mobile_app.components.note_card import NoteCard
from mobile_app.components.parts import card, heading, icon_button, quiet
from mobile_app.components.reach import reach_buttons
from mobile_app.components.reminder_card import ReminderCard
from mobile_app.domain.appointments import TIMELESS
from mobile_app.domain.case import Case
from mobile_app.domain.contact import rhythm_days
from mobile_app.i18n import _
from mobile_app.places import booking_route
from mobile_app.state import use_app
from mobile_app.views.appointment import usual
from mobile_app.views.pause import NEW
from mobile_app.wording import appointment_title, counts_as_contact, counts_as_meeting, reminder_text, why_due, word
from storage.reading import NOTES_PAGE
from storage.records import (
    AppointmentState,
    AppointmentType,
    Citizen,
    CitizenStatus,
    ContactNote,
    NetworkPerson,
    SmallStepState,
)


@ft.component
def CitizenView() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    pages, set_pages = ft.use_state(1)
    case = app.overview.case(citizen_id)
    route = f"/citizens/{citizen_id}"
    if case is None:
        return screen(app, route, "", [quiet(_("This citizen is not on this phone."))])
    if case.is_dead:
        return _quiet_page(app, route, case, pages, lambda: set_pages(pages + 1))
    body = [
        *citizen_notice(app, citizen_id),
        *came_to_her(app, citizen_id),
        *on_its_way(app, case.citizen),
        *aftercare_over(app, case),
        *_warnings(case),
        *conflict_line(app, citizen_id),
        *circumstances(app, case),
        _where_are_we(app, case),
        _contact_buttons(app, case),
        *_reminders(app, case),
        *aftercare_part(app, case),
        *_people(app, case),
        *_small_steps(case),
        *_timeline(app, case, pages, lambda: set_pages(pages + 1)),
    ]
    return screen(
        app,
        route,
        case.citizen.name,
        body,
        section="/citizens",
        actions=[_menu(app, case)],
        button=new_note_button(app, citizen_id),
    )


def _quiet_page(app: App, route: str, case: Case, pages: int, more: Callable[[], None]) -> ft.View:
    """After a death: what was, and nothing that asks for anything."""
    citizen_id = case.citizen.id
    body = [
        *on_its_way(app, case.citizen),
        *conflict_line(app, citizen_id),
        has_died(app, case),
        *_people(app, case),
        *_timeline(app, case, pages, more),
    ]
    return screen(app, route, case.citizen.name, body, section="/citizens", button=new_note_button(app, citizen_id))


def _warnings(case: Case) -> list[ft.Control]:
    citizen = case.citizen
    lines = []
    if citizen.safety_note:
        lines.append(notice(_("Take care: {text}", text=citizen.safety_note), ft.Icons.WARNING_AMBER))
    if citizen.two_person_visits:
        lines.append(notice(_("Home visits are made by two."), ft.Icons.PEOPLE))
    if citizen.roles_declined:
        declined = ", ".join(word(role) for role in citizen.roles_declined)
        lines.append(notice(_("Has declined the role: {roles}", roles=declined), ft.Icons.INFO_OUTLINE))
    return lines


def _where_are_we(app: App, case: Case) -> ft.Control:
    found, today = app.overview.where_are_we(case), app.overview.today()
    lines: list[ft.Control] = [heading(_("Where are we?"))]
    if found.last_note:
        when = formats.sentence(formats.moment(found.last_note.occurred_at, today))
        lines += [
            _fact(_("Last"), f"{when} · {word(found.last_note.channel)}"),
            ft.Text(found.last_note.text, max_lines=6),
        ]
    coming = []
    if found.next_appointment and found.next_appointment.starts_at:
        coming.append((found.next_appointment.starts_at, appointment_title(found.next_appointment.appointment)))
    if found.next_reminder:
        one, about = found.next_reminder, app.overview.asked_about(found.next_reminder)
        coming.append((one.due_at, reminder_text(one, case.citizen, about, today)))
    said = [f"{formats.sentence(formats.moment(at, today))}: {what}" for at, what in sorted(coming)]
    lines.append(_fact(_("Next"), "\n".join(said) or _("Nothing agreed")))
    if case.citizen.good_to_know:
        lines.append(_fact(_("What makes things bearable"), case.citizen.good_to_know))
    due = app.overview.contact_due(case)
    if due:
        lines += [_fact(_("Agreed contact"), why_due(due, case.citizen, today)), quiet(counts_as_contact())]
        if case.citizen.meeting_every_days:
            lines.append(quiet(counts_as_meeting()))
    elif case.pauses_on(today):
        lines.append(_fact(_("Agreed contact"), _("On pause")))
    elif case.citizen.status == CitizenStatus.ACTIVE and rhythm_days(case.citizen) is None:
        lines.append(_fact(_("Agreed contact"), _("No rhythm agreed")))
    return card(*lines)


def _fact(name: str, text: str) -> ft.Control:
    return ft.Column([ft.Text(name, size=13, color=ft.Colors.ON_SURFACE_VARIANT), ft.Text(text)], spacing=0, tight=True)


def _contact_buttons(app: App, case: Case) -> ft.Control:
    buttons = reach_buttons(app, case.citizen)
    if not buttons:
        return quiet(_("No phone number."))
    return ft.Row([*buttons, quiet(case.citizen.phone)], wrap=True, spacing=8)


def _reopen(app: App, citizen: Citizen) -> None:
    async def run() -> None:
        done = await app.attempt(course.reopen, app.desk, citizen)
        if done is not None:
            app.say(_("The course is taken up again."), _("Undo"), lambda: _undo(app, done.value))

    app.page.run_task(run)


async def _undo(app: App, undo: course.Undo) -> None:
    await app.attempt(undo)


def _reminders(app: App, case: Case) -> list[ft.Control]:
    end = app.overview.reminders_due_today()
    due = [one for one in end if one.citizen_id == case.citizen.id]
    if not due:
        return []
    return [heading(_("Reminders")), *(ReminderCard(one, with_name=False, key=one.key) for one in due)]


def _people(app: App, case: Case) -> list[ft.Control]:
    if not case.persons:
        return []
    return [heading(_("People around")), *(_person(app, person) for person in case.persons)]


def _person(app: App, person: NetworkPerson) -> ft.Control:
    details = [word(person.relation), person.phone, person.hours, person.consent_note]
    call = icon_button(
        ft.Icons.CALL, _("Call {name}", name=person.name), lambda: app.page.run_task(app.call, person.phone)
    )
    return ft.ListTile(
        title=ft.Text(person.name),
        subtitle=ft.Text(" · ".join(part for part in details if part)),
        trailing=call if person.phone else None,
        content_padding=ft.Padding.symmetric(horizontal=4),
    )


def _small_steps(case: Case) -> list[ft.Control]:
    chosen = [step for step in case.small_steps if step.state != SmallStepState.DROPPED]
    if not chosen:
        return []
    rows = [
        ft.Row(
            [
                ft.Icon(
                    ft.Icons.CHECK_CIRCLE if step.state == SmallStepState.REACHED else ft.Icons.CIRCLE_OUTLINED, size=18
                ),
                ft.Text(step.words, expand=True),
            ]
        )
        for step in chosen
    ]
    return [heading(_("Small steps")), *rows]


def _timeline(app: App, case: Case, pages: int, more) -> list[ft.Control]:
    entries = app.overview.timeline(case, pages * NOTES_PAGE)
    notes = [entry for entry in entries if isinstance(entry, ContactNote)]
    taken_back, corrected = {note.retracts for note in notes}, {note.corrects for note in notes}
    rows: list[ft.Control] = [
        NoteCard(entry, retracted=entry.id in taken_back, corrected=entry.id in corrected, key=entry.id)
        if isinstance(entry, ContactNote)
        else AppointmentCard(entry, with_name=False, key=entry.id)
        for entry in entries
    ]
    if app.overview.count_notes(case.citizen.id) > pages * NOTES_PAGE:
        rows.append(ft.TextButton(_("Show older notes"), height=48, on_click=lambda e: more()))
    return [heading(_("Timeline")), *(rows or [quiet(_("Nothing written yet."))])]


def _book_together(app: App, case: Case) -> None:
    """What is to be booked already, else a doctor's appointment."""
    waiting = [appointment for appointment in case.appointments if appointment.state in TIMELESS]
    if not waiting:
        fields = usual(AppointmentType.DOCTOR) | {"state": AppointmentState.TO_BOOK}
        waiting = [app.desk.new_appointment(case.citizen.id, **fields)]
        app.fresh_appointments[waiting[0].id] = waiting[0]
    app.go(booking_route(waiting[0]))


def _menu(app: App, case: Case) -> ft.Control:
    citizen = case.citizen
    here = f"/citizens/{citizen.id}"

    def new_appointment() -> None:
        appointment = app.desk.new_appointment(
            citizen.id, **usual(AppointmentType.DOCTOR), state=AppointmentState.BOOKED
        )
        app.fresh_appointments[appointment.id] = appointment
        app.go(f"{here}/appointment/{appointment.id}")

    entries = [
        (_("New appointment"), new_appointment),
        (_("Book together now"), lambda: _book_together(app, case)),
        (_("New reminder"), lambda: app.go(f"{here}/reminder")),
        (_("What was agreed"), lambda: app.go(f"{here}/agreed")),
    ]
    if citizen.status == CitizenStatus.ACTIVE:
        entries.append((_("Pause"), lambda: app.go(f"{here}/pause/{NEW}")))
        entries.append((_("End the course"), lambda: app.go(f"{here}/end")))
    else:
        entries.append((_("Reopen the course"), lambda: _reopen(app, citizen)))
    if not app.overview.is_lent(citizen.id):
        entries.append((_("Hand over the case"), lambda: app.go(f"{here}/handover")))
    if citizen.status != CitizenStatus.CLOSED:
        entries.append((_("Moves to another municipality"), lambda: app.go(f"{here}/moving")))
    entries.append((_("Death"), lambda: app.go(f"{here}/death")))
    return ft.PopupMenuButton(
        content=ft.Container(
            ft.Icon(ft.Icons.MORE_VERT, semantics_label=_("More about {name}", name=citizen.given_name)), padding=12
        ),
        tooltip="",
        items=[ft.PopupMenuItem(content=text, height=48, on_click=lambda e, act=act: act()) for text, act in entries],
    )

"""I dag: what to do now, whom to contact, what to finish, and whether everything is at the hub."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import flet as ft

from mobile_app import aftercare_words, formats
from mobile_app.app import App
from mobile_app.components.appointment_card import AppointmentCard
from mobile_app.components.conflict_line import conflict_line
from mobile_app.components.cover_mark import lent_mark
from mobile_app.components.cover_notices import cover_notices
from mobile_app.components.handover_card import begun_by, came_to_her, draft_title
from mobile_app.components.layout import new_note_button, screen
from mobile_app.components.parts import card, entry, heading, quiet
from mobile_app.components.reach import reach_buttons
from mobile_app.components.reminder_card import ReminderCard
from mobile_app.components.sync_line import sync_card
from mobile_app.components.time_lines import time_lines
from mobile_app.domain.aftercare import ends_soon
from mobile_app.domain.agenda import Open
from mobile_app.domain.appointments import HOW_DID_IT_GO
from mobile_app.domain.calendar import day_of
from mobile_app.domain.contact import ContactDue
from mobile_app.domain.half_year import HalfYear
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.today import Round
from mobile_app.i18n import _, n_
from mobile_app.state import use_app
from mobile_app.views.half_years import ROUTE as HALF_YEARS
from mobile_app.wording import why_suggested
from storage.records import Citizen, Draft

BEGINNING_CHARS = 120
#: What is offered where the usual three cannot hold what was agreed (rule 4).
MANY_A_DAY = 5


@ft.component
def Today() -> ft.View:
    app = use_app()
    title = formats.sentence(formats.long_day(app.overview.today()))
    body = [
        *time_lines(app),
        *came_to_her(app),
        *cover_notices(app),
        *_the_day(app),
        *_round(app),
        *_drafts(app),
        *_aftercare(app),
        *conflict_line(app),
        sync_card(app),
    ]
    return screen(app, "/", title, body, section="/", button=new_note_button(app))


def _the_day(app: App) -> list[ft.Control]:
    """Reminders and appointments in time order."""
    ringing = {one.key for one in app.state.ringing}
    due = app.overview.reminders_due_today()
    entries: list[tuple[datetime, Open | Occurrence]] = [(one.due_at, one) for one in due if one.key not in ringing]
    asked = {one.source_id for one in due if one.step == HOW_DID_IT_GO}
    times = [(time.starts_at, time) for time in app.overview.appointments_today() if time.starts_at]
    # The reminder of an earlier one has the same answers: once is enough.
    entries += [(at, time) for at, time in times if day_of(at) == app.overview.today() or time.id not in asked]
    entries.sort(key=lambda entry: entry[0])
    shown: list[ft.Control] = [
        AppointmentCard(entry, key=entry.id) if isinstance(entry, Occurrence) else ReminderCard(entry, key=entry.key)
        for _at, entry in entries
    ]
    return [heading(_("The day")), *(shown or [_none(app, _("Nothing waits for you right now."))])]


def _none(app: App, comfort: str) -> ft.Control:
    """Where records are missing, nobody knows whom they were about."""
    return quiet(comfort if app.vault.health.is_whole else _("Nothing in what can be read."))


def _round(app: App) -> list[ft.Control]:
    """ "Kontakt i dag": a few, never filled up."""
    found, today = app.overview.round(), app.overview.today()
    rows: list[ft.Control] = [_contact_card(app, case.citizen, due) for case, due in found.suggested]
    if not rows:
        rows.append(_none(app, _nobody(app, found)))
    if found.all_reached_by and app.vault.health.is_whole:
        by = formats.day(found.all_reached_by, today)
        rows.append(quiet(_("At this pace everybody is reached by {day}.", day=by)))
    if found.over_capacity:
        rows.append(_too_few_a_day(app, found))
    return [heading(_("Contact today")), *rows]


def _nobody(app: App, found: Round) -> str:
    today = app.overview.today()
    then = _("The next contact is due {day}.", day=formats.day(found.next_on, today)) if found.next_on else ""
    if not app.overview.calendar().is_working_day(today):
        off = _("You are off today.")
        return f"{off} {then}".strip()
    said = _("Nobody more today.") if found.all_reached_by else _("Everybody has been reached as agreed.")
    return f"{said} {then}".strip()


def _too_few_a_day(app: App, found: Round) -> ft.Control:
    """Said once, with the one thing to do about it."""
    if found.limit >= MANY_A_DAY:
        return quiet(
            _("More was agreed than {n} contacts a day can hold. Talk about it with your leader.", n=found.limit)
        )

    async def raise_it() -> None:
        if await app.attempt(app.desk.set_contacts_a_day, MANY_A_DAY) is not None:
            back = partial(app.attempt, app.desk.set_contacts_a_day, found.limit)
            app.say(_("Up to {n} are suggested a day.", n=MANY_A_DAY), _("Undo"), lambda: _run(back))

    enough = found.a_day_needed <= MANY_A_DAY
    lines = [
        _("{n} contacts a day cannot hold what was agreed.", n=found.limit),
        "" if enough else _("Five cannot quite, either: talk about it with your leader."),
    ]
    button = ft.FilledTonalButton(_("Suggest {n} a day", n=MANY_A_DAY), height=48, on_click=raise_it)
    return card(*(quiet(line) for line in lines if line), ft.Row([button]))


def _contact_card(app: App, citizen: Citizen, due: ContactDue) -> ft.Control:
    """From here one tap rings, writes or begins a note; above them the citizen's own page."""

    async def not_today() -> None:
        done = await app.attempt(app.desk.put_off, citizen.id)
        if done is not None:
            again_on = app.overview.calendar().next_working_day(app.overview.today())
            when = formats.day(again_on, app.overview.today())
            said = _("{name} comes first again {day}.", name=citizen.given_name, day=when)
            app.say(said, _("Undo"), lambda: _run(partial(app.attempt, done.value)))

    buttons = [
        *reach_buttons(app, citizen),
        ft.TextButton(
            _("Note"), icon=ft.Icons.EDIT_NOTE, height=48, on_click=lambda e: app.writing.new_note(citizen.id)
        ),
        ft.TextButton(_("Not today"), height=48, on_click=not_today),
    ]
    why = why_suggested(due, citizen, app.overview.today())
    return entry(
        ft.Icons.WAVING_HAND_OUTLINED,
        citizen.name,
        [*why, lent_mark(app, citizen.id)],
        buttons,
        on_click=lambda: app.go(f"/citizens/{citizen.id}"),
    )


async def _run(act: Callable[[], Awaitable[object]]) -> None:
    await act()


def _drafts(app: App) -> list[ft.Control]:
    drafts = app.overview.drafts()
    if not drafts:
        return []
    return [heading(_("To be finished")), *(_draft_card(app, draft) for draft in drafts)]


def _draft_card(app: App, draft: Draft) -> ft.Control:
    citizen = app.overview.citizen(draft.citizen_id)
    started = formats.moment(draft.created_at, app.overview.today())

    def go_on() -> None:
        app.go(f"/citizens/{draft.citizen_id}/note/{draft.id}" if citizen else f"/note/{draft.id}")

    finish = ft.FilledTonalButton(_("Finish the note"), height=48, on_click=lambda e: go_on())
    who = begun_by(app, draft)
    left = _("To be finished · from {who}", who=who) if who else ""
    lines = [left, _beginning(draft.text), _("Begun {moment}", moment=started)]
    return entry(ft.Icons.EDIT_NOTE, draft_title(app, draft), lines, [finish], on_click=go_on)


def _beginning(text: str) -> str:
    return text if len(text) <= BEGINNING_CHARS else text[:BEGINNING_CHARS].rstrip() + " …"


def _aftercare(app: App) -> list[ft.Control]:
    """What ends soon or is over, and the way to everybody's half year."""
    every = app.overview.half_years()
    if not every:
        return []
    rows = [_ending(app, one) for one in every if one.is_over or ends_soon(one.window, one.today)]
    count = n_("{n} is in aftercare", "{n} are in aftercare", len(every))
    see = ft.ListTile(
        leading=ft.Icon(ft.Icons.VIEW_TIMELINE_OUTLINED),
        title=ft.Text(_("Who is where in the half year")),
        subtitle=ft.Text(count),
        content_padding=ft.Padding.symmetric(horizontal=4),
        on_click=lambda e: app.go(HALF_YEARS),
    )
    return [heading(_("Aftercare that ends soon") if rows else _("Aftercare")), *rows, see]


def _ending(app: App, one: HalfYear) -> ft.Control:
    here = f"/citizens/{one.citizen.id}"
    until = _("Can ring you until {day}", day=formats.date_only(one.window.ends_on))
    said = formats.sentence(aftercare_words.over(one.window)) if one.is_over else until
    finish = ft.FilledTonalButton(
        _("Finish the aftercare"), height=48, on_click=lambda e: app.go(f"{here}/aftercare/finish")
    )
    return entry(
        ft.Icons.HOURGLASS_BOTTOM,
        one.citizen.name,
        [said],
        [finish] if one.may_finish else [],
        on_click=lambda: app.go(here),
    )

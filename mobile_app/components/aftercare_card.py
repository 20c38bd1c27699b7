"""The half year on the citizen's page: where it is, what was agreed, what happened in it, and what she can do."""

from __future__ import annotations

import flet as ft

from mobile_app import aftercare_words, course, formats
from mobile_app.app import App
from mobile_app.components.half_year_bar import bar_width, half_year_bar
from mobile_app.components.layout import notice
from mobile_app.components.parts import card, heading, quiet
from mobile_app.domain.aftercare import days_left, may_begin, running
from mobile_app.domain.case import Case
from mobile_app.domain.half_year import HalfYear
from mobile_app.i18n import _
from storage.records import AftercareAnswer, AftercareState, AftercareWindow, Channel, CitizenStatus, half_year_after


def aftercare_over(app: App, case: Case) -> list[ft.Control]:
    """On top of the page, for the moment in which the phone rings. The last day is still the young person's."""
    last = running(case.windows) or _ended(case)
    if case.is_dead or last is None or not (days_left(last, app.overview.today()) < 0 or last.ended_reason):
        return []
    said = formats.sentence(aftercare_words.over(last))
    return [notice(said, ft.Icons.SIGNPOST_OUTLINED)]


def aftercare_part(app: App, case: Case) -> list[ft.Control]:
    one = app.overview.half_year(case)
    if one is not None:
        return [heading(_("Aftercare")), card(*_running(app, one))]
    if case.citizen.status == CitizenStatus.ACTIVE or case.is_dead:
        return []
    return [heading(_("Aftercare")), card(*_after(app, case))]


def _running(app: App, one: HalfYear) -> list[ft.Control]:
    window = one.window
    rows: list[ft.Control] = [ft.Text(_("Can ring you until {day}", day=formats.date_only(window.ends_on)))]
    rows += [half_year_bar(one, bar_width(app)), quiet(formats.sentence(aftercare_words.week(one)))]
    if window.agreed_call_on:
        rows.append(quiet(_("Agreed call {day}", day=formats.day(window.agreed_call_on, one.today))))
    if window.taken_over_by:
        rows.append(quiet(_("Taken over by {name}", name=window.taken_over_by)))
    rows += _contacts(one)
    return [*rows, _buttons(app, one)]


def _contacts(one: HalfYear) -> list[ft.Control]:
    if not one.contacts:
        return [quiet(_("No contact in the aftercare so far. It is there if it is needed."))]
    said = formats.sentence(_("{contacts} in the aftercare", contacts=aftercare_words.contacts_counted(one)))
    return [ft.Text(said), *(quiet(line) for line in aftercare_words.contact_lines(one))]


def _buttons(app: App, one: HalfYear) -> ft.Control:
    name, here = one.citizen.given_name, f"/citizens/{one.citizen.id}/aftercare"
    rang, wrote = _("{name} rang", name=name), _("{name} wrote", name=name)
    buttons: list[ft.Control] = [
        ft.FilledTonalButton(
            rang, height=48, on_click=lambda e: app.writing.of_contact(one.citizen, Channel.PHONE, f"{rang}. ")
        ),
        ft.OutlinedButton(
            wrote, height=48, on_click=lambda e: app.writing.of_contact(one.citizen, Channel.TEXT, f"{wrote}. ")
        ),
        ft.TextButton(_("Change the aftercare"), height=48, on_click=lambda e: app.go(here)),
    ]
    if one.may_finish:
        finish = ft.FilledTonalButton(_("Finish the aftercare"), height=48, on_click=lambda e: app.go(f"{here}/finish"))
        buttons = [finish, *buttons] if one.is_over else [*buttons, finish]
    return ft.Row(buttons, wrap=True, spacing=8, run_spacing=4)


def _after(app: App, case: Case) -> list[ft.Control]:
    """No window runs: what was said, and whether it can still be said otherwise."""
    citizen, ended = case.citizen, _ended(case)
    rows: list[ft.Control] = [ft.Text(_said(case, ended))]
    if ended and ended.summary:
        rows.append(quiet(ended.summary))
    if citizen.status == CitizenStatus.CLOSED and citizen.aftercare_answer != AftercareAnswer.ASK_LATER:
        rows.append(quiet(_("The case leaves the phone after a day, once all of it is safe at the hub.")))
    if citizen.ended_on and may_begin(citizen.ended_on, app.overview.today()):
        until = formats.date_only(half_year_after(citizen.ended_on))
        rows.append(quiet(_("A yes is possible until {day}.", day=until)))
        ask = ft.TextButton(
            _("Aftercare after all?"), height=48, on_click=lambda e: app.go(f"/citizens/{citizen.id}/end")
        )
        rows.append(ft.Row([ask]))
    return rows


def _said(case: Case, ended: AftercareWindow | None) -> str:
    if ended is not None:
        return _("The aftercare ended on {day}.", day=formats.date_only(ended.ends_on))
    return {
        AftercareAnswer.DECLINED: _("Said no thanks to aftercare."),
        AftercareAnswer.ASK_LATER: _("Asked to be asked about aftercare later."),
    }.get(case.citizen.aftercare_answer, _("The course has ended."))


def _ended(case: Case) -> AftercareWindow | None:
    """The window of this ending that was brought to its end; not one of an earlier course."""
    found = [
        window
        for window in case.windows
        if window.state == AftercareState.ENDED
        and window.ended_reason != course.REOPENED
        and window.starts_on == case.citizen.ended_on
    ]
    return found[-1] if found else None

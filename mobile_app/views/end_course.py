"""The course ends: aftercare - yes, no thanks, or ask later (rule 1). Also where the answer changes later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import flet as ft

from mobile_app import course, formats
from mobile_app.app import App
from mobile_app.components.choices import day_button, labelled
from mobile_app.components.kept import use_kept
from mobile_app.components.layout import notice, screen
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.domain.aftercare import may_begin
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from mobile_app.messages import sentence
from mobile_app.state import use_app
from storage.records import AftercareAnswer, Citizen, half_year_after


@ft.component
def EndCourse() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/end"
    citizen = app.overview.citizen(citizen_id)
    no_day: date | None = None
    chosen = use_kept(app, f"{route}#day", no_day)
    if citizen is None:
        return screen(app, route, _("End the course"), [quiet(_("This citizen is not on this phone."))])
    today = app.overview.today()
    ended_on = citizen.ended_on or chosen.now or today
    body: list[ft.Control] = [ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)]
    if citizen.ended_on is None:
        body += _when(app, citizen, ended_on, chosen.put)
    body += _question(app, citizen, ended_on) if may_begin(ended_on, today) else _too_late(app, citizen, ended_on)
    title = _("End the course") if citizen.ended_on is None else _("Aftercare")
    return screen(app, route, title, body)


def _when(app: App, citizen: Citizen, ended_on: date, on_change: Callable[[date], None]) -> list[ft.Control]:
    """The day it ended, today until she says another; what cannot be says so, with the nearest day that can."""
    today = app.overview.today()
    day = formats.sentence(formats.day(ended_on, today))
    wrong = {
        InvalidInput("end_before_start"): ended_on < citizen.started_on,
        InvalidInput("course_end_in_future"): ended_on > today,
    }
    label = _("The course ended")
    rows = [labelled(label, [day_button(app.page, day, ended_on, on_change, label)])]
    problem = next((one for one, is_wrong in wrong.items() if is_wrong), None)
    if problem:
        nearest = min(max(ended_on, citizen.started_on), today)
        instead = _("Take {day}", day=formats.date_only(nearest))
        rows += problem_line(sentence(problem))
        rows.append(ft.Row([ft.OutlinedButton(instead, height=48, on_click=lambda e: on_change(nearest))]))
    return rows


def _question(app: App, citizen: Citizen, ended_on: date) -> list[ft.Control]:
    name, until = citizen.given_name, formats.date_only(half_year_after(ended_on))
    end = _ender(app, citizen, ended_on)
    asked = citizen.aftercare_answer == AftercareAnswer.ASK_LATER
    buttons: list[ft.LayoutControl] = [
        ft.FilledButton(
            _("Yes, until {day}", day=until),
            on_click=end(AftercareAnswer.ACCEPTED, _("{name} can ring you until {day}.", name=name, day=until)),
        ),
        ft.OutlinedButton(
            _("No thanks"), on_click=end(AftercareAnswer.DECLINED, _("The course has ended, without aftercare."))
        ),
    ]
    if not asked:
        said = _("The course has ended. You will be reminded to ask.")
        buttons.append(ft.OutlinedButton(_("Ask later"), on_click=end(AftercareAnswer.ASK_LATER, said)))
    question = _("May {name} ring you for half a year, until {day}?", name=name, day=until)
    rows: list[ft.Control] = [ft.Text(question, size=18)]
    if citizen.ended_on is not None:
        rows.append(quiet(_("It counts from the end of the course on {day}.", day=formats.date_only(ended_on))))
    rows.append(quiet(_("It is {name} who rings. Talk about who takes over in the end.", name=name)))
    return [*rows, *(wide(button) for button in buttons)]


def _too_late(app: App, citizen: Citizen, ended_on: date) -> list[ft.Control]:
    rows: list[ft.Control] = [notice(sentence(InvalidInput("half_year_over")), ft.Icons.INFO_OUTLINE)]
    if citizen.ended_on is None:
        said = _("The course has ended, without aftercare.")
        end = _ender(app, citizen, ended_on)(AftercareAnswer.DECLINED, said)
        rows.append(wide(ft.FilledButton(_("End without aftercare"), on_click=end)))
    return rows


def _ender(app: App, citizen: Citizen, ended_on: date) -> Callable[[AftercareAnswer, str], Callable]:
    case = app.overview.case(citizen.id)
    windows = case.windows if case else ()

    def end(answer: AftercareAnswer, said: str) -> Callable:
        async def run() -> None:
            done = await app.attempt(course.end, app.desk, citizen, answer, ended_on)
            if done is not None:
                app.go(f"/citizens/{citizen.id}")
                app.say(said, _("Undo"), undo)

        async def undo() -> None:
            await app.attempt(course.undo_end, app.desk, citizen, windows)

        return run

    return end

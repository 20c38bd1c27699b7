"""What was agreed about the aftercare: its last day, the call, who takes over; and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import flet as ft
from dateutil.relativedelta import relativedelta
from msgspec.structs import replace

from mobile_app import course, formats
from mobile_app.app import App
from mobile_app.components.choices import chip, day_button, labelled
from mobile_app.components.kept import Kept, kept_field, use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.domain.aftercare import WindowInvalid, check_change, nearest, running, usual_call_on
from mobile_app.domain.case import Case
from mobile_app.i18n import _, n_
from mobile_app.messages import sentence
from mobile_app.state import use_app
from storage.records import AftercareWindow, half_year_after

_MONTHS = (1, 3, 6)


@ft.component
def WindowForm() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/aftercare"
    case = app.overview.case(citizen_id)
    standing = running(case.windows) if case else None
    form = use_kept(app, f"{route}#window", standing)
    taken_over = use_kept(app, f"{route}#taken_over", standing.taken_over_by if standing else "")
    # Counted: the same name taken once more writes over what she typed since.
    count, set_count = ft.use_state(0)
    field = ft.use_memo(lambda: _field(taken_over), [count])
    edited = form.now
    if case is None or standing is None or edited is None:
        return screen(app, route, _("Aftercare"), [quiet(_("No aftercare runs here."))])

    def take_over(name: str) -> None:
        taken_over.note(name)
        set_count(lambda before: before + 1)

    async def save() -> None:
        wanted = replace(form.now or edited, taken_over_by=field.value or "")
        done = await app.attempt(course.change_window, app.desk, wanted)
        if done is not None:
            app.go(f"/citizens/{citizen_id}")
            app.say(_("The aftercare is changed."), _("Undo"), undoing(app, done.value))

    body: list[ft.Control] = [
        ft.Text(case.citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        quiet(_measure(edited)),
        _last_day(app, form, edited),
        _call(app, form, edited),
        *_problem(app, edited, form.put),
        *_persons(case, take_over),
        field,
        *_ways_out(app, case, standing),
    ]
    return screen(app, route, _("Aftercare"), body, foot=wide(ft.FilledButton(_("Save"), on_click=save)))


def undoing(app: App, undo: course.Undo) -> Callable:
    async def run() -> None:
        await app.attempt(undo)

    return run


def _field(taken_over: Kept[str]) -> ft.TextField:
    return kept_field(taken_over, _("Who takes over?"), max_length=course.LINE_MAX_CHARS, counter="")


def _measure(window: AftercareWindow) -> str:
    last = formats.date_only(half_year_after(window.starts_on))
    return _("From {start}, half a year at the most: until {end}.", start=formats.date_only(window.starts_on), end=last)


def _last_day(app: App, form: Kept[AftercareWindow | None], window: AftercareWindow) -> ft.Control:
    def ends(on: date) -> None:
        form.put(replace(form.now or window, ends_on=on))

    start, today = window.starts_on, app.overview.today()
    usual = {months: start + relativedelta(months=months) for months in _MONTHS}
    chips = [
        chip(n_("{n} month", "{n} months", months), window.ends_on == on, lambda on=on: ends(on))
        for months, on in usual.items()
        if on >= today
    ]
    label, text = _("Last day"), formats.date_only(window.ends_on)
    return labelled(label, [day_button(app.page, text, window.ends_on, ends, label), *chips])


def _call(app: App, form: Kept[AftercareWindow | None], window: AftercareWindow) -> ft.Control:
    def call(on: date | None) -> None:
        form.put(replace(form.now or window, agreed_call_on=on))

    on, today = window.agreed_call_on, app.overview.today()
    calendar = app.overview.calendar()
    usual = usual_call_on(window.starts_on, window.ends_on, calendar)
    if usual and usual < today:
        usual = usual_call_on(today, window.ends_on, calendar)
    text = formats.sentence(formats.long_day(on)) if on else _("Choose a day")
    controls: list[ft.Control] = [day_button(app.page, text, on or usual, call, _("Agreed call"))]
    if usual:
        controls.append(chip(_("After two weeks"), on == usual, lambda: call(usual)))
    controls.append(chip(_("No call"), on is None, lambda: call(None)))
    return labelled(_("Agreed call"), controls)


def _problem(app: App, window: AftercareWindow, change: Callable[[AftercareWindow], None]) -> list[ft.Control]:
    """What cannot be agreed says so at once, with the nearest that can."""
    today = app.overview.today()
    try:
        check_change(window, today)
    except WindowInvalid as error:
        instead = nearest(window, today)
        day = instead.ends_on if instead.ends_on != window.ends_on else instead.agreed_call_on
        text = _("Take {day}", day=formats.date_only(day)) if day else _("No call")
        offer = ft.OutlinedButton(text, height=48, on_click=lambda e: change(instead))
        return [*problem_line(sentence(error)), ft.Row([offer])]
    return []


def _persons(case: Case, choose: Callable[[str], None]) -> list[ft.Control]:
    if not case.persons:
        return []
    chips = [chip(person.name, False, lambda person=person: choose(person.name)) for person in case.persons]
    return [labelled(_("From the people around"), chips)]


def _ways_out(app: App, case: Case, window: AftercareWindow) -> list[ft.Control]:
    async def cancel() -> None:
        done = await app.attempt(course.cancel, app.desk, window)
        if done is not None:
            app.go(f"/citizens/{case.citizen.id}")
            app.say(_("There is no aftercare after all."), _("Undo"), undoing(app, done.value))

    here = f"/citizens/{case.citizen.id}/aftercare/finish"
    early = app.overview.today() < window.ends_on
    finish = _("End it before time") if early else _("Finish the aftercare")
    return [
        ft.Row(
            [
                ft.TextButton(finish, height=48, on_click=lambda e: app.go(here)),
                ft.TextButton(_("No aftercare after all"), height=48, on_click=cancel),
            ],
            wrap=True,
        )
    ]

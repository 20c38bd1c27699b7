"""Her own week: working days, hours, and leave. Reminders and suggestions keep to it."""

from __future__ import annotations

from datetime import date, time
from functools import partial

import flet as ft
from babel.dates import get_day_names

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.choices import chip, day_field, labelled, time_button
from mobile_app.components.kept import Kept, use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import heading, problem_line, quiet, saying, wide
from mobile_app.domain import leave as leaves
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.leave import Leave
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _, language
from mobile_app.messages import sentence
from mobile_app.state import use_app

_ROUTE = "/more/settings/week"


@ft.component
def Week() -> ft.View:
    app = use_app()
    body = [*_days(app), *_hours(app), quiet(_kept()), *_leaves(app), AddLeave()]
    return screen(app, _ROUTE, _("My week"), body, section="/more")


def _kept() -> str:
    return _(
        "Reminders wait for your next working hours; only the one to set off comes earlier. Nobody is suggested on"
        " days off."
    )


def _days(app: App) -> list[ft.Control]:
    calendar, names = _calendar(app), get_day_names("abbreviated", locale=language())

    def switch(day: int) -> None:
        app.do(app.desk.switch_day, day)

    taps = [chip(formats.sentence(names[day]), day in calendar.working_days, partial(switch, day)) for day in range(7)]
    return [labelled(_("Working days"), taps)]


def _hours(app: App) -> list[ft.Control]:
    calendar = _calendar(app)
    days = tuple(calendar.working_days)

    def begins(clock: time) -> None:
        app.do(app.desk.set_week, days, _text(clock), _text(calendar.ends))

    def ends(clock: time) -> None:
        app.do(app.desk.set_week, days, _text(calendar.starts), _text(clock))

    return [
        ft.Row(
            [
                labelled(_("The day begins"), [time_button(app.page, calendar.starts, begins, _("The day begins"))]),
                labelled(_("and ends"), [time_button(app.page, calendar.ends, ends, _("The day ends"))]),
            ],
            spacing=24,
            wrap=True,
        )
    ]


def _leaves(app: App) -> list[ft.Control]:
    today = app.overview.today()
    coming = sorted(one for one in _calendar(app).leave if one[1] >= today)
    rows = [_leave(app, one) for one in coming] or [quiet(_("No leave ahead."))]
    return [heading(_("Leave")), *rows]


def _leave(app: App, one: Leave) -> ft.Control:
    async def drop() -> None:
        done = await app.attempt(app.desk.drop_leave, one)
        if done is not None:
            app.say(_("The leave is taken away."), _("Undo"), undo_of(done.value))

    def undo_of(undo):
        async def run() -> None:
            await app.attempt(undo)

        return run

    button = ft.TextButton(saying(_("Take it away"), _span(one)), height=48, on_click=drop)
    return ft.Row([ft.Text(_span(one), expand=True), button])


@ft.component
def AddLeave() -> ft.Control:
    app = use_app()
    today = app.overview.today()
    round_, set_round = ft.use_state(0)
    first = use_kept(app, f"{_ROUTE}#first", today)
    last = use_kept(app, f"{_ROUTE}#last", today)
    problem, set_problem = ft.use_state(_no_problem())

    async def add(new: Leave, *, join: bool = False) -> None:
        try:
            app.desk.check_leave(new, join=join)
        except InvalidInput as error:
            set_problem(error)
            return
        if await app.attempt(app.desk.add_leave, new, join=join) is not None:
            set_problem(None)
            set_round(round_ + 1)
            app.say(_("Leave {days}.", days=_span(leaves.joined(app.desk.leave(), new))))

    def chosen(which: Kept[date]):
        def run(day: date | None) -> None:
            set_problem(None)
            which.put(day or today)

        return run

    rows: list[ft.Control] = [
        day_field(app.page, _("First day"), first.now, today, chosen(first)),
        day_field(app.page, _("Last day"), last.now, today, chosen(last)),
        *problem_line(sentence(problem) if problem else ""),
        *_offer(app, problem.code if problem else "", (first.now, last.now), add),
        wide(ft.OutlinedButton(_("Add leave"), on_click=lambda e: app.page.run_task(add, (first.now, last.now)))),
    ]
    return ft.Column(rows, spacing=12, tight=True)


def _offer(app: App, problem: str, new: Leave, add) -> list[ft.Control]:
    """What would make it right, in one tap."""
    if problem == "leave_ends_before":
        turned = (new[1], new[0])
        return [_tap(app, _("Take {days}", days=_span(turned)), partial(add, turned))]
    if problem == "leave_overlaps":
        whole = leaves.joined(app.desk.leave(), new)
        return [_tap(app, _("Make it one: {days}", days=_span(whole)), partial(add, new, join=True))]
    return []


def _no_problem() -> InvalidInput | None:
    return None


def _tap(app: App, text: str, act) -> ft.Control:
    return ft.Row([ft.FilledTonalButton(text, height=48, on_click=lambda e: app.page.run_task(act))])


def _span(one: Leave) -> str:
    first, last = formats.date_only(one[0]), formats.date_only(one[1])
    return first if one[0] == one[1] else f"{first} – {last}"


def _calendar(app: App) -> WorkCalendar:
    return app.overview.calendar()


def _text(clock: time) -> str:
    return f"{clock:%H:%M}"

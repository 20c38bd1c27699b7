""" "Afløser": who stands in while she is away, from when to when; and for whom she does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import flet as ft

from mobile_app import covering, formats, messages
from mobile_app.app import App
from mobile_app.components.choices import day_field
from mobile_app.components.colleague_choice import colleague_choice, use_find_field
from mobile_app.components.kept import use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import card, heading, problem_line, quiet, saying, wide
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.wording import word
from storage.reading import SyncState
from storage.records import Colleague, Cover

_ROUTE = "/more/cover"


@ft.component
def CoverView() -> ft.View:
    app = use_app()
    chosen = use_kept(app, f"{_ROUTE}#chosen", "")
    problem, set_problem = ft.use_state("")
    no_day: date | None = None
    from_on = use_kept(app, f"{_ROUTE}#from", no_day)
    to_on = use_kept(app, f"{_ROUTE}#to", no_day)
    find = use_find_field(app, _ROUTE)
    title, colleagues, today = _("Cover"), app.overview.handovers.colleagues(), app.overview.today()
    standing = [*_hers(app), *_by_her(app)]
    if not colleagues:
        return _screen(app, title, [*standing, quiet(_("No colleagues are known yet. They come with the next sync."))])

    def begin_anew() -> None:
        chosen.put("")
        from_on.put(None)
        to_on.put(None)

    def ask() -> None:
        who = next((one for one in colleagues if one.id == chosen.now), None)
        try:
            wanted = covering.planned(app.desk, chosen.now, from_on.now, to_on.now)
        except InvalidInput as error:
            set_problem(messages.sentence(error))
            return
        set_problem("")
        assert who is not None, "what is planned names a colleague"
        app.page.show_dialog(_confirmation(app, who, wanted, begin_anew))

    body: list[ft.Control] = [
        *standing,
        heading(_("When you are away")),
        *colleague_choice(_("Who covers for you?"), colleagues, find, chosen.now, chosen.put),
        day_field(app.page, _("From"), from_on.now, today, from_on.put),
        day_field(app.page, _("To and including"), to_on.now, today, to_on.put),
        *problem_line(problem),
        quiet(_("The cases stay yours. A leave of more than 90 days is a handover.")),
    ]
    foot = wide(ft.FilledButton(_("Set a cover"), icon=ft.Icons.SUPERVISOR_ACCOUNT_OUTLINED, on_click=lambda e: ask()))
    return _screen(app, title, body, foot=foot)


def _screen(app: App, title: str, body: list[ft.Control], foot: ft.Control | None = None) -> ft.View:
    return screen(app, _ROUTE, title, body, section="/more", foot=foot)


def _days(cover: Cover) -> str:
    if cover.from_on == cover.to_on:
        return formats.date_only(cover.from_on)
    return _("{first} to {last}", first=formats.date_only(cover.from_on), last=formats.date_only(cover.to_on))


def _hers(app: App) -> list[ft.Control]:
    return [_one_of_hers(app, one) for one in app.overview.covers.hers(app.overview.today())]


def _one_of_hers(app: App, cover: Cover) -> ft.Control:
    who, state = app.overview.colleague(cover.colleague_id), app.overview.state_of(cover.id)
    begun, which = cover.from_on <= app.overview.today(), f"{who}, {_days(cover)}"

    async def end() -> None:
        if await app.attempt(covering.end, app.desk, cover) is not None:
            app.say(_("{who} does not cover for you any more.", who=who))

    if state == SyncState.REFUSED:
        why = messages.refusal(app.overview.refusal_of(cover.id))
        remove = ft.TextButton(saying(_("Remove"), which), height=48, on_click=end)
        return card(ft.Text(_("{who} does not cover for you.", who=who)), ft.Text(why), ft.Row([remove]))
    label = _("End it now") if begun else _("Take it back")
    said = _("{who} covers for you", who=who) if begun else _("{who} will cover for you", who=who)
    lines = [ft.Text(said), ft.Text(_days(cover)), quiet(word(state))]
    return card(*lines, ft.Row([ft.OutlinedButton(saying(label, which), height=48, on_click=end)]))


def _by_her(app: App) -> list[ft.Control]:
    today = app.overview.today()
    return [
        card(ft.Text(_by_her_said(app, one, today)), ft.Text(_days(one))) for one in app.overview.covers.by_her(today)
    ]


def _by_her_said(app: App, cover: Cover, today: date) -> str:
    who = app.overview.colleague(cover.author)
    return _("You cover for {who}", who=who) if cover.from_on <= today else _("You will cover for {who}", who=who)


def _confirmation(app: App, who: Colleague, wanted: Cover, on_done: Callable[[], None]) -> ft.AlertDialog:
    async def set_cover() -> None:
        done = await app.attempt(covering.set_cover, app.desk, wanted.colleague_id, wanted.from_on, wanted.to_on)
        app.page.pop_dialog()
        if done is not None:
            on_done()
            app.say(_("{who} covers for you with the next sync.", who=who.name))

    happens = [
        _days(wanted),
        _("{who} sees all your citizens on these days, but not the notes you have begun.", who=who.name),
        _("Their reminders ring on {who}'s phone and not on yours. You still see them.", who=who.name),
        _("You can end it any day. The cases stay yours."),
    ]
    return ft.AlertDialog(
        title=ft.Text(_("Let {who} cover for you?", who=who.name)),
        content=ft.Column([ft.Text(line) for line in happens], tight=True, spacing=12, width=320),
        scrollable=True,
        actions=[
            ft.TextButton(_("Not now"), height=48, on_click=lambda e: app.page.pop_dialog()),
            ft.FilledButton(_("Set a cover"), height=48, on_click=set_cover),
        ],
    )

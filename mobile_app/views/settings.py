"""Settings: language, how many contacts a day, how reminders ring, a new PIN, lock now."""

from __future__ import annotations

import flet as ft

from mobile_app import i18n
from mobile_app.app import App
from mobile_app.components.choices import chip, labelled
from mobile_app.components.layout import screen
from mobile_app.components.new_secret import NewSecret, NewSecretFields, secret_field, words
from mobile_app.components.parts import heading, list_entry, problem_line, wide
from mobile_app.components.ringing import ringing_section
from mobile_app.i18n import _
from mobile_app.state import use_app

_A_DAY = (3, 4, 5)


@ft.component
def Settings() -> ft.View:
    app = use_app()
    body = [
        *_language(app),
        *_contacts_a_day(app),
        _week(app),
        *ringing_section(app),
        ChangePin(key=i18n.language()),
        *_lock(app),
    ]
    return screen(app, "/more/settings", _("Settings"), body, section="/more")


def _language(app: App) -> list[ft.Control]:
    def choose(code: str) -> None:
        app.do(app.vault.put_plain, "language", code)
        app.use_language(code)

    names = [
        chip(name, i18n.language() == code, lambda code=code: choose(code)) for code, name in i18n.LANGUAGES.items()
    ]
    return [labelled(_("Language"), names)]


def _contacts_a_day(app: App) -> list[ft.Control]:
    pattern = app.desk.work_pattern()
    chosen = pattern.contacts_a_day if pattern else _A_DAY[0]
    counts = [chip(str(n), n == chosen, lambda n=n: app.do(app.desk.set_contacts_a_day, n)) for n in _A_DAY]
    return [labelled(_("Contacts suggested a day"), counts)]


def _week(app: App) -> ft.Control:
    return list_entry(
        ft.Icons.CALENDAR_MONTH, _("My week"), _("Working days, hours, leave"), lambda e: app.go("/more/settings/week")
    )


@ft.component
def ChangePin() -> ft.Control:
    app = use_app()
    problem, set_problem = ft.use_state("")
    round_, set_round = ft.use_state(0)
    passphrase = app.state.ways.demands_passphrase
    called = words(passphrase)
    old, new = ft.use_memo(
        lambda: (
            secret_field(called.now),
            NewSecret(passphrase, known=[app.desk.consultant_name]),
        ),
        [round_],
    )

    async def change() -> None:
        secret = await new.chosen(set_problem)
        if secret is None:
            return
        if await app.attempt(app.vault.change_pin, old.value or "", secret) is not None:
            set_round(round_ + 1)
            app.say(called.changed)

    rows: list[ft.Control] = [
        heading(called.change),
        old,
        NewSecretFields(new, called.new, called.new_again),
        *problem_line(problem),
        wide(ft.OutlinedButton(called.change, on_click=change)),
    ]
    return ft.Column(rows, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _lock(app: App) -> list[ft.Control]:
    async def lock() -> None:
        await app.lock()

    return [wide(ft.OutlinedButton(_("Lock now"), icon=ft.Icons.LOCK_OUTLINE, on_click=lock))]

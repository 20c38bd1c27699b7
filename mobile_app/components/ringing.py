"""Whether reminders ring on this phone, said in plain words, and what she can do about it."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app.app import App
from mobile_app.components.choices import chip, labelled
from mobile_app.components.layout import notice
from mobile_app.components.parts import heading, quiet, wide
from mobile_app.i18n import _
from mobile_app.ports.notifications import Ability
from mobile_app.trial import Tried

_ABLE: dict[Ability | None, Callable[[], str]] = {
    None: lambda: _("The phone is asked ..."),
    Ability.HERE_ONLY: lambda: _("Here reminders ring only while Medgang is open."),
    Ability.OFF: lambda: _(
        "Notifications are switched off for Medgang on this phone: no reminder rings while Medgang is closed. Switch"
        " them on here or in the phone's settings."
    ),
    Ability.INEXACT: lambda: _(
        "This phone also rings while Medgang is closed. A reminder may come some minutes later than it should."
    ),
    Ability.EXACT: lambda: _("This phone rings on the minute, also while Medgang is closed."),
    Ability.UNKNOWN: lambda: _(
        "The phone did not take the reminders. Medgang tries again in a minute. Until then they ring only while"
        " Medgang is open."
    ),
}
_ASK: dict[Ability, Callable[[], str]] = {
    Ability.OFF: lambda: _("Switch on notifications"),
    Ability.INEXACT: lambda: _("Let it ring on the minute"),
}


def ringing_section(app: App) -> list[ft.Control]:
    """Of the settings."""
    ability = app.state.ability
    rows: list[ft.Control] = [heading(_("Reminders")), _spoken(_ABLE[ability]()), *_ask(app)]
    if ability != Ability.HERE_ONLY:
        rows.append(_outside_hours(app))
    return [*rows, *_trial(app)]


def off_notice(app: App) -> list[ft.Control]:
    """Where she looks at her reminders, while none of them would ring."""
    if app.state.ability != Ability.OFF:
        return []
    return [notice(_ABLE[Ability.OFF](), ft.Icons.NOTIFICATIONS_OFF_OUTLINED), *_ask(app)]


def _ask(app: App) -> list[ft.Control]:
    ability = app.state.ability
    if ability not in _ASK:
        return []
    return [wide(ft.OutlinedButton(_ASK[ability](), on_click=lambda e: app.page.run_task(app.alarms.ask)))]


def _outside_hours(app: App) -> ft.Control:
    def choose(sound: bool) -> None:
        app.page.run_task(app.alarms.let_sound_outside, sound)

    chosen = app.alarms.sound_outside
    chips = [
        chip(_("Without sound"), not chosen, lambda: choose(False)),
        chip(_("With sound"), chosen, lambda: choose(True)),
    ]
    why = quiet(_("What you set for an evening yourself comes at its time. All else comes in working hours."))
    return ft.Column([labelled(_("Reminders outside working hours"), chips), why], spacing=4, tight=True)


# ---------------------------------------------------------------- trying one
def _trial(app: App) -> list[ft.Control]:
    return _TRIED[app.state.tried](app)


def _not_tried(app: App) -> list[ft.Control]:
    return [_button(_("Try a reminder in 10 seconds"), lambda: app.page.run_task(app.alarms.trial.begin))]


def _waiting(app: App) -> list[ft.Control]:
    if app.state.ability == Ability.HERE_ONLY:
        text = _("In 10 seconds a line says so at the foot of the screen.")
    else:
        text = _("It comes in 10 seconds. Lock the phone or leave Medgang meanwhile, as on any other day.")
    return [_spoken(text), _button(_("Stop trying"), lambda: app.page.run_task(app.alarms.trial.cancel))]


def _asking(app: App) -> list[ft.Control]:
    late = app.state.ability == Ability.INEXACT
    text = _("Did it come? On this phone it may take some minutes.") if late else _("Did it come?")
    say = app.alarms.trial.say
    buttons: list[ft.Control] = [
        ft.OutlinedButton(_("Yes"), height=48, on_click=lambda e: app.page.run_task(say, True)),
        ft.OutlinedButton(_("No"), height=48, on_click=lambda e: app.page.run_task(say, False)),
    ]
    return [_spoken(text), ft.Row(buttons, wrap=True, spacing=8)]


def _came(app: App) -> list[ft.Control]:
    text = _("It rang.")
    if app.state.ability != Ability.HERE_ONLY:
        text = _(
            "It came. A phone that saves power, or was made to stop Medgang, may still hold reminders back: those are"
            " shown once you unlock."
        )
    return [_spoken(text), *_not_tried(app)]


def _missed(app: App) -> list[ft.Control]:
    text = _(
        "Then this phone does not ring reliably. Look in the phone's settings whether notifications are on for Medgang,"
        " whether it may run in the background, and whether Do not disturb is on. Reminders that did not come are shown"
        " once you unlock."
    )
    return [_spoken(text), *_not_tried(app)]


def _refused(app: App) -> list[ft.Control]:
    text = _("The phone did not take the reminder. Look in its settings whether notifications are on for Medgang.")
    return [_spoken(text), *_not_tried(app)]


_TRIED: dict[Tried, Callable[[App], list[ft.Control]]] = {
    Tried.NOT: _not_tried,
    Tried.WAITING: _waiting,
    Tried.ASKING: _asking,
    Tried.CAME: _came,
    Tried.MISSED: _missed,
    Tried.REFUSED: _refused,
}


def _spoken(text: str) -> ft.Control:
    return ft.Semantics(content=ft.Text(text), live_region=True)


def _button(text: str, on_tap: Callable[[], object]) -> ft.Control:
    return wide(ft.OutlinedButton(text, on_click=lambda e: on_tap()))

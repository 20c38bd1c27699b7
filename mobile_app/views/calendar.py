"""Her appointments into her calendar: what leaves the phone, what she wants along, and the file."""

from __future__ import annotations

import flet as ft
from msgspec.structs import replace

from mobile_app import calendar_file
from mobile_app.components.choices import chip, labelled
from mobile_app.components.layout import screen
from mobile_app.components.parts import heading, quiet, wide
from mobile_app.domain.calendar_entries import Choice
from mobile_app.i18n import _
from mobile_app.state import use_app


@ft.component
def CalendarFile() -> ft.View:
    app = use_app()
    last, set_last = ft.use_state(Choice())
    untouched: Choice | None = None
    hers, choose = ft.use_state(untouched)
    choice: Choice = hers or last
    busy, set_busy = ft.use_state(False)

    async def as_last_time() -> None:
        known = await app.attempt(calendar_file.kept, app.vault)
        if known is not None:
            set_last(known.value.choice)

    ft.use_effect(as_last_time, [])

    async def save() -> None:
        set_busy(True)
        await calendar_file.hand_over(app, choice)
        set_busy(False)

    def places(wanted: bool) -> ft.Chip:
        text = _("With places") if wanted else _("Without places")
        return chip(text, choice.places == wanted, lambda: choose(replace(choice, places=wanted)))

    reminders = chip(
        _("Reminders you set yourself"),
        choice.reminders,
        lambda: choose(replace(choice, reminders=not choice.reminders)),
    )
    label = _("Saving ...") if busy else _("Save the calendar file")
    body: list[ft.Control] = [
        heading(_("Put your appointments in your calendar")),
        ft.Text(_what_leaves(choice.places)),
        labelled(_("Places"), [places(False), places(True)]),
        *([quiet(_places_told())] if choice.places else []),
        labelled(_("Along with the appointments"), [reminders]),
        wide(ft.FilledButton(label, icon=ft.Icons.SAVE_ALT, disabled=busy, on_click=save)),
        quiet(_("Save a new file when appointments have changed: the old entries move along or are called off.")),
    ]
    return screen(app, "/more/calendar", _("Calendar"), body, section="/more")


def _what_leaves(places: bool) -> str:
    if places:
        return _(
            "The file holds times, places and words such as “appointment”, no name and no text: the provider of your "
            "calendar sees when you are busy, and where."
        )
    return _(
        "The file holds times and words such as “appointment”, no name and no text: the provider of your calendar "
        "sees when you are busy, not with whom."
    )


def _places_told() -> str:
    return _("A place can tell who it is about. Homes, doctors, protected addresses and places with a name stay out.")

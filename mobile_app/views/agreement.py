"""What was agreed with a citizen: how often, how best, what makes things bearable, and until when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
from msgspec.structs import replace

from mobile_app.app import App
from mobile_app.circumstances import contact_days, meeting_days
from mobile_app.components.choices import chip, chips, day_field, labelled
from mobile_app.components.kept import Kept, kept_field, use_field, use_kept
from mobile_app.components.layout import screen
from mobile_app.components.parts import problem_line, quiet, wide
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from mobile_app.messages import sentence
from mobile_app.state import use_app
from mobile_app.wording import counts_as_contact, counts_as_meeting
from storage.records import Channel, Citizen, Role

_CONTACT_USUAL_DAYS = (7, 14, 21, 28, 56, 84)
_MEETING_USUAL_DAYS = (14, 28, 56, 84)
#: Fields of the citizen that are tapped here; the others are typed.
_TAPPED = ("preferred_channel", "roles_declined", "age_limit_on", "address_protected")


@ft.component
def Agreement() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/agreed"
    citizen = ft.use_memo(lambda: app.overview.citizen(citizen_id), [citizen_id])
    chosen = use_kept(app, f"{route}#chosen", citizen)
    problem, set_problem = ft.use_state("")
    contact, contact_rows = _rhythm(
        app,
        f"{route}#contact",
        _("Agreed contact"),
        citizen.contact_every_days if citizen else None,
        _CONTACT_USUAL_DAYS,
        _("No rhythm agreed"),
    )
    meeting, meeting_rows = _rhythm(
        app,
        f"{route}#meeting",
        _("Agreed meetings"),
        citizen.meeting_every_days if citizen else None,
        _MEETING_USUAL_DAYS,
        _("No meetings agreed"),
    )
    known = use_field(
        app,
        f"{route}#good_to_know",
        _("What makes things bearable"),
        citizen.good_to_know if citizen else "",
        multiline=True,
        min_lines=3,
        max_lines=6,
    )
    if citizen is None:
        return screen(app, route, _("What was agreed"), [quiet(_("This citizen is not on this phone."))])

    async def save() -> None:
        try:
            days = {
                "contact_every_days": contact_days(contact.value or ""),
                "meeting_every_days": meeting_days(meeting.value or ""),
            }
        except InvalidInput as error:
            set_problem(sentence(error))
            return
        set_problem("")
        current = app.overview.citizen(citizen_id) or citizen
        taps = {
            name: getattr(chosen.now, name) for name in _TAPPED if getattr(chosen.now, name) != getattr(citizen, name)
        }
        fields = {**taps, **days, "good_to_know": (known.value or "").strip()}
        if await app.attempt(app.desk.change_citizen, current, **fields) is not None:
            app.go(f"/citizens/{citizen_id}")

    body: list[ft.Control] = [
        ft.Text(citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        *contact_rows,
        quiet(counts_as_contact()),
        *meeting_rows,
        quiet(counts_as_meeting()),
        *_how_best(chosen),
        known,
        *_bounds(app, chosen),
    ]
    foot = ft.Column([*problem_line(problem), wide(ft.FilledButton(_("Save"), on_click=save))], tight=True)
    return screen(app, route, _("What was agreed"), body, foot=foot)


def _how_best(chosen: Kept[Citizen | None]) -> list[ft.Control]:
    now, change = _tapped(chosen)
    return [
        chips(
            _("Prefers"),
            Channel,
            now.preferred_channel,
            lambda code: change(preferred_channel=None if code == _tapped(chosen)[0].preferred_channel else code),
        ),
        chips(
            _("Roles the citizen has declined"),
            Role,
            now.roles_declined,
            lambda role: change(roles_declined=_switched(_tapped(chosen)[0].roles_declined, role)),
        ),
    ]


def _bounds(app: App, chosen: Kept[Citizen | None]) -> list[ft.Control]:
    now, change = _tapped(chosen)
    today, protected = app.overview.today(), _("Protected: places are hidden")
    return [
        day_field(
            app.page, _("Age limit"), now.age_limit_on, today, lambda day: change(age_limit_on=day), may_be_empty=True
        ),
        quiet(_("You are reminded six, three and one months before.")),
        labelled(
            _("Address"),
            [
                chip(
                    protected,
                    now.address_protected,
                    lambda: change(address_protected=not _tapped(chosen)[0].address_protected),
                )
            ],
        ),
    ]


def _tapped(chosen: Kept[Citizen | None]) -> tuple[Citizen, Callable[..., None]]:
    """The citizen as tapped so far, and how to go on from there: two quick taps are both done."""
    assert chosen.now is not None, "the form is only drawn for a citizen who is here"

    def change(**fields: Any) -> None:
        assert chosen.now is not None
        chosen.put(replace(chosen.now, **fields))

    return chosen.now, change


def _rhythm(
    app: App, at: str, label: str, days: int | None, usual: tuple[int, ...], none: str
) -> tuple[ft.TextField, list[ft.Control]]:
    """A number of days, with the usual ones to tap. A tap makes another field: one is never written to."""
    typed = use_kept(app, at, str(days or ""))
    count, set_count = ft.use_state(0)
    field = ft.use_memo(lambda: _days_field(label, typed), [count])

    def tap(text: str) -> Callable[[], None]:
        def run() -> None:
            typed.note(text)
            set_count(lambda before: before + 1)

        return run

    taps = [chip(none, not typed.now.strip(), tap(""))]
    taps += [chip(_("Every {n} days", n=n), typed.now.strip() == str(n), tap(str(n))) for n in usual]
    return field, [labelled(label, taps), field]


def _days_field(label: str, typed: Kept[str]) -> ft.TextField:
    return kept_field(
        typed,
        _("{what}: days between", what=label),
        typed.put,
        keyboard_type=ft.KeyboardType.NUMBER,
        max_length=3,
        counter="",
    )


def _switched(roles: tuple[Role, ...], role: Role) -> tuple[Role, ...]:
    return tuple(one for one in Role if (one in roles) != (one == role))

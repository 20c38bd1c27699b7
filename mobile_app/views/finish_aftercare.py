"""The aftercare ends: why, where it is before time, and the summary for the case system: she confirms or drops it."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app import aftercare_words, course
from mobile_app.components.choices import chip, labelled
from mobile_app.components.kept import Kept, kept_field, use_field, use_kept
from mobile_app.components.layout import notice, screen
from mobile_app.components.parts import card, heading, quiet, wide
from mobile_app.domain.half_year import HalfYear
from mobile_app.formats import sentence
from mobile_app.i18n import _
from mobile_app.state import use_app
from mobile_app.views.aftercare_window import undoing
from storage.records import NOTE_TEXT_MAX_CHARS

_REASONS = (
    lambda: _("It is not wished for any more"),
    lambda: _("Others have taken over"),
    lambda: _("Has moved to another place"),
)


@ft.component
def FinishAftercare() -> ft.View:
    app = use_app()
    citizen_id = ft.use_route_params()["citizen_id"]
    route = f"/citizens/{citizen_id}/aftercare/finish"
    chosen = use_kept(app, f"{route}#reason", "")
    own = use_field(
        app,
        f"{route}#own",
        _("In your own words"),
        on_typed=chosen.put,
        max_length=course.LINE_MAX_CHARS,
        counter="",
    )
    no_words: str | None = None
    edited = use_kept(app, f"{route}#summary", no_words)
    editing, reason = edited.now is not None, chosen.now
    case = app.overview.case(citizen_id)
    one = app.overview.half_year(case) if case else None
    made = aftercare_words.summary(one, reason.strip()) if one else ""
    field = ft.use_memo(lambda: _summary_field(edited), [editing])
    if one is None:
        return screen(app, route, _("Finish the aftercare"), [quiet(_("No aftercare runs here."))])

    def finish(summary: Callable[[], str], said: str) -> Callable:
        async def run() -> None:
            done = await app.attempt(
                course.finish, app.desk, one.window, summary=summary(), reason=reason if not one.may_finish else ""
            )
            if done is not None:
                app.go(f"/citizens/{citizen_id}")
                app.say(said, _("Undo"), undoing(app, done.value))

        return run

    with_summary = finish(lambda: (field.value or "") if editing else made, _("The summary is saved."))
    without = finish(lambda: "", _("The aftercare has ended, without a summary."))
    body: list[ft.Control] = [
        ft.Text(one.citizen.name, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM),
        *_standing(one),
        *([] if one.may_finish else _why(reason, chosen.put, own)),
        heading(_("Summary for the case system")),
        *([field] if editing else _proposed(made, lambda: edited.put(made))),
        wide(ft.FilledButton(_("Save the summary and finish"), on_click=with_summary)),
        wide(ft.OutlinedButton(_("Finish without a summary"), on_click=without)),
        quiet(_("The case leaves the phone after a day, once all of it is safe at the hub.")),
    ]
    return screen(app, route, _("Finish the aftercare"), body)


def _standing(one: HalfYear) -> list[ft.Control]:
    if not one.is_over:
        return [quiet(sentence(aftercare_words.week(one)))]
    return [notice(sentence(aftercare_words.over(one.window)), ft.Icons.SIGNPOST_OUTLINED)]


def _why(reason: str, set_reason: Callable[[str], None], own: ft.TextField) -> list[ft.Control]:
    chips = [chip(say(), reason == say(), lambda say=say: set_reason(say())) for say in _REASONS]
    return [labelled(_("Why does it end before time?"), chips), own]


def _summary_field(edited: Kept) -> ft.TextField:
    return kept_field(edited, _("Summary"), multiline=True, min_lines=5, max_length=NOTE_TEXT_MAX_CHARS, counter="")


def _proposed(text: str, edit: Callable[[], None]) -> list[ft.Control]:
    change = ft.TextButton(_("Edit"), height=48, on_click=lambda e: edit())
    return [card(ft.Text(text), ft.Row([change])), quiet(_("Nothing is saved before you tap."))]

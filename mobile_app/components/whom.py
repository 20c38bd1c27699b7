"""Whom a note is about, large: the wrong person is the worst slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flet as ft

from mobile_app.app import App
from mobile_app.components.choices import citizen_dropdown
from mobile_app.components.handover_card import begun_notice, draft_title, elsewhere_notice
from mobile_app.components.layout import notice
from mobile_app.i18n import _
from storage.records import NO_CITIZEN

if TYPE_CHECKING:
    from mobile_app.views.note import Editor


def whom(app: App, editor: Editor) -> list[ft.Control]:
    draft = editor.draft
    if not draft.citizen_id:
        people = [(one.id, one.name) for one in app.overview.citizens()]
        return [ft.Row([citizen_dropdown(people, "", lambda chosen: editor.change(citizen_id=chosen))])]
    title = ft.Text(draft_title(app, draft), theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
    name = ft.Semantics(content=title, header=True)
    if draft.corrects:
        return [name, notice(_("The sent note stays. This one says what was wrong in it."), ft.Icons.INFO_OUTLINE)]
    change = ft.TextButton(
        _("Another person"), height=48, on_click=lambda e: editor.change(citizen_id=NO_CITIZEN, network_person_id=None)
    )
    here = app.overview.citizen(draft.citizen_id) is not None
    about = begun_notice(app, draft) if here else [elsewhere_notice()]
    return [ft.Row([ft.Container(name, expand=True), change]), *about]

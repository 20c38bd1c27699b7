"""The way to what two devices wrote differently: one quiet line, where there is any."""

from __future__ import annotations

import flet as ft

from mobile_app.app import App
from mobile_app.i18n import n_

#: Both versions of each field, and the choice.
CONFLICTS = "/more/conflicts"


def conflict_line(app: App, citizen_id: str = "") -> list[ft.Control]:
    """Of everybody, or of this citizen."""
    asked = app.overview.conflicts()
    count = sum(citizen_id in ("", question.citizen_id) for question in asked)
    words = n_("{n} place has two versions", "{n} places have two versions", count)
    return [conflict_button(app, words)] if count else []


def conflict_button(app: App, words: str) -> ft.Control:
    return ft.Row([ft.TextButton(words, icon=ft.Icons.CALL_SPLIT, height=48, on_click=lambda e: app.go(CONFLICTS))])

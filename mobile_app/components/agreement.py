"""What was agreed with a citizen: how often, how best, what makes things bearable."""

from __future__ import annotations

import flet as ft

from mobile_app.app import App
from mobile_app.components.parts import text_field
from mobile_app.i18n import _
from storage.records import Citizen

_RHYTHMS_DAYS = (7, 14, 21, 28, 56, 84)


def agreement_dialog(app: App, citizen: Citizen) -> ft.AlertDialog:
    rhythm = ft.Dropdown(
        label=_("Agreed contact"),
        value=str(citizen.contact_every_days or 0),
        options=[
            ft.DropdownOption(key="0", text=_("No rhythm agreed")),
            *(
                ft.DropdownOption(key=str(days), text=_("Every {n} days", n=days))
                for days in sorted(
                    {*_RHYTHMS_DAYS, *([citizen.contact_every_days] if citizen.contact_every_days else [])}
                )
            ),
        ],
    )
    known = text_field(
        _("What makes things bearable"),
        value=citizen.good_to_know,
        multiline=True,
        min_lines=3,
        max_lines=6,
    )

    async def save() -> None:
        fields = {"contact_every_days": int(rhythm.value or 0) or None, "good_to_know": (known.value or "").strip()}
        if await app.attempt(app.desk.change_citizen, citizen, **fields) is not None:
            app.page.pop_dialog()

    return ft.AlertDialog(
        title=ft.Text(_("Agreed with {name}", name=citizen.given_name)),
        content=ft.Column([rhythm, known], tight=True, spacing=16, width=320),
        scrollable=True,
        actions=[
            ft.TextButton(_("Close"), height=48, on_click=lambda e: app.page.pop_dialog()),
            ft.FilledButton(_("Save"), height=48, on_click=save),
        ],
    )

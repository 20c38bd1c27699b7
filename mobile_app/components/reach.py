"""To ring or to write to a citizen, what they prefer first."""

from __future__ import annotations

import flet as ft

from mobile_app.app import App
from mobile_app.i18n import _
from storage.records import Channel, Citizen


def reach_buttons(app: App, citizen: Citizen) -> list[ft.Control]:
    """None where no phone number is known."""
    phone = citizen.phone
    if not phone:
        return []
    call = ft.FilledTonalButton(
        _("Call"), icon=ft.Icons.CALL, height=48, on_click=lambda e: app.page.run_task(app.call, phone)
    )
    text = ft.FilledTonalButton(
        _("Text"), icon=ft.Icons.SMS, height=48, on_click=lambda e: app.page.run_task(_text, app, phone)
    )
    return [text, call] if citizen.preferred_channel == Channel.TEXT else [call, text]


async def _text(app: App, phone: str) -> None:
    await app.call(phone, text=True)

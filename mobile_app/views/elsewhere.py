"""When there is nothing to unlock here: another window has the notes, the file is damaged, or the screen is covered."""

from __future__ import annotations

import flet as ft

from mobile_app.components.layout import notice
from mobile_app.components.parts import wide
from mobile_app.i18n import _
from mobile_app.state import AppState


@ft.component
def Elsewhere(state: AppState) -> ft.View:
    return plain_view(
        "/elsewhere",
        [
            notice(_("Medgang is open in another window. Go on there, or take over here."), ft.Icons.TAB),
            wide(ft.FilledButton(_("Go on here"), on_click=state.app.take_over)),
        ],
    )


@ft.component
def Damaged(state: AppState) -> ft.View:
    return plain_view(
        "/damaged",
        [
            notice(state.problem, ft.Icons.REPORT_OUTLINED),
            wide(ft.OutlinedButton(_("Try again"), on_click=lambda e: state.app.open_file())),
        ],
    )


@ft.component
def Covered(state: AppState) -> ft.View:
    return plain_view("/covered", [])


def plain_view(route: str, controls: list[ft.Control]) -> ft.View:
    """The name and a narrow column: for screens before the app is open."""
    name = ft.Row(
        [ft.Icon(ft.Icons.DIRECTIONS_WALK, size=36, color=ft.Colors.PRIMARY), ft.Text("Medgang", size=32)],
        alignment=ft.MainAxisAlignment.CENTER,
    )
    column = ft.Column(
        [name, *controls],
        spacing=20,
        width=360,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return ft.View(
        route=route,
        can_pop=False,
        padding=24,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        controls=[ft.SafeArea(ft.Container(column, padding=ft.Padding.only(top=64)), expand=True)],
    )

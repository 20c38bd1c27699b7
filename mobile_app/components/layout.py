"""The frame of every screen: bar, demo line, ringing reminders, a column no wider than one can read, navigation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from mobile_app.app import App
from mobile_app.components.health import health_notice
from mobile_app.components.reminder_card import ReminderCard, ringing_line
from mobile_app.i18n import _

COLUMN_MAX = 720
#: What cannot be read, in full.
DAMAGE = "/more/damage"
SIDE = 16
#: The screens that list reminders.
_WITH_REMINDERS = ("/", "/reminders")

_TABS: list[tuple[str, Callable[[], str], ft.IconData, ft.IconData]] = [
    ("/", lambda: _("Today"), ft.Icons.TODAY_OUTLINED, ft.Icons.TODAY),
    ("/citizens", lambda: _("Citizens"), ft.Icons.PEOPLE_OUTLINE, ft.Icons.PEOPLE),
    ("/reminders", lambda: _("Reminders"), ft.Icons.NOTIFICATIONS_OUTLINED, ft.Icons.NOTIFICATIONS),
    ("/more", lambda: _("More"), ft.Icons.MORE_HORIZ, ft.Icons.MORE_HORIZ),
]


def screen(
    app: App,
    route: str,
    title: str,
    body: Sequence[ft.Control],
    *,
    section: str = "",
    actions: Sequence[ft.Control] = (),
    foot: ft.Control | None = None,
    button: ft.FloatingActionButton | None = None,
) -> ft.View:
    """One screen. `section` is the tab it belongs to: forms and editors belong to none, so that nothing is left by a
    slip. `foot` stays at the bottom, above the keyboard."""
    side = max(SIDE, (app.state.width - COLUMN_MAX) / 2)
    rows = [*_notices(app, route, section), *body]
    column = ft.ListView(
        controls=rows,
        expand=True,
        spacing=12,
        padding=ft.Padding(left=side, right=side, top=8, bottom=96 if button else 24),
        build_controls_on_demand=False,  # every row is in the tree of a screen reader
        on_scroll=_noticed,
        scroll_interval=1000,
    )
    controls: list[ft.Control] = [column]
    if app.state.ringing and not section:
        controls.append(ft.Container(ringing_line(app), padding=ft.Padding.symmetric(horizontal=side)))
    if foot is not None:
        controls.append(ft.Container(foot, padding=ft.Padding(left=side, right=side, top=8, bottom=12)))
    return ft.View(
        route=route,
        appbar=ft.AppBar(
            title=ft.Text(title),
            automatically_imply_leading=route != section,
            actions=list(actions),
            center_title=False,
        ),
        navigation_bar=_navigation(app, section) if section else None,
        floating_action_button=button,
        padding=0,
        controls=[_touchable(ft.SafeArea(ft.Column(controls, expand=True, spacing=0), expand=True))],
    )


def _touchable(content: ft.Control) -> ft.Control:
    """A tap beside every button is somebody there, too."""
    return ft.GestureDetector(content, expand=True, on_tap_down=_noticed, exclude_from_semantics=True)


def _noticed() -> None:
    """That it reached us is enough (see locking.hear)."""


def _notices(app: App, route: str, section: str) -> list[ft.Control]:
    """What must be seen on every screen."""
    notices: list[ft.Control] = []
    if app.setup.demo_pin:
        notices.append(demo_line(app.setup.demo_pin))
    if route != DAMAGE:
        notices += health_notice(app.vault.health, lambda: app.go(DAMAGE))
    return [*notices, *_ringing(app, route, section)]


def _ringing(app: App, route: str, section: str) -> list[ft.Control]:
    """Whole where she looks at the day, or where it is one; where she writes a line at the foot says so, so that
    nothing moves under her fingers. At eight in the morning many may ring at once."""
    ringing = app.state.ringing
    if section and (len(ringing) <= 1 or route in _WITH_REMINDERS):
        return [ReminderCard(one, ringing=True, key=f"ring-{one.key}") for one in ringing]
    return [ringing_line(app)] if section else []


def demo_line(pin: str) -> ft.Control:
    text = _("Demo: the people are invented, and the PIN {pin} is for show.", pin=pin)
    return ft.Text(text, size=12, color=ft.Colors.ON_SURFACE_VARIANT)


def notice(text: str, icon: ft.IconData) -> ft.Control:
    return ft.Container(
        ft.Row([ft.Icon(icon), ft.Text(text, expand=True)], vertical_alignment=ft.CrossAxisAlignment.START),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=12,
        padding=12,
    )


def _navigation(app: App, section: str) -> ft.NavigationBar:
    routes = [tab[0] for tab in _TABS]

    def chosen(event: ft.Event[ft.NavigationBar]) -> None:
        app.go(routes[int(event.data or 0)])  # the control may be drawn anew by now

    return ft.NavigationBar(
        selected_index=routes.index(section),
        on_change=chosen,
        destinations=[
            ft.NavigationBarDestination(icon=icon, selected_icon=selected, label=label())
            for _route, label, icon, selected in _TABS
        ],
    )


def new_note_button(app: App, citizen_id: str = "") -> ft.FloatingActionButton:
    return ft.FloatingActionButton(
        content=_("New note"), icon=ft.Icons.EDIT_NOTE, on_click=lambda e: app.writing.new_note(citizen_id)
    )

"""What is wrong with the file of notes, in words: a line for every screen, and all of it on its own."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile_app.i18n import _, n_
from storage.health import Health

#: The gravest first.
_LINES: list[tuple[Callable[[Health], object], Callable[[Health], str]]] = [
    (
        lambda health: health.read_only,
        lambda health: _(
            "The file on the phone is damaged. You can read what is whole, but not write. Ring your IT support; "
            "Medgang leaves the file as it is."
        ),
    ),
    (
        lambda health: health.quarantined,
        lambda health: n_(
            "{n} record cannot be opened. It stays on the phone; ring your IT support.",
            "{n} records cannot be opened. They stay on the phone; ring your IT support.",
            len(health.quarantined),
        ),
    ),
    (
        lambda health: health.older_copy,
        lambda health: _(
            "These notes are an older copy: something you wrote later may be missing. What the hub has received comes "
            "back with the next sync. If you did not put it back yourself, ring your IT support."
        ),
    ),
    (
        lambda health: health.changed_outside,
        lambda health: _(
            "Something other than Medgang changed the file: a record was taken out or put back. Ring your IT support."
        ),
    ),
    (
        lambda health: health.restored,
        lambda health: _("These notes come from a backup. What the hub has received since comes with the next sync."),
    ),
]


def health_lines(health: Health) -> list[str]:
    """One sentence for each thing, the gravest first; nothing where all is well."""
    return [line(health) for applies, line in _LINES if applies(health)]


def health_notice(health: Health, on_more: Callable[[], None]) -> list[ft.Control]:
    """The gravest, on every screen, with a way to the rest."""
    lines = health_lines(health)
    if not lines:
        return []
    words = ft.Row(
        [ft.Icon(ft.Icons.REPORT_OUTLINED), ft.Text(lines[0], expand=True)],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    more = ft.Row([ft.TextButton(_("See what"), height=48, on_click=lambda e: on_more())], alignment=_END)
    box = ft.Column([words, more], spacing=0, tight=True)
    padding = ft.Padding(left=12, top=12, right=12, bottom=0)
    return [ft.Container(box, bgcolor=ft.Colors.SECONDARY_CONTAINER, border_radius=12, padding=padding)]


_END = ft.MainAxisAlignment.END

"""Where it is said that somebody stands in: on top of the day, and of a citizen."""

from __future__ import annotations

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.cover_mark import cover_mark, name_of
from mobile_app.components.layout import notice
from mobile_app.i18n import _
from storage.records import NO_CITIZEN


def cover_notices(app: App) -> list[ft.Control]:
    """On top of the day: who looks after whom."""
    standing_in, today = app.overview.standing_in(), app.overview.today()
    lines = []
    if own := standing_in.cover_of(NO_CITIZEN, today):
        day, who = formats.date_only(own.to_on), name_of(app, own.colleague_id)
        lines.append(
            _(
                "{name} covers for you until {day}. Reminders about your citizens ring on {name}'s phone.",
                name=who,
                day=day,
            )
        )
    lent = {mark for citizen_id in standing_in.lent if (mark := cover_mark(app, citizen_id))}
    return [notice(line, ft.Icons.SUPERVISOR_ACCOUNT_OUTLINED) for line in (*lines, *sorted(lent))]


def citizen_notice(app: App, citizen_id: str) -> list[ft.Control]:
    mark = cover_mark(app, citizen_id)
    return [notice(mark, ft.Icons.SUPERVISOR_ACCOUNT_OUTLINED)] if mark else []

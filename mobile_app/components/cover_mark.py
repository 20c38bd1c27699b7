"""In words that somebody stands in: for her, or she for a colleague."""

from __future__ import annotations

from mobile_app import formats
from mobile_app.app import App
from mobile_app.i18n import _
from storage.records import Cover


def cover_mark(app: App, citizen_id: str) -> str:
    """Of a citizen for whom somebody stands in today; else nothing."""
    cover = app.overview.standing_in().cover_of(citizen_id, app.overview.today()) if citizen_id else None
    return said(app, cover) if cover else ""


def lent_mark(app: App, citizen_id: str) -> str:
    """Of a citizen who is a colleague's; else nothing."""
    return cover_mark(app, citizen_id) if app.overview.is_lent(citizen_id) else ""


def said(app: App, cover: Cover) -> str:
    until = formats.date_only(cover.to_on)
    if cover.author == app.desk.author:
        return _("{name} covers for you until {day}", name=name_of(app, cover.colleague_id), day=until)
    return _("You cover for {name} until {day}", name=name_of(app, cover.author), day=until)


def name_of(app: App, consultant_id: str) -> str:
    return app.overview.colleague(consultant_id) or _("a colleague")

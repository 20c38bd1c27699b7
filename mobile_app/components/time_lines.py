"""What she has to know about time: a wrong clock, a phone that is abroad, a year whose holidays nobody knows yet."""

from __future__ import annotations

from datetime import timedelta

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.layout import notice
from mobile_app.components.parts import quiet
from mobile_app.domain.calendar import is_danish_time, knows_holidays
from mobile_app.domain.wanted import HORIZON
from mobile_app.i18n import _, n_

_MINUTES_MAX, _HOURS_MAX = timedelta(hours=2), timedelta(days=2)


def time_lines(app: App) -> list[ft.Control]:
    """For Today: nothing where all is well."""
    return [*wrong_clock(app), *_abroad(app), *_holidays(app)]


def wrong_clock(app: App) -> list[ft.Control]:
    """As it was at the last answer of the hub; gone with the first that finds the clock right."""
    progress = app.overview.progress()
    if progress is None or not progress.wrong_by or progress.last_success_at is None:
        return []
    amount = _amount(abs(progress.wrong_by))
    if progress.wrong_by > timedelta(0):
        told = _("The phone's clock is wrong by {amount}. Reminders therefore come too late.", amount=amount)
    else:
        told = _("The phone's clock is wrong by {amount}. Reminders therefore come too early.", amount=amount)
    to_do = _(
        "Turn on automatic date and time in the phone's settings, then sync. If this stays, ring your IT support."
    )
    seen = _("Last measured {moment}.", moment=formats.moment(progress.last_success_at, app.overview.today()))
    return [notice(" ".join((told, to_do, seen)), ft.Icons.SCHEDULE)]


def _amount(off: timedelta) -> str:
    if off < _MINUTES_MAX:
        return n_("{n} minute", "{n} minutes", round(off / timedelta(minutes=1)))
    if off < _HOURS_MAX:
        return n_("{n} hour", "{n} hours", round(off / timedelta(hours=1)))
    return n_("{n} day", "{n} days", round(off / timedelta(days=1)))


def _abroad(app: App) -> list[ft.Control]:
    now = app.desk.now()
    offset = app.setup.phone_offset(now)
    return [] if offset is None or is_danish_time(now, offset) else [quiet(_("Times are shown in Danish time."))]


def _holidays(app: App) -> list[ft.Control]:
    """Of the years in which reminders fall."""
    today = app.overview.today()
    years = range(today.year, (today + HORIZON).year + 1)
    first = next((year for year in years if not knows_holidays(year)), None)
    return [quiet(_unknown(first))] if first else []


def _unknown(year: int) -> str:
    return _(
        "The holidays of {year} are not known yet: only weekends and fixed dates such as Christmas and New Year are "
        "left out.",
        year=year,
    )

"""Days and times as they are said: "i dag kl. 10:00", "ti. 1/12". All in Europe/Copenhagen."""

from __future__ import annotations

from datetime import date, datetime, time

from babel.dates import format_date, format_time

from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.i18n import _, language

_NEAR_DAYS = 300
_WEEK_DAYS = 7


def local(moment: datetime) -> datetime:
    return moment.astimezone(COPENHAGEN)


def clock(moment: datetime | time) -> str:
    """ "10:00"."""
    return format_time(local(moment) if isinstance(moment, datetime) else moment, "HH:mm", locale=language())


def day(on: date, today: date) -> str:
    """ "i dag", "i morgen", "i går", else "ti. 1/12", with the year where it is far away."""
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    distance = (on - today).days
    return near.get(distance) or short_day(on, with_year=abs(distance) > _NEAR_DAYS)


def coming_day(on: date, today: date) -> str:
    """As `day`, and within a week by its name: "på mandag"."""
    if 1 < (on - today).days < _WEEK_DAYS:
        return _("on {weekday}", weekday=format_date(on, "EEEE", locale=language()))
    return day(on, today)


def dated(on: date, today: date) -> str:
    """ "16. nov.", with the year where it is far away."""
    if abs((on - today).days) > _NEAR_DAYS:
        return date_only(on)
    return format_date(on, "d. MMM" if language() == "da" else "d MMM", locale=language())


def short_day(on: date, *, with_year: bool = False) -> str:
    pattern = "EEEEEE d/M yyyy" if with_year else "EEEEEE d/M"
    return format_date(on, pattern, locale=language())


def long_day(on: date, *, with_year: bool = False) -> str:
    """ "mandag 23. november"."""
    pattern = "EEEE d. MMMM" if language() == "da" else "EEEE d MMMM"
    return format_date(on, f"{pattern} yyyy" if with_year else pattern, locale=language())


def day_month(on: date) -> str:
    """ "13. maj"."""
    return format_date(on, "d. MMMM" if language() == "da" else "d MMMM", locale=language())


def date_only(on: date) -> str:
    """ "26. nov. 2026"."""
    return format_date(on, "d. MMM yyyy" if language() == "da" else "d MMM yyyy", locale=language())


def day_in_full(on: date, today: date) -> str:
    """As `day`, with the date where it is not near: "i dag", "9. nov. 2026"."""
    return day(on, today) if abs((on - today).days) <= 1 else date_only(on)


def last_day(on: date, today: date) -> str:
    """Of what was: "i dag", "i går", else "9. nov.", with the year where it is far away."""
    days = (today - on).days
    if days <= 1:
        return day(on, today)
    return (
        date_only(on)
        if days > _NEAR_DAYS
        else format_date(on, "d. MMM" if language() == "da" else "d MMM", locale=language())
    )


def moment(at: datetime, today: date) -> str:
    """ "i dag kl. 10:00"."""
    return _("{day} at {time}", day=day(local(at).date(), today), time=clock(at))


def full_moment(at: datetime, today: date | None = None) -> str:
    """The whole moment, so that nobody wonders which Tuesday: "tirsdag 24. november kl. 10:00"; with the year where it
    is not that of `today`."""
    on = local(at).date()
    day_said = long_day(on, with_year=today is not None and on.year != today.year)
    return _("{day} at {time}", day=day_said, time=clock(at))


def ago(on: date, today: date) -> str:
    """How long since: "i dag", "i går", "for 3 dage siden"."""
    days = (today - on).days
    if days <= 1:
        return day(on, today)
    if days < 14:
        return _("{n} days ago", n=days)
    if days < 60:
        return _("{n} weeks ago", n=days // 7)
    return _("since {day}", day=date_only(on))


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]

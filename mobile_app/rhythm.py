"""What comes again, as it is said: "hver mandag og onsdag", "hver 2. uge". In the language of the screen."""

from __future__ import annotations

from babel.dates import get_day_names

from mobile_app.domain.phrase_tables import WEEKDAY_CODES
from mobile_app.i18n import _, language

_WORKING_WEEK = "MO,TU,WE,TH,FR"


def rhythm(rule: str) -> str:
    """How often a rule (RFC 5545, of those that phrases make) comes."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    every, days = int(parts.get("INTERVAL", "1")), parts.get("BYDAY", "")
    if days == _WORKING_WEEK:
        return _("every working day")
    if parts.get("FREQ") == "MONTHLY" and days:
        return _of_the_month(days)
    said = _OFTEN[parts.get("FREQ", "DAILY")](every)
    if not days:
        return said
    return _("every {days}", days=_days(days)) if every == 1 else f"{said} ({_days(days)})"


_OFTEN = {
    "DAILY": lambda n: _("every day") if n == 1 else _("every {n} days", n=n),
    "WEEKLY": lambda n: _("every week") if n == 1 else _("every {n} weeks", n=n),
    "MONTHLY": lambda n: _("every month") if n == 1 else _("every {n} months", n=n),
    "YEARLY": lambda n: _("every year") if n == 1 else _("every {n} years", n=n),
}


def _of_the_month(days: str) -> str:
    if days.startswith("-1"):
        return _("the last {day} of the month", day=_days(days[2:]))
    return _("the first {day} of the month", day=_days(days.lstrip("1")))


def _days(codes: str) -> str:
    names = get_day_names("wide", locale=language())
    *before, last = (names[WEEKDAY_CODES.index(code)] for code in codes.split(","))
    return _("{days} and {day}", days=", ".join(before), day=last) if before else last

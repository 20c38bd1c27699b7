"""Opening hours as somebody wrote them ("Telefontid kl. 8-9, fredag 8-12"), read where that is safe. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar

_DAYS = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_CLOCK = r"(?:kl\.?\s*)?(\d{1,2})(?:[.:](\d\d))?"
_SPAN = re.compile(rf"^(?P<before>[^\d]*?){_CLOCK}\s*(?:-|–|til)\s*{_CLOCK}$", re.IGNORECASE)
_DAY = re.compile(rf"\b({'|'.join(_DAYS)})[a-zæøå]*\.?", re.IGNORECASE)
_RANGE = re.compile(r"^\s*(-|–|til)\s*$", re.IGNORECASE)
#: Where one of these stands it means something else than the hours alone.
_UNSURE = re.compile(r"\b(ikke|undtagen|lukket|lige|ulige|anden|helst|bedst|efter|før|ferie|pause)\b", re.IGNORECASE)
WORKING_DAYS = frozenset(range(5))


def is_open(hours: str, now: datetime) -> bool | None:
    """Whether somebody answers at `now` (aware); None where the text leaves it open, and on a day off that it does not
    name. Never "closed" where a part of the text was not understood."""
    local = now.astimezone(COPENHAGEN)
    parts = [part.strip() for part in re.split(r"[,;]", hours) if part.strip()]
    spans = [_span(part) for part in parts]
    read = [span for span in spans if span]
    if any(starts <= local.time() < ends and _holds(days, local) for days, starts, ends in read):
        return True
    understood = bool(read) and len(read) == len(parts)
    return False if understood and WorkCalendar().is_working_day(local.date()) else None


def _holds(days: frozenset[int] | None, local: datetime) -> bool:
    named = WORKING_DAYS if days is None else days
    return local.weekday() in named and (days is not None or WorkCalendar().is_working_day(local.date()))


def _span(part: str) -> tuple[frozenset[int] | None, time, time] | None:
    found = _SPAN.match(part)
    if found is None or _UNSURE.search(part):
        return None
    _before, hour, minute, end_hour, end_minute = found.groups()
    try:
        starts, ends = time(int(hour), int(minute or 0)), time(int(end_hour), int(end_minute or 0))
    except ValueError:
        return None
    return (_days(found["before"]), starts, ends) if starts < ends else None


def _days(text: str) -> frozenset[int] | None:
    """None where no day is named."""
    if "hverdag" in text.lower():
        return WORKING_DAYS
    found = list(_DAY.finditer(text))
    days = [_DAYS.index(match[1].lower()) for match in found]
    if len(found) == 2 and _RANGE.match(text[found[0].end() : found[1].start()]):
        return frozenset(range(days[0], days[1] + 1))
    return frozenset(days) or None

"""Recurrences (RFC 5545) of appointments and manual reminders. Pure and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from mobile_app.domain.calendar import COPENHAGEN

OCCURRENCES_MAX = 1000
#: What a calendar for people needs. The rest (SECONDLY, INTERVAL=0, 31 February) can keep a machine busy for ever.
_RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(;(INTERVAL=[1-9]\d?|COUNT=[1-9]\d{0,2}|UNTIL=\d{8}(T\d{6}Z?)?|WKST=MO|BYSETPOS=-?[1-4]"
    r"|BYDAY=[+-]?[1-4]?(MO|TU|WE|TH|FR|SA|SU)(,[+-]?[1-4]?(MO|TU|WE|TH|FR|SA|SU))*|BYMONTHDAY=([1-9]|[12]\d|3[01])))*"
)
_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6}))?(?=;|$)")


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; Copenhagen for a name this device does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return COPENHAGEN


def until_text(last: datetime) -> str:
    """The UNTIL part of a rule whose last moment is `last` (aware): RFC 5545 wants UTC."""
    return f"UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def until_day(last: date) -> str:
    """The UNTIL part of a rule whose last day is `last` (inclusive, in Copenhagen)."""
    return until_text(datetime.combine(last, time(23, 59, 59), COPENHAGEN))


def ended_before(starts_at: datetime, zone: str, rule: str, moment: datetime) -> str:
    """The rule of what starts then with its last time before this moment (aware); as it is where it ends earlier, or
    does not recur."""
    recurring = _parsed(starts_at.astimezone(zone_of(zone)), rule)
    if recurring is None or recurring.after(moment, inc=True) is None:
        return rule
    parts = [part for part in rule.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    return ";".join([*parts, until_text(moment - timedelta(seconds=1))])


def occurrences(
    starts_at: datetime, zone: str, rule: str, exdates: Iterable[datetime], after: datetime, before: datetime
) -> list[datetime]:
    """The moments from `after` to `before` (both inclusive, aware), at most 1000. Wall-clock time is kept in `zone`
    when the clocks change. No rule, or one that cannot be read, is a single moment."""
    first = starts_at.astimezone(zone_of(zone))
    recurring = _parsed(first, rule)
    if recurring is None:
        return [first] if after <= first <= before else []
    left_out = set(left_out_of(starts_at, zone, exdates))
    found = (_real(moment) for moment in recurring.xafter(after, inc=True))
    return [m for m in islice(_until(found, before), OCCURRENCES_MAX) if m.astimezone(UTC) not in left_out]


def left_out_of(starts_at: datetime, zone: str, exdates: Iterable[datetime]) -> list[datetime]:
    """The moments that are left out, in UTC, earliest first, each once, however they were written."""
    first = starts_at.astimezone(zone_of(zone))
    return sorted({_instant(day, first) for day in exdates})


@dataclass(frozen=True)
class Series:
    """A recurrence as RFC 5545 writes it: `first` is the start that the rule itself gives, UNTIL is in UTC, and all of
    it is in one zone."""

    first: datetime
    rule: str
    left_out: tuple[datetime, ...]


def series(starts_at: datetime, zone: str, rule: str, exdates: Iterable[datetime]) -> Series | None:
    """None for what does not recur, or never takes place."""
    start = starts_at.astimezone(zone_of(zone))
    recurring = _parsed(start, rule)
    first = next(iter(recurring), None) if recurring else None
    if first is None:
        return None
    return Series(first, _in_utc(rule, start), tuple(_instant(day, start).astimezone(start.tzinfo) for day in exdates))


def last_of(starts_at: datetime, rule: str) -> datetime | None:
    """The last moment of a rule of Copenhagen whose end is in UTC (`until_text`), None where it has none."""
    until = re.search(r"UNTIL=(\d{8}T\d{6})Z", rule)
    if until is None:
        return None
    end = datetime.strptime(until[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    found = occurrences(starts_at, COPENHAGEN.key, rule, (), starts_at, end)
    return found[-1] if found else starts_at


def _parsed(first: datetime, rule: str) -> rrule | None:
    if not _RULE.fullmatch(rule):
        return None
    try:
        return rrulestr(_in_utc(rule, first), dtstart=first)
    except ValueError:
        return None


def _in_utc(rule: str, first: datetime) -> str:
    return _UNTIL.sub(lambda m: _until_utc(m, first), rule)


def _until_utc(match: re.Match[str], first: datetime) -> str:
    """A local UNTIL (a day is meant inclusively) as the UTC one dateutil and RFC 5545 ask for."""
    clock = match[2] or "235959"
    local = datetime.strptime(match[1] + clock, "%Y%m%d%H%M%S").replace(tzinfo=first.tzinfo)
    return until_text(local)


def _until(moments: Iterable[datetime], before: datetime) -> Iterable[datetime]:
    for moment in moments:
        if moment > before:
            return
        yield moment


def _real(moment: datetime) -> datetime:
    """A clock the change to summer time skips becomes the real one an hour later."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def _instant(day: datetime, first: datetime) -> datetime:
    """An exdate as an instant; without a zone it is read in the zone of the start, midnight as the whole day."""
    if day.tzinfo is None:
        wall = first.time() if day.time() == time() else day.time()
        day = datetime.combine(day.date(), wall, first.tzinfo)
    return day.astimezone(UTC)

"""How an appointment repeats, as it is chosen: every so often, until a day or for so many times. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mobile_app.domain.calendar import COPENHAGEN, day_of
from mobile_app.domain.recurrence import left_out_of, occurrences, until_day
from storage.records import Appointment

#: Offered where no end was chosen: a weekly one lasts a good two months, then it is agreed anew (design).
TIMES_OFFERED = 10
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Every(StrEnum):
    NEVER = "never"
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    FOUR_WEEKS = "four_weeks"
    MONTH = "month"
    #: A rule from elsewhere, kept as it is.
    OTHER = "other"


@dataclass(frozen=True)
class Repeat:
    """`until` is inclusive, in Copenhagen. At most one of `times` and `until`; neither is without an end."""

    every: Every = Every.NEVER
    times: int | None = None
    until: date | None = None

    @property
    def ends(self) -> bool:
        return self.every == Every.NEVER or self.times is not None or self.until is not None


_FREQUENCIES = {
    Every.WEEK: "FREQ=WEEKLY",
    Every.TWO_WEEKS: "FREQ=WEEKLY;INTERVAL=2",
    Every.FOUR_WEEKS: "FREQ=WEEKLY;INTERVAL=4",
    Every.MONTH: "FREQ=MONTHLY",
}
_KNOWN = re.compile(
    r"(?P<base>FREQ=WEEKLY(?:;INTERVAL=[24])?|FREQ=MONTHLY(?=;BYDAY))(?:;BYDAY=(?P<day>(?:[1-4]|-1)[A-Z]{2}))?"
    r"(?:;COUNT=(?P<times>\d+)|;UNTIL=(?P<until>\d{8}(?:T\d{6}Z?)?))?"
)


def rule_of(repeat: Repeat, starts_at: datetime) -> str:
    """The RFC 5545 rule of an appointment that starts then (aware); every month is on the same weekday, as weekly
    work has it: the third Tuesday, and in the last week the last. Empty where it does not repeat."""
    if repeat.every not in _FREQUENCIES:
        return ""
    parts = [_FREQUENCIES[repeat.every]]
    if repeat.every == Every.MONTH:
        parts.append(f"BYDAY={_weekday_of_month(day_of(starts_at))}")
    if repeat.times is not None:
        parts.append(f"COUNT={repeat.times}")
    elif repeat.until is not None:
        parts.append(until_day(repeat.until))
    return ";".join(parts)


def repeat_of(rule: str) -> Repeat:
    """What was chosen; OTHER for a rule that this form would not have made."""
    if not rule:
        return Repeat()
    found = _KNOWN.fullmatch(rule)
    if found is None or (found["day"] and not found["base"].startswith("FREQ=MONTHLY")):
        return Repeat(Every.OTHER)
    every = next(code for code, base in _FREQUENCIES.items() if base == found["base"])
    times = int(found["times"]) if found["times"] else None
    return Repeat(every, times, _day(found["until"]) if found["until"] else None)


def has_end(rule: str) -> bool:
    """Also of a rule from elsewhere; what does not repeat ends."""
    return not rule or "COUNT=" in rule or "UNTIL=" in rule


def last_of(appointment: Appointment, far: datetime) -> datetime | None:
    """The last time up to `far` (aware), None where it never takes place."""
    if appointment.starts_at is None:
        return None
    a, after = appointment, appointment.starts_at
    return max(occurrences(after, a.zone, a.rrule, a.exdates, after, far), default=None)


def left_out_after(before: Appointment, after: Appointment) -> tuple[datetime, ...]:
    """What stays left out of a series whose start moved: the same weeks at the new day and clock, and the old ones,
    which name what was taken out."""
    if before.starts_at is None or after.starts_at is None or before.starts_at == after.starts_at:
        return after.exdates
    start = after.starts_at.astimezone(COPENHAGEN)
    days = (start.date() - day_of(before.starts_at)).days
    shift = timedelta(days=(days + 3) % 7 - 3)
    old = left_out_of(before.starts_at, before.zone, after.exdates)
    moved = [datetime.combine(day_of(at) + shift, start.time(), COPENHAGEN) for at in old]
    return tuple(left_out_of(after.starts_at, after.zone, [*old, *moved]))


def _weekday_of_month(day: date) -> str:
    week = (day.day - 1) // 7 + 1
    return f"{week if week <= 4 else -1}{_WEEKDAYS[day.weekday()]}"


def _day(until: str) -> date:
    if until.endswith("Z"):
        return day_of(datetime.strptime(until, "%Y%m%dT%H%M%S%z"))
    return date(int(until[:4]), int(until[4:6]), int(until[6:8]))

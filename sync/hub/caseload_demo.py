"""The demo caseload moved to the day it is first started. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from msgspec import structs

from storage.records import AftercareWindow, AnyRecord, Citizen, half_year_after
from sync.hub.caseload_fields import OURS, ZONE

#: A window that ends this soon keeps its end when the demo is moved: the closing call hangs on it.
END_KEPT_DAYS = 14


def moved_to(today: date, records: tuple[AnyRecord, ...], demo_day: date) -> tuple[date, tuple[AnyRecord, ...]]:
    """The working day that stands in for `demo_day`, and the records moved to it. It is `today`, or on a Saturday or
    Sunday the Monday after: what was to happen on the demo day is then still to come.

    Days and times move by the working days (Monday to Friday, holidays not looked at) between the two, so "tomorrow"
    is the next working day and Danish clock times stand, also across DST. Between equal weekdays that is whole weeks;
    otherwise a day on a weekend counts as the Friday before. `created_at`, `updated_at` and the text of recurrence
    rules do not move.
    """
    day = _working_day(today)
    shift = _Shift(_working_days_to(day) - _working_days_to(_working_day(demo_day)))
    before = [record for record in records if isinstance(record, AftercareWindow)]
    windows = {window.id: _moved_window(window, demo_day, shift) for window in before}
    starts = {(window.citizen_id, window.starts_on): windows[window.id].starts_on for window in before}
    return day, tuple(_moved(record, shift, windows, starts) for record in records)


@dataclass(frozen=True)
class _Shift:
    working_days: int

    def day(self, day: date) -> date:
        weeks, days = divmod(self.working_days, 5)
        if not days:
            return day + timedelta(weeks=weeks)
        week, weekday = divmod(_working_days_to(day) + self.working_days, 5)
        return date.fromordinal(week * 7 + weekday + 1)

    def value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self.value(each) for each in value)
        if isinstance(value, datetime):
            local = value.astimezone(ZONE)
            return datetime.combine(self.day(local.date()), local.time(), ZONE).astimezone(UTC)
        return self.day(value) if isinstance(value, date) else value


def _half_year_before(end: date) -> date:
    """The first day from which the half year reaches `end`. For an end such as 31 March no day gives exactly that day;
    the window is then a day or more short of the half year, never longer than it."""
    start: date = end - relativedelta(months=6)
    return start if half_year_after(start) >= end else start + timedelta(days=1)


def _moved_window(window: AftercareWindow, demo_day: date, shift: _Shift) -> AftercareWindow:
    """The start moves and the half-year rule gives the end; a window that ends within 14 days of the demo day keeps the
    distance of its end instead, and the start follows."""
    starts_on = shift.day(window.starts_on)
    ends_on = half_year_after(starts_on)
    if 0 <= (window.ends_on - demo_day).days <= END_KEPT_DAYS:
        ends_on = shift.day(window.ends_on)
        starts_on = _half_year_before(ends_on)
    agreed = shift.value(window.agreed_call_on)
    return structs.replace(window, starts_on=starts_on, ends_on=ends_on, agreed_call_on=agreed)


def _moved(
    record: AnyRecord,
    shift: _Shift,
    windows: dict[str, AftercareWindow],
    starts: dict[tuple[str, date], date],
) -> AnyRecord:
    """The record moved; a course that ended on the day its window began still does."""
    if record.id in windows:
        return windows[record.id]
    values = {name: value for name, value in structs.asdict(record).items() if name not in OURS}
    moved = structs.replace(record, **{name: shift.value(value) for name, value in values.items()})
    if isinstance(record, Citizen) and record.ended_on and (start := starts.get((record.id, record.ended_on))):
        return structs.replace(moved, ended_on=start)
    return moved


def _working_day(day: date) -> date:
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def _working_days_to(day: date) -> int:
    """Working days since the first Monday of the calendar (1 January of year 1); a weekend counts as its Friday."""
    week, weekday = divmod(day.toordinal() - 1, 7)
    return week * 5 + min(weekday, 4)

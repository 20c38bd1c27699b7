"""When a case leaves its consultant because its course is closed, or its aftercare over. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from storage import records
from storage.records import (
    AftercareAnswer,
    AftercareState,
    AftercareWindow,
    Citizen,
    CitizenStatus,
    half_year_after,
    to_fields,
)
from sync.hub.rules import Current
from sync.protocol import CLOSED_STAYS_S, UNANSWERED_STAYS_DAYS

CITIZEN, WINDOW = records.kind_of_class(Citizen), records.kind_of_class(AftercareWindow)
#: What a date hangs on; anything else that changes moves none.
_DECIDING = {CITIZEN: ("status", "aftercare_answer", "ended_on"), WINDOW: ("state", "ends_on")}


def leaves_at(citizen: Current, now_s: int) -> int:
    """When a case may leave at the earliest (UTC seconds) if its course is closed or in aftercare as of now; else 0.
    Who is to be asked about aftercare later stays for the half year in which the answer may change. In aftercare it
    waits for her answer to how it went, but not for ever (see `window_leaves_at`)."""
    fields = _fields(citizen)
    if fields.get("status") != CitizenStatus.CLOSED:
        unanswered = aftercare_leaves_at(citizen)
        return max(now_s + CLOSED_STAYS_S, unanswered) if unanswered else 0
    asked_later = fields.get("aftercare_answer") == AftercareAnswer.ASK_LATER
    return max(now_s + CLOSED_STAYS_S, _after(last) if asked_later and (last := _last_day(fields)) else 0)


def aftercare_leaves_at(citizen: Current | None) -> int:
    """When a case in aftercare leaves though nobody answered, by the half year (UTC seconds); 0 for any other."""
    fields = _fields(citizen)
    last = _last_day(fields) if fields.get("status") == CitizenStatus.AFTERCARE else None
    return _unanswered_until(last) if last else 0


def window_leaves_at(window: Current) -> int:
    """When a case in aftercare leaves though she did not answer, by its window (UTC seconds); 0 for one that runs no
    more: that says nothing of the course."""
    fields = _fields(window)
    runs = fields.get("state", AftercareState.RUNNING) == AftercareState.RUNNING and "ends_on" in fields
    return _unanswered_until(date.fromisoformat(fields["ends_on"])) if runs else 0


def decides_anew(before: Current | None, now: Current) -> bool:
    """Whether this change of a citizen or a window may move the date."""
    was, fields = _fields(before), _fields(now)
    return any(was.get(name) != fields.get(name) for name in _DECIDING[now.kind])


def _fields(record: Current | None) -> dict[str, Any]:
    return to_fields(record.payload) if record and record.payload else {}


def _last_day(fields: dict[str, Any]) -> date | None:
    """The half year after the end of the course, if it has ended."""
    return half_year_after(date.fromisoformat(fields["ended_on"])) if fields.get("ended_on") else None


def _unanswered_until(last: date) -> int:
    return _after(last + timedelta(days=UNANSWERED_STAYS_DAYS))


def _after(day: date) -> int:
    return int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp())

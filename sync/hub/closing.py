"""When a case leaves its consultant because its course is closed. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from storage.records import AftercareAnswer, CitizenStatus, half_year_after, to_fields
from sync.hub.rules import Current
from sync.protocol import CLOSED_STAYS_S


def leaves_at(citizen: Current, now_s: int) -> int:
    """When a case may leave at the earliest (UTC seconds), if its course is closed as of now; else 0. Who is to be
    asked about aftercare later stays for the half year in which the answer may change."""
    fields = to_fields(citizen.payload) if citizen.payload else {}
    if fields.get("status") != CitizenStatus.CLOSED:
        return 0
    at = now_s + CLOSED_STAYS_S
    if fields.get("aftercare_answer") == AftercareAnswer.ASK_LATER and fields.get("ended_on"):
        last = half_year_after(date.fromisoformat(fields["ended_on"]))
        at = max(at, int(datetime.combine(last + timedelta(days=1), time(), UTC).timestamp()))
    return at

"""Rule 4: whom to contact today. Pure. It never fills up, and it ranks nobody but by who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mobile_app.domain.appointments import has_appointment_on
from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.case import Case, effective_notes
from mobile_app.domain.contact import ContactDue, contact_due, last_two_way
from storage.records import CitizenStatus, WithWhom

DUE_WITHIN_DAYS = 7
RECENT_DAYS = 2
DAYS_A_WEEK = 7
#: Without an agreed interval nobody counts towards the rhythm.
DAYS_NONE = float("inf")


@dataclass(frozen=True)
class Round:
    """`suggested`: longest waiting first, at most the limit, fewer when fewer are due. `all_reached_by`: the working
    day on which everybody due by now has been reached at this pace; none when nobody is waiting. `over_capacity`: the
    limit cannot hold the agreed rhythm at all."""

    suggested: tuple[tuple[Case, ContactDue], ...]
    all_reached_by: date | None
    over_capacity: bool


def contact_today(cases: Sequence[Case], calendar: WorkCalendar, now: datetime, limit: int) -> Round:
    """The round of the day at `now` (aware). Whoever was tried today uses up a place, so that nobody new takes it.
    On a day off nothing is suggested."""
    today = day_of(now)
    waiting = _waiting(cases, calendar, today)
    # Appointments and recent contact mean: reached. Put off or tried today means: waits on, but not for today.
    queue = [(case, due) for case, due in waiting if not _reached(case, today)]
    free = [(case, due) for case, due in queue if not _not_today(case, today)]
    places = max(0, limit - _places_used(cases, calendar, today)) if calendar.is_working_day(today) else 0
    suggested = tuple(free[:places])
    reached_by = _reached_by(len(queue), len(suggested), limit, calendar, today)
    return Round(suggested, reached_by, _demand_a_week(cases, today) > limit * len(calendar.working_days))


def _waiting(cases: Sequence[Case], calendar: WorkCalendar, today: date) -> list[tuple[Case, ContactDue]]:
    due = [(case, found) for case in cases if (found := contact_due(case, calendar, today))]
    soon = [pair for pair in due if pair[1].due_on <= today + timedelta(days=DUE_WITHIN_DAYS)]
    return sorted(soon, key=lambda pair: (pair[1].due_on, pair[1].last_contact_on or date.min, pair[0].citizen_id))


def _reached(case: Case, today: date) -> bool:
    last = last_two_way(case.notes)
    recently = last is not None and day_of(last.occurred_at) >= today - timedelta(days=RECENT_DAYS)
    return recently or has_appointment_on(case, today)


def _not_today(case: Case, today: date) -> bool:
    return _tried_on(case, today) or any(put_off.on == today and put_off.active for put_off in case.put_offs)


def _tried_on(case: Case, day: date) -> bool:
    """Whether the citizen was contacted or tried on this day."""
    notes = effective_notes(case.notes)
    return any(n.with_whom != WithWhom.NETWORK and day_of(n.occurred_at) == day for n in notes)


def _places_used(cases: Sequence[Case], calendar: WorkCalendar, today: date) -> int:
    """How many of this morning's round have been tried or reached since. A caller who was not due uses no place."""
    tried = [case for case in cases if _tried_on(case, today) and not has_appointment_on(case, today)]
    morning = [replace(case, notes=tuple(n for n in case.notes if day_of(n.occurred_at) < today)) for case in tried]
    return sum(not _reached(case, today) for case, _ in _waiting(morning, calendar, today))


def _reached_by(waiting: int, today_count: int, limit: int, calendar: WorkCalendar, today: date) -> date | None:
    if not waiting or limit < 1:
        return None
    days_more = -(-(waiting - today_count) // limit)
    return calendar.next_working_day(today, days_more) if days_more else today


def _demand_a_week(cases: Sequence[Case], today: date) -> float:
    """How many contacts a week were agreed, with those who are not paused; a meeting is also a contact."""
    agreed = [
        min(case.citizen.contact_every_days or DAYS_NONE, case.citizen.meeting_every_days or DAYS_NONE)
        for case in cases
        if case.citizen.status == CitizenStatus.ACTIVE and not case.is_dead and not case.pauses_on(today)
    ]
    return sum(DAYS_A_WEEK / days for days in agreed)

"""Rule 4: whom to contact today. Pure. It never fills up, and it ranks nobody but by who has waited longest.

Nobody is contacted more often than agreed: whoever is not due yet is left in peace, unless the coming days hold more
than her places. Why, and what that means for who waits: docs/decisions/0038.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from mobile_app.domain.appointments import has_appointment_on
from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.case import Case, effective_notes
from mobile_app.domain.contact import ContactDue, Why, contact_due, rhythm_days
from storage.records import CitizenStatus, WithWhom

DUE_WITHIN_DAYS = 7
#: A rhythm of four weeks and more may come its seven days early, a shorter one by its quarter: a fortnight by three
#: days, a week by one (design).
EARLY_PART = 4
RECENT_DAYS = 2
DAYS_A_WEEK = 7
#: How far "Alle er nået senest" is followed: half a year of working days.
FORECAST_DAYS_MAX = 125

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Round:
    """`suggested`: longest waiting first, at most the limit, fewer when fewer are due. `all_reached_by`: the working
    day on which everybody due until then has been reached once at this pace; none when nobody is waiting. `next_on`:
    when the next turn comes after today. `a_day_needed`: how many a day the agreed rhythm takes."""

    suggested: tuple[tuple[Case, ContactDue], ...]
    all_reached_by: date | None
    next_on: date | None
    a_day_needed: int
    limit: int

    @property
    def over_capacity(self) -> bool:
        """The limit cannot hold the agreed rhythm at all."""
        return self.a_day_needed > self.limit


@dataclass(frozen=True)
class Turn:
    """It is somebody's turn on the working day `on` (long past for who waits long), and not before `free_on`."""

    case: Case
    due: ContactDue
    on: date
    free_on: date

    @property
    def planned_on(self) -> date:
        return max(self.on, self.free_on)

    @property
    def place_in_line(self) -> tuple[date, bool, date, str]:
        """Longest waiting first. Who was tried in vain goes behind whoever waited as long and was not tried."""
        tried_on = self.due.last_tried_on or date.min
        tried = tried_on >= self.due.due_on
        return max(self.due.due_on, tried_on), tried, self.due.last_contact_on or date.min, self.case.citizen_id


def contact_today(cases: Sequence[Case], calendar: WorkCalendar, now: datetime, limit: int) -> Round:
    """The round of the day at `now` (aware). Whoever was tried today uses up a place, so that nobody new takes it.
    On a day off nothing is suggested."""
    today = day_of(now)
    turns = _turns(cases, calendar, today)
    places = max(0, limit - _places_used(cases, calendar, today))
    chosen = _chosen(turns, calendar, today, places, limit)
    later = [turn.planned_on for turn in turns if turn.planned_on > today]
    return Round(
        tuple((turn.case, turn.due) for turn in chosen),
        _all_reached_by(turns, calendar, today, places, limit),
        min(later, default=None),
        _a_day_needed(cases, calendar, today),
        limit,
    )


def early_days(days: int) -> int:
    """How many days before it is due a contact of this rhythm may come."""
    return min(DUE_WITHIN_DAYS, days // EARLY_PART)


# ---------------------------------------------------------------- whose turn it is
def _turns(cases: Iterable[Case], calendar: WorkCalendar, today: date) -> list[Turn]:
    due = ((case, contact_due(case, calendar, today)) for case in cases)
    return _in_line(_turn(case, found, calendar, today) for case, found in due if found)


def _in_line(turns: Iterable[Turn]) -> list[Turn]:
    return sorted(turns, key=lambda turn: turn.place_in_line)


def _turn(case: Case, due: ContactDue, calendar: WorkCalendar, today: date) -> Turn:
    turn = _turn_when(case, due, calendar)
    busy = _not_today(case, today) or has_appointment_on(case, today)
    return replace(turn, free_on=max(turn.free_on, calendar.next_working_day(today))) if busy else turn


def _turn_when(case: Case, due: ContactDue, calendar: WorkCalendar) -> Turn:
    """Due on a day off the turn is on the working day before, if that is not too early by the rhythm, else after."""
    opens_on = due.due_on - timedelta(days=early_days(_rhythm(case, due)))
    free_on = max(opens_on, _left_in_peace_until(due))
    before = calendar.previous_working_day(due.due_on + _ONE_DAY)
    on = before if before >= free_on else calendar.next_working_day(max(due.due_on, free_on) - _ONE_DAY)
    return Turn(case, due, on, free_on)


def _rhythm(case: Case, due: ContactDue) -> int:
    """The interval that made it due; nobody comes early to the first contact or after a pause."""
    citizen = case.citizen
    days = {Why.CONTACT: citizen.contact_every_days, Why.MEETING: citizen.meeting_every_days}
    return days.get(due.why) or 0


def _left_in_peace_until(due: ContactDue) -> date:
    """Two days after a contact, or as short as was agreed."""
    if due.last_contact_on is None:
        return date.min
    quiet = due.last_contact_on + timedelta(days=RECENT_DAYS + 1)
    return min(quiet, due.due_on) if due.why == Why.CONTACT else quiet


def _not_today(case: Case, today: date) -> bool:
    return _tried_on(case, today) or any(put_off.on == today and put_off.active for put_off in case.put_offs)


def _tried_on(case: Case, day: date) -> bool:
    """Whether the citizen was contacted or tried on this day."""
    notes = effective_notes(case.notes)
    return any(n.with_whom != WithWhom.NETWORK and day_of(n.occurred_at) == day for n in notes)


# ---------------------------------------------------------------- who takes a place
def _chosen(turns: Sequence[Turn], calendar: WorkCalendar, day: date, places: int, limit: int) -> list[Turn]:
    """The first in line whose turn it is, and of those not due yet only as many as the days ahead could not hold."""
    if not calendar.is_working_day(day):
        return []
    free = [turn for turn in turns if turn.free_on <= day]
    return free[: min(places, _needed(turns, calendar, day, limit))]


def _needed(turns: Iterable[Turn], calendar: WorkCalendar, day: date, limit: int) -> int:
    """How many must have their contact this very day, so that nobody's turn of the coming week is missed."""
    planned = [turn.planned_on for turn in turns]
    needed, room = 0, 0
    for ahead in range(DUE_WITHIN_DAYS + 1):
        until = day + timedelta(days=ahead)
        room += limit if ahead and calendar.is_working_day(until) else 0
        needed = max(needed, sum(on <= until for on in planned) - room)
    return needed


def _places_used(cases: Sequence[Case], calendar: WorkCalendar, today: date) -> int:
    """How many of this morning's round have been tried or reached since. A caller who was not due uses no place."""
    tried = [case for case in cases if _tried_on(case, today) and not has_appointment_on(case, today)]
    morning = [replace(case, notes=tuple(n for n in case.notes if day_of(n.occurred_at) < today)) for case in tried]
    due = ((case, contact_due(case, calendar, today)) for case in morning)
    return sum(_turn_when(case, found, calendar).free_on <= today for case, found in due if found)


# ---------------------------------------------------------------- what that comes to
def _all_reached_by(turns: Sequence[Turn], calendar: WorkCalendar, today: date, places: int, limit: int) -> date | None:
    """Played forward day by day: whoever is reached is due again after their rhythm and may come before others."""
    if all(turn.on > today for turn in turns):
        return None
    day, line, reached = today, list(turns), set[str]()
    for _ in range(FORECAST_DAYS_MAX):
        chosen = {turn.case.citizen_id for turn in _chosen(_there(line, day), calendar, day, places, limit)}
        reached |= chosen
        line = _in_line(_again(turn, day, calendar) if turn.case.citizen_id in chosen else turn for turn in line)
        if all(turn.case.citizen_id in reached for turn in _there(line, day) if turn.on <= day):
            return day
        day, places = calendar.next_working_day(day), limit
    return None


def _there(turns: Iterable[Turn], day: date) -> list[Turn]:
    """Without who has a pause then."""
    return [turn for turn in turns if not turn.case.pauses_on(day)]


def _again(turn: Turn, reached_on: date, calendar: WorkCalendar) -> Turn:
    due_on = reached_on + timedelta(days=rhythm_days(turn.case.citizen) or DAYS_A_WEEK)
    due = replace(turn.due, due_on=due_on, why=Why.CONTACT, last_contact_on=reached_on, last_tried_on=None)
    return _turn_when(turn.case, due, calendar)


def _a_day_needed(cases: Iterable[Case], calendar: WorkCalendar, today: date) -> int:
    """Of those who are not paused; a meeting is also a contact, and nobody is contacted twice a day."""
    a_week = len(calendar.working_days)
    agreed = [
        rhythm_days(case.citizen)
        for case in cases
        if case.citizen.status == CitizenStatus.ACTIVE and not case.is_dead and not case.pauses_on(today)
    ]
    contacts = sum((min(Fraction(DAYS_A_WEEK, days), Fraction(a_week)) for days in agreed if days), Fraction())
    return ceil(contacts / a_week)

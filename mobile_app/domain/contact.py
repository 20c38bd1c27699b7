"""Rule 3: the agreed contact. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile

from mobile_app.domain.appointments import TO_COME, is_together, starts_of
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of
from mobile_app.domain.case import Case, effective_notes, returned_on
from mobile_app.domain.rule import ACTIVE, BY_ANY_PAUSE, N_, Rule, Step, Wanted
from storage.records import (
    Appointment,
    Channel,
    Citizen,
    CitizenStatus,
    ContactNote,
    Outcome,
    WithWhom,
)

RULE = "contact"
TRY_AGAIN = "try_again"
TRY_ANOTHER_CHANNEL = "try_another_channel"

#: Meeting means being in the same place: a video call is contact, but no meeting (design; the source meets on walks,
#: at home, at school, at the internship and at the youth centre [M Bilag 5]).
MEETING_CHANNELS = frozenset(
    {Channel.WALK, Channel.HOME_VISIT, Channel.OFFICE, Channel.SCHOOL, Channel.WORKPLACE, Channel.HEALTH}
)
BACK_WITHIN_WORKING_DAYS = 2
#: Somebody who is reached and yet not met is asked for a meeting again a week later, not every day (design).
MEETING_AGAIN_DAYS = 7
#: How far a meeting that is arranged already is looked for.
ARRANGED_WITHIN = timedelta(days=60)
ANOTHER_CHANNEL_AFTER = 3
NOON_HOUR = 12
MORNING, AFTERNOON = "10:00", "14:00"

STEPS = (
    Step(TRY_AGAIN, N_("Try to reach {name} again"), N_("Because there was no answer.")),
    Step(
        TRY_ANOTHER_CHANNEL,
        N_("Try another way, and ask a colleague for advice"),
        N_("Because there was no answer three times."),
    ),
)


class Why(StrEnum):
    """Why somebody is due: the agreed interval, nobody met yet, back from a pause, or the interval of meetings."""

    CONTACT = "contact"
    FIRST_CONTACT = "first_contact"
    AFTER_PAUSE = "after_pause"
    MEETING = "meeting"


@dataclass(frozen=True)
class ContactDue:
    """`due_on` is the earlier of the two intervals. `unanswered` counts the tries since somebody was reached, the last
    of them on `last_tried_on`."""

    due_on: date
    why: Why
    contact_due_on: date | None
    meeting_due_on: date | None
    last_contact_on: date | None
    last_meeting_on: date | None
    last_channel: Channel | None
    last_tried_on: date | None
    unanswered: int


def last_two_way(notes: Iterable[ContactNote]) -> ContactNote | None:
    """The latest contact with the citizen that took place, whoever began it (rule 3)."""
    return _latest(notes, lambda note: note.is_two_way)


def last_meeting(notes: Iterable[ContactNote]) -> ContactNote | None:
    """The latest two-way contact in the same place (see MEETING_CHANNELS)."""
    return _latest(notes, lambda note: note.is_two_way and note.channel in MEETING_CHANNELS)


def contact_due(case: Case, calendar: WorkCalendar, today: date) -> ContactDue | None:
    """When the citizen is next due by what was agreed; none without an agreement, while paused, in aftercare (there it
    is the young person who calls), after the end or after a move to another municipality. A citizen never reached is
    due from the start of the course."""
    moved = case.moves_away_on is not None and case.moves_away_on <= today
    if case.citizen.status != CitizenStatus.ACTIVE or case.is_dead or moved or case.pauses_on(today):
        return None
    last, meeting_on = last_two_way(case.notes), _day(last_meeting(case.notes))
    contact_on, tries, back_on = _day(last), _unanswered(case), _back_on(case, today)
    again_on = calendar.next_working_day(back_on, BACK_WITHIN_WORKING_DAYS) if back_on else None
    contact, why = _contact(case.citizen, contact_on, again_on if _before(contact_on, back_on) else None)
    meeting = _meeting(case.citizen, meeting_on, again_on if _before(meeting_on, back_on) else None)
    meeting = meeting and max(meeting, _not_met_before(case, meeting, contact_on, today))
    dated = [(day, reason) for day, reason in ((contact, why), (meeting, Why.MEETING)) if day]
    if not dated:
        return None
    due_on, reason = min(dated, key=lambda pair: pair[0])
    channel, tried_on = last.channel if last else None, _day(tries[0]) if tries else None
    return ContactDue(due_on, reason, contact, meeting, contact_on, meeting_on, channel, tried_on, len(tries))


def rhythm_days(citizen: Citizen) -> int | None:
    """The shorter of what was agreed; a meeting is also a contact."""
    agreed = [days for days in (citizen.contact_every_days, citizen.meeting_every_days) if days]
    return min(agreed, default=None)


def reminders(case: Case, calendar: WorkCalendar, _until: datetime) -> list[Wanted]:
    """After "Fik ikke fat i": the next working day at another hour; after three in a row to try another channel (and
    sparring). The latest try alone asks."""
    tries = _unanswered(case)
    if not tries:
        return []
    tried_at = tries[0].occurred_at.astimezone(COPENHAGEN)
    clock = AFTERNOON if tried_at.hour < NOON_HOUR else MORNING
    due = calendar.at(calendar.next_working_day(tried_at.date()), clock)
    step = TRY_ANOTHER_CHANNEL if len(tries) >= ANOTHER_CHANNEL_AFTER else TRY_AGAIN
    return [Wanted(tries[0].id, case.citizen_id, RULE, step, due, anchor=tries[0].occurred_at)]


def _unanswered(case: Case) -> list[ContactNote]:
    """The tries in a row without an answer, newest first; talks with the network in between do not break the row."""
    with_citizen = [note for note in effective_notes(case.notes) if note.with_whom != WithWhom.NETWORK]
    newest_first = sorted(with_citizen, key=lambda note: note.occurred_at, reverse=True)
    return list(takewhile(lambda note: note.outcome == Outcome.NO_ANSWER, newest_first))


def _latest(notes: Iterable[ContactNote], counts: Callable[[ContactNote], bool]) -> ContactNote | None:
    return max(filter(counts, effective_notes(notes)), key=lambda note: note.occurred_at, default=None)


def _before(last_on: date | None, back_on: date | None) -> bool:
    return back_on is not None and (last_on is None or last_on < back_on)


def _contact(citizen: Citizen, last_on: date | None, again_on: date | None) -> tuple[date | None, Why]:
    """`again_on`: back from a pause and not reached since."""
    if citizen.contact_every_days is None:
        return None, Why.CONTACT
    if again_on:
        return again_on, Why.AFTER_PAUSE
    if last_on is None:
        return citizen.started_on, Why.FIRST_CONTACT
    return last_on + timedelta(days=citizen.contact_every_days), Why.CONTACT


def _meeting(citizen: Citizen, last_on: date | None, again_on: date | None) -> date | None:
    if citizen.meeting_every_days is None:
        return None
    due = (last_on or citizen.started_on) + timedelta(days=citizen.meeting_every_days)
    return max(due, again_on) if again_on else due


def _not_met_before(case: Case, due_on: date, contact_on: date | None, today: date) -> date:
    """A meeting that is arranged is waited for; one that was talked about since it was due is asked for a week on."""
    arranged = _arranged_on(case, today)
    if arranged:
        return arranged + timedelta(days=1)
    talked = contact_on is not None and contact_on >= due_on
    return contact_on + timedelta(days=MEETING_AGAIN_DAYS) if contact_on and talked else due_on


def _arranged_on(case: Case, today: date) -> date | None:
    first = datetime.combine(today, time(), COPENHAGEN)
    meets = filter(_is_to_meet, case.appointments)
    days = [day_of(start) for a in meets for start in starts_of(a, first, first + ARRANGED_WITHIN)]
    return min(days, default=None)


def _is_to_meet(appointment: Appointment) -> bool:
    """Whether she is there herself: a doctor's appointment the citizen goes to alone is no meeting."""
    in_person = appointment.channel is None or appointment.channel in MEETING_CHANNELS
    return is_together(appointment) and in_person and appointment.state in TO_COME


def _day(note: ContactNote | None) -> date | None:
    return day_of(note.occurred_at) if note else None


def _back_on(case: Case, today: date) -> date | None:
    """The day the latest pause ended, if one did; a pause ended on its first day was none."""
    ended = [day for pause in case.pauses if (day := returned_on(pause)) and pause.from_on < day <= today]
    return max(ended, default=None)


RULES = (Rule(reminders, STEPS, ACTIVE, silenced_by=BY_ANY_PAUSE),)

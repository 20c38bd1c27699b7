"""Rule 2: doctor, psychiatry and every other appointment, from "refer" to "have the information". Pure.

The chain of each state is one row of `_CHAINS`. Reminders ring the consultant, never the citizen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of, shifted
from mobile_app.domain.case import Case
from mobile_app.domain.recurrence import left_out_of, occurrences, zone_of
from mobile_app.domain.rule import BY_ADMISSION, IN_COURSE_OR_AFTERCARE, N_, Rule, Step, Wanted
from storage.records import (
    Accompany,
    Answer,
    Appointment,
    AppointmentState,
    AppointmentType,
    FollowUp,
    ReminderAnswer,
    occurrence_id,
)

RULE = "appointment"
LETTER_CAME = "letter_came"
TIME_BOOKED = "time_booked"
BOOK_TOGETHER = "book_together"
READY = "ready"
SET_OFF = "set_off"
WRITE_NOTE = "write_note"
HOW_DID_IT_GO = "how_did_it_go"
INFORMATION_CAME = "information_came"
AFTER_MISSED = "after_missed"

CLOCK = "10:00"
LETTER_EVERY_DAYS = 14
#: Working days after `state_since`: the first question, again 1 and 3 later, and then once to book together.
TIME_BOOKED_AFTER = (1, 2, 4)
BOOK_TOGETHER_AFTER = 5
FOLLOW_UP_AFTER = timedelta(hours=2)
FOLLOW_UP_LATEST_HOUR = 16
INFORMATION_AFTER_DAYS = 14
#: Not there yet: asked again after as long.
INFORMATION_AGAIN_DAYS = 14
#: Steps of one question that is asked again and again while the state lasts.
ASKED_AGAIN = (frozenset({LETTER_CAME}), frozenset({TIME_BOOKED, BOOK_TOGETHER}))
#: An appointment without an end is taken to last an hour.
USUAL_LENGTH = timedelta(hours=1)
#: Of a recurring appointment only what lies this near to `until`: enough for a daily one within OCCURRENCES_MAX.
RECURRING_SPAN = timedelta(days=500)

#: A moved appointment lives on with its new time.
TO_COME = frozenset({AppointmentState.BOOKED, AppointmentState.MOVED})
#: They have no time yet.
TIMELESS = frozenset({AppointmentState.REFERRED, AppointmentState.TO_BOOK})
STANDING = TO_COME | {AppointmentState.KEPT}

#: Rule 2 is about these; a walk or a meeting needs nobody to be made ready for it.
HEALTH = frozenset({AppointmentType.DOCTOR, AppointmentType.PSYCHIATRY})


@dataclass(frozen=True)
class Ask:
    """One question about one appointment: `until` is where what repeats ends."""

    appointment: Appointment
    calendar: WorkCalendar
    until: datetime

    @property
    def since(self) -> date:
        return self.appointment.state_since


STEPS = (
    Step(LETTER_CAME, N_("Has a letter come?"), N_("Because {name} was referred on {since} and waits for a letter.")),
    Step(TIME_BOOKED, N_("Is the time booked?"), N_("Because you agreed on {since} that {name} books a time.")),
    Step(
        BOOK_TOGETHER,
        N_("Book it together next time"),
        N_("Because the time that you agreed on {since} is still not booked."),
        same_question=TIME_BOOKED,
    ),
    Step(READY, N_("Ready for {day}?"), N_("Because {what} is {moment}.")),
    Step(
        SET_OFF,
        N_("Time to set off"),
        N_("Because you go along with {name} {whither} {moment}."),
        travel=True,
        text_early=N_("Set off {leaving}"),
    ),
    Step(
        WRITE_NOTE,
        N_("Write the note while you remember"),
        N_("Because the note is about the way {whither} with {name} {day}."),
    ),
    Step(HOW_DID_IT_GO, N_("Hear how it went"), N_("Because you talk after {what} {day}.")),
    Step(INFORMATION_CAME, N_("Has the information come?"), N_("Because the case needs it after {what} {day}.")),
    Step(AFTER_MISSED, N_("Hear kindly what got in the way"), N_("Because {name} did not get {whither} {day}.")),
)


class Due(Struct, frozen=True, gc=False):
    """A step of a chain. `anchor` as in Wanted."""

    step: str
    at: datetime
    anchor: datetime | None = None
    expires_at: datetime | None = None


def reminders(case: Case, calendar: WorkCalendar, until: datetime) -> list[Wanted]:
    """What rule 2 asks for up to `until` (aware). The moments follow from the records alone, so the same step has the
    same id on every day and every device; `until` only bounds what repeats. What she wants to be asked no more about
    is asked no more, as long as the appointment stays in that state."""
    asked = [Ask(a, calendar, until) for a in case.appointments]
    written = Noted(case)
    dropped = {(answer.source_id, answer.step, answer.due_at) for answer in case.answers if _is_drop(answer)}
    return [
        found
        for ask in asked
        for found in _of_appointment(ask)
        if not _is_dropped(found, ask, dropped)
        and (found.step != WRITE_NOTE or not written.has(ask.appointment, found.anchored_at))
    ]


class Noted:
    """Which appointments have a note."""

    def __init__(self, case: Case) -> None:
        """A note of one time of a recurring appointment stays with that time when it becomes an appointment of its
        own."""
        self._days = {(note.appointment_id, day_of(note.occurred_at)) for note in case.notes if note.appointment_id}
        left_out = [(a.id, at) for a in case.appointments for at in left_out_by(a)]
        alone = {occurrence_id(of, at) for of, at in left_out if (of, day_of(at)) in self._days}
        self._ids = {of for of, _day in self._days} | alone

    def has(self, appointment: Appointment, starts_at: datetime | None) -> bool:
        """Whether the time that begins then (aware) does: of a series by its day in Copenhagen, of a single appointment
        whatever the note is dated."""
        if appointment.rrule and starts_at:
            return (appointment.id, day_of(starts_at)) in self._days
        return appointment.id in self._ids


def follow_up_at(starts_at: datetime, follow_up: FollowUp, calendar: WorkCalendar) -> datetime:
    """When to hear how it went: two hours after the start (past 16:00 the next working day 10:00), or the next working
    day 10:00 when the citizen chose that."""
    soon = shifted(starts_at, FOLLOW_UP_AFTER)
    too_late = soon > calendar.at(day_of(starts_at), f"{FOLLOW_UP_LATEST_HOUR}:00")
    if follow_up == FollowUp.NEXT_DAY or too_late:
        return calendar.at(calendar.next_working_day(day_of(starts_at)), CLOCK)
    return soon


def starts_of(appointment: Appointment, after: datetime, before: datetime) -> list[datetime]:
    """The starts of the appointment from `after` to `before` (aware, inclusive), one or many; none without a time."""
    a = appointment
    if a.starts_at is None:
        return []
    return occurrences(a.starts_at, a.zone, a.rrule, a.exdates, after, before)


def left_out_by(appointment: Appointment) -> list[datetime]:
    """The times that left a series: cancelled, moved, or told what became of."""
    a = appointment
    return left_out_of(a.starts_at, a.zone, a.exdates) if a.starts_at else []


def has_appointment_on(case: Case, day: date) -> bool:
    """Whether an appointment with the citizen stands on this day in Copenhagen."""
    first = datetime.combine(day, time.min, COPENHAGEN)
    last = datetime.combine(day, time.max, COPENHAGEN)
    return any(starts_of(a, first, last) for a in case.appointments if a.state in STANDING)


def is_together(appointment: Appointment) -> bool:
    """Whether she and the citizen meet or talk then: to a doctor's appointment the citizen may go alone."""
    return appointment.type == AppointmentType.MEETING or appointment.accompany != Accompany.ALONE


def together_within(case: Case, first: date, last: date, states: Collection[AppointmentState] = STANDING) -> bool:
    """Whether an appointment of hers with the citizen (`is_together`), in one of these states, lies on a day from
    `first` to `last` (inclusive, in Copenhagen)."""
    after = datetime.combine(first, time.min, COPENHAGEN)
    before = datetime.combine(last, time.max, COPENHAGEN)
    hers = (a for a in case.appointments if a.state in states and is_together(a))
    return any(starts_of(a, after, before) for a in hers)


def _of_appointment(ask: Ask) -> Iterator[Wanted]:
    appointment = ask.appointment
    for due in _CHAINS.get(appointment.state, _nothing)(ask):
        yield Wanted(appointment.id, appointment.citizen_id, RULE, due.step, due.at, due.anchor, due.expires_at)


def _is_drop(answer: ReminderAnswer) -> bool:
    return answer.rule == RULE and answer.answer == Answer.CANCELLED


def _is_dropped(found: Wanted, ask: Ask, dropped: set[tuple[str, str, datetime]]) -> bool:
    """Only what is asked again and again is one question; each time of an appointment is another one."""
    group = next((group for group in ASKED_AGAIN if found.step in group), ())
    return any(source == found.source_id and step in group and day_of(at) >= ask.since for source, step, at in dropped)


def _nothing(_ask: Ask) -> Iterable[Due]:
    return ()


def _referred(ask: Ask) -> Iterable[Due]:
    day = ask.since
    while (due := ask.calendar.at(day := day + timedelta(days=LETTER_EVERY_DAYS), CLOCK)) <= ask.until:
        yield Due(LETTER_CAME, due)


def _to_book(ask: Ask) -> Iterable[Due]:
    for count in TIME_BOOKED_AFTER:
        yield _working_days_on(ask, TIME_BOOKED, count)
    yield _working_days_on(ask, BOOK_TOGETHER, BOOK_TOGETHER_AFTER)


def _booked(ask: Ask) -> Iterable[Due]:
    for starts_at in _recent_starts(ask):
        yield from _before(ask, starts_at)
        yield from _afterwards(ask, starts_at)


def _kept(ask: Ask) -> Iterable[Due]:
    for starts_at in _recent_starts(ask):
        yield from _afterwards(ask, starts_at)
    if ask.appointment.wants_information:
        yield Due(INFORMATION_CAME, ask.calendar.at(ask.since + timedelta(days=INFORMATION_AFTER_DAYS), CLOCK))


def _missed(ask: Ask) -> Iterable[Due]:
    yield _working_days_on(ask, AFTER_MISSED, 1)


_CHAINS: dict[AppointmentState, Callable[[Ask], Iterable[Due]]] = {
    AppointmentState.REFERRED: _referred,
    AppointmentState.TO_BOOK: _to_book,
    AppointmentState.BOOKED: _booked,
    AppointmentState.MOVED: _booked,
    AppointmentState.KEPT: _kept,
    AppointmentState.MISSED: _missed,
}


def _before(ask: Ask, starts_at: datetime) -> Iterable[Due]:
    ready_at = ask.calendar.afternoon_before(day_of(starts_at))
    # Booked after that afternoon: there is no "tomorrow" left to be ready for.
    if ask.appointment.type in HEALTH and day_of(ready_at) >= ask.since:
        yield Due(READY, ready_at, starts_at, expires_at=starts_at)
    if ask.appointment.accompany != Accompany.ALONE:
        lead = timedelta(minutes=ask.appointment.lead_minutes)
        yield Due(SET_OFF, shifted(starts_at, -lead), starts_at, expires_at=starts_at)


def _afterwards(ask: Ask, starts_at: datetime) -> Iterable[Due]:
    appointment = ask.appointment
    if appointment.accompany != Accompany.ALONE:
        yield Due(WRITE_NOTE, shifted(starts_at, length(appointment)), starts_at)
    if appointment.follow_up != FollowUp.NONE:
        yield Due(HOW_DID_IT_GO, follow_up_at(starts_at, appointment.follow_up, ask.calendar), starts_at)


def length(appointment: Appointment) -> timedelta:
    """How long it lasts; an hour where nobody said."""
    if appointment.starts_at is None or appointment.ends_at is None:
        return USUAL_LENGTH
    return max(timedelta(), appointment.ends_at - appointment.starts_at)


def _recent_starts(ask: Ask) -> list[datetime]:
    """A single appointment is never too old to be asked about."""
    appointment = ask.appointment
    if appointment.starts_at is None:
        return []
    if not appointment.rrule:
        return [appointment.starts_at.astimezone(zone_of(appointment.zone))]
    return starts_of(appointment, max(appointment.starts_at, ask.until - RECURRING_SPAN), ask.until)


def _working_days_on(ask: Ask, step: str, count: int) -> Due:
    """Named by days, not by working days: those are hers, and a leave must not ask anew what was answered."""
    anchor = ask.calendar.at(ask.since + timedelta(days=count), CLOCK)
    return Due(step, ask.calendar.at(ask.calendar.next_working_day(ask.since, count), CLOCK), anchor)


RULES = (Rule(reminders, STEPS, IN_COURSE_OR_AFTERCARE, silenced_by=BY_ADMISSION),)

"""One time of an appointment. A recurring one has many, and each has its own outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from msgspec.structs import replace

from mobile_app.domain.appointments import HEALTH, RECURRING_SPAN, STANDING, TO_COME, length, starts_of
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, shifted
from mobile_app.domain.recurrence import ended_before
from storage.records import Accompany, Appointment, AppointmentState, Channel, RecordId, WithWhom, occurrence_id

#: Of a recurring appointment what is to come is shown so far: a few, not a year.
SHOWN_AHEAD = 3


@dataclass(frozen=True)
class Occurrence:
    """`starts_at` is none while there is no time yet. A single appointment is the only one of itself."""

    appointment: Appointment
    starts_at: datetime | None

    @property
    def id(self) -> RecordId:
        """Of the appointment that it is, or becomes when it is taken out of its series."""
        if self.starts_at is None or not self.recurs:
            return RecordId(self.appointment.id)
        return occurrence_id(self.appointment.id, self.starts_at)

    @property
    def citizen_id(self) -> str:
        return self.appointment.citizen_id

    @property
    def recurs(self) -> bool:
        return bool(self.appointment.rrule)

    @property
    def ends_at(self) -> datetime | None:
        if self.starts_at is None or self.appointment.ends_at is None:
            return None
        return shifted(self.starts_at, length(self.appointment))

    @property
    def minutes(self) -> int | None:
        """How long it was to last, where that was said."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def with_whom(self) -> WithWhom:
        """At the doctor's the doctor is there, too, where she goes in."""
        a = self.appointment
        alone = a.network_person_id is None or (a.type in HEALTH and a.accompany != Accompany.GO_IN)
        return WithWhom.CITIZEN if alone else WithWhom.BOTH

    @property
    def may_move(self) -> bool:
        return self.starts_at is not None and self.appointment.state in TO_COME

    @property
    def may_become_walk(self) -> bool:
        """The doctor does not go along ("gå en tur i stedet" [M])."""
        return self.may_move and self.appointment.type not in HEALTH and self.appointment.channel != Channel.WALK

    def working_days_on(self, count: int, calendar: WorkCalendar, today: date) -> datetime:
        """The same clock `count` working days later; of a time that has passed, later than today."""
        assert self.starts_at is not None, "only what has a time is moved"
        local = self.starts_at.astimezone(COPENHAGEN)
        return calendar.at(calendar.next_working_day(max(local.date(), today), count), local.time())

    def on_its_own(self) -> Appointment:
        """As an appointment of its own."""
        return replace(
            self.appointment, id=self.id, starts_at=self.starts_at, ends_at=self.ends_at, rrule="", exdates=()
        )

    def without_the_rest(self) -> Appointment:
        """The series without this time and all after it; cancelled where none is left."""
        assert self.starts_at is not None, "a series has a start"
        a = self.appointment
        before = [one for one in starts_of(a, a.starts_at or self.starts_at, self.starts_at) if one < self.starts_at]
        if not before:
            return replace(a, state=AppointmentState.CANCELLED)
        return replace(a, rrule=ended_before(a.starts_at or self.starts_at, a.zone, a.rrule, self.starts_at))


def single(appointment: Appointment) -> Occurrence:
    """The appointment as a whole, or its first time."""
    return Occurrence(appointment, appointment.starts_at)


def between(appointment: Appointment, after: datetime, before: datetime) -> list[Occurrence]:
    """From `after` to `before` (aware, inclusive); none without a time."""
    return [Occurrence(appointment, at) for at in starts_of(appointment, after, before)]


def shown(appointment: Appointment, now: datetime) -> list[Occurrence]:
    """What a screen shows: a single one; of a series the last that has begun and the next few."""
    if not appointment.rrule or appointment.starts_at is None or appointment.state not in STANDING:
        return [single(appointment)]
    around = between(appointment, now - RECURRING_SPAN, now + RECURRING_SPAN)
    begun = [one for one in around if one.starts_at and one.starts_at <= now]
    return begun[-1:] + around[len(begun) :][:SHOWN_AHEAD]


def of_day(appointment: Appointment, day: date) -> list[Occurrence]:
    """What she has to do with it on this day in Copenhagen: its time, and an earlier one that nobody told about; of a
    series only the day's own, so that no weeks pile up."""
    if appointment.rrule and appointment.state not in STANDING:
        return []
    first, last = (datetime.combine(day, clock, COPENHAGEN) for clock in (time.min, time.max))
    of_the_day = between(appointment, first, last)
    waits = appointment.state in TO_COME and appointment.starts_at is not None and appointment.starts_at < first
    return [single(appointment)] if waits and not appointment.rrule else of_the_day


def coming(appointments: Iterable[Appointment], now: datetime) -> list[Occurrence]:
    """The next time of each that stands, at or after `now` (aware), earliest first."""
    found = [
        (one.starts_at, one) for appointment in appointments if (one := next_of(appointment, now)) and one.starts_at
    ]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def next_of(appointment: Appointment, now: datetime) -> Occurrence | None:
    """The next time that stands at or after `now` (aware)."""
    if appointment.state not in TO_COME:
        return None
    return next(iter(between(appointment, now, now + RECURRING_SPAN)), None)

"""What she does with appointments: book, move, tell what became of one time. As services.py: what writes blocks, is one
transaction, and gives back what undoes it.

One time of a recurring appointment that becomes something of its own leaves the series (an exdate) and is a single
appointment from then on (docs/decisions/0036): its answers go along, its note is known by `appointments.Noted`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from mobile_app.answering import Answering
from mobile_app.domain.agenda import Open
from mobile_app.domain.appointment_checks import check, counts_anew
from mobile_app.domain.appointments import CLOCK, INFORMATION_AGAIN_DAYS, TIMELESS, TO_COME, left_out_by, length
from mobile_app.domain.calendar import shifted
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.repeating import left_out_after
from mobile_app.errors import InvalidInput
from mobile_app.stamping import check_text
from storage.records import (
    Answer,
    Appointment,
    AppointmentState,
    Channel,
    NetworkPerson,
    Record,
    Relation,
    ReminderAnswer,
    answer_id,
    occurrence_id,
)

Undo = Callable[[], None]


class Appointing(Answering):
    def new_appointment(self, citizen_id: str, **fields: Any) -> Appointment:
        """Not saved yet."""
        return self._new(Appointment, citizen_id, state_since=self.today(), **fields)

    def save_appointment(self, appointment: Appointment) -> Appointment:
        """Raises InvalidInput for what appointment_checks finds."""
        saved = self._checked(appointment)
        self.vault.save(saved)
        return saved

    def book(self, appointment: Appointment) -> Undo:
        """ "Bestilt": raises as save_appointment."""
        stored = self.vault.reading.get(appointment.id)
        booked = self._checked(replace(appointment, state=AppointmentState.BOOKED))
        self.vault.save(booked)
        if isinstance(stored, Appointment):
            return lambda: self.vault.save(self._changed(stored))
        return lambda: self.vault.save(delete=[booked.id])

    def become(self, one: Occurrence, asked: Open | None = None, **fields: Any) -> Undo:
        """This time gets these fields, and `asked` (the reminder that she answers by it) is done. Raises as
        save_appointment."""
        answers = [] if asked is None else [self.answers(asked, Answer.DONE)]
        undone: list[Record] = [before for _, before in answers]
        said = [answer for answer, _ in answers]
        if one.recurs:
            return self._taken_out(one, said, undone, fields)
        before = self._stands(one.appointment)
        self.vault.save(self._checked(replace(before, **fields)), *said)
        return lambda: self.vault.save(*map(self._changed, [before, *undone]))

    def move(self, one: Occurrence, starts_at: datetime) -> Undo:
        """This time is at `starts_at` (aware) instead and lasts as long. Raises as save_appointment."""
        a = one.appointment
        ends_at = shifted(starts_at, length(a)) if a.ends_at else None
        return self.become(one, starts_at=starts_at, ends_at=ends_at, state=AppointmentState.MOVED)

    def move_by(self, one: Occurrence, working_days: int) -> Undo:
        """ "Flyt en dag": the same clock on the next working day, or the one after."""
        return self.move(one, one.working_days_on(working_days, self.calendar(), self.today()))

    def walk_instead(self, one: Occurrence) -> Undo:
        """ "Gå en tur i stedet": the same time."""
        return self.become(one, channel=Channel.WALK)

    def cancel_rest(self, one: Occurrence) -> Undo:
        """This time and all that follow in its series, also those of it that were moved."""
        series = self._stands(one.appointment)
        moved = self._moved_out(series, one.starts_at)
        off = [replace(a, state=AppointmentState.CANCELLED) for a in moved]
        shorter = Occurrence(series, one.starts_at).without_the_rest()
        self.vault.save(*map(self._checked, [shorter, *off]))
        return lambda: self.vault.save(*map(self._changed, [series, *moved]))

    def book_again(self, missed: Appointment, asked: Open | None = None) -> tuple[Appointment, Undo]:
        """A new appointment like the one that was missed, to be booked; `asked` is done."""
        new = self.new_appointment(missed.citizen_id, type=missed.type, state=AppointmentState.TO_BOOK)
        own = {"id": new.id, "created_at": new.created_at, "state": new.state, "state_since": new.state_since}
        loose = {"starts_at": None, "ends_at": None, "rrule": "", "exdates": ()}
        made = self._changed(missed, **own | loose)
        answers = [] if asked is None else [self.answers(asked, Answer.DONE)]
        self.vault.save(made, *(answer for answer, _ in answers))
        return made, lambda: self.vault.save(*(self._changed(before) for _, before in answers), delete=[made.id])

    def ask_again_at(self) -> datetime:
        """When what has not come yet is asked for again."""
        calendar = self.calendar()
        return calendar.out_of_quiet(calendar.at(self.today() + timedelta(days=INFORMATION_AGAIN_DAYS), CLOCK))

    def keep_number(self, citizen_id: str, relation: Relation, phone: str, hours: str, name: str) -> NetworkPerson:
        """Where a time is booked; raises InvalidInput without a number."""
        check_text(phone + hours + name)
        if not any(character.isdigit() for character in phone):
            raise InvalidInput("no_phone")
        known = {"name": name.strip(), "relation": relation, "phone": phone.strip(), "hours": hours.strip()}
        person = self._new(NetworkPerson, citizen_id, **known)
        self.vault.save(person)
        return person

    # ------------------------------------------------------------ helpers
    def _checked(self, appointment: Appointment) -> Appointment:
        """As it will be kept."""
        check_text(appointment.text + appointment.place)
        stored = self.vault.reading.get(appointment.id)
        before = stored if isinstance(stored, Appointment) else None
        check(appointment, before, self.now())
        since = self.today() if before is None or counts_anew(appointment, before) else before.state_since
        if appointment.state in TIMELESS:
            appointment = replace(appointment, starts_at=None, ends_at=None, rrule="", exdates=())
        elif before is not None and appointment.exdates:
            appointment = replace(appointment, exdates=left_out_after(before, appointment))
        return self._changed(appointment, state_since=since)

    def _taken_out(self, one: Occurrence, said: list[Record], undone: list[Record], fields: dict[str, Any]) -> Undo:
        assert one.starts_at is not None, "a series has a start"
        series, left_out = one.appointment, one.starts_at
        alone = self._checked_alone(one, fields)
        # The series as it is kept: another time of it may have left meanwhile.
        self.vault.save(self._without(series, left_out), alone, *said, *self._answers_along(one, said))

        def undo() -> None:
            self.vault.save(self._with(series, left_out), *map(self._changed, undone), delete=[alone.id])

        return undo

    def _checked_alone(self, one: Occurrence, fields: dict[str, Any]) -> Appointment:
        """What is not about its time may be told of one that has passed."""
        alone = one.on_its_own()
        after = replace(alone, **fields)
        check(after, alone, self.now())
        since = self.today() if counts_anew(after, alone) else alone.state_since
        return self._changed(after, state_since=since, created_at=self.now())

    def _without(self, series: Appointment, left_out: datetime) -> Appointment:
        stands = self._stands(series)
        return self._changed(stands, exdates=tuple(left_out_by(replace(stands, exdates=(*stands.exdates, left_out)))))

    def _with(self, series: Appointment, back: datetime) -> Appointment:
        stands = self._stands(series)
        return self._changed(stands, exdates=tuple(at for at in left_out_by(stands) if at != back))

    def _moved_out(self, series: Appointment, since: datetime | None) -> list[Appointment]:
        """Those that came out of this series and are still to come, at or after `since` (aware)."""
        found = (self.vault.reading.get(occurrence_id(series.id, at)) for at in left_out_by(series))
        alone = [a for a in found if isinstance(a, Appointment) and a.starts_at and a.state in TO_COME]
        return [a for a in alone if a.starts_at and a.starts_at >= max(since or self.now(), self.now())]

    def _stands(self, appointment: Appointment) -> Appointment:
        stored = self.vault.reading.get(appointment.id)
        return stored if isinstance(stored, Appointment) else appointment

    def _answers_along(self, one: Occurrence, said: list[Record]) -> list[ReminderAnswer]:
        """What she answered about this time before it left its series stays answered."""
        kept = [*self.vault.reading.all(ReminderAnswer, one.appointment.citizen_id), *said]
        about = {
            answer.id: answer
            for answer in kept
            if isinstance(answer, ReminderAnswer)
            and (answer.source_id, answer.due_at) == (one.appointment.id, one.starts_at)
        }
        return [
            self._changed(a, id=answer_id(one.id, a.rule, a.step, a.due_at), source_id=one.id) for a in about.values()
        ]

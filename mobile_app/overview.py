"""What the screens show, put together from the read model and the rules. Reads alone; kept until something changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from mobile_app.conflicts import Question, open_questions
from mobile_app.covering import Covers
from mobile_app.domain import appointments, occurrence
from mobile_app.domain.aftercare import running
from mobile_app.domain.agenda import Agenda, Open, in_time, open_of_nobody
from mobile_app.domain.appointments import Noted
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of
from mobile_app.domain.case import Case, effective_notes
from mobile_app.domain.contact import ContactDue, contact_due
from mobile_app.domain.half_year import HalfYear, half_year
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.phrases import Offer, offers
from mobile_app.domain.standing_in import StandingIn, ringing
from mobile_app.domain.today import Round, contact_today
from mobile_app.finding import Asked, Found, Waiting, find
from mobile_app.handing_over import Handovers
from mobile_app.receipts import Receipts
from mobile_app.services import Desk
from storage.records import (
    NO_CITIZEN,
    AftercareWindow,
    Appointment,
    AppointmentState,
    AppointmentType,
    Citizen,
    CitizenStatus,
    Colleague,
    ContactNote,
    Draft,
    Event,
    NetworkPerson,
    Pause,
    PutOff,
    Reminder,
    ReminderAnswer,
    SmallStep,
)

#: More than two contacts a day for half a year.
AFTERCARE_NOTES_MAX = 500


@dataclass(frozen=True)
class WhereAreWe:
    """ "Hvor er vi?": what was agreed last, what comes next."""

    last_note: ContactNote | None
    next_appointment: Occurrence | None
    next_reminder: Open | None


class Overview(Receipts):
    def __init__(self, desk: Desk) -> None:
        """As Receipts."""
        super().__init__(desk)
        self.handovers = Handovers(self._reading, desk.author)
        self.covers = Covers(self._reading, desk.author)
        #: Remembered until the lock.
        self.asked = Asked()
        #: With how often the read model had changed for the citizen then.
        self._cases: dict[str, tuple[int, Case]] = {}
        self._agenda = Agenda()

    # ------------------------------------------------------------ people
    def today(self) -> date:
        return self._desk.today()

    def citizen(self, citizen_id: str) -> Citizen | None:
        found = self._reading.get(citizen_id)
        return found if isinstance(found, Citizen) else None

    def citizens(self) -> list[Citizen]:
        return sorted(self._reading.all(Citizen), key=lambda citizen: citizen.name)

    def persons(self, citizen_id: str) -> list[NetworkPerson]:
        return self._reading.all(NetworkPerson, citizen_id)

    def cases(self) -> list[Case]:
        return self._keep("cases", self._known_cases)

    def case(self, citizen_id: str) -> Case | None:
        return next((case for case in self.cases() if case.citizen.id == citizen_id), None)

    def _known_cases(self) -> list[Case]:
        """The same one as long as nothing changed: what was computed of it holds. Nothing stays of who left."""
        before, known = self._cases, dict[str, tuple[int, Case]]()
        for citizen in self.citizens():
            changes = self._reading.changes_of(citizen.id)  # asked first: a change meanwhile makes it anew next time
            one = before.get(citizen.id)
            known[citizen.id] = one if one and one[0] == changes else (changes, self._case(citizen))
        self._cases = known
        return [case for _changes, case in known.values()]

    def _case(self, citizen: Citizen) -> Case:
        reading, own = self._reading, citizen.id
        return Case(
            citizen=citizen,
            notes=tuple(reading.recent_notes(own)),
            appointments=tuple(reading.all(Appointment, own)),
            pauses=tuple(reading.all(Pause, own)),
            windows=tuple(reading.all(AftercareWindow, own)),
            put_offs=tuple(reading.all(PutOff, own)),
            events=tuple(reading.all(Event, own)),
            persons=tuple(reading.all(NetworkPerson, own)),
            small_steps=tuple(reading.all(SmallStep, own)),
            reminders=tuple(reading.all(Reminder, own)),
            answers=tuple(reading.all(ReminderAnswer, own)),
        )

    def waiting_longest(self) -> list[Waiting]:
        """Citizens by who has waited longest, closed ones last."""
        return self._keep("waiting", lambda: sorted(map(self._waiting, self.cases()), key=_longest_first))

    def search(self, asked: Asked) -> Found:
        """Citizens and people around them by name or phone, and notes. May run beside the screen's thread."""
        return find(asked, self.waiting_longest(), self._reading, self.today())

    def _waiting(self, case: Case) -> Waiting:
        last = next((note for note in effective_notes(case.notes) if note.is_two_way), None)
        due = contact_due(case, self.calendar(), self.today())
        return Waiting(case.citizen, day_of(last.occurred_at) if last else None, due, case.died_on)

    def contact_due(self, case: Case) -> ContactDue | None:
        return contact_due(case, self.calendar(), self.today())

    def calendar(self) -> WorkCalendar:
        return self._keep("calendar", self._desk.calendar)

    # ------------------------------------------------------------ the day
    def open_reminders(self) -> list[Open]:
        """All that are to come or to be answered, oldest first."""
        return self._keep("reminders", self._open_reminders)

    def _open_reminders(self) -> list[Open]:
        """Those about nobody too."""
        reading, now = self._reading, self._desk.now()
        own, answers = reading.all(Reminder, NO_CITIZEN), reading.all(ReminderAnswer, NO_CITIZEN)
        found = self._agenda.open(self.cases(), self.calendar(), now)
        return in_time([*found, *open_of_nobody(own, answers, now)]) if own else found

    def reminders_that_ring(self) -> list[Open]:
        """Here: while a colleague stands in those of her citizens ring there."""
        return ringing(self.open_reminders(), self.standing_in())

    def standing_in(self) -> StandingIn:
        """For her, and she for others."""
        progress = self.progress()
        covered = progress.covered if progress else ()
        return self._keep("standing_in", lambda: self.covers.standing_in(covered, self.state_of))

    def is_lent(self, citizen_id: str) -> bool:
        """Whether this citizen is a colleague's for whom she stands in."""
        return citizen_id in self.standing_in().lent

    def reminders_due_today(self) -> list[Open]:
        """Today's and earlier ones."""
        end = self.calendar().at(self.today() + timedelta(days=1), "00:00")
        return [one for one in self.open_reminders() if one.due_at < end]

    def reminders_coming(self) -> list[Open]:
        """After today: the next one of each, not every week of a year."""
        due = {one.key for one in self.reminders_due_today()}
        following: dict[tuple[str, str, str], Open] = {}
        for one in self.open_reminders():
            if one.key not in due:
                following.setdefault((one.source_id, one.rule, one.step), one)
        return list(following.values())

    def appointments_today(self) -> list[Occurrence]:
        """Today's in time order, and earlier single ones that nobody told about: how did they go?"""
        found = [
            one
            for case in self.cases()
            for appointment in case.appointments
            if not case.is_dead
            for one in occurrence.of_day(appointment, self.today())
        ]
        return sorted(found, key=lambda one: one.starts_at or self._desk.now())

    def round(self) -> Round:
        pattern = self._desk.work_pattern()
        limit = pattern.contacts_a_day if pattern else 3
        return self._keep(
            "round", lambda: contact_today(self._looked_after(), self.calendar(), self._desk.now(), limit)
        )

    def _looked_after(self) -> list[Case]:
        """Those she is the one for today: not while a colleague stands in, nor once she stands in no more."""
        standing_in, today = self.standing_in(), self.today()
        return [case for case in self.cases() if standing_in.is_hers_to_look_after(case.citizen.id, today)]

    def half_years(self) -> list[HalfYear]:
        """The aftercare that runs, or is over and not answered for yet: the soonest ending first."""
        found = filter(None, map(self.half_year, self.cases()))
        return sorted(found, key=lambda one: (one.window.ends_on, one.citizen.name))

    def half_year(self, case: Case) -> HalfYear | None:
        """Where this citizen is in the aftercare; none where none runs, or after a death."""
        window = None if case.is_dead else running(case.windows)
        if window is None:
            return None
        return half_year(case, window, self._reading.notes_of(case.citizen_id, AFTERCARE_NOTES_MAX), self.today())

    def is_noted(self, one: Occurrence) -> bool:
        """Whether a note of this time was written."""
        case = self.case(one.citizen_id)
        return case is not None and Noted(case).has(one.appointment, one.starts_at)

    def appointment(self, appointment_id: str) -> Appointment | None:
        found = self._reading.get(appointment_id)
        return found if isinstance(found, Appointment) else None

    def asked_about(self, one: Open) -> Appointment | None:
        """The appointment that a reminder is about, if it is about one."""
        return self.appointment(one.source_id) if one.rule == appointments.RULE else None

    def offers(self, text: str, citizen_id: str) -> list[Offer]:
        """What a note's phrases offer to be reminded of; nothing before it is known whom it is about, and nothing about
        who died."""
        return self.offering(text, citizen_id)()

    def offering(self, text: str, citizen_id: str) -> Callable[[], list[Offer]]:
        """`offers` to be asked for elsewhere: it needs nothing more of the vault."""
        case = self.case(citizen_id)
        if case is None or case.is_dead:
            return list
        now, doctor = self._desk.now(), _next_doctor(case, self._desk.now())
        if doctor is None:
            return partial(offers, text, now, self.calendar())
        return partial(offers, text, now, self.calendar(), doctor.starts_at, doctor.appointment.follow_up)

    def drafts(self) -> list[Draft]:
        return self._reading.all(Draft)

    def draft_of(self, one: Occurrence) -> Draft | None:
        """The note about this time that she has begun."""
        about = [d for d in self.drafts() if d.appointment_id == one.appointment.id and not d.corrects]
        same_day = [d for d in about if not one.recurs or not one.starts_at or _is_on(d, one.starts_at)]
        return next(iter(same_day), None)

    # ------------------------------------------------------------ one citizen
    def where_are_we(self, case: Case) -> WhereAreWe:
        now = self._desk.now()
        notes = [note for note in effective_notes(case.notes) if note.is_two_way] or effective_notes(case.notes)
        booked = [] if case.is_dead else occurrence.coming(case.appointments, now)
        coming = [one for one in self.open_reminders() if one.citizen_id == case.citizen.id]
        return WhereAreWe(notes[0] if notes else None, booked[0] if booked else None, coming[0] if coming else None)

    def timeline(self, case: Case, notes_max: int) -> list[ContactNote | Occurrence]:
        """Notes and appointments, newest first; what is to come stands on top, of a recurring one the next few. After a
        death only what took place."""
        notes, now = self._reading.notes_of(case.citizen.id, notes_max), self._desk.now()
        moments: list[tuple[datetime, ContactNote | Occurrence]] = [(note.occurred_at, note) for note in notes]
        stood = [a for a in case.appointments if not case.is_dead or a.state == AppointmentState.KEPT]
        far = datetime.max.replace(tzinfo=COPENHAGEN)
        moments += [(one.starts_at or far, one) for appointment in stood for one in occurrence.shown(appointment, now)]
        return [record for _, record in sorted(moments, key=lambda pair: pair[0], reverse=True)]

    def count_notes(self, citizen_id: str) -> int:
        return self._reading.count_notes(citizen_id)

    def network_person(self, person_id: str | None) -> NetworkPerson | None:
        found = self._reading.get(person_id) if person_id else None
        return found if isinstance(found, NetworkPerson) else None

    # ------------------------------------------------------------ others
    def conflicts(self) -> list[Question]:
        """What two devices wrote differently, each record's together."""
        return self._keep("conflicts", lambda: open_questions(self._reading))

    def colleague(self, author: str) -> str:
        """The name of who wrote, where it is known."""
        found = self._reading.get(author)
        return found.name if isinstance(found, Colleague) else ""


def _is_on(draft: Draft, moment: datetime) -> bool:
    return draft.occurred_at is not None and day_of(draft.occurred_at) == day_of(moment)


def _next_doctor(case: Case, now: datetime) -> Occurrence | None:
    """The appointment that "efter lægetiden" means."""
    doctors = [appointment for appointment in case.appointments if appointment.type == AppointmentType.DOCTOR]
    return next(iter(occurrence.coming(doctors, now)), None)


def _longest_first(waiting: Waiting) -> tuple[int, date, str]:
    order = {CitizenStatus.ACTIVE: 0, CitizenStatus.AFTERCARE: 1, CitizenStatus.CLOSED: 2}
    return order[waiting.citizen.status], waiting.last_contact_on or date.min, waiting.citizen.name

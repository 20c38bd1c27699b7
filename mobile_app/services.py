"""What a consultant does, as use cases on an unlocked vault. Every method that writes is one transaction.

All block: views run them in a thread (see app.App.attempt).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from mobile_app.appointing import Appointing
from mobile_app.circumstances import Circumstances
from mobile_app.domain.occurrence import Occurrence
from mobile_app.domain.phrases import Offer
from mobile_app.errors import InvalidInput
from mobile_app.stamping import check_characters, check_text
from storage import records
from storage.records import (
    Channel,
    Citizen,
    ContactNote,
    Draft,
    EventType,
    Outcome,
    PutOff,
    Record,
    Reminder,
    ReminderState,
    WithWhom,
    WorkPattern,
)

#: Fields that a draft and the note made of it share.
_SHARED = tuple(name for name in Draft.__struct_fields__ if name not in Record.__struct_fields__)
_DRAFT_HOLD = timedelta(minutes=1)


class Desk(Appointing, Circumstances):
    """One consultant at work."""

    # ------------------------------------------------------------ notes
    def new_draft(self, citizen: Citizen | None = None, one: Occurrence | None = None) -> Draft:
        """Not saved until something is written. Prefilled with what is known already."""
        fields: dict[str, Any] = {"occurred_at": self._clock()}
        if citizen is not None:
            fields["channel"] = citizen.preferred_channel
        if one is not None:
            fields |= self._of_appointment(one, fields.get("channel"))
        return self._new(Draft, citizen.id if citizen else records.NO_CITIZEN, **fields)

    def _of_appointment(self, one: Occurrence, usual: Channel | None) -> dict[str, Any]:
        """What the draft of a note has of its appointment; of one that is to come the time is now."""
        a, now = one.appointment, self._clock()
        both = one.with_whom == WithWhom.BOTH
        known = {"appointment_id": a.id, "channel": a.channel or usual, "with_whom": one.with_whom}
        began = one.starts_at if one.starts_at and one.starts_at <= now else None
        over = began is not None and one.ends_at is not None and one.ends_at <= now
        return known | {
            "network_person_id": a.network_person_id if both else None,
            "occurred_at": began or now,
            "duration_minutes": one.minutes if over else None,
        }

    def keep_draft(self, draft: Draft, known_text: str | None = None) -> Draft:
        """Autosave. `known_text` is what the editor last saw kept: where another device wrote on meanwhile, it becomes
        a draft of its own beside it. Returns the draft that was kept. Raises the errors of Vault.save."""
        check_characters(draft.text)
        if len(draft.text) > records.DRAFT_TEXT_MAX_CHARS:
            raise InvalidInput("text_too_long")
        stored = self.vault.reading.get(draft.id)
        if known_text is not None and isinstance(stored, Draft) and stored.text not in (known_text, draft.text):
            draft = replace(draft, id=records.new_id(self._clock(), self._random(10)))
        self.vault.save(self._changed(draft), hold=_DRAFT_HOLD)
        return draft

    def discard(self, record_id: str) -> None:
        """Deletes a draft, or a reminder that was just set."""
        self.vault.save(delete=[record_id])

    def finish(self, draft: Draft) -> ContactNote:
        """The draft becomes a note, in one transaction. Raises InvalidInput and the errors of Vault.save: then the
        draft is as it was."""
        self._check_complete(draft)
        note_id = records.finished_id(draft.id)
        already = self.vault.reading.get(note_id)
        if isinstance(already, ContactNote):
            return already
        shared = {name: getattr(draft, name) for name in _SHARED}
        note = self._new(ContactNote, draft.citizen_id, id=note_id, **shared | {"text": draft.text.strip()})
        self.vault.save(note, delete=[draft.id])
        return note

    def _check_complete(self, draft: Draft) -> None:
        check_text(draft.text)
        if not draft.citizen_id:
            raise InvalidInput("no_citizen")
        if draft.channel is None:
            raise InvalidInput("no_channel")
        if not draft.text.strip() and draft.outcome == Outcome.NONE:
            raise InvalidInput("no_text")
        if draft.occurred_at is None:
            raise InvalidInput("no_time")
        if draft.occurred_at > self._clock() + timedelta(minutes=5):
            raise InvalidInput("in_future")

    def take_back(self, note: ContactNote) -> Draft:
        """A saved note that was not sent yet becomes a draft again ("Fortryd", "Ret"). Raises NoteIsFinal."""
        if self.vault.reading.get(note.id) is None:
            raise InvalidInput("done_already")
        draft = self._draft_of(note, corrects=note.corrects)
        self.vault.save(draft, delete=[note.id], hold=_DRAFT_HOLD)
        return draft

    def correction_of(self, note: ContactNote) -> Draft:
        """A draft of a correction: the sent note stays, the new one says what it corrects."""
        return self._draft_of(note, corrects=note.id)

    def retract(self, note: ContactNote, reason: str) -> Draft:
        """Takes a sent note off the wrong person with a trace, and gives its text back as a draft for nobody yet."""
        if self.vault.reading.is_retracted(note.id):
            raise InvalidInput("done_already")
        draft = replace(self._draft_of(note, corrects=None), citizen_id=records.NO_CITIZEN, appointment_id=None)
        trace = self._new(
            ContactNote,
            note.citizen_id,
            occurred_at=note.occurred_at,
            channel=note.channel,
            text=reason,
            retracts=note.id,
        )
        self.vault.save(trace, draft, hold=_DRAFT_HOLD)
        return draft

    def _draft_of(self, note: ContactNote, corrects: str | None) -> Draft:
        shared = {name: getattr(note, name) for name in _SHARED}
        return self._new(Draft, note.citizen_id, **shared | {"corrects": corrects})

    # ------------------------------------------------------------ reminders
    def add_reminder(
        self, citizen_id: str, due_at: datetime, text: str, rrule: str = "", reminder_id: str = ""
    ) -> Reminder:
        """Raises InvalidInput for an empty text or a moment that has passed."""
        check_text(text)
        if not text.strip():
            raise InvalidInput("no_reminder_text")
        if due_at <= self._clock():
            raise InvalidInput("reminder_past")
        if self._events(citizen_id, EventType.DEATH):
            raise InvalidInput("reminder_about_dead")
        fields = {"due_at": due_at, "text": text.strip()[:500], "rrule": rrule}
        reminder = self._new(Reminder, citizen_id, id=reminder_id, **fields)
        self.vault.save(reminder)
        return reminder

    def accept(self, offer: Offer, citizen_id: str, text: str) -> Reminder:
        """A phrase she tapped becomes a reminder; tapped again later, it is the one she has."""
        reminder_id = records.accepted_id(citizen_id, offer.due_at, text)
        already = self.vault.reading.get(reminder_id)
        if isinstance(already, Reminder) and already.state == ReminderState.OPEN:
            return already
        return self.add_reminder(citizen_id, offer.due_at, text, offer.rrule, reminder_id)

    def move_reminders(self, reminders: Iterable[Reminder], citizen_id: str) -> list[Reminder]:
        """Reminders accepted from a note that turned out to be about somebody else go with it."""
        moved = [self._changed(reminder, citizen_id=citizen_id) for reminder in reminders]
        self.vault.save(*moved)
        return moved

    def snooze_choices(self) -> list[tuple[str, datetime]]:
        """This afternoon (while it lasts), tomorrow, next week: (code, moment), within working hours."""
        now, calendar, today = self._clock(), self.calendar(), self.today()
        afternoon = calendar.at(today, "14:00")
        monday = today + timedelta(days=7 - today.weekday())
        first_day = monday if calendar.is_working_day(monday) else calendar.next_working_day(monday)
        mornings = (("tomorrow", calendar.next_working_day(today)), ("next_week", first_day))
        choices = [(code, calendar.out_of_quiet(calendar.at(day, "09:00"))) for code, day in mornings]
        if now < afternoon and not calendar.is_quiet(afternoon):
            choices.insert(0, ("this_afternoon", afternoon))
        return choices

    def moments_to_ask_again(self) -> list[tuple[str, datetime]]:
        """For a reminder that rings: in ten minutes, in an hour, the next working morning. The first two may lie
        outside working hours: she is there."""
        now = self._clock()
        (morning,) = (moment for code, moment in self.snooze_choices() if code == "tomorrow")
        return [
            ("ten_minutes", now + timedelta(minutes=10)),
            ("an_hour", now + timedelta(hours=1)),
            ("morning", morning),
        ]

    def put_off(self, citizen_id: str) -> Callable[[], None]:
        """ "Ikke i dag". Returns what undoes it."""
        today = self.today()
        put_off = self._new(PutOff, citizen_id, id=records.put_off_id(citizen_id, today, self.author), on=today)
        self.vault.save(put_off)
        return lambda: self.vault.save(self._changed(put_off, active=False))

    def claim_unsent(self) -> None:
        """What was written before the phone knew its consultant becomes hers."""
        orphans = [record for record, _, _ in self.vault.reading.outstanding() if record and not record.author]
        patterns = [record for record in orphans if isinstance(record, WorkPattern)]
        others = [self._changed(record) for record in orphans if not isinstance(record, WorkPattern)]
        own = [self._changed(p, id=records.work_pattern_id(self.author)) for p in patterns]
        self.vault.save(*others, *own, delete=[pattern.id for pattern in patterns])

    # ------------------------------------------------------------ refusals
    def try_again(self, record_id: str) -> None:
        """A refused record waits to be sent once more."""
        self.vault.retry(record_id)

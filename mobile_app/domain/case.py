"""What the rules know of one citizen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from storage.records import (
    AftercareWindow,
    Appointment,
    Citizen,
    CitizenId,
    ContactNote,
    Event,
    EventType,
    NetworkPerson,
    Pause,
    PauseReason,
    PutOff,
    Reminder,
    ReminderAnswer,
    SmallStep,
)


@dataclass(frozen=True)
class Case:
    """One citizen with everything the rules read. `notes` are the recent ones, newest first."""

    citizen: Citizen
    notes: tuple[ContactNote, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    pauses: tuple[Pause, ...] = ()
    windows: tuple[AftercareWindow, ...] = ()
    put_offs: tuple[PutOff, ...] = ()
    events: tuple[Event, ...] = ()
    persons: tuple[NetworkPerson, ...] = ()
    small_steps: tuple[SmallStep, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    answers: tuple[ReminderAnswer, ...] = ()

    @property
    def citizen_id(self) -> CitizenId:
        return CitizenId(self.citizen.id)

    @property
    def is_dead(self) -> bool:
        """One confirmed act stops everything about this citizen (rule 7)."""
        return self.died_on is not None

    @property
    def died_on(self) -> date | None:
        return min((event.on for event in self._standing(EventType.DEATH)), default=None)

    @property
    def moves_away_on(self) -> date | None:
        """The day of the move to another municipality, to come or past."""
        return max((event.on for event in self.moves), default=None)

    @property
    def moves(self) -> list[Event]:
        """To another municipality."""
        return self._standing(EventType.MOVES_AWAY)

    def _standing(self, kind: EventType) -> list[Event]:
        return [event for event in self.events if event.type == kind and event.active]

    def admissions_on(self, day: date) -> tuple[Pause, ...]:
        return tuple(pause for pause in self.pauses_on(day) if pause.reason == PauseReason.ADMISSION)

    def pauses_on(self, day: date) -> tuple[Pause, ...]:
        """The pauses this day lies in (a holiday and an admission can overlap)."""
        return tuple(p for p in self.pauses if p.from_on <= day < (returned_on(p) or date.max))


def returned_on(pause: Pause) -> date | None:
    """The first day the pause is over: `ended_on`, or the day after `expected_to` (inclusive). Nobody knows the end of
    an admission before it is told, so there only `ended_on` counts."""
    if pause.ended_on or pause.reason == PauseReason.ADMISSION or pause.expected_to is None:
        return pause.ended_on
    return pause.expected_to + timedelta(days=1)


def effective_notes(notes: Iterable[ContactNote]) -> tuple[ContactNote, ...]:
    """The notes that count, in the same order: a correction stands in for what it corrects; a retracted note is gone
    with all its corrections (it was about somebody else)."""
    every = tuple(notes)
    by_id = {note.id: note for note in every}
    retracted = {note.retracts for note in every}
    corrected = {note.corrects for note in every}
    return tuple(
        note
        for note in every
        if note.retracts is None and note.id not in corrected and not retracted & _lineage(note, by_id)
    )


def _lineage(note: ContactNote, by_id: Mapping[str, ContactNote]) -> set[str | None]:
    """The ids of the note and of all it corrects, directly or through other corrections."""
    seen: set[str | None] = {note.id}
    while note.corrects is not None and note.corrects not in seen:
        seen.add(note.corrects)
        if note.corrects not in by_id:
            break
        note = by_id[note.corrects]
    return seen

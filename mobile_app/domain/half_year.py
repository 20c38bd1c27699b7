"""Where somebody is in the half year of aftercare, and what happened in it (rule 1). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mobile_app.domain.aftercare import AGREED_CALL, days_left
from mobile_app.domain.appointments import together_within
from mobile_app.domain.calendar import day_of
from mobile_app.domain.case import Case, effective_notes
from storage.records import (
    AftercareWindow,
    Answer,
    AppointmentState,
    Channel,
    Citizen,
    ContactNote,
    InitiatedBy,
    half_year_after,
)

DAYS_A_WEEK = 7


@dataclass(frozen=True)
class HalfYear:
    """One window as of `today`. `contacts` are those within it, oldest first; `call_held` is None where no call was
    agreed."""

    citizen: Citizen
    window: AftercareWindow
    today: date
    contacts: tuple[ContactNote, ...]
    call_held: bool | None

    @property
    def week(self) -> int:
        """The week of the window that today lies in, from 1 to `weeks`."""
        return min(max((self.today - self.window.starts_on).days, 0) // DAYS_A_WEEK + 1, self.weeks)

    @property
    def weeks(self) -> int:
        """How many weeks the window has, rounded: half a year has 26 (of 182 to 185 days)."""
        days = (self.window.ends_on - self.window.starts_on).days + 1
        return max(1, round(days / DAYS_A_WEEK))

    @property
    def is_over(self) -> bool:
        return days_left(self.window, self.today) < 0

    @property
    def may_finish(self) -> bool:
        """From the last day on it is asked how it went."""
        return days_left(self.window, self.today) <= 0

    def place(self, day: date) -> float:
        """Where this day lies between the start (0) and half a year later (1): all are drawn to one measure."""
        start = self.window.starts_on
        return min(max((day - start).days / (half_year_after(start) - start).days, 0.0), 1.0)

    def by_channel(self) -> list[tuple[Channel, int]]:
        """How many contacts each way, the most used first."""
        return Counter(note.channel for note in self.contacts).most_common()


def half_year(case: Case, window: AftercareWindow, notes: Iterable[ContactNote], today: date) -> HalfYear:
    """`notes` are all of the citizen's since the window began, older ones may be among them."""
    within = sorted(
        (note for note in effective_notes(notes) if _counts(note, window)), key=lambda note: note.occurred_at
    )
    return HalfYear(case.citizen, window, today, tuple(within), _call_held(case, window, within))


def _counts(note: ContactNote, window: AftercareWindow) -> bool:
    """On the first day the course is said goodbye to: there only what the young person began is aftercare."""
    day = day_of(note.occurred_at)
    hers = note.initiated_by == InitiatedBy.CITIZEN
    return note.is_two_way and window.starts_on <= day <= window.ends_on and (hers or day > window.starts_on)


def _call_held(case: Case, window: AftercareWindow, contacts: Iterable[ContactNote]) -> bool | None:
    """She said "Done" to the reminder, kept an appointment of hers with the citizen on the agreed day, or began a
    contact on it or later."""
    agreed_on = window.agreed_call_on
    if agreed_on is None:
        return None
    said = (a.answer == Answer.DONE for a in case.answers if (a.source_id, a.step) == (window.id, AGREED_CALL))
    kept = together_within(case, agreed_on, agreed_on, {AppointmentState.KEPT})
    begun = (day_of(note.occurred_at) for note in contacts if note.initiated_by == InitiatedBy.CONSULTANT)
    return any(said) or kept or any(day >= agreed_on for day in begun)

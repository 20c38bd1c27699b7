"""What is open: the reminders the rules want and her own, given what she answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from mobile_app.domain.calendar import WorkCalendar, day_of, midnight_after
from mobile_app.domain.case import Case
from mobile_app.domain.edges import is_silent
from mobile_app.domain.recurrence import occurrences
from mobile_app.domain.rule import Wanted
from mobile_app.domain.wanted import HORIZON, wanted
from storage.records import Answer, Reminder, ReminderAnswer, ReminderState, answer_id

#: How far back the newest occurrence of a recurring manual reminder is looked for (a yearly one is found).
LOOK_BACK = timedelta(days=400)
MANUAL = "manual"
OCCURRENCE = "occurrence"

_FINAL = frozenset({Answer.DONE, Answer.CANCELLED})


@dataclass(frozen=True)
class Open:
    """A reminder to show or ring. `key` is the id of the Reminder it is, or else of the ReminderAnswer that answers it
    (made from source_id, rule, step and anchor; also for one occurrence of a recurring Reminder). `due_at` is after a
    snooze. `text` is empty for what a rule asks: the wording is made from rule and step."""

    key: str
    citizen_id: str
    due_at: datetime
    original_due_at: datetime
    anchor: datetime
    rule: str
    step: str
    source_id: str
    text: str = ""
    expires_at: datetime | None = None


def open_of(case: Case, calendar: WorkCalendar, now: datetime) -> list[Open]:
    """What is open about one citizen at `now` (aware), earliest first: answered ones drop out, snoozed ones move (done
    beats snoozed), an answer taken back is none. Of a recurring Reminder: the newest occurrence that is due and the
    next one to come. About a citizen who died nothing rings any more, her own reminders neither; during an admission
    those she had set before are silent, and open again at the discharge (rule 7)."""
    return _open(_asked(case, calendar, now), _strongest(case.answers))


@dataclass(frozen=True)
class _Kept:
    """What was open about this very case, and until when that holds."""

    case: Case
    calendar: WorkCalendar
    since: datetime
    until: datetime
    found: list[Open]

    def holds(self, case: Case, calendar: WorkCalendar, now: datetime) -> bool:
        same = self.case is case and (self.calendar is calendar or self.calendar == calendar)
        return same and self.since <= now < self.until


class Agenda:
    """All that is open. After one save only that citizen's part is computed anew, and after a while only where
    something came due, became pointless or a day ended."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def open(self, cases: Iterable[Case], calendar: WorkCalendar, now: datetime) -> list[Open]:
        """As `open_of`, of every case, earliest first. A case is known to be the same by its identity."""
        self._kept = {case.citizen_id: self._of(case, calendar, now) for case in cases}
        return sorted((one for kept in self._kept.values() for one in kept.found), key=_in_time)

    def _of(self, case: Case, calendar: WorkCalendar, now: datetime) -> _Kept:
        kept = self._kept.get(case.citizen_id)
        if kept is None or not kept.holds(case, calendar, now):
            asked = _asked(case, calendar, now)
            kept = _Kept(case, calendar, now, _holds_until(asked, now), _open(asked, _strongest(case.answers)))
        return kept


def _holds_until(asked: Iterable[Open], now: datetime) -> datetime:
    """Answered ones count too: what comes due takes the place of what asked the same before it."""
    turns = (moment for one in asked for moment in (one.original_due_at, one.expires_at) if moment and moment > now)
    return min([*turns, midnight_after(now)])


def _asked(case: Case, calendar: WorkCalendar, now: datetime) -> list[Open]:
    """Answered or not."""
    if case.is_dead:
        return []
    answers = _strongest(case.answers)
    ringing = (reminder for reminder in case.reminders if not is_silent(reminder, case, day_of(now)))
    own = (found for reminder in ringing for found in _of_reminder(reminder, answers, now))
    return [*map(_of_wanted, wanted([case], calendar, now)), *own]


def _open(asked: Iterable[Open], answers: dict[str, ReminderAnswer]) -> list[Open]:
    kept = [_answered(found, answers.get(found.key)) for found in asked]
    return sorted(filter(None, kept), key=_in_time)


def _in_time(one: Open) -> tuple[datetime, str, str]:
    return one.due_at, one.step, one.key


def _strongest(answers: Iterable[ReminderAnswer]) -> dict[str, ReminderAnswer]:
    """One answer per id: the last one, but a snooze never beats a done."""
    ranked = sorted(answers, key=lambda a: (a.answer != Answer.SNOOZED, a.updated_at))
    return {answer.id: answer for answer in ranked}


def _answered(found: Open, answer: ReminderAnswer | None) -> Open | None:
    if answer is None or answer.answer == Answer.OPEN:
        return found
    if answer.answer in _FINAL:
        return None
    return replace(found, due_at=answer.snoozed_until or found.due_at)


def _of_wanted(w: Wanted) -> Open:
    return Open(
        w.id, w.citizen_id, w.due_at, w.due_at, w.anchored_at, w.rule, w.step, w.source_id, expires_at=w.expires_at
    )


def _of_reminder(reminder: Reminder, answers: dict[str, ReminderAnswer], now: datetime) -> list[Open]:
    if reminder.state != ReminderState.OPEN:
        return []
    if not reminder.rrule:
        due_at = reminder.snoozed_until or reminder.due_at
        return [_manual(reminder, reminder.id, reminder.due_at, due_at)]
    return _of_recurring(reminder, answers, now)


def _of_recurring(reminder: Reminder, answers: dict[str, ReminderAnswer], now: datetime) -> list[Open]:
    after = max(reminder.due_at, now - LOOK_BACK)
    moments = occurrences(reminder.due_at, reminder.zone, reminder.rrule, (), after, now + HORIZON)
    each = [_manual(reminder, answer_id(reminder.id, MANUAL, OCCURRENCE, at), at, at) for at in moments]
    due = [found for found in each if found.due_at <= now][-1:]
    to_come = [found for found in each if found.due_at > now]
    answered = sum(1 for _ in takewhile(lambda found: not _answered(found, answers.get(found.key)), to_come))
    return due + to_come[: answered + 1]


def _manual(reminder: Reminder, key: str, original: datetime, due_at: datetime) -> Open:
    return Open(key, reminder.citizen_id, due_at, original, original, MANUAL, OCCURRENCE, reminder.id, reminder.text)

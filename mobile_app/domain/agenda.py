"""What is open: the reminders the rules want and her own, given what she answered. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from mobile_app.domain.calendar import WorkCalendar, day_of, midnight_after
from mobile_app.domain.case import Case
from mobile_app.domain.edges import is_silent
from mobile_app.domain.recurrence import occurrences
from mobile_app.domain.rule import Wanted
from mobile_app.domain.wanted import REPEATS_AHEAD, is_silenced, question_of, wanted
from storage.records import Answer, Reminder, ReminderAnswer, ReminderState, answer_id

#: How far the occurrences of a recurring manual reminder are looked for on either side (a yearly one is found).
A_YEAR = timedelta(days=400)
MANUAL = "manual"
OCCURRENCE = "occurrence"

_FINAL = frozenset({Answer.DONE, Answer.CANCELLED})
_order = attrgetter("due_at", "step", "key")


class Open(Struct, frozen=True, gc=False):
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
    """What is open about one citizen at `now` (aware), earliest first.

    Answered ones drop out, snoozed ones move (done beats snoozed), an answer taken back is none. What will be
    pointless, asked anew or silenced by a pause when its snooze ends is over. Of a recurring Reminder: the newest
    occurrence that is due and those of the next eight weeks, or else the next one. About a citizen who died nothing
    rings any more, her own reminders neither; during an admission those she had set before are silent, and open again
    at the discharge (rule 7)."""
    return _open(case, _asked(case, calendar, now), now)


def open_of_nobody(reminders: Iterable[Reminder], answers: Iterable[ReminderAnswer], now: datetime) -> list[Open]:
    """Of her own reminders about no citizen, earliest first."""
    given = _strongest(answers)
    asked = (found for reminder in reminders for found in _of_reminder(reminder, given, now))
    return in_time(filter(None, (_answered(one, given.get(one.key)) for one in asked)))


def in_time(found: Iterable[Open]) -> list[Open]:
    """The earliest first."""
    return sorted(found, key=_order)


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
        return in_time(chain.from_iterable(kept.found for kept in self._kept.values()))

    def _of(self, case: Case, calendar: WorkCalendar, now: datetime) -> _Kept:
        kept = self._kept.get(case.citizen_id)
        if kept is None or not kept.holds(case, calendar, now):
            asked = _asked(case, calendar, now)
            kept = _Kept(case, calendar, now, _holds_until(asked, now), _open(case, asked, now))
        return kept


def _holds_until(asked: Iterable[Open], now: datetime) -> datetime:
    """Answered ones count too: what comes due takes the place of what asked the same before it."""
    turns = (moment for one in asked for moment in (one.original_due_at, one.expires_at) if moment and moment > now)
    return min([*turns, midnight_after(now)])


def _asked(case: Case, calendar: WorkCalendar, now: datetime) -> Sequence[Open]:
    """Answered or not, silenced by a pause or not."""
    if case.is_dead:
        return []
    answers = _strongest(case.answers)
    own = (found for reminder in case.reminders for found in _of_reminder(reminder, answers, now))
    return [*map(_of_wanted, wanted([case], calendar, now, heed_pauses=False)), *own]


def _open(case: Case, asked: Sequence[Open], now: datetime) -> list[Open]:
    answers = _strongest(case.answers)
    found = filter(None, (_answered(one, answers.get(one.key)) for one in asked))
    standing = (one for one in found if one.due_at <= now or _will_stand(one, asked))
    return in_time(one for one in standing if not case.pauses or not _is_silent(one, case, max(one.due_at, now)))


def _will_stand(one: Open, asked: Sequence[Open]) -> bool:
    """Whether what is to come still has its reason when it comes, where a snooze has moved it."""
    if one.due_at == one.original_due_at:
        return True
    if one.expires_at:
        return one.due_at < one.expires_at
    question = question_of(one.source_id, one.step)
    again = (o.original_due_at for o in asked if question_of(o.source_id, o.step) == question and not o.expires_at)
    return not any(one.original_due_at < at <= one.due_at for at in again)


def _is_silent(one: Open, case: Case, at: datetime) -> bool:
    """Whether a pause of that day silences it: today's what is due, that of its own day what is to come."""
    if one.rule != MANUAL:
        return is_silenced(case, one.step, at, at)
    own = (reminder for reminder in case.reminders if reminder.id == one.source_id)
    return any(is_silent(reminder, case, day_of(at)) for reminder in own)


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
    after = max(reminder.due_at, now - A_YEAR)
    moments = occurrences(reminder.due_at, reminder.zone, reminder.rrule, (), after, now + A_YEAR)
    come, soon = bisect_right(moments, now), bisect_right(moments, now + REPEATS_AHEAD)
    found = [_occurrence(reminder, at) for at in moments[max(0, come - 1) : soon]]
    if any(one.due_at > now and _answered(one, answers.get(one.key)) for one in found):
        return found
    for at in moments[soon:]:
        found.append(_occurrence(reminder, at))
        if _answered(found[-1], answers.get(found[-1].key)):
            break
    return found


def _occurrence(reminder: Reminder, at: datetime) -> Open:
    return _manual(reminder, answer_id(reminder.id, MANUAL, OCCURRENCE, at), at, at)


def _manual(reminder: Reminder, key: str, original: datetime, due_at: datetime) -> Open:
    return Open(key, reminder.citizen_id, due_at, original, original, MANUAL, OCCURRENCE, reminder.id, reminder.text)

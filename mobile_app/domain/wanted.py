"""All rules put together: which reminders are wanted, and which of them are open given her answers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mobile_app.domain import aftercare, appointments, contact, edges
from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.case import Case, Wanted
from mobile_app.domain.recurrence import occurrences
from storage.records import (
    Answer,
    CitizenStatus,
    PauseReason,
    Reminder,
    ReminderAnswer,
    ReminderState,
    answer_id,
)

HORIZON = timedelta(days=400)
#: How far back the newest occurrence of a recurring manual reminder is looked for (a yearly one is found).
LOOK_BACK = timedelta(days=400)
MANUAL = "manual"
OCCURRENCE = "occurrence"

#: Steps that ask the same question again: once a later one is due, the earlier is no longer shown.
_SAME_QUESTION = {
    appointments.BOOK_TOGETHER: appointments.TIME_BOOKED,
    **dict.fromkeys(edges.AGE_LIMIT_STEPS, edges.AGE_LIMIT),
}
_FINAL = frozenset({Answer.DONE, Answer.CANCELLED})


@dataclass(frozen=True)
class Rule:
    """When a rule speaks: for which citizens, and whether an admission or any pause silences it."""

    ask: Callable[[Case, WorkCalendar, datetime], Iterable[Wanted]]
    statuses: frozenset[CitizenStatus]
    silenced_by: frozenset[PauseReason]


_EVERYBODY = frozenset(CitizenStatus)
_ACTIVE = frozenset({CitizenStatus.ACTIVE})
_OPEN = frozenset({CitizenStatus.ACTIVE, CitizenStatus.AFTERCARE})
_ADMITTED = frozenset({PauseReason.ADMISSION})

RULES = (
    Rule(lambda case, calendar, _: aftercare.reminders(case, calendar), _EVERYBODY, _ADMITTED),
    Rule(appointments.reminders, _OPEN, _ADMITTED),
    Rule(lambda case, calendar, _: contact.reminders(case, calendar), _ACTIVE, frozenset(PauseReason)),
    Rule(edges.discharged_yet, _OPEN, frozenset()),
    Rule(lambda case, calendar, _: edges.age_limit(case, calendar), _ACTIVE, frozenset()),
)


@dataclass(frozen=True)
class Open:
    """A reminder to show or ring. `key` is the id of the Reminder it is, or else of the ReminderAnswer that answers it
    (made from source_id, rule, step and original_due_at; also for one occurrence of a recurring Reminder). `due_at` is
    after a snooze. `text` is empty for what a rule asks: the wording is made from rule and step."""

    key: str
    citizen_id: str
    due_at: datetime
    original_due_at: datetime
    rule: str
    step: str
    source_id: str
    text: str = ""


def wanted(cases: Iterable[Case], calendar: WorkCalendar, now: datetime) -> list[Wanted]:
    """What the rules want, out of quiet hours (rule 6), due up to 400 days from `now` (aware), earliest first. The
    past stays in: nothing is forgotten, except that of one question only the newest due asking is kept and that a
    step is gone once it is pointless."""
    asked = [w for case in cases if not case.is_dead for w in _of_case(case, calendar, now)]
    due = [w for w in asked if w.due_at <= now + HORIZON and (w.expires_at is None or now < w.expires_at)]
    # Quiet hours can move two occurrences to one moment: that is one reminder, and it lives as long as the later.
    once = {w.id: w for w in _newest_asking(due, now)}
    return sorted(once.values(), key=lambda w: (w.due_at, w.step, w.id))


def silenced(cases: Iterable[Case]) -> frozenset[str]:
    """The citizens about whom nothing may ring any more, manual reminders included (rule 7: death)."""
    return frozenset(case.citizen_id for case in cases if case.is_dead)


def open_reminders(
    wanted: Iterable[Wanted],
    reminders: Iterable[Reminder],
    answers: Iterable[ReminderAnswer],
    now: datetime,
    silenced: frozenset[str] = frozenset(),
) -> list[Open]:
    """What is still open, earliest first: answered ones drop out, snoozed ones move (done beats snoozed), an answer
    taken back is none. Of a recurring Reminder: the newest occurrence that is due and the next one to come."""
    by_id = _strongest(answers)
    every = [*map(_of_wanted, wanted), *(o for r in reminders for o in _of_reminder(r, by_id, now))]
    kept = [_answered(found, by_id.get(found.key)) for found in every if found.citizen_id not in silenced]
    return sorted(filter(None, kept), key=lambda found: (found.due_at, found.step, found.key))


def _of_case(case: Case, calendar: WorkCalendar, now: datetime) -> Iterator[Wanted]:
    paused_for = {pause.reason for pause in case.pauses_on(day_of(now))}
    for rule in RULES:
        if case.citizen.status in rule.statuses and not paused_for & rule.silenced_by:
            for found in rule.ask(case, calendar, now + HORIZON):
                yield _out_of_quiet(found, calendar)


def _out_of_quiet(found: Wanted, calendar: WorkCalendar) -> Wanted:
    move = calendar.earlier_than_quiet if found.travel else calendar.out_of_quiet
    return replace(found, due_at=move(found.due_at))


def _newest_asking(asked: Sequence[Wanted], now: datetime) -> list[Wanted]:
    """Superseded by what was due later, answered or not: a question she has answered does not come back as the older
    one before it."""
    newest: dict[tuple[str, str], datetime] = {}
    for found in asked:
        if found.due_at <= now:
            question = _question(found)
            newest[question] = max(found.due_at, newest.get(question, found.due_at))
    return [w for w in asked if w.due_at >= newest.get(_question(w), w.due_at)]


def _question(found: Wanted) -> tuple[str, str]:
    return found.source_id, _SAME_QUESTION.get(found.step, found.step)


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
    return Open(w.id, w.citizen_id, w.due_at, w.due_at, w.rule, w.step, w.source_id)


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
    to_come = [found for found in each if found.due_at > now and _answered(found, answers.get(found.key))][:1]
    return due + to_come


def _manual(reminder: Reminder, key: str, original: datetime, due_at: datetime) -> Open:
    return Open(key, reminder.citizen_id, due_at, original, MANUAL, OCCURRENCE, reminder.id, reminder.text)

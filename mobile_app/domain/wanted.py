"""All rules put together: which reminders are wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from mobile_app.domain import aftercare, appointments, contact, edges
from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.case import Case
from mobile_app.domain.rule import Rule, Step, Wanted

#: Half a year of aftercare is seen whole.
HORIZON = timedelta(days=190)
#: What repeats is wanted less far: the screens show the next one of each, and a phone is armed with 50.
REPEATS_AHEAD = timedelta(days=56)
RULES: tuple[Rule, ...] = aftercare.RULES + appointments.RULES + contact.RULES + edges.RULES
#: By code.
STEPS: dict[str, Step] = {step.code: step for rule in RULES for step in rule.steps}


def wanted(cases: Iterable[Case], calendar: WorkCalendar, now: datetime) -> list[Wanted]:
    """What the rules want, out of quiet hours (rule 6), due up to 190 days from `now` (aware), what repeats up to
    56, earliest first. The past stays in: nothing is forgotten, except that of one question only the newest due asking
    is kept and that a step is gone once it is pointless. About a citizen who died nothing is wanted (rule 7)."""
    asked = [w for case in cases if not case.is_dead for w in _of_case(case, calendar, now)]
    due = [w for w in asked if w.due_at <= now + HORIZON and (w.expires_at is None or now < w.expires_at)]
    # Quiet hours can move two occurrences to one moment: that is one reminder, and it lives as long as the later.
    once = {(w.source_id, w.step, w.due_at): w for w in _newest_asking(due, now)}
    return sorted(once.values(), key=lambda w: (w.due_at, w.step, w.source_id))


def _of_case(case: Case, calendar: WorkCalendar, now: datetime) -> Iterator[Wanted]:
    paused_for = {pause.reason for pause in case.pauses_on(day_of(now))}
    for rule in RULES:
        if case.citizen.status in rule.statuses and not paused_for & rule.silenced_by:
            for found in rule.ask(case, calendar, now + REPEATS_AHEAD):
                yield _out_of_quiet(found, calendar)


def _out_of_quiet(found: Wanted, calendar: WorkCalendar) -> Wanted:
    move = calendar.earlier_than_quiet if STEPS[found.step].travel else calendar.out_of_quiet
    w, due_at = found, move(found.due_at)
    return Wanted(w.source_id, w.citizen_id, w.rule, w.step, due_at, w.anchored_at, w.expires_at)


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
    return found.source_id, STEPS[found.step].question

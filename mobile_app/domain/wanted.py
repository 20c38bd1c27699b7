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
#: By the code of a step.
STEPS: dict[str, Step] = {step.code: step for rule in RULES for step in rule.steps}
_RULE_OF: dict[str, Rule] = {step.code: rule for rule in RULES for step in rule.steps}


def wanted(cases: Iterable[Case], calendar: WorkCalendar, now: datetime, *, heed_pauses: bool = True) -> list[Wanted]:
    """What the rules want, out of quiet hours (rule 6), due up to 190 days from `now` (aware), what repeats up to
    56, earliest first. The past stays in: nothing is forgotten, except that of one question only the newest due asking
    is kept and that a step is gone once it is pointless, or would be when it is due. About a citizen who died nothing
    is wanted (rule 7). `heed_pauses`: without what a pause silences on its day."""
    alive = (case for case in cases if not case.is_dead)
    asked = [w for case in alive for w in _of_case(case, calendar, now) if not heed_pauses or _speaks(w, case, now)]
    until = now + HORIZON
    due = [w for w in asked if w.due_at <= until and (w.expires_at is None or max(now, w.due_at) < w.expires_at)]
    # Quiet hours can move two occurrences to one moment: that is one reminder, and it lives as long as the later.
    once = {(w.source_id, w.step, w.due_at): w for w in _newest_asking(due, now)}
    return sorted(once.values(), key=lambda w: (w.due_at, w.step, w.source_id))


def is_silenced(case: Case, step: str, due_at: datetime, now: datetime) -> bool:
    """Whether a pause silences the step: what is due already by one of today, what is to come by one of its own day."""
    reasons = _RULE_OF[step].silenced_by
    return any(pause.reason in reasons for pause in case.pauses_on(day_of(max(due_at, now))))


def question_of(source_id: str, step: str) -> tuple[str, str]:
    """What a later putting of the same question has in common with this one."""
    return source_id, STEPS[step].question if step in STEPS else step


def _of_case(case: Case, calendar: WorkCalendar, now: datetime) -> Iterator[Wanted]:
    for rule in RULES:
        if case.citizen.status in rule.statuses:
            for found in rule.ask(case, calendar, now + REPEATS_AHEAD):
                yield _out_of_quiet(found, calendar)


def _speaks(found: Wanted, case: Case, now: datetime) -> bool:
    return not case.pauses or not is_silenced(case, found.step, found.due_at, now)


def _out_of_quiet(found: Wanted, calendar: WorkCalendar) -> Wanted:
    move = calendar.earlier_than_quiet if STEPS[found.step].travel else calendar.out_of_quiet
    w, due_at = found, move(found.due_at)
    return Wanted(w.source_id, w.citizen_id, w.rule, w.step, due_at, w.anchored_at, w.expires_at)


def _newest_asking(asked: Sequence[Wanted], now: datetime) -> list[Wanted]:
    """Superseded by what was due later, answered or not: a question she has answered does not come back as the older
    one before it. What becomes pointless by itself takes nobody's place, and gives up its own to nobody."""
    newest: dict[tuple[str, str], datetime] = {}
    for found in asked:
        if found.due_at <= now and found.expires_at is None:
            question = question_of(found.source_id, found.step)
            newest[question] = max(found.due_at, newest.get(question, found.due_at))
    if not newest:
        return list(asked)
    return [w for w in asked if w.expires_at or w.due_at > now or w.due_at >= newest[question_of(w.source_id, w.step)]]

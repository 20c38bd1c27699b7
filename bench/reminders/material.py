"""A caseload with a life in it: what 60 citizens have after two years, all invented."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mobile_app.domain.agenda import MANUAL, Open
from storage.records import (
    Accompany,
    AftercareWindow,
    Answer,
    AnyRecord,
    Appointment,
    AppointmentState,
    AppointmentType,
    Channel,
    Citizen,
    CitizenStatus,
    ContactNote,
    FollowUp,
    Outcome,
    Pause,
    Reminder,
    ReminderAnswer,
    ReminderState,
    half_year_after,
)

SEED = 20261123
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
#: Of a hundred records that are not citizens.
_NOTES, _APPOINTMENTS, _REMINDERS = 80, 12, 6
_DAYS = 700


def caseload(citizens: int, records: int) -> Iterator[AnyRecord]:
    """`records` in all but for the answers, of which `citizens` are citizens; a seventh of them in aftercare."""
    rng = random.Random(SEED)
    ids = [f"citizen-{n:04}" for n in range(citizens)]
    for n, own in enumerate(ids):
        in_aftercare = n % 7 == 0
        status = CitizenStatus.AFTERCARE if in_aftercare else CitizenStatus.ACTIVE
        yield Citizen(
            **_common(own, own), case_number=str(n), given_name=f"Navn{n}", started_on=date(2025, 1, 6), status=status,
            contact_every_days=rng.choice((7, 14, 28, 56)), age_limit_on=date(2027, 3, 1) if n % 5 == 0 else None,
        )  # fmt: skip
        if in_aftercare:
            starts = date(2026, 6, 1) + timedelta(days=rng.randrange(170))
            yield AftercareWindow(**_common(f"w-{n}", own), starts_on=starts, ends_on=half_year_after(starts))
    windows = -(-citizens // 7)
    for n in range(records - citizens - windows):
        yield _record(rng, f"record-{n:06}", rng.choice(ids))


def answered(found: Iterable[Open]) -> Iterator[ReminderAnswer]:
    """She answered what has come due, but for the last days."""
    for one in found:
        if one.due_at < NOW - timedelta(days=3) and one.rule != MANUAL:
            yield ReminderAnswer(
                **_common(one.key, one.citizen_id), source_id=one.source_id, rule=one.rule, step=one.step,
                due_at=one.anchor, answer=Answer.DONE,
            )  # fmt: skip


def _common(record_id: str, citizen_id: str) -> dict[str, Any]:
    return {"id": record_id, "citizen_id": citizen_id, "created_at": NOW, "updated_at": NOW, "author": "bench"}


def _record(rng: random.Random, record_id: str, citizen_id: str) -> AnyRecord:
    common, turn = _common(record_id, citizen_id), rng.randrange(100)
    past = NOW - timedelta(minutes=rng.randrange(_DAYS * 24 * 60))
    if turn < _NOTES:
        outcome = Outcome.NO_ANSWER if rng.random() < 0.2 else Outcome.NONE
        channel = rng.choice(list(Channel))
        return ContactNote(**common, occurred_at=past, channel=channel, text="x" * 300, outcome=outcome)
    if turn < _NOTES + _APPOINTMENTS:
        return _appointment(rng, common, past)
    if turn < _NOTES + _APPOINTMENTS + _REMINDERS:
        open_ = rng.random() < 0.3
        due = NOW + timedelta(days=rng.randrange(1, 60)) if open_ else past
        state = ReminderState.OPEN if open_ else ReminderState.DONE
        return Reminder(**common, due_at=due, text="Ring", state=state, rrule="FREQ=WEEKLY;COUNT=20" if open_ else "")
    return Pause(**common, from_on=past.date(), ended_on=past.date() + timedelta(days=9))


def _appointment(rng: random.Random, common: dict[str, Any], past: datetime) -> Appointment:
    state, starts = rng.choice(
        [(AppointmentState.KEPT, past)] * 12
        + [(AppointmentState.BOOKED, NOW + timedelta(days=rng.randrange(1, 40)))] * 4
        + [(AppointmentState.TO_BOOK, None), (AppointmentState.REFERRED, None)]
    )
    weekly = state == AppointmentState.BOOKED and rng.random() < 0.25
    return Appointment(
        **common, type=rng.choice(list(AppointmentType)), state=state, state_since=min(past, NOW).date(),
        starts_at=starts, rrule="FREQ=WEEKLY;COUNT=26" if weekly else "", accompany=rng.choice(list(Accompany)),
        follow_up=rng.choice(list(FollowUp)), wants_information=rng.random() < 0.5,
    )  # fmt: skip

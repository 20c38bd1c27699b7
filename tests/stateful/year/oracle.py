"""What must ring, worked out from the records by the words of the rules (docs: rules 1, 2, 3, 5, 6 and 7). Imports
nothing of the rules that it judges.

It knows the whole life of a question at once: when it is put, when a later one takes its place, when it is pointless,
and whether somebody is paused on that day. What she answered it reads from the answers' own fields, not from their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from storage.records import (
    AftercareWindow,
    AnyRecord,
    Appointment,
    Citizen,
    ContactNote,
    Event,
    Pause,
    Reminder,
    ReminderAnswer,
)
from tests.stateful.year.days import DAY, Week, local, wall

FAR = datetime(2200, 1, 1, tzinfo=UTC)
HEALTH = ("doctor", "psychiatry")
STANDING = ("booked", "moved", "kept")


@dataclass(frozen=True)
class Question:
    """`of`: the record and the question it is a putting of; a later putting takes its place. `named`: what an answer
    names it by. `ends`: from then on it is pointless. `silent`: which pauses silence it, if they were written down
    later than `known` (hers: what she sets during an admission is about the admission)."""

    of: tuple[str, str]
    named: tuple[str, str, datetime]
    due: datetime
    ends: datetime = FAR
    silent: frozenset[str] = frozenset()
    known: datetime | None = None

    @property
    def step(self) -> str:
        return self.named[1]


@dataclass(frozen=True)
class Ring:
    """One moment at which one thing is to be said."""

    source: str
    step: str
    at: datetime


class Oracle:
    """For one citizen, as one device knows her."""

    def __init__(self, records: Sequence[AnyRecord], week: Week, until: datetime) -> None:
        self._records, self._week, self._until = records, week, until
        (self._citizen,) = [one for one in records if isinstance(one, Citizen)]
        self._answers = {(a.source_id, a.step, a.due_at): a for a in self._all(ReminderAnswer)}
        self._dead = any(event.type == "death" and event.active for event in self._all(Event))
        # Moved to one moment out of quiet hours two askings are one, named by the later.
        asked = [] if self._dead else sorted([*self._put(), *self._own()], key=lambda q: q.named[2])
        self._questions = list({(q.of, q.step, q.due): q for q in asked}.values())
        self._by_question: dict[tuple[str, str], list[Question]] = {}
        for question in self._questions:
            self._by_question.setdefault(question.of, []).append(question)

    def rings(self, after: datetime, until: datetime) -> set[Ring]:
        """What must ring later than `after` and not later than `until`."""
        moments = ((self._rings_at(q), q) for q in self._questions if not self._is_over(q))
        return {Ring(q.named[0], q.step, at) for at, q in moments if after < at <= until and self._stands(q, at)}

    def list(self, now: datetime) -> set[Ring]:
        """What must stand on the screen as due."""
        return {
            Ring(q.named[0], q.step, self._rings_at(q))
            for q in self._questions
            if not self._is_over(q) and self._rings_at(q) <= now and self._stands(q, now)
        }

    # ------------------------------------------------------------ her answers
    def _answer(self, q: Question) -> ReminderAnswer | None:
        return self._answers.get(q.named)

    def _is_over(self, q: Question) -> bool:
        answer = self._answer(q)
        return answer is not None and answer.answer in ("done", "cancelled")

    def _rings_at(self, q: Question) -> datetime:
        answer = self._answer(q)
        if answer is not None and answer.answer == "snoozed" and answer.snoozed_until:
            return answer.snoozed_until.astimezone(UTC)
        return q.due

    def _stands(self, q: Question, at: datetime) -> bool:
        if at >= q.ends or self._is_silent(q, local(at).date()):
            return False
        return q.ends < FAR or not any(q.due < other.due <= at for other in self._by_question[q.of])

    def _is_silent(self, q: Question, day: date) -> bool:
        running = [p for p in self._all(Pause) if p.from_on <= day and not _is_back(p, day)]
        return any(p.reason in q.silent and (q.known is None or q.known < p.created_at) for p in running)

    def _all(self, kind: type[Any]) -> Iterator[Any]:
        return (one for one in self._records if isinstance(one, kind))

    # ------------------------------------------------------------ the rules
    def _put(self) -> Iterator[Question]:
        status = self._citizen.status
        admission, any_pause = frozenset({"admission"}), frozenset({"admission", "holiday", "other"})
        yield from self._moved(self._aftercare(), admission)
        if status in ("active", "aftercare"):
            for one in self._all(Appointment):
                yield from self._moved(self._appointment(one), admission)
            yield from self._moved(self._admitted(), frozenset())
        if status == "active":
            yield from self._moved(self._no_answer(), any_pause)
            yield from self._moved(self._age_limit(), frozenset())

    def _moved(self, asked: Iterable[tuple[Any, ...]], silent: frozenset[str]) -> Iterator[Question]:
        """(source, step, moment[, named by, ends, question]) out of quiet hours."""
        for source, step, moment, *more in asked:
            named, ends, question = (*more, *(None,) * (3 - len(more)))
            due = self._week.rings_at(moment, earlier=step == "set_off")
            yield Question((source, question or step), (source, step, named or moment), due, ends or FAR, silent)

    def _aftercare(self) -> Iterator[tuple[Any, ...]]:
        running = [w for w in self._all(AftercareWindow) if w.state == "running"]
        met = {local(start).date() for a in self._all(Appointment) if _is_hers(a) for start in self._every_start(a)}
        for w in running:
            closing, over = max(w.starts_on, w.ends_on - 14 * DAY), wall(w.ends_on + DAY, "00:00")
            if w.agreed_call_on and w.agreed_call_on not in met:
                yield w.id, "agreed_call", wall(w.agreed_call_on, "10:00"), None, over
            if not any(closing <= day <= w.ends_on for day in met):
                yield w.id, "closing_call", wall(closing, "10:00"), None, over
            if not w.taken_over_by:
                yield w.id, "who_takes_over", wall(closing, "10:00"), None, over
            yield w.id, "sum_up", wall(w.ends_on, "10:00")
        c = self._citizen
        if not running and c.aftercare_answer == "ask_later" and c.ended_on:
            over = wall(c.ended_on + relativedelta(months=6) + DAY, "00:00")
            yield c.id, "ask_aftercare_again", wall(c.ended_on + 14 * DAY, "10:00"), None, over

    def _appointment(self, a: Appointment) -> Iterator[tuple[Any, ...]]:
        since = a.state_since
        if a.state in ("referred", "to_book") and self._is_dropped(a):
            return
        if a.state == "referred":
            moment = wall(since + 14 * DAY, "10:00")
            while moment <= self._until:
                yield a.id, "letter_came", moment
                moment = wall(local(moment).date() + 14 * DAY, "10:00")
        elif a.state == "to_book":
            for count in (1, 2, 4, 5):
                step = "time_booked" if count < 5 else "book_together"
                named = wall(since + count * DAY, "10:00")
                yield a.id, step, wall(self._week.after(since, count), "10:00"), named, None, "time_booked"
        elif a.state == "missed":
            yield a.id, "after_missed", wall(self._week.after(since), "10:00"), wall(since + DAY, "10:00")
        elif a.state in STANDING:
            for start in self._starts(a):
                yield from self._visit(a, start)
            if a.state == "kept" and a.wants_information:
                yield a.id, "information_came", wall(since + 14 * DAY, "10:00")

    def _is_dropped(self, a: Appointment) -> bool:
        """ "Spørg ikke mere om det", said in this state."""
        steps = ("letter_came",) if a.state == "referred" else ("time_booked", "book_together")
        said = (n for n, answer in self._answers.items() if answer.answer == "cancelled")
        return any(s == a.id and step in steps and local(at).date() >= a.state_since for s, step, at in said)

    def _visit(self, a: Appointment, start: datetime) -> Iterator[tuple[Any, ...]]:
        with_her, day = a.accompany != "alone", local(start).date()
        if a.state != "kept":
            ready = self._week.afternoon_before(day)
            if a.type in HEALTH and local(ready).date() >= a.state_since:
                yield a.id, "ready", ready, start, start
            if with_her:
                yield a.id, "set_off", start - timedelta(minutes=a.lead_minutes), start, start
        if with_her:
            ends = start + (a.ends_at - a.starts_at if a.ends_at and a.starts_at else timedelta(hours=1))
            notes = [n for n in self._all(ContactNote) if n.appointment_id == a.id]
            if not any(local(n.occurred_at).date() == day or not a.rrule for n in notes):
                yield a.id, "write_note", ends, start
        if a.follow_up != "none":
            soon = start + timedelta(hours=2)
            late = local(soon) > local(wall(day, "16:00"))
            next_day = a.follow_up == "next_day" or late
            yield a.id, "how_did_it_go", wall(self._week.after(day), "10:00") if next_day else soon, start

    def _starts(self, a: Appointment) -> Iterator[datetime]:
        return (start for start in self._every_start(a) if not a.rrule or start <= self._until)

    def _every_start(self, a: Appointment) -> Iterator[datetime]:
        """Once, or every week at the same clock on the wall."""
        assert a.starts_at is not None
        first = local(a.starts_at)
        if not a.rrule:
            yield a.starts_at
            return
        left_out = {moment.astimezone(UTC) for moment in a.exdates}
        for week in range(_weeks(a.rrule)):
            start = wall(first.date() + week * 7 * DAY, f"{first:%H:%M}")
            if start not in left_out:
                yield start

    def _no_answer(self) -> Iterator[tuple[Any, ...]]:
        notes = [n for n in self._all(ContactNote) if n.with_whom != "network"]
        row = []
        for note in sorted(notes, key=lambda n: n.occurred_at, reverse=True):
            if note.outcome != "no_answer":
                break
            row.append(note)
        if row:
            tried = local(row[0].occurred_at)
            step = "try_again" if len(row) < 3 else "try_another_channel"
            clock = "14:00" if tried.hour < 12 else "10:00"
            yield row[0].id, step, wall(self._week.after(tried.date()), clock), row[0].occurred_at

    def _admitted(self) -> Iterator[tuple[Any, ...]]:
        for pause in self._all(Pause):
            if pause.reason == "admission" and not pause.ended_on:
                day = pause.from_on + 7 * DAY
                while wall(day, "09:00") <= self._until:
                    yield pause.id, "discharged_yet", wall(day, "09:00")
                    day += 7 * DAY

    def _age_limit(self) -> Iterator[tuple[Any, ...]]:
        c = self._citizen
        for months, step in ((6, "age_limit_6_months"), (3, "age_limit_3_months"), (1, "age_limit_1_month")):
            if c.age_limit_on and (day := c.age_limit_on - relativedelta(months=months)) >= c.started_on:
                yield c.id, step, wall(day, "09:00"), None, None, "age_limit"

    def _own(self) -> Iterator[Question]:
        """Hers ring when she said, also in the evening, unless an admission came later."""
        silent = frozenset({"admission"})
        for r in self._all(Reminder):
            if r.state != "open":
                continue
            if not r.rrule:
                due = (r.snoozed_until or r.due_at).astimezone(UTC)
                yield Question((r.id, "occurrence"), (r.id, "occurrence", r.due_at), due, FAR, silent, r.created_at)
                continue
            first = local(r.due_at)
            for week in range(_weeks(r.rrule)):
                at = wall(first.date() + week * 7 * DAY, f"{first:%H:%M}")
                if at <= self._until:
                    yield Question((r.id, "occurrence"), (r.id, "occurrence", at), at, FAR, silent, r.created_at)


def _is_hers(a: Appointment) -> bool:
    """Whether she and the citizen meet or talk then."""
    if a.state not in STANDING or a.starts_at is None:
        return False
    return a.type == "meeting" or a.accompany in ("travel_along", "wait_outside", "go_in")


def _weeks(rule: str) -> int:
    """Of FREQ=WEEKLY;COUNT=n."""
    return int(rule.removeprefix("FREQ=WEEKLY;COUNT="))


def _is_back(pause: Pause, day: date) -> bool:
    if pause.ended_on:
        return pause.ended_on <= day
    return pause.reason != "admission" and pause.expected_to is not None and pause.expected_to < day

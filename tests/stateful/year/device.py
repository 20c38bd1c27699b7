"""One of her devices: what it knows, what its screen lists, and the alarms its system holds. The rules, the agenda, the
arming and the merge are the product's; the vault and the line are those of the other simulator, and stand here as
plain dictionaries, so that a year takes seconds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mobile_app.arming import ARMED_MAX, Arm, Cancel, alarms_for, moment_of, steps
from mobile_app.domain.agenda import Agenda, Open
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from storage import records
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
    WorkPattern,
)
from sync.merge import merge
from tests.stateful.year.days import Week
from tests.stateful.year.oracle import Oracle, Ring

_PARTS: dict[str, type[Any]] = {
    "appointments": Appointment,
    "pauses": Pause,
    "windows": AftercareWindow,
    "events": Event,
    "reminders": Reminder,
    "answers": ReminderAnswer,
}
_TEXT = "You have a reminder."
#: How far ahead the oracle works out what repeats.
_AHEAD = timedelta(days=80)


@dataclass
class Hub:
    """The newest version of each record."""

    held: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)


@dataclass
class Judged:
    """How much was looked at."""

    rings: int = 0
    listed: int = 0
    looks: int = 0


class Device:
    def __init__(self, name: str, now: datetime) -> None:
        self.name = name
        #: Its clock, and up to when its alarms have rung.
        self.now = self._rang_until = now
        self.records: dict[str, AnyRecord] = {}
        self._shadow: dict[str, tuple[int, dict[str, Any]]] = {}
        self._dirty: set[str] = set()
        self._changes: defaultdict[str, int] = defaultdict(int)
        self._of: defaultdict[str, dict[str, AnyRecord]] = defaultdict(dict)
        self._cases: dict[str, tuple[int, Case]] = {}
        self._oracles: dict[str, tuple[int, Week, datetime, Oracle]] = {}
        self._agenda = Agenda()
        self._numbers: dict[str, int] = {}
        #: The system's: number -> moment. And what this process armed.
        self.pending: dict[int, datetime] = {}
        self._armed: dict[int, Any] = {}
        #: What the oracle asks of the time since the device was looked at last; None where its alarms were lost.
        self._must_ring: dict[datetime, set[Ring]] | None = {}
        self._may_ring: set[datetime] = set()
        self.judged = Judged()

    # ------------------------------------------------------------ knowing
    def keep(self, *changed: AnyRecord) -> None:
        for record in changed:
            before = self.records.get(record.id)
            if before is not None:
                self._of[before.citizen_id].pop(record.id)
                self._changes[before.citizen_id] += 1
            self.records[record.id] = self._of[record.citizen_id][record.id] = record
            self._changes[record.citizen_id] += 1
            self._dirty.add(record.id)

    def all(self, kind: type[Any], citizen_id: str | None = None) -> list[Any]:
        held = self.records if citizen_id is None else self._of[citizen_id]
        return [record for record in held.values() if isinstance(record, kind)]

    def sync(self, hub: Hub) -> None:
        """Sends what changed, merged where the hub has another version, and fetches the rest."""
        for record_id in sorted(self._dirty):
            ours = records.to_fields(self.records[record_id])
            version, base = self._shadow.get(record_id, (0, {}))
            held = hub.held.get(record_id)
            if held is not None and held[0] != version:
                ours = merge(base, ours, held[1]).fields
            hub.held[record_id] = ((held[0] if held else 0) + 1, ours)
        self._dirty.clear()
        for record_id, (version, fields) in hub.held.items():
            if self._shadow.get(record_id, (0, {}))[0] != version:
                self._shadow[record_id] = version, fields
                self.keep(records.decode(records.from_fields(fields)))
                self._dirty.discard(record_id)

    # ------------------------------------------------------------ what is open
    @property
    def _pattern(self) -> WorkPattern | None:
        return next(iter(self.all(WorkPattern, records.NO_CITIZEN)), None)

    def week(self) -> Week:
        p = self._pattern
        return Week(frozenset(p.working_days), p.starts, p.ends, p.leave) if p else Week()

    def open(self) -> list[Open]:
        cases = [self._case(citizen) for citizen in self.all(Citizen)]
        return self._agenda.open(cases, WorkCalendar.of(self._pattern), self.now)

    def _case(self, citizen: Citizen) -> Case:
        known = self._cases.get(citizen.id)
        if known is None or known[0] != self._changes[citizen.id]:
            notes = sorted(self.all(ContactNote, citizen.id), key=lambda note: note.occurred_at, reverse=True)
            parts = {name: tuple(self.all(kind, citizen.id)) for name, kind in _PARTS.items()}
            known = self._changes[citizen.id], Case(citizen, tuple(notes), **parts)
            self._cases[citizen.id] = known
        return known[1]

    def _oracles_now(self) -> list[Oracle]:
        week, found = self.week(), []
        for citizen in self.all(Citizen):
            known = self._oracles.get(citizen.id)
            same = known is not None and known[:2] == (self._changes[citizen.id], week)
            if known is None or not same or known[2] < self.now + _AHEAD / 2:
                until = self.now + _AHEAD
                oracle = Oracle(list(self._of[citizen.id].values()), week, until)
                known = self._oracles[citizen.id] = (self._changes[citizen.id], week, until, oracle)
            found.append(known[3])
        return found

    # ------------------------------------------------------------ time and its alarms
    def pass_to(self, moment: datetime) -> None:
        """Its alarms ring, and are held against what must have rung since it was looked at last."""
        rang = {at for at in self.pending.values() if at <= moment}
        self.pending = {number: at for number, at in self.pending.items() if at > moment}
        if self._must_ring is not None:
            must = {at: rings for at, rings in self._must_ring.items() if at <= moment}
            missed = {ring for at in must.keys() - rang for ring in must[at]}
            assert rang == must.keys(), (
                f"{self.name}: rang {_told(rang - must.keys())} too much, {_told(missed)} too little"
            )
            self.judged.rings += len(must)
            self._must_ring = {at: rings for at, rings in self._must_ring.items() if at > moment}
        else:
            assert rang <= self._may_ring, f"{self.name}: rang {_told(rang - self._may_ring)} without a reason"
        self.now = moment

    def set_clock(self, moment: datetime) -> None:
        """Ahead, what lies between rings at once; back, what is to come by that clock rings when it comes."""
        if moment >= self.now:
            self.pass_to(moment)
        else:
            self.now = moment

    def look(self, cut_after: int | None = None) -> None:
        """She opens it, or it saved or synced: the list is held against the oracle's, and the alarms are brought to it.
        `cut_after`: a kill after so many of the steps."""
        found = self.open()
        oracles = self._oracles_now()
        listed = {_ring(one) for one in found if one.due_at <= self.now}
        must = set().union(*(oracle.list(self.now) for oracle in oracles))
        assert listed == must, (
            f"{self.name} {self.now}: lists {_told(listed - must)} too much, {_told(must - listed)} too little"
        )
        self.judged.listed += len(must)
        self.judged.looks += 1
        before = set(self.pending.values())
        whole = self._arm(found, cut_after)
        to_come = set().union(*(oracle.rings(self.now, self.now + _AHEAD / 2) for oracle in oracles))
        by_moment: defaultdict[datetime, set[Ring]] = defaultdict(set)
        for ring in sorted(to_come, key=lambda ring: ring.at)[:ARMED_MAX]:
            by_moment[moment_of(ring.at)].add(ring)
        self._must_ring = dict(by_moment) if whole else None
        self._may_ring = before | by_moment.keys()

    def _arm(self, found: list[Open], cut_after: int | None) -> bool:
        """Whether all of it was reached."""
        coming = [one for one in found if moment_of(one.due_at) > self.now][:ARMED_MAX]
        fire_times = [(self._number(one.key), moment_of(one.due_at)) for one in coming]
        wanted = alarms_for(fire_times, self.now, _TEXT, exact=True, is_silent=lambda _: False)
        taken = steps(wanted, self._armed, self.pending)
        for step in taken[:cut_after]:
            match step:
                case Arm(alarm):
                    self.pending[alarm.number] = alarm.due_at
                    self._armed[alarm.number] = alarm
                    assert len(self.pending) <= 64, "iOS drops what comes beyond"
                case Cancel(number):
                    self.pending.pop(number, None)
                    self._armed.pop(number, None)
        return cut_after is None or cut_after >= len(taken)

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def killed(self) -> None:
        """What was in memory is gone; the system holds its alarms."""
        self._armed.clear()
        self._agenda = Agenda()
        self._cases.clear()

    def rebooted(self) -> None:
        """Its system forgot them."""
        self.killed()
        self.pending.clear()
        self._must_ring = None


def _ring(one: Open) -> Ring:
    return Ring(one.source_id, one.step, one.due_at.astimezone(UTC))


def _told(things: set[Any]) -> str:
    return ", ".join(sorted(map(str, things))) or "nothing"

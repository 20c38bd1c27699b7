"""Whom "Kontakt i dag" suggests over a quarter: all as agreed where there is room, else the longest waiting first.

The judge reads a log of what happened and reckons by itself: nothing of the rules it judges is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import ceil
from random import Random

import pytest

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.today import contact_today
from storage.records import Channel, InitiatedBy, Outcome, PauseReason
from tests.unit.domain.builders import case, note, pause, put_off

#: Spring 2027, with what is closed in it: Easter, Ascension, Whit Monday.
FIRST, LAST = date(2027, 3, 1), date(2027, 5, 30)
CLOSED = {date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)}
LEAVE = (date(2027, 4, 12), date(2027, 4, 18))
#: Mixed rhythms, as a caseload has them: a few often, most every second to fourth week.
RHYTHMS_DAYS = (7, 10, 14, 14, 21, 21, 28, 28, 28, 30, 56, 84)
SEEDS = range(3)


@dataclass(frozen=True)
class World:
    """How much goes otherwise than planned: chances a day or a try."""

    citizens: int
    a_day: int
    rhythms_days: Sequence[int] = RHYTHMS_DAYS
    no_answer: float = 0.0
    put_off: float = 0.0
    calls_herself: float = 0.0
    pauses: float = 0.0
    leave: tuple[tuple[date, date], ...] = ()


QUIET_21 = World(21, 3)
QUIET_60 = World(60, 5, (14, 21, 28, 28, 30, 42, 56, 84))
ROUGH_21 = World(21, 3, RHYTHMS_DAYS, 0.2, 0.1, 0.02, 0.3, (LEAVE,))
ROUGH_60 = World(60, 5, (14, 21, 28, 28, 30, 42, 56, 84), 0.2, 0.1, 0.02, 0.3, (LEAVE,))
#: Sixty at three a day, and often: twice as many as can be held.
TOO_MANY = World(60, 3, RHYTHMS_DAYS, 0.2, 0.1, 0.02, 0.1, (LEAVE,))
#: Nobody ever answers, apart from those who call themselves.
SILENT = World(21, 3, (7, 14, 28), 1.0, 0.0, 0.01)
EVERY_WORLD = {"quiet 21": QUIET_21, "quiet 60": QUIET_60, "rough 21": ROUGH_21, "rough 60": ROUGH_60}
EVERY_WORLD |= {"too many": TOO_MANY, "silent": SILENT}


@dataclass
class Log:
    """Of one citizen: days of contacts (and which of them came of a suggestion), of tries in vain, of put-offs, of
    suggestions, and the pauses as first day and day of return."""

    every_days: int
    contacts: list[date]
    led: list[date] = field(default_factory=list)
    tries: list[date] = field(default_factory=list)
    put_offs: list[date] = field(default_factory=list)
    suggested: list[date] = field(default_factory=list)
    paused: list[tuple[date, date]] = field(default_factory=list)

    # ------------------------------------------------------------ what the judge asks
    def last_contact_before(self, day: date) -> date:
        return max(on for on in self.contacts if on < day)

    def is_paused(self, day: date) -> bool:
        return any(first <= day < back for first, back in self.paused)

    def came_back_since(self, contact: date, day: date) -> bool:
        return any(contact < back <= day for _, back in self.paused)

    def agreed_on(self, day: date) -> date:
        """What was agreed, as it stands on the morning of `day`."""
        return self.last_contact_before(day) + timedelta(days=self.every_days)


def is_at_work(day: date, world: World) -> bool:
    return day.weekday() < 5 and day not in CLOSED and not any(first <= day <= last for first, last in world.leave)


def all_days() -> list[date]:
    return [FIRST + timedelta(days=index) for index in range((LAST - FIRST).days + 1)]


# ---------------------------------------------------------------- the quarter
@dataclass
class Quarter:
    world: World
    random: Random
    cases: dict[str, Case] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)

    def play(self) -> dict[str, Log]:
        for index in range(self.world.citizens):
            self._begin(f"c{index:02}")
        for day in all_days():
            for name in self.cases:
                if self.random.random() < self.world.calls_herself:
                    self._note(name, day, Outcome.NONE, InitiatedBy.CITIZEN)
            self._work(day)
        return self.logs

    def _begin(self, name: str) -> None:
        every = self.random.choice(self.world.rhythms_days)
        last = FIRST - timedelta(days=self.random.randint(1, every))
        self.cases[name] = case(note(f"{last} 10:00"), id=name, contact_every_days=every)
        self.logs[name] = Log(every, [last])
        if self.random.random() < self.world.pauses:
            first = FIRST + timedelta(days=self.random.randint(5, 60))
            back = first + timedelta(days=self.random.randint(3, 25))
            admitted = self.random.random() < 0.5
            ends = {"ended_on": back} if admitted else {"expected_to": back - timedelta(days=1)}
            away = pause(first, PauseReason.ADMISSION if admitted else PauseReason.HOLIDAY, **ends)
            self.cases[name] = replace(self.cases[name], pauses=(away,))
            self.logs[name].paused.append((first, back))

    def _work(self, day: date) -> None:
        """She goes on as long as somebody is suggested."""
        calendar = WorkCalendar(leave=self.world.leave)
        for minute in range(60):
            now = datetime(day.year, day.month, day.day, 9, minute, tzinfo=COPENHAGEN)
            found = contact_today(list(self.cases.values()), calendar, now, self.world.a_day).suggested
            for suggested, _ in found:
                if day not in (known := self.logs[suggested.citizen_id].suggested):
                    known.append(day)
            if not found:
                return
            self._take(found[0][0].citizen_id, day)

    def _take(self, name: str, day: date) -> None:
        if self.random.random() < self.world.put_off:
            self.cases[name] = replace(self.cases[name], put_offs=(put_off(day),))
            self.logs[name].put_offs.append(day)
        elif self.random.random() < self.world.no_answer:
            self._note(name, day, Outcome.NO_ANSWER)
        else:
            self._note(name, day, Outcome.NONE)
            self.logs[name].led.append(day)

    def _note(self, name: str, day: date, outcome: Outcome, by: InitiatedBy = InitiatedBy.CONSULTANT) -> None:
        made = note(f"{day} 09:00", outcome=outcome, initiated_by=by, channel=Channel.PHONE)
        self.cases[name] = replace(self.cases[name], notes=(made, *self.cases[name].notes))
        log = self.logs[name]
        (log.contacts if outcome == Outcome.NONE else log.tries).append(day)


_played: dict[tuple[str, int], dict[str, Log]] = {}


def played(name: str, seed: int) -> dict[str, Log]:
    if (name, seed) not in _played:
        _played[name, seed] = Quarter(EVERY_WORLD[name], Random(seed)).play()
    return _played[name, seed]


every_world = pytest.mark.parametrize("name", EVERY_WORLD)
every_seed = pytest.mark.parametrize("seed", SEEDS)


# ---------------------------------------------------------------- the judge
@every_world
@every_seed
def test_never_more_a_day_than_she_said_and_nobody_on_her_days_off(name: str, seed: int) -> None:
    world, logs = EVERY_WORLD[name], played(name, seed)
    for day in all_days():
        taken = sum(log.led.count(day) + log.tries.count(day) for log in logs.values())
        assert taken <= (world.a_day if is_at_work(day, world) else 0)


@every_world
@every_seed
def test_nobody_is_suggested_on_pause(name: str, seed: int) -> None:
    assert not any(log.is_paused(day) for log in played(name, seed).values() for day in log.suggested)


@every_world
@every_seed
def test_nobody_is_suggested_a_quarter_of_the_rhythm_or_seven_days_too_early(name: str, seed: int) -> None:
    for log in played(name, seed).values():
        for day in log.suggested:
            last = log.last_contact_before(day)
            if not log.came_back_since(last, day):
                assert (day - last).days >= log.every_days - min(7, log.every_days / 4)


@pytest.mark.parametrize("name", ["quiet 21", "quiet 60", "rough 21", "rough 60", "silent"])
@every_seed
def test_nobody_is_contacted_more_often_than_agreed_over_the_quarter(name: str, seed: int) -> None:
    """But for the days off that bring a contact on by a day or two, and one more after a pause."""
    days = (LAST - FIRST).days + 1
    for log in played(name, seed).values():
        assert len(log.led) <= days / (log.every_days - min(2, log.every_days // 4)) + 1 + len(log.paused)


@pytest.mark.parametrize("name", ["quiet 21", "quiet 60"])
@every_seed
def test_where_there_is_room_everybody_is_reached_as_agreed(name: str, seed: int) -> None:
    """On the day, or the first at work after it."""
    world = EVERY_WORLD[name]
    for log in played(name, seed).values():
        for before, after in zip(log.contacts, log.contacts[1:], strict=False):
            from_then = [before + timedelta(days=log.every_days + n) for n in range(9)]
            assert after <= next(day for day in from_then if is_at_work(day, world))
        assert log.agreed_on(LAST + timedelta(days=1)) >= LAST - timedelta(days=3)


def waits_since(log: Log, day: date) -> date | None:
    """Since when somebody waits for a contact or a try on the morning of `day`; none for who does not."""
    last, agreed = log.last_contact_before(day), log.agreed_on(day)
    tried = max((on for on in log.tries if last < on < day), default=agreed)
    if agreed > day or log.is_paused(day) or log.came_back_since(last, day):
        return None
    return max(agreed, tried)


@every_world
@every_seed
def test_the_longest_waiting_comes_first(name: str, seed: int) -> None:
    """Nobody who waits is passed over for one who waits shorter."""
    logs = played(name, seed)
    for day in all_days():
        waiting = {who: since for who, log in logs.items() if (since := waits_since(log, day))}
        taken = [since for who, since in waiting.items() if day in logs[who].suggested]
        left = [since for who, since in waiting.items() if day not in {*logs[who].suggested, *logs[who].contacts}]
        assert not taken or not left or max(taken) <= min(left)


@every_world
@every_seed
def test_nobody_starves(name: str, seed: int) -> None:
    """The bound: whoever is tried or reached goes behind who waits, so each of the others comes first at most once, and
    with n citizens and k a day the turn comes within n/k days at work, rounded up."""
    world = EVERY_WORLD[name]
    for log in played(name, seed).values():
        waited = 0
        for day in filter(lambda day: is_at_work(day, world), all_days()):
            turned = day in log.suggested or day in log.contacts
            waited = 0 if turned or waits_since(log, day) is None else waited + 1
            assert waited <= ceil(world.citizens / world.a_day)


def test_the_worlds_are_what_their_names_say() -> None:
    """Else the judge would have nothing to find: some are never short of places, one is, and in one nobody answers."""
    over = played("too many", 0).values()
    assert max((LAST - log.contacts[-1]).days - log.every_days for log in over) > 14
    assert sum(len(log.led) for log in played("silent", 0).values()) == 0
    rough = played("rough 60", 0).values()
    assert all(any(getattr(log, what) for log in rough) for what in ("tries", "put_offs", "paused", "led"))

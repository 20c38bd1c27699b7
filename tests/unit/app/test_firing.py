"""Whatever she does and whatever happens to the phone: each reminder rings once, and none whose reason is gone (P5).

A made-up phone that keeps to the limits of Android or iOS (phone.py), the app's own Alarms, and a list of reminders in
the place of the vault. The clock stands in 2099: what would ring is called.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mobile_app.arming import ARMED_MAX, PENDING_MAX, Alarm, Arm, moment_of, steps
from mobile_app.domain.agenda import MANUAL, OCCURRENCE, Open
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.reminders import Alarms
from mobile_app.state import Stage
from mobile_app.trial import Tried
from tests.unit.app.phone import LATE, Phone, System

FAR = datetime(2099, 1, 5, 7, 0, tzinfo=UTC)


# ---------------------------------------------------------------- the steps
def alarm(number: int, at: int, exact: bool = True) -> Alarm:
    return Alarm(number, FAR + timedelta(minutes=at), "Lås op", exact=exact)


wanted_alarms = st.dictionaries(st.integers(1, 120), st.integers(1, 500), max_size=ARMED_MAX).map(
    lambda found: sorted((alarm(number, at) for number, at in found.items()), key=lambda one: one.due_at)
)


@given(wanted_alarms, wanted_alarms, st.sets(st.integers(1, 120)), st.booleans())
def test_from_whatever_is_armed_the_steps_lead_to_what_is_wanted(
    before: list[Alarm], wanted: list[Alarm], lost: set[int], remembers: bool
) -> None:
    """Cut off anywhere, what was armed and is still wanted is armed, and the phone is never asked for too many."""
    held = {one.number: one for one in before if one.number not in lost}
    armed = {one.number: one for one in before} if remembers else {}
    kept = {one.number for one in wanted} & held.keys()
    for step in steps(wanted, armed, list(held)):
        if isinstance(step, Arm):
            held[step.alarm.number] = step.alarm
        else:
            held.pop(step.number, None)
        assert len(held) < PENDING_MAX
        assert kept <= held.keys()
    assert held == {one.number: one for one in wanted}


def test_fifty_others_take_the_place_of_fifty_within_what_ios_takes() -> None:
    before = [alarm(number, number) for number in range(1, 51)]
    held = {one.number for one in before}
    for step in steps([alarm(number, number) for number in range(51, 101)], {}, sorted(held)):
        held = held | {step.alarm.number} if isinstance(step, Arm) else held - {step.number}
        assert len(held) < PENDING_MAX
    assert held == set(range(51, 101))


def test_what_is_armed_as_wanted_is_not_touched() -> None:
    wanted = [alarm(1, 10), alarm(2, 20)]
    assert steps(wanted, {one.number: one for one in wanted}, [1, 2]) == []


def test_the_next_to_ring_is_armed_first() -> None:
    wanted = [alarm(9, 10), alarm(2, 20), alarm(5, 30)]
    assert [step.alarm.number for step in steps(wanted, {}, []) if isinstance(step, Arm)] == [9, 2, 5]


# ---------------------------------------------------------------- a life of it
class ListFake:
    """In the place of the vault and what is read from it: what survives the process."""

    def __init__(self) -> None:
        self.reminders: dict[str, Open] = {}
        self.kept: list[tuple[int, datetime]] = []
        self.read_only = False

    def alarm_number(self, key: str) -> int:
        return int(key) * 7919 % (2**31 - 1) + 1

    def set_fire_times(self, fire_times: list[tuple[int, datetime]]) -> None:
        self.kept = sorted(fire_times, key=lambda one: one[1])

    def fire_times(self) -> list[tuple[int, datetime]]:
        return self.kept

    def get_plain(self, _name: str) -> str:
        return ""


class StateFake(SimpleNamespace):
    """Counts each time that a reminder comes onto the screen."""

    def __init__(self, showed: Callable[[Open], None]) -> None:
        self.__dict__["showed"] = showed
        super().__init__(stage=Stage.LOCKED, covered=False, ringing=(), rang_locked=False, ability=None)
        self.tried = Tried.NOT

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "ringing":
            before = set(getattr(self, "ringing", ()))
            for one in value:
                if one not in before:
                    self.showed(one)
        self.__dict__[name] = value


class Life:
    """The phone, the list, and at most one process of the app."""

    def __init__(self, system: System, restores: bool) -> None:
        self.now = FAR
        self.list = ListFake()
        self.phone = Phone(lambda: self.now, system=system, restores=restores)
        #: How often each (key, moment) came onto the screen.
        self.shown: Counter[tuple[str, datetime]] = Counter()
        #: What the process that reached its end last has promised: moment -> keys.
        self.promised: dict[datetime, set[str]] = {}
        #: Moments whose alarm a force-stop, a reboot or a phone that refused may have cost, until all is armed anew.
        self.in_doubt = False
        self.doubted: set[datetime] = set()
        #: Moments with nothing to do, while a process that was cut off had no chance to cancel.
        self.excused: set[datetime] = set()
        self.rung: Counter[datetime] = Counter()
        self.count = 0
        self.alarms: Alarms | None = None
        self.app: Any = None

    # ------------------------------------------------------------ the process
    async def start(self) -> None:
        if self.alarms is not None:
            return
        state = StateFake(lambda one: self.shown.update([(one.key, moment_of(one.due_at))]))
        overview = SimpleNamespace(open_reminders=self._open, forget=lambda: None, calendar=WorkCalendar)
        self.app = SimpleNamespace(
            state=state,
            vault=self.list,
            held_vault=self.list,
            desk=SimpleNamespace(now=lambda: self.now),
            overview=overview,
            setup=SimpleNamespace(clock=lambda: self.now),
        )
        self.alarms = Alarms(self.app, self.phone.port())
        self.alarms.open_file(self.list)  # type: ignore[arg-type]
        await self._settle()

    def _open(self) -> list[Open]:
        return sorted(self.list.reminders.values(), key=lambda one: (one.due_at, one.key))

    async def kill(self) -> None:
        if self.alarms is None:
            return
        tasks = {*self.alarms._to_vault, *self.alarms._to_phone}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.alarms.stop()
        self.alarms = self.app = None
        self.phone.hangs_at = self.phone.fails_at = None

    async def _settle(self) -> None:
        """Until nothing is under way, or the phone hangs: then the process is killed."""
        assert self.alarms is not None
        while tasks := {*self.alarms._to_vault, *self.alarms._to_phone}:
            hangs = asyncio.create_task(self.phone.hanging.wait())
            await asyncio.wait({*tasks, hangs}, return_when=asyncio.FIRST_COMPLETED)
            hangs.cancel()
            if self.phone.hanging.is_set():
                self.phone.hanging.clear()
                self.in_doubt = True
                await self.kill()
                self._only_what_is_kept()
                # Cut off between the new alarm of a moment and the old one's end, both ring: better than neither.
                self.doubted |= {moment for moment in self.promised if moment > self.now}
                return
        self.in_doubt = self.alarms._phone.failed
        if self.in_doubt:
            self.doubted |= {at for one in self._open() if (at := moment_of(one.due_at)) > self.now}
        else:
            self.doubted = {moment for moment in self.doubted if moment <= self.now}
        if self.is_open:
            self._remember()

    def _only_what_is_kept(self) -> None:
        """Others are the next fifty now: the vault was told, and the phone in part."""
        kept = {number for number, _ in self.list.kept}
        for moment, keys in self.promised.items():
            if moment > self.now:
                self.promised[moment] = {key for key in keys if self.list.alarm_number(key) in kept}

    def _remember(self) -> None:
        """What the list has now is what the phone was told."""
        coming = [one for one in self._open() if moment_of(one.due_at) > self.now][:ARMED_MAX]
        self.promised = {moment: keys for moment, keys in self.promised.items() if moment <= self.now}
        for one in coming:
            self.promised.setdefault(moment_of(one.due_at), set()).add(one.key)

    @property
    def is_open(self) -> bool:
        return self.app is not None and self.app.state.stage == Stage.OPEN

    # ------------------------------------------------------------ what she does
    async def unlock(self, _n: int = 0) -> None:
        await self.start()
        if self.app is not None and not self.is_open:
            self.app.state.stage, self.app.state.rang_locked = Stage.OPEN, False
            await self._arm()

    async def lock(self, _n: int = 0) -> None:
        if self.is_open:
            self.app.state.stage, self.app.state.ringing, self.app.state.covered = Stage.LOCKED, (), False
            self.alarms.arm_locked(self.list.fire_times())  # type: ignore[union-attr]
            await self._settle()

    async def cover(self, n: int) -> None:
        if self.is_open:
            self.app.state.covered = bool(n % 2)
            self.alarms.again()  # type: ignore[union-attr]
            await self._settle()

    async def add(self, n: int) -> None:
        await self._edit(lambda: self._add(n, 1))

    async def add_many(self, n: int) -> None:
        await self._edit(lambda: self._add(n, 40))

    def _add(self, n: int, count: int) -> None:
        for at in range(count):
            self.count += 1
            due_at = self.now + timedelta(minutes=n + at + 1)
            self.list.reminders[str(self.count)] = Open(
                str(self.count), "", due_at, due_at, due_at, MANUAL, OCCURRENCE, str(self.count), "Ring"
            )

    async def answer(self, n: int) -> None:
        await self._edit(lambda: self._drop(self._some(n)))

    def _drop(self, key: str) -> None:
        self.list.reminders.pop(key, None)

    async def snooze(self, n: int) -> None:
        def later() -> None:
            if key := self._some(n):
                one = self.list.reminders[key]
                self.list.reminders[key] = replace(one, due_at=self.now + timedelta(minutes=n + 1))

        await self._edit(later)

    def _some(self, n: int) -> str:
        keys = sorted(self.list.reminders)
        return keys[n % len(keys)] if keys else ""

    async def _edit(self, edit: Callable[[], None]) -> None:
        if self.is_open:
            edit()
            await self._arm()

    async def _arm(self) -> None:
        """A moment with nothing to do any more may ring where this is cut off."""
        assert self.alarms is not None
        before = set(self.promised)
        self.alarms.arm()
        await self._settle()
        alive = {moment_of(one.due_at) for one in self._open()}
        self.excused = (self.excused | (before - alive)) if self.in_doubt else set()
        if self.in_doubt:
            self.doubted |= {moment for moment in before | alive if moment > self.now}

    # ------------------------------------------------------------ what happens
    async def cut_off(self, n: int) -> None:
        """The process dies at the n-th call to the phone from now."""
        self.phone.hangs_at = n % 9

    async def refuse(self, n: int) -> None:
        self.phone.fails_at = n % 9

    async def die(self, _n: int) -> None:
        await self.kill()

    async def force_stop(self, _n: int) -> None:
        await self._lose(self.phone.force_stop)

    async def reboot(self, n: int) -> None:
        self.now += timedelta(minutes=n)
        await self._lose(self.phone.reboot)

    async def forbid_exact(self, _n: int) -> None:
        if self.phone.system == System.ANDROID and self.phone.may_be_exact:
            await self._lose(self.phone.forbid_exact)

    async def _lose(self, blow: Callable[[], None]) -> None:
        """The app ends, and what the phone holds no more after it need not ring."""
        await self.kill()
        held = {due.at for due in self.phone.held.values()}
        blow()
        self.doubted |= held - {due.at for due in (*self.phone.held.values(), *(r.alarm for r in self.phone.rang))}
        self._heard()

    async def come_back(self, _n: int) -> None:
        """To the lock screen, or to where she was."""
        if self.alarms is not None:
            self.alarms.again()
            await self._settle()

    async def set_clock(self, n: int) -> None:
        """In the phone's settings, so she comes back from there. Set back, what came then comes again."""
        before, self.now = self.now, self.now + timedelta(minutes=4 * (n - 45))
        self.promised = {at: keys for at, keys in self.promised.items() if not self.now < at <= before}
        self.rung = Counter({at: count for at, count in self.rung.items() if at <= self.now})
        self.shown = Counter({shown: count for shown, count in self.shown.items() if shown[1] <= self.now})
        self.phone.pass_time()
        self._heard()
        await self.come_back(n)

    async def allow_exact(self, _n: int) -> None:
        self.phone.may_be_exact = True
        if self.alarms is not None:
            self.alarms.again()
            await self._settle()

    async def travel(self, n: int) -> None:
        """Time passes: at each moment the phone is first, then the app."""
        until = self.now + timedelta(minutes=n)
        while (at := self._next()) is not None and at <= until:
            self.now = max(at, self.now)
            self.phone.pass_time()
            self._heard()
            if self.alarms is not None:
                await self.alarms._look()
                await self._settle()
        self.now = until

    def _next(self) -> datetime | None:
        jobs = self.alarms._scheduler.get_jobs() if self.alarms is not None else []
        at = [datetime.fromisoformat(job.name) for job in jobs if hasattr(job.trigger, "run_date")]
        rings_at = self.phone.next_at()
        return min([one for one in at if one > self.now] + ([rings_at] if rings_at else []), default=None)

    # ------------------------------------------------------------ what must hold
    def _heard(self) -> None:
        """Of what rang just now: once, in time, and there is something to do."""
        for rang in self.phone.rang:
            moment = rang.alarm.at
            self.rung[moment] += 1
            alive = any(moment_of(one.due_at) == moment for one in self.list.reminders.values())
            assert alive or moment in self.excused, f"rang for nothing: {moment}"
            assert self.rung[moment] <= 1 or moment in self.doubted, f"rang twice: {moment}"
        self.phone.rang.clear()

    def check(self) -> None:
        assert self.phone.most_held <= PENDING_MAX
        assert all(count == 1 for count in self.shown.values()), "shown twice"
        for moment, keys in self.promised.items():
            if moment + LATE > self.now:
                continue
            waiting = [key for key in keys if (one := self.list.reminders.get(key)) and moment_of(one.due_at) == moment]
            seen = all(self.shown[key, moment] for key in waiting)
            if waiting and moment not in self.doubted and not seen:
                assert self.rung[moment] == 1, f"did not ring: {moment}"
            if waiting and self.is_open and not self.app.state.covered:
                assert seen, f"came, and is not shown: {moment}"


DOES = ("unlock", "lock", "cover", "add", "add_many", "answer", "snooze", "travel")
HAPPENS = ("cut_off", "refuse", "die", "force_stop", "reboot", "forbid_exact", "allow_exact", "come_back", "set_clock")
happening = st.tuples(st.sampled_from((*DOES, *DOES, "travel", *HAPPENS)), st.integers(0, 90))
lives = st.lists(happening, min_size=12, max_size=50)


def live(system: System, restores: bool, events: list[tuple[str, int]]) -> None:
    async def main() -> None:
        life = Life(system, restores)
        try:
            await life.unlock()
            for name, n in [*events, ("travel", 30)]:
                await getattr(life, name)(n)
                life.check()
            await life.unlock()
            if life.alarms is None:  # cut off once more
                await life.unlock()
            life.check()
        finally:
            await life.kill()

    asyncio.run(main())


@settings(max_examples=150, deadline=None)
# Of two reminders of one moment one alarm is armed: the other's, of before, goes.
@example(System.ANDROID, False, [("add_many", 0), ("snooze", 1), ("lock", 0)])
# What is late, and not seen, is not taken away by a look from the lock screen.
@example(
    System.ANDROID,
    True,
    [("forbid_exact", 0), ("unlock", 0), ("add", 9), ("lock", 0), ("travel", 12), ("come_back", 0)],
)
@given(st.sampled_from(System), st.booleans(), lives)
def test_every_reminder_rings_once_and_none_whose_reason_is_gone(
    system: System, restores: bool, events: list[tuple[str, int]]
) -> None:
    live(system, restores, events)

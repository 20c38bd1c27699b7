"""Alarms: made anew from the list on the screen, neutral on the outside, bare moments while locked (P5).

The clock stands in 2099, so that nothing rings by itself; what would ring is called.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.job import Job

from mobile_app import i18n
from mobile_app.domain.agenda import Open
from mobile_app.overview import Overview
from mobile_app.ports.notifications import ARMED_MAX, PhoneNotifications
from mobile_app.reminders import Alarms
from mobile_app.services import Desk
from mobile_app.state import Stage
from storage.records import Answer
from storage.store import Vault, utc_now
from tests.unit.app.people import FREJA
from tests.vaults import PIN, TurnedClock

FAR = datetime(2099, 1, 5, 7, 0, tzinfo=UTC)
CANARY = "KANARIEFUGL"
#: What iOS takes.
PENDING_MAX = 64
WITHIN_S = 5.0


@dataclass
class PhoneFake:
    """The operating system's alarms; refuses more than a phone takes."""

    armed: list[Any] = field(default_factory=list)
    calls: int = 0

    async def arm(self, alarms: Sequence[tuple[int, datetime]], title: str, body: str) -> None:
        assert len(alarms) <= PENDING_MAX, "the phone takes no more"
        self.calls += 1
        self.armed = [(number, moment, title, body) for number, moment in alarms]

    @property
    def moments(self) -> list[datetime]:
        return [moment for _, moment, *_ in self.armed]


@dataclass
class AppFake:
    """What Alarms take of the app."""

    desk: Desk
    overview: Overview
    setup: Any
    stage: Stage = Stage.OPEN

    def __post_init__(self) -> None:
        self.vault = self.desk.vault
        self.state = SimpleNamespace(stage=self.stage, ringing=(), rang_locked=False)


@dataclass
class Ringing:
    app: AppFake
    phone: PhoneFake
    alarms: Alarms

    @property
    def jobs(self) -> list[Job]:
        return self.alarms._scheduler.get_jobs()

    async def armed(self) -> None:
        """Armed, and handed over to the vault and the phone."""
        self.alarms.arm()
        await asyncio.gather(*self.alarms._running)

    def ringing(self) -> list[Open]:
        return list(self.app.state.ringing)


@pytest.fixture
def turned() -> TurnedClock:
    return TurnedClock(FAR)


Run = Callable[[Callable[[Ringing], Awaitable[None]]], None]


@pytest.fixture
def run(desk: Desk, overview: Overview, turned: TurnedClock) -> Run:
    """Runs a test on an event loop of its own."""

    def runner(test: Callable[[Ringing], Awaitable[None]]) -> None:
        async def main() -> None:
            app, phone = AppFake(desk, overview, SimpleNamespace(clock=turned)), PhoneFake()
            ringing = Ringing(app, phone, Alarms(app, phone))  # type: ignore[arg-type]
            try:
                await test(ringing)
            finally:
                ringing.alarms.stop()

        asyncio.run(main())

    return runner


def add(desk: Desk, minutes: float = 60, text: str = "Ring") -> datetime:
    due_at = desk.now() + timedelta(minutes=minutes)
    desk.add_reminder(FREJA, due_at, text)
    return due_at


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        await asyncio.sleep(0.005)


def test_only_the_next_fifty_are_armed(desk: Desk, run: Run) -> None:
    due = [add(desk, minutes) for minutes in range(80, 0, -1)]

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.phone.moments == sorted(due)[:ARMED_MAX]
        assert [job.trigger.run_date for job in ring.jobs] == sorted(due)[:ARMED_MAX]

    run(test)


def test_what_is_due_already_is_on_the_list_and_not_armed(desk: Desk, turned: TurnedClock, run: Run) -> None:
    add(desk, 1)
    later = add(desk, 90)
    turned.turn(minutes=1)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.phone.moments == [later]

    run(test)


def test_it_rings_once_with_the_reminder(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        (job,) = ring.jobs
        await job.func(*job.args)
        await job.func(*job.args)
        assert [one.text for one in ring.ringing()] == ["Ring"]

    run(test)


def test_a_reminder_rings_when_its_moment_comes(desk: Desk, run: Run, turned: TurnedClock) -> None:
    """The one test with the real clock: from the scheduler to the screen."""
    turned.now = utc_now()
    add(desk, minutes=0.2 / 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.ringing() == []
        await until(lambda: len(ring.ringing()) == 1)
        assert ring.jobs == []

    run(test)


def test_a_moment_that_came_while_locking_says_nothing(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        (job,) = ring.jobs
        ring.app.state.stage = Stage.LOCKED
        await job.func(*job.args)
        assert ring.ringing() == []

    run(test)


def test_a_change_arms_anew(desk: Desk, run: Run) -> None:
    later = add(desk, 90)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        sooner = add(desk, 30)
        await ring.armed()
        assert ring.phone.moments == [sooner, later]
        assert len(ring.jobs) == 2

    run(test)


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.CANCELLED])
def test_what_was_answered_is_not_armed(desk: Desk, run: Run, answer: Answer) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        undo = desk.answer(ring.app.overview.open_reminders()[0], answer)
        await ring.armed()
        assert (ring.phone.moments, ring.jobs, desk.vault.fire_times()) == ([], [], [])
        undo()
        await ring.armed()
        assert len(ring.phone.moments) == 1

    run(test)


def test_a_snoozed_reminder_rings_at_its_new_moment(desk: Desk, run: Run) -> None:
    add(desk)
    until_when = desk.now() + timedelta(days=1)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        desk.answer(ring.app.overview.open_reminders()[0], Answer.SNOOZED, until_when)
        await ring.armed()
        assert ring.phone.moments == [until_when]

    run(test)


def test_arming_the_same_again_costs_nothing(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.armed()
        assert ring.phone.calls == 1

    run(test)


def test_an_older_list_is_never_written_over_a_newer_one(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hand-over is held up in its thread until the second was asked for."""
    add(desk, 90)
    set_fire_times = desk.vault.set_fire_times

    async def test(ring: Ringing) -> None:
        loop, released, held = asyncio.get_running_loop(), asyncio.Event(), []

        def slow_at_first(moments: list[datetime]) -> None:
            if not held:
                held.append(True)
                asyncio.run_coroutine_threadsafe(released.wait(), loop).result(WITHIN_S)
            set_fire_times(moments)

        monkeypatch.setattr(desk.vault, "set_fire_times", slow_at_first)
        ring.alarms.arm()
        await until(lambda: bool(held))
        add(desk, 30)
        ring.alarms.arm()
        await asyncio.sleep(0)
        released.set()
        await asyncio.gather(*ring.alarms._running)
        assert len(ring.phone.moments) == 2
        assert len(desk.vault.fire_times()) == 2

    run(test)


# ---------------------------------------------------------------- what can be read without the key
def test_outside_the_vault_an_alarm_names_nobody(desk: Desk, run: Run) -> None:
    add(desk, text=f"Ring til Freja om {CANARY}")

    async def test(ring: Ringing) -> None:
        for language in i18n.LANGUAGES:
            i18n.use(language)
            ring.alarms.stop()  # so that it arms in this language
            await ring.armed()
            (alarm,) = ring.phone.armed
            assert alarm[2] == "Medgang"
            assert alarm[3]
            assert not any(word in str(alarm) for word in (CANARY, "Freja", FREJA))

    run(test)


def test_bare_moments_can_be_read_while_locked(desk: Desk, vault: Vault, run: Run) -> None:
    due = [add(desk, minutes) for minutes in (30, 60)]

    async def test(ring: Ringing) -> None:
        await ring.armed()
        vault.lock()
        assert [moment for _, moment in vault.fire_times()] == due
        assert vault.fire_times() == [(number, moment) for number, moment, *_ in ring.phone.armed]

    run(test)


def test_while_locked_it_rings_without_a_word(desk: Desk, vault: Vault, run: Run, turned: TurnedClock) -> None:
    add(desk, 30)
    later = add(desk, 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        vault.lock()
        turned.turn(minutes=45)
        ring.app.state.stage = Stage.LOCKED
        ring.alarms.arm_locked(ring.app.vault.fire_times())
        (job,) = ring.jobs
        assert job.trigger.run_date == later
        assert job.args == ()
        await job.func()
        assert (ring.app.state.rang_locked, ring.app.state.ringing) == (True, ())

    run(test)


def test_unlocking_arms_the_reminders_themselves_again(desk: Desk, vault: Vault, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        vault.lock()
        ring.alarms.arm_locked(ring.app.vault.fire_times())
        vault.unlock(PIN)
        ring.app.overview = Overview(desk)
        await ring.armed()
        (job,) = ring.jobs
        await job.func(*job.args)
        assert [one.text for one in ring.ringing()] == ["Ring"]

    run(test)


# ---------------------------------------------------------------- the phone's plugin
@dataclass
class PluginFake:
    """flet-notifications, as far as the port uses it."""

    pending: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def cancel_all(self) -> None:
        self.pending.clear()

    async def schedule(self, *, id: int, **alarm: Any) -> None:  # noqa: A002 - the plugin's own name
        assert len(self.pending) < PENDING_MAX, "iOS refuses more"
        self.pending[id] = alarm


def test_the_phone_is_asked_for_no_more_than_it_takes() -> None:
    plugin = PluginFake()
    alarms = [(number, FAR + timedelta(minutes=number)) for number in range(80)]
    asyncio.run(PhoneNotifications(plugin, "inexact").arm(alarms, "Medgang", "Lås op"))
    assert sorted(plugin.pending) == list(range(ARMED_MAX))
    asyncio.run(PhoneNotifications(plugin, "inexact").arm(alarms[70:71], "Medgang", "Lås op"))
    assert plugin.pending == {
        70: {
            "when": alarms[70][1],
            "title": "Medgang",
            "body": "Lås op",
            "payload": "70",
            "schedule_mode": "inexact",
            "time_zone": "Europe/Copenhagen",
        }
    }

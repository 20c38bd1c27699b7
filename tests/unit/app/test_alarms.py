"""Alarms: made anew from the list on the screen, neutral on the outside, bare moments while locked (P5).

The clock stands in 2099, so that nothing rings by itself; what would ring is called.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.job import Job

from mobile_app import i18n
from mobile_app.arming import ARMED_MAX, TRIAL
from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.overview import Overview
from mobile_app.ports.notifications import Ability, NoNotifications, Notifications
from mobile_app.reminders import SOUND_OUTSIDE, Alarms
from mobile_app.services import Desk
from mobile_app.state import Stage
from mobile_app.trial import SHOWN_WITHIN, TRIAL_AFTER, Tried
from storage.errors import DiskFull
from storage.records import Answer, WorkPattern, work_pattern_id
from storage.store import Vault, utc_now
from tests.unit.app.people import FREJA, KAREN
from tests.unit.app.phone import Phone, System
from tests.vaults import PIN, TurnedClock

#: A Monday, 08:00 in Copenhagen.
FAR = datetime(2099, 1, 5, 7, 0, tzinfo=UTC)
CANARY = "KANARIEFUGL"
WITHIN_S = 5.0


@dataclass
class AppFake:
    """What Alarms take of the app."""

    desk: Desk
    overview: Overview
    setup: Any
    stage: Stage = Stage.OPEN
    said: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    saved: int = 0

    def __post_init__(self) -> None:
        self.vault = self.desk.vault
        self.state = SimpleNamespace(
            stage=self.stage, covered=False, ringing=(), rang_locked=False, ability=None, tried=Tried.NOT, revision=0
        )
        self.page = SimpleNamespace(run_task=self._run_task)
        self.tasks: set[asyncio.Task[None]] = set()

    def _run_task(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        self.tasks.add(asyncio.create_task(work(*arguments)))

    async def attempt(self, use_case: Callable[..., Any], *arguments: Any) -> object:
        use_case(*arguments)
        return object()

    async def save_editors(self) -> None:
        self.saved += 1

    def say(self, text: str) -> None:
        self.said.append(text)

    def go(self, route: str) -> None:
        self.went.append(route)


@dataclass
class Ringing:
    app: AppFake
    phone: Phone
    clock: TurnedClock
    alarms: Alarms

    @property
    def jobs(self) -> list[Job]:
        """Those at a moment, not the look of each minute."""
        return [job for job in self.alarms._scheduler.get_jobs() if hasattr(job.trigger, "run_date")]

    @staticmethod
    def at(job: Job) -> datetime:
        return datetime.fromisoformat(job.name)

    @property
    def moments(self) -> list[datetime]:
        return sorted(due.at for due in self.phone.held.values())

    async def armed(self) -> None:
        """Armed, and handed over to the vault and the phone."""
        self.alarms.arm()
        await self.settled()

    async def settled(self) -> None:
        while tasks := {*self.alarms._to_vault, *self.alarms._to_phone, *self.app.tasks}:
            await asyncio.gather(*tasks)
            self.app.tasks -= tasks

    async def turn(self, **time: float) -> None:
        """Time passes for the phone, then for the app."""
        self.clock.turn(**time)
        self.phone.pass_time()
        for job in self.jobs:
            if self.at(job) <= self.clock():
                job.remove()
                await job.func(*job.args)
        await self.settled()

    async def lock(self) -> None:
        self.app.state.stage, self.app.state.ringing = Stage.LOCKED, ()
        await self.alarms.settle()
        self.app.vault.lock()
        self.alarms.arm_locked(self.app.vault.fire_times())
        await self.settled()

    async def unlock(self) -> None:
        self.app.vault.unlock(PIN)
        self.app.overview = Overview(self.app.desk)
        self.app.vault.observe(self.app.overview.refresh)
        self.app.state.stage, self.app.state.rang_locked = Stage.OPEN, False
        await self.armed()

    async def start_anew(self, notifications: Notifications | None = None) -> None:
        """The process ends, and another one begins, locked."""
        self.alarms.stop()
        self.app.vault.lock()
        self.app.state.stage, self.app.state.ringing, self.app.state.rang_locked = Stage.LOCKED, (), False
        self.alarms = Alarms(self.app, notifications or self.phone.port())  # type: ignore[arg-type]
        self.alarms.start()
        self.alarms.open_file(self.app.vault)
        await self.settled()

    def ringing(self) -> list[Open]:
        return list(self.app.state.ringing)

    def number_of(self, one: Open) -> int:
        return self.app.vault.alarm_number(one.key)


@pytest.fixture
def turned() -> TurnedClock:
    return TurnedClock(FAR)


@pytest.fixture
def phone(turned: TurnedClock) -> Phone:
    return Phone(turned)


Run = Callable[[Callable[[Ringing], Awaitable[None]]], None]


@pytest.fixture
def run(desk: Desk, overview: Overview, turned: TurnedClock, phone: Phone) -> Run:
    """Runs a test on an event loop of its own."""

    def runner(test: Callable[[Ringing], Awaitable[None]]) -> None:
        async def main() -> None:
            app = AppFake(desk, overview, SimpleNamespace(clock=turned))
            alarms = Alarms(app, phone.port())  # type: ignore[arg-type]
            alarms.start()
            ringing = Ringing(app, phone, turned, alarms)
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


# ---------------------------------------------------------------- while the app is open
def test_only_the_next_fifty_are_armed(desk: Desk, run: Run) -> None:
    due = [add(desk, minutes) for minutes in range(80, 0, -1)]

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.moments == sorted(due)[:ARMED_MAX]
        (job,) = ring.jobs
        assert ring.at(job) == min(due)

    run(test)


def test_what_is_due_already_is_on_the_list_and_not_armed(desk: Desk, turned: TurnedClock, run: Run) -> None:
    add(desk, 1)
    later = add(desk, 90)
    turned.turn(minutes=1)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert (ring.moments, ring.ringing()) == ([later], [])

    run(test)


def test_it_rings_once_with_the_reminder(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.turn(hours=1)
        assert [one.text for one in ring.ringing()] == ["Ring"]
        ring.app.state.ringing = ()
        await ring.turn(hours=1)
        await ring.armed()
        assert ring.ringing() == []

    run(test)


def test_a_reminder_between_two_seconds_is_due_when_it_rings(desk: Desk, run: Run, turned: TurnedClock) -> None:
    turned.turn(microseconds=300_001)
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.turn(seconds=3600 + 1)
        assert len(ring.ringing()) == len(ring.phone.rang) == 1

    run(test)


def test_a_reminder_rings_when_its_moment_comes(desk: Desk, run: Run, turned: TurnedClock) -> None:
    """The one test with the real clock: from the scheduler to the screen."""
    turned.now = utc_now()
    add(desk, minutes=0.2 / 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.ringing() == []
        (job,) = ring.jobs
        turned.now = ring.at(job)
        await until(lambda: len(ring.ringing()) == 1)
        assert ring.jobs == []
        await ring.settled()

    run(test)


def test_a_change_arms_anew(desk: Desk, run: Run) -> None:
    later = add(desk, 90)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        sooner = add(desk, 30)
        await ring.armed()
        assert ring.moments == [sooner, later]
        assert ring.phone.calls.count("schedule") == 2

    run(test)


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.CANCELLED])
def test_what_was_answered_is_not_armed(desk: Desk, run: Run, answer: Answer) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        undo = desk.answer(ring.app.overview.open_reminders()[0], answer)
        await ring.armed()
        assert (ring.moments, ring.jobs, desk.vault.fire_times()) == ([], [], [])
        undo()
        await ring.armed()
        assert len(ring.moments) == 1

    run(test)


def test_a_snoozed_reminder_takes_its_own_alarm_along(desk: Desk, run: Run) -> None:
    """The same number: nothing has to be cancelled, so no kill can leave both or neither."""
    add(desk)
    until_when = desk.now() + timedelta(days=1)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        desk.answer(ring.app.overview.open_reminders()[0], Answer.SNOOZED, until_when)
        await ring.armed()
        assert ring.moments == [until_when]
        assert "cancel" not in ring.phone.calls

    run(test)


def test_what_was_answered_elsewhere_stops_ringing(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.turn(hours=1)
        desk.answer(ring.ringing()[0], Answer.SNOOZED, desk.now() + timedelta(hours=1))
        await ring.armed()
        assert ring.ringing() == []

    run(test)


def test_arming_the_same_again_costs_nothing(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        ring.phone.calls.clear()
        await ring.armed()
        assert ring.phone.calls == []

    run(test)


def test_an_older_list_is_never_written_over_a_newer_one(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hand-over is held up in its thread until the second was asked for."""
    add(desk, 90)
    set_fire_times = desk.vault.set_fire_times

    async def test(ring: Ringing) -> None:
        loop, released, held = asyncio.get_running_loop(), asyncio.Event(), []

        def slow_at_first(fire_times: list[tuple[int, datetime]]) -> None:
            if not held:
                held.append(True)
                asyncio.run_coroutine_threadsafe(released.wait(), loop).result(WITHIN_S)
            set_fire_times(fire_times)

        monkeypatch.setattr(desk.vault, "set_fire_times", slow_at_first)
        ring.alarms.arm()
        await until(lambda: bool(held))
        add(desk, 30)
        ring.alarms.arm()
        await asyncio.sleep(0)
        released.set()
        await ring.settled()
        assert len(ring.moments) == 2
        assert len(desk.vault.fire_times()) == 2

    run(test)


# ---------------------------------------------------------------- what can be read without the key
def test_outside_the_vault_an_alarm_names_nobody(desk: Desk, run: Run) -> None:
    add(desk, text=f"Ring til Freja om {CANARY}")

    async def test(ring: Ringing) -> None:
        for language, words in (("da", "Du har en påmindelse"), ("en", "You have a reminder")):
            i18n.use(language)
            ring.alarms.again()
            await ring.settled()
            (alarm,) = ring.phone.held.values()
            assert (alarm.title, alarm.payload) == ("Medgang", str(alarm.number))
            assert words in alarm.body
            assert alarm.options["android"]["visibility"] == "private"
            assert not any(word in str(alarm) for word in (CANARY, "Freja", FREJA))

    run(test)


def test_a_number_says_nothing_and_stays_the_same(desk: Desk, vault: Vault) -> None:
    add(desk)
    (one,) = Overview(desk).open_reminders()
    number = vault.alarm_number(one.key)
    row_key = vault._unlocked().keyring.row_key(one.key)
    vault.lock()
    vault.unlock(PIN)
    assert vault.alarm_number(one.key) == number
    assert 1 <= number < 2**31
    assert number not in (int.from_bytes(row_key[at : at + 4]) >> 1 for at in range(12))


def test_bare_moments_can_be_read_while_locked(desk: Desk, vault: Vault, run: Run) -> None:
    due = [add(desk, minutes) for minutes in (30, 60)]

    async def test(ring: Ringing) -> None:
        await ring.armed()
        vault.lock()
        assert [moment for _, moment in vault.fire_times()] == due
        assert dict(vault.fire_times()) == {number: alarm.at for number, alarm in ring.phone.held.items()}

    run(test)


def test_moments_that_could_not_be_written_ring_all_the_same_and_are_written_later(
    desk: Desk, vault: Vault, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(ring: Ringing) -> None:
        due_at = FAR + timedelta(hours=3)
        with monkeypatch.context() as full:
            full.setattr(vault, "set_fire_times", _disk_is_full)
            desk.add_reminder(FREJA, due_at, "Ring")
            await ring.armed()
        ring.alarms.lock()
        await ring.settled()
        assert ring.moments == [due_at]
        await ring.armed()
        assert [moment for _, moment in vault.fire_times()] == [due_at]

    run(test)


def _disk_is_full(*_: object) -> None:
    raise DiskFull


def test_while_locked_it_rings_without_a_word(desk: Desk, run: Run) -> None:
    add(desk, 30)
    add(desk, 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.lock()
        await ring.turn(minutes=45)
        assert (ring.app.state.rang_locked, ring.app.state.ringing) == (True, ())
        assert len(ring.phone.rang) == 1

    run(test)


# ---------------------------------------------------------------- what came while nobody looked
def test_what_came_while_locked_is_shown_at_unlock_once(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.lock()
        await ring.turn(hours=1)
        await ring.unlock()
        assert [one.text for one in ring.ringing()] == ["Ring"]
        assert ring.phone.shown == {}, "it is on the screen now"
        await ring.lock()
        await ring.unlock()
        assert ring.ringing() == []

    run(test)


def test_what_came_while_the_phone_was_off_is_told_at_the_lock_and_shown_at_unlock(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        ring.phone.restores = False
        await ring.armed()
        ring.clock.turn(hours=5)
        ring.phone.reboot()
        await ring.start_anew()
        assert ring.app.state.rang_locked
        await ring.unlock()
        assert (len(ring.ringing()), ring.phone.rang) == (1, [])

    run(test)


def test_what_came_behind_the_cover_rings_on_the_phone_and_is_shown_on_coming_back(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        ring.app.state.covered = True
        await ring.turn(hours=1)
        assert (ring.ringing(), len(ring.phone.shown)) == ([], 1)
        ring.app.state.covered = False
        ring.alarms.again()
        await ring.settled()
        assert (len(ring.ringing()), ring.phone.shown) == (1, {})

    run(test)


def test_unlocking_arms_the_reminders_themselves_again(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.lock()
        await ring.unlock()
        await ring.turn(hours=1)
        assert [one.text for one in ring.ringing()] == ["Ring"]

    run(test)


# ---------------------------------------------------------------- the phone
def test_a_new_process_arms_all_anew_whatever_the_phone_lists(desk: Desk, run: Run) -> None:
    """After a force-stop Android rings nothing, and the plugin's list says otherwise."""
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        ring.phone.force_stop()
        assert (len(ring.phone.listed), ring.moments) == (1, [])
        await ring.start_anew()
        assert len(ring.moments) == 1

    run(test)


def test_the_new_is_armed_before_the_old_is_cancelled(desk: Desk, run: Run) -> None:
    add(desk, 90)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        ring.phone.calls.clear()
        add(desk, 30)
        desk.answer(ring.app.overview.open_reminders()[1], Answer.DONE)
        await ring.armed()
        assert [call for call in ring.phone.calls if call in ("schedule", "cancel")] == ["schedule", "cancel"]

    run(test)


def test_several_of_one_moment_ring_once(desk: Desk, run: Run) -> None:
    for _ in range(3):
        add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.turn(hours=1)
        assert (len(ring.phone.rang), len(ring.ringing())) == (1, 3)

    run(test)


def test_without_the_right_to_be_exact_it_is_armed_for_a_window(desk: Desk, run: Run) -> None:
    due = add(desk)

    async def test(ring: Ringing) -> None:
        ring.phone.may_be_exact = False
        await ring.armed()
        assert ring.app.state.ability == Ability.INEXACT
        await ring.lock()
        await ring.turn(hours=1)
        assert ring.phone.rang == []
        await ring.turn(minutes=10)
        assert [rang.at for rang in ring.phone.rang] == [due + timedelta(minutes=10)]

    run(test)


def test_coming_back_with_the_right_to_be_exact_arms_exactly(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        ring.phone.may_be_exact = False
        await ring.armed()
        await ring.alarms.ask()
        await ring.settled()
        assert [due.exact for due in ring.phone.held.values()] == [True]
        assert ring.app.state.ability == Ability.EXACT

    run(test)


@pytest.mark.parametrize("system", list(System))
def test_switched_off_it_is_said_and_switched_on_all_are_armed(desk: Desk, run: Run, system: System) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        ring.phone.system, ring.phone.may_notify = system, False
        await ring.start_anew()
        await ring.unlock()
        assert ring.app.state.ability == Ability.OFF
        await ring.alarms.ask()
        await ring.settled()
        assert (ring.app.state.ability, len(ring.moments)) == (Ability.EXACT, 1)

    run(test)


def test_where_the_phone_has_no_question_left_its_settings_are_opened(run: Run) -> None:
    async def test(ring: Ringing) -> None:
        ring.phone.may_notify = ring.phone.answers = False
        await ring.alarms.ask()
        await ring.settled()
        assert ring.phone.settings_opened == 1

    run(test)


def test_one_refusal_holds_up_no_other_and_is_tried_again(desk: Desk, run: Run) -> None:
    for minutes in range(1, 6):
        add(desk, minutes)

    async def test(ring: Ringing) -> None:
        await ring.settled()
        ring.phone.fails_at = 6  # two channels, two abilities, what is pending, the first alarm
        await ring.armed()
        assert len(ring.moments) == 4
        await ring.armed()  # a minute later
        assert len(ring.moments) == 5

    run(test)


def test_a_phone_that_is_silent_holds_up_nothing_and_is_asked_again(desk: Desk, run: Run) -> None:
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.start_anew(ring.phone.port(call_within_s=0.05))
        ring.phone.hangs_at = 0
        await ring.unlock()
        assert (ring.app.state.ability, ring.moments) == (Ability.UNKNOWN, [])
        await ring.armed()
        assert (ring.app.state.ability, len(ring.moments)) == (Ability.EXACT, 1)

    run(test)


def test_forgetting_takes_everything_off_the_phone(desk: Desk, run: Run) -> None:
    add(desk, 30)
    add(desk, 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.lock()
        await ring.turn(minutes=45)
        await ring.alarms.forget()
        assert (ring.phone.held, ring.phone.shown, ring.jobs) == ({}, {}, [])

    run(test)


def test_the_vault_knows_before_the_phone(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the two: the next start arms what the vault has."""
    add(desk)
    set_fire_times = desk.vault.set_fire_times

    async def test(ring: Ringing) -> None:
        loop, released, held = asyncio.get_running_loop(), asyncio.Event(), []

        def slow(fire_times: list[tuple[int, datetime]]) -> None:
            held.append(True)
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result(WITHIN_S)
            set_fire_times(fire_times)

        monkeypatch.setattr(desk.vault, "set_fire_times", slow)
        ring.alarms.arm()
        await until(lambda: bool(held))
        for _ in range(20):
            await asyncio.sleep(0)
        assert ring.phone.calls == []
        released.set()
        await ring.settled()
        assert len(ring.moments) == 1

    run(test)


# ---------------------------------------------------------------- outside working hours
def test_an_evening_reminder_of_hers_comes_without_a_sound_until_she_wants_one(desk: Desk, run: Run) -> None:
    add(desk, minutes=60)
    add(desk, minutes=11 * 60)

    async def test(ring: Ringing) -> None:
        def silent() -> list[bool]:
            return [due.silent for due in sorted(ring.phone.held.values(), key=lambda due: due.at)]

        await ring.armed()
        assert silent() == [False, True]
        await ring.alarms.let_sound_outside(True)
        await ring.settled()
        assert silent() == [False, False]
        await ring.start_anew()
        assert silent() == [False, False]
        assert desk.vault.get_plain(SOUND_OUTSIDE) == "yes"

    run(test)


def test_her_own_hours_count_from_when_she_says_so_also_behind_the_lock(desk: Desk, run: Run) -> None:
    pattern = WorkPattern(
        id=work_pattern_id(KAREN), created_at=FAR, updated_at=FAR, author=KAREN, working_days=(1, 2, 3, 4)
    )
    add(desk)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert [due.silent for due in ring.phone.held.values()] == [False]
        desk.vault.save(pattern)
        await ring.armed()
        await ring.lock()
        assert [due.silent for due in ring.phone.held.values()] == [True]

    run(test)


# ---------------------------------------------------------------- clocks and zones
def test_what_is_armed_is_an_instant_also_where_the_clocks_change(desk: Desk, run: Run, turned: TurnedClock) -> None:
    """25 October 2099 has 02:30 twice in Copenhagen."""
    turned.now = datetime(2099, 10, 24, 7, tzinfo=UTC)
    second = datetime(2099, 10, 25, 1, 30, tzinfo=UTC)
    desk.add_reminder(FREJA, second.astimezone(COPENHAGEN), "Ring")

    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert ring.moments == [second]

    run(test)


@pytest.mark.parametrize("hours", [-5, 3])
def test_after_the_clock_was_set_the_next_look_puts_things_right(desk: Desk, run: Run, hours: int) -> None:
    add(desk, 60)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        ring.clock.turn(hours=hours)
        ring.alarms.again()
        await ring.settled()
        assert (len(ring.ringing()), len(ring.jobs)) == ((1, 0) if hours > 0 else (0, 1))

    run(test)


# ---------------------------------------------------------------- a tap on a notification
def test_a_tap_leads_to_the_reminder_after_unlock(desk: Desk, run: Run) -> None:
    add(desk, 30, text="Andet")
    add(desk, 45)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        tapped = ring.app.overview.open_reminders()[1]
        await ring.lock()
        await ring.turn(hours=1)
        await ring.start_anew()
        ring.alarms.tapped(ring_number := ring.phone.rang[-1].alarm.number)
        await ring.settled()
        assert ring.app.went == []
        await ring.unlock()
        assert ring_number == ring.number_of(tapped)
        assert (ring.app.went, ring.app.said, ring.app.saved) == (["/reminders"], [], 1)
        assert ring.ringing()[0].key == tapped.key

    run(test)


def test_the_plugins_tap_arrives_by_its_payload_and_what_is_not_ours_is_nothing(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.turn(hours=1)
        ring.app.state.ringing = ()
        await ring.phone.plugin.on_tap(SimpleNamespace(payload="something else"))
        await ring.settled()
        assert ring.app.went == []
        await ring.phone.plugin.on_tap(SimpleNamespace(payload=ring.phone.rang[0].alarm.payload))
        await ring.settled()
        assert (ring.app.went, len(ring.ringing())) == (["/reminders"], 1)

    run(test)


def test_a_tap_on_what_was_answered_meanwhile_says_so(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        one = ring.app.overview.open_reminders()[0]
        number = ring.number_of(one)
        desk.answer(one, Answer.DONE)
        ring.alarms.tapped(number)
        await ring.settled()
        assert ring.app.went == ["/reminders"]
        assert ring.app.said == ["Den påmindelse er der allerede svaret på, måske på en anden enhed."]

    run(test)


def test_a_tap_on_what_was_moved_meanwhile_says_whereto(desk: Desk, run: Run) -> None:
    add(desk, 30)

    async def test(ring: Ringing) -> None:
        await ring.armed()
        one = ring.app.overview.open_reminders()[0]
        desk.answer(one, Answer.SNOOZED, FAR + timedelta(days=1))
        ring.alarms.tapped(ring.number_of(one))
        await ring.settled()
        assert ring.app.said == ["Den påmindelse er flyttet. Den ringer i morgen kl. 08:00."]
        assert ring.ringing() == []

    run(test)


# ---------------------------------------------------------------- trying one
async def tried(ring: Ringing, after: timedelta = TRIAL_AFTER + SHOWN_WITHIN) -> Tried:
    await ring.alarms.trial.begin()
    assert ring.app.state.tried == Tried.WAITING
    await ring.turn(seconds=after.total_seconds())
    return ring.app.state.tried


def test_a_trial_that_the_phone_shows_came(run: Run) -> None:
    async def test(ring: Ringing) -> None:
        await ring.armed()
        assert await tried(ring) == Tried.CAME
        assert [rang.alarm.number for rang in ring.phone.rang] == [TRIAL]

    run(test)


@pytest.mark.parametrize(("came", "then"), [(True, Tried.CAME), (False, Tried.MISSED)])
def test_a_trial_that_the_phone_does_not_show_is_asked_about(run: Run, came: bool, then: Tried) -> None:
    async def test(ring: Ringing) -> None:
        ring.phone.may_be_exact = False
        await ring.armed()
        assert await tried(ring) == Tried.ASKING
        await ring.alarms.trial.say(came)
        assert ring.app.state.tried == then
        assert ring.phone.held == {}

    run(test)


def test_a_tapped_trial_came(run: Run) -> None:
    async def test(ring: Ringing) -> None:
        ring.phone.may_be_exact = False
        await ring.armed()
        await tried(ring)
        ring.alarms.tapped(TRIAL)
        await ring.settled()
        assert (ring.app.state.tried, ring.app.went) == (Tried.CAME, ["/more/settings"])

    run(test)


def test_a_trial_survives_that_all_is_armed_anew(desk: Desk, run: Run) -> None:
    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.alarms.trial.begin()
        add(desk)
        await ring.armed()
        assert TRIAL in ring.phone.held

    run(test)


def test_a_trial_that_was_called_off_does_not_come(run: Run) -> None:
    async def test(ring: Ringing) -> None:
        await ring.armed()
        await ring.alarms.trial.begin()
        await ring.alarms.trial.cancel()
        await ring.turn(seconds=60)
        assert (ring.app.state.tried, ring.phone.rang) == (Tried.NOT, [])

    run(test)


@pytest.mark.parametrize("fault", ["off", "refuses"])
def test_a_trial_that_the_phone_does_not_take_says_so(run: Run, fault: str) -> None:
    async def test(ring: Ringing) -> None:
        ring.phone.may_notify = fault != "off"
        ring.phone.fails_at = 2 if fault == "refuses" else None
        await ring.alarms.trial.begin()
        assert ring.app.state.tried == Tried.REFUSED

    run(test)


def test_without_a_phones_alarms_the_trial_rings_here(run: Run) -> None:
    async def test(ring: Ringing) -> None:
        await ring.start_anew(NoNotifications())
        await ring.unlock()
        assert ring.app.state.ability == Ability.HERE_ONLY
        assert await tried(ring, TRIAL_AFTER) == Tried.CAME
        assert ring.app.said == ["Det her er påmindelsen, du prøver."]

    run(test)

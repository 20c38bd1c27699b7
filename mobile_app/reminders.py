"""From the reminders that should ring to alarms that do: APScheduler while the app is open, the phone's own beyond.

The list on the screen is the truth. Whatever may have changed it, or the clock, or the phone, leads to `arm`: what was
promised and is due by now is shown, once, and what comes next is armed. Moments are instants, in any zone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from mobile_app import formats
from mobile_app.arming import ARMED_MAX, TRIAL, moment_of
from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.i18n import _
from mobile_app.phone_alarms import PhoneAlarms, Wish
from mobile_app.ports.notifications import Notifications, NotificationsFailed
from mobile_app.state import Stage
from mobile_app.trial import Trial
from storage.errors import StorageError
from storage.store import Vault

if TYPE_CHECKING:
    from mobile_app.app import App

#: The plain value: whether her own reminders outside working hours have a sound. It must be readable while locked.
SOUND_OUTSIDE = "sound-outside-hours"
#: For a clock that was set, a machine that slept, a phone that refused: at the latest after this long.
LOOK_EVERY_S = 60
_NEXT, _LOOK, _YES = "next", "look", "yes"


class Alarms:
    def __init__(self, app: App, notifications: Notifications) -> None:
        self._app = app
        self._phone = PhoneAlarms(notifications, app.setup.clock)
        self.trial = Trial(app, notifications, self.at)
        self._notifications = notifications
        #: Whether what rings outside working hours has a sound.
        self.sound_outside = False
        self._scheduler = AsyncIOScheduler(
            timezone=ZoneInfo("Europe/Copenhagen"), job_defaults={"coalesce": True, "misfire_grace_time": None}
        )
        #: What was armed and not shown yet: alarm number -> moment. Those that are due by now among them.
        self._promised: dict[int, datetime] = {}
        #: Which of them lie outside her hours. Locked, those hours are not known: then what was known last counts.
        self._quiet: dict[datetime, bool] = {}
        #: Whether the vault has what was promised last.
        self._is_kept = True
        self._tapped: int | None = None
        self._in_order = asyncio.Lock()
        self._to_vault: set[asyncio.Task[None]] = set()
        self._to_phone: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._notifications.begin(self.tapped)

    def open_file(self, vault: Vault) -> None:
        """A locked vault is there. Raises the errors of reading it."""
        self.sound_outside = vault.get_plain(SOUND_OUTSIDE) == _YES
        self.arm_locked(vault.fire_times())

    # ------------------------------------------------------------ open
    def arm(self, *, anew: bool = False) -> None:
        """Shows what is due, and arms the next reminders as they are now. Costs nothing where nothing moved, unless
        `anew`: the phone is asked what it holds then."""
        fire_times, calendar = self._fire_times(), self._app.overview.calendar()
        quiet = {moment: calendar.is_quiet(moment) for moment in fire_times.values()}
        moved, gone = fire_times != self._promised, self._promised.keys() - fire_times.keys()
        sounds_otherwise = quiet != self._quiet
        self._promised, self._quiet = fire_times, quiet
        self._schedule()
        if moved or not self._is_kept:
            _run(self._to_vault, self._keep(fire_times))
        if moved or sounds_otherwise or anew or self._phone.failed:
            _run(self._to_phone, self._tell_phone(frozenset(gone)))
        self._follow_tap()

    def _fire_times(self) -> dict[int, datetime]:
        """Of the next reminders, and of those that came while nobody looked. What she looks at is shown."""
        now, overview = self._app.desk.now(), self._app.overview
        due = {moment for moment in self._promised.values() if moment <= now}
        if due:
            overview.forget()  # a new occurrence, a question that was asked again
        every = overview.reminders_that_ring()
        came = [one for one in every if one.due_at <= now and moment_of(one.due_at) in due]
        if self._is_seen:
            self._show(every, came, now)
            came = []
        coming = [one for one in every if moment_of(one.due_at) > now][:ARMED_MAX]
        return {self._app.vault.alarm_number(one.key): moment_of(one.due_at) for one in [*came, *coming]}

    @property
    def _is_seen(self) -> bool:
        return self._app.state.stage == Stage.OPEN and not self._app.state.covered

    def _show(self, every: list[Open], came: list[Open], now: datetime) -> None:
        """Those that ring and are still due, and what came."""
        state = self._app.state
        due = {one.key: one for one in every if one.due_at <= now}
        still = {one.key: due[one.key] for one in state.ringing if one.key in due}
        ringing = tuple((still | {one.key: one for one in came}).values())
        if ringing != state.ringing:
            state.ringing = ringing

    # ------------------------------------------------------------ locked
    def arm_locked(self, fire_times: Iterable[tuple[int, datetime]]) -> None:
        """While locked only bare moments are known: those of the vault. What is due is kept for her to see."""
        self._promised = dict(fire_times)
        self._look_locked()
        _run(self._to_phone, self._tell_phone())

    def lock(self) -> None:
        """What was promised last goes on to ring: a vault that could not be written to has an older list."""
        self.arm_locked(list(self._promised.items()))

    async def forget(self) -> None:
        """There are no notes any more: nothing rings, the phone's own alarms neither."""
        await self.settle()
        gone = frozenset(self._promised)
        self.stop()
        await self._tell_phone(gone)

    # ------------------------------------------------------------ when
    def again(self) -> None:
        """Shown again, or said in another language: the clock, the zone or what the phone allows may be different."""
        if self._app.state.stage == Stage.OPEN:
            self.arm(anew=True)
        elif self._scheduler.running:
            self.arm_locked(self._promised.items())

    async def _look(self) -> None:
        """An async job: it runs on the loop, where the state may change."""
        if self._app.state.stage == Stage.OPEN:
            self.arm()
        else:
            self._look_locked()

    def _look_locked(self) -> None:
        now = self._app.setup.clock()
        if any(moment <= now for moment in self._promised.values()):
            self._app.state.rang_locked = True
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduler.running:
            self._scheduler.start()
            self._scheduler.add_job(self._look, IntervalTrigger(seconds=LOOK_EVERY_S), id=_LOOK)
        now = self._app.setup.clock()
        coming = [moment for moment in self._promised.values() if moment > now]
        if coming:
            self.at(min(coming), self._look, _NEXT)
        elif self._scheduler.get_job(_NEXT):
            self._scheduler.remove_job(_NEXT)

    def at(self, moment: datetime, job: Callable[[], Awaitable[None]], job_id: str) -> None:
        """Runs it then, in the place of what had this id."""
        left = moment - self._app.setup.clock()  # that clock may be another than the scheduler's
        trigger = DateTrigger(datetime.now(UTC) + left)
        self._scheduler.add_job(job, trigger, id=job_id, name=moment.isoformat(), replace_existing=True)

    def stop(self) -> None:
        self._promised = {}
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    # ------------------------------------------------------------ to the vault and the phone
    async def settle(self) -> None:
        """What is under way to the vault is there: before it is locked, and read."""
        await asyncio.gather(*self._to_vault, return_exceptions=True)

    async def _keep(self, fire_times: dict[int, datetime]) -> None:
        """Bare moments, for a process that starts locked. Failing that (a full disk) it is tried again at the next
        look; this process and the phone have them."""
        vault = self._app.vault
        async with self._in_order:  # an older list must not be written over a newer one
            if not vault.read_only:
                try:
                    await asyncio.to_thread(vault.set_fire_times, list(fire_times.items()))
                    self._is_kept = True
                except StorageError:
                    self._is_kept = False

    async def _tell_phone(self, gone: frozenset[int] = frozenset()) -> None:
        await self.settle()  # a kill in the midst of it leaves the vault as far as the phone, or farther
        text = _("You have a reminder. Unlock to see it.")
        wish = Wish(tuple(self._promised.items()), text, self._is_silent, gone)
        ability = await self._phone.reconcile(wish)
        if ability != self._app.state.ability:
            self._app.state.ability = ability

    def _is_silent(self, moment: datetime) -> bool:
        """Outside working hours nothing sounds, unless she wants it: what rules ask lies within them (rule 6), and what
        she set for an evening comes at its time."""
        return not self.sound_outside and self._quiet.get(moment, WorkCalendar().is_quiet(moment))

    async def let_sound_outside(self, sound: bool) -> None:
        """Her choice, for this phone."""
        if await self._app.attempt(self._app.vault.put_plain, SOUND_OUTSIDE, _YES if sound else "") is not None:
            self.sound_outside = sound
            self._app.state.revision += 1
            self.again()

    async def ask(self) -> None:
        """For what the phone lacks to ring. What she said is seen when she is back."""
        with suppress(NotificationsFailed):
            await self._notifications.ask()
        self.again()

    # ------------------------------------------------------------ a tap on a notification
    def tapped(self, number: int) -> None:
        """Remembered until she has unlocked."""
        self._tapped = number
        self.trial.tapped(number)
        if self._is_seen:
            self._follow_tap()

    def _follow_tap(self) -> None:
        if self._tapped is None or not self._is_seen:
            return
        number, self._tapped = self._tapped, None
        self._app.page.run_task(self._lead_to, number)

    async def _lead_to(self, number: int) -> None:
        """To the reminder of this number; where it is none any more, to the list, with a sentence."""
        app = self._app
        await app.save_editors()
        if number == TRIAL:
            app.go("/more/settings")
            return
        now = app.desk.now()
        found = [one for one in app.overview.open_reminders() if app.vault.alarm_number(one.key) == number]
        due = [one for one in found if one.due_at <= now]
        app.state.ringing = (*due, *(one for one in app.state.ringing if one not in due))
        app.go("/reminders")
        if found and not due:
            moment = formats.moment(found[0].due_at, app.overview.today())
            app.say(_("That reminder was moved. It rings {moment}.", moment=moment))
        elif not app.state.ringing:
            app.say(_("That reminder is answered already, perhaps on another device."))


def _run(tasks: set[asyncio.Task[None]], work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)

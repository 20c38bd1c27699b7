"""From the reminders that should ring to alarms that do: APScheduler while the app is open, the phone's own beyond.

The list on the screen is the truth; alarms are made anew from it after every change, so nothing rings twice or stays.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from mobile_app.domain.agenda import Open
from mobile_app.i18n import _
from mobile_app.ports.notifications import ARMED_MAX, Notifications
from mobile_app.state import Stage

if TYPE_CHECKING:
    from mobile_app.app import App


class Alarms:
    def __init__(self, app: App, notifications: Notifications) -> None:
        self._app, self._notifications = app, notifications
        self._scheduler = AsyncIOScheduler(
            timezone=ZoneInfo("Europe/Copenhagen"), job_defaults={"coalesce": True, "misfire_grace_time": None}
        )
        self._armed: list[tuple[str, datetime]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()

    def arm(self) -> None:
        """Alarms for the next reminders, as they are now. Costs nothing where nothing moved."""
        now = self._app.desk.now()
        coming = [one for one in self._app.overview.reminders_that_ring() if one.due_at > now][:ARMED_MAX]
        wanted = [(one.key, one.due_at) for one in coming]
        if wanted == self._armed and self._scheduler.running:
            return
        self._armed = wanted
        self._restart()
        for one in coming:
            self._scheduler.add_job(self._ring, DateTrigger(one.due_at), args=[one], id=one.key)
        task = asyncio.create_task(self._hand_over([one.due_at for one in coming]))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _hand_over(self, moments: list[datetime]) -> None:
        """To the vault (bare moments, for the time it is locked) and to the phone's own alarms."""
        vault = self._app.vault
        async with self._in_order:  # an older list must not be written over a newer one
            if not vault.read_only:
                await asyncio.to_thread(vault.set_fire_times, moments)
            fire_times = await asyncio.to_thread(vault.fire_times)
            await self._notifications.arm(fire_times, "Medgang", _("You have a reminder. Unlock to see it."))

    def arm_locked(self, fire_times: list[tuple[int, datetime]]) -> None:
        """While locked only bare moments are known: those of the vault."""
        self._armed = []
        self._restart()
        now = self._app.setup.clock()
        for number, due_at in fire_times:
            if due_at > now:
                self._scheduler.add_job(self._ring_locked, DateTrigger(due_at), id=str(number))

    async def forget(self) -> None:
        """There are no notes any more: nothing rings, the phone's own alarms neither."""
        for task in list(self._running):
            task.cancel()
        self.arm_locked([])
        async with self._in_order:
            await self._notifications.arm([], "Medgang", "")

    def stop(self) -> None:
        self._armed = []
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _restart(self) -> None:
        if not self._scheduler.running:
            self._scheduler.start()
        self._scheduler.remove_all_jobs()

    async def _ring(self, one: Open) -> None:
        """An async job: it runs on the loop, where the state may change."""
        state = self._app.state
        if state.stage == Stage.OPEN:
            self._app.overview.forget()
            state.ringing = (*(r for r in state.ringing if r.key != one.key), one)

    async def _ring_locked(self) -> None:
        self._app.state.rang_locked = True

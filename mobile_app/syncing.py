"""When to sync: on unlock, on resume, after a change, on a timer, and by hand. Never in the way of the work."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from mobile_app import messages
from mobile_app.state import SyncLine, SyncPhase
from storage.store import HOLD
from sync.engine import Report
from sync.enrolment import device_of, engine_of
from sync.errors import HubUnreachable, NotEnrolled

if TYPE_CHECKING:
    from mobile_app.app import App

EVERY_S = 60.0
_RETRY_FIRST_S, _RETRY_MAX_S = 5.0, 120.0


class SyncLoop:
    """One task while unlocked; a running exchange is never cut off, the vault ends it when it locks."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()
        self._failures = 0
        self._soon = False

    def start(self) -> None:
        self._failures = 0
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show(SyncLine())

    def wake(self) -> None:
        self._wake.set()

    def after_change(self) -> None:
        """A change goes out as soon as its hold is over."""
        self._soon = True
        self._wake.set()

    async def now(self) -> None:
        """By hand: at once."""
        await self._once()

    async def _run(self) -> None:
        await self._once()
        while True:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), self._delay_s())
            except TimeoutError:
                pass
            else:
                if self._soon:  # collect what follows within the hold
                    self._soon = False
                    await asyncio.sleep(HOLD.total_seconds() + 0.5)
            await self._once()

    def _delay_s(self) -> float:
        if not self._failures:
            return EVERY_S
        longest = min(_RETRY_FIRST_S * 2 ** (self._failures - 1), _RETRY_MAX_S)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, so that an office does not knock at once

    async def _once(self) -> None:
        async with self._busy:
            self._show(SyncLine(SyncPhase.RUNNING))
            try:
                await asyncio.to_thread(self._exchange)
            except NotEnrolled:
                self._show(SyncLine(SyncPhase.NOT_ENROLLED))
            except Exception as error:
                self._failures += 1
                unreachable = isinstance(error, HubUnreachable)
                self._show(SyncLine(SyncPhase.FAILED, messages.sentence(error), unreachable=unreachable))
            else:
                self._failures = 0
                self._show(SyncLine())

    def _exchange(self) -> None:
        if device_of(self._app.vault) is None:
            raise NotEnrolled
        engine, transport = engine_of(self._app.vault, self._app.setup.clock)
        loop = self._app.page.session.connection.loop
        try:
            engine.run(lambda report: loop.call_soon_threadsafe(self._progress, report))
        finally:
            transport.close()

    def _progress(self, report: Report) -> None:
        if self._app.state.sync.phase == SyncPhase.RUNNING:
            self._show(SyncLine(SyncPhase.RUNNING, moved=report.sent + report.received))

    def _show(self, line: SyncLine) -> None:
        if self._app.state.sync != line:
            self._app.state.sync = line

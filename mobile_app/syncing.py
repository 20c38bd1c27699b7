"""When to sync: on unlock, on resume, after a change, on a timer, and by hand. Never in the way of the work."""

from __future__ import annotations

import asyncio
import math
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from mobile_app import messages
from mobile_app.state import SyncLine, SyncPhase
from storage.errors import VaultLocked
from sync.enrolment import device_of, engine_of
from sync.errors import HubUnreachable, NotEnrolled, TooMuchVanishes
from sync.lost import is_handed_in
from sync.progress import Report

if TYPE_CHECKING:
    from mobile_app.app import App

_RETRY_FIRST_S, _RETRY_MAX_S = 5.0, 120.0
_MARGIN_S = 0.5


def backoff_s(failures: int) -> float:
    """The longest pause after so many failures in a row."""
    return min(_RETRY_FIRST_S * 2.0 ** (failures - 1), _RETRY_MAX_S)


class SyncLoop:
    """One task while unlocked; a running exchange is never cut off, the vault ends it when it locks."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()
        self._failures = 0
        #: In the loop's time.
        self._due_at = 0.0

    def start(self) -> None:
        """At once, and from then on whenever it is due."""
        self._failures, self._due_at = 0, 0.0
        self._show(SyncLine())
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def finish(self, within_s: float) -> None:
        """Waits for a running exchange, for no longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._busy:
                pass

    def wake(self) -> None:
        """As soon as possible: the app came back to the front."""
        self._bring_forward(0.0)

    async def after_change(self) -> None:
        """A change goes out as soon as its hold is over. What an exchange itself changed is no reason for another."""
        if not self._busy.locked():
            self._bring_forward(await self._until_sendable_s())

    async def now(self, *, let_vanish: bool = False) -> None:
        """By hand: at once, and both sides are compared. `let_vanish` is her word that what is gone at the hub may
        leave the phone."""
        await self._once(let_vanish=let_vanish, compare=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while (left_s := self._due_at - loop.time()) > 0:
                self._wake.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), left_s)
            await self._once()

    def _bring_forward(self, in_s: float) -> None:
        self._due_at = min(self._due_at, asyncio.get_running_loop().time() + in_s)
        self._wake.set()

    async def _until_sendable_s(self) -> float:
        """How long until something may be sent; the usual pause where nothing waits."""
        sendable_at = None
        with suppress(VaultLocked):  # meanwhile
            sendable_at = await asyncio.to_thread(self._app.vault.sendable_at)
        if sendable_at is None:
            return self._app.setup.sync_every_s
        return max(0.0, (sendable_at - self._app.setup.clock()).total_seconds()) + _MARGIN_S

    async def _pause_s(self) -> float:
        """How long after an exchange to begin the next."""
        if not self._failures:
            return min(self._app.setup.sync_every_s, await self._until_sendable_s())
        return backoff_s(self._failures) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, so that an office does not knock at once

    async def _once(self, **how: bool) -> None:
        """`how` as in Engine.run."""
        failed: Exception | None = None
        async with self._busy:
            self._due_at = math.inf
            self._show(SyncLine(SyncPhase.RUNNING))
            try:
                await asyncio.to_thread(self._exchange, how)
            except NotEnrolled:
                self._show(SyncLine(SyncPhase.NOT_ENROLLED))
            except Exception as error:
                failed = error
                self._failures += 1
                self._show(_failed(error))
            else:
                self._failures = 0
                self._show(SyncLine())
            if self._app.is_open:
                pause_s = await self._pause_s()
                self._due_at = asyncio.get_running_loop().time() + pause_s
        await self._app.lost.after_sync(failed)

    def _exchange(self, how: dict[str, bool]) -> None:
        if device_of(self._app.vault) is None:
            raise NotEnrolled
        handing_in = is_handed_in(self._app.vault)
        engine, transport = engine_of(self._app.vault, self._app.setup.clock, handing_in=handing_in)
        loop = self._app.page.session.connection.loop
        try:
            how["let_vanish"] = how.get("let_vanish", False) or handing_in
            engine.run(lambda report: loop.call_soon_threadsafe(self._progress, report), **how)
        finally:
            transport.close()

    def _progress(self, report: Report) -> None:
        if self._app.state.sync.phase == SyncPhase.RUNNING:
            self._show(SyncLine(SyncPhase.RUNNING, moved=report.sent + report.received))

    def _show(self, line: SyncLine) -> None:
        if self._app.state.sync != line:
            self._app.state.sync = line


def _failed(error: Exception) -> SyncLine:
    return SyncLine(
        SyncPhase.FAILED,
        messages.sentence(error),
        unreachable=isinstance(error, HubUnreachable),
        asks_to_let_go=isinstance(error, TooMuchVanishes),
    )

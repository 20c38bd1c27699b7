"""The way back in after a forgotten PIN: a question to the municipality's helpdesk through the hub, and its answer.

The vault stays locked until the answer is there. Nothing of it is kept: a process that ends asks again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from mobile_app import messages
from mobile_app.i18n import _
from mobile_app.state import Recovery, Stage
from storage.errors import CannotOpen
from sync import recovery

if TYPE_CHECKING:
    from mobile_app.app import App

LOOKS_EVERY_S = 5.0


class Recovering:
    def __init__(self, app: App) -> None:
        self._app = app
        self._looking: asyncio.Task[None] | None = None

    def show(self) -> None:
        self._app.state.stage = Stage.RECOVERY

    def leave(self) -> None:
        """Back to the lock screen. What was asked stays asked."""
        self._app.state.stage = Stage.LOCKED

    async def ask(self) -> None:
        """Sends the question; its code is on the screen then, or why there is none."""
        try:
            self._app.state.recovery = Recovery(await asyncio.to_thread(recovery.ask, self._app.vault))
        except Exception as error:
            self._app.state.recovery = Recovery(problem=messages.sentence(error))

    async def look(self) -> None:
        """Whether the helpdesk has answered."""
        asked = self._app.state.recovery
        try:
            found = replace(asked, answer=await asyncio.to_thread(recovery.fetch, self._app.vault), problem="")
        except Exception as error:
            found = replace(asked, problem=messages.sentence(error))
        if self._app.state.recovery is asked and found != asked:  # not over a newer question
            self._app.state.recovery = found

    def start_looking(self) -> None:
        """Every few seconds, while the screen is there."""
        self._looking = asyncio.create_task(self._look_on())

    def stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            if self._app.state.recovery.request and not self._app.state.recovery.answer:
                await self.look()

    async def finish(self, pin: str) -> None:
        """Opens the vault by the answer and makes `pin` the way in. The PIN's strength was checked."""
        answer = self._app.state.recovery.answer
        assert answer is not None, "there is no answer yet"
        try:
            await self._app.recover(answer, pin)
        except CannotOpen:
            self._app.state.recovery = Recovery(problem=_("That answer is for another question. Ask once more."))
        except Exception as error:
            self._app.state.recovery = replace(self._app.state.recovery, problem=messages.sentence(error))
        else:
            self._app.state.recovery = Recovery()

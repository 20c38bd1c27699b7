""" "Try a reminder in 10 seconds": a real alarm, by the way that every reminder takes, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from mobile_app.arming import TRIAL, Alarm, moment_of
from mobile_app.i18n import _
from mobile_app.ports.notifications import Ability, Notifications, NotificationsFailed

if TYPE_CHECKING:
    from mobile_app.app import App

TRIAL_AFTER = timedelta(seconds=10)
#: A phone needs a moment to show it.
SHOWN_WITHIN = timedelta(seconds=3)

At = Callable[[datetime, Callable[[], Awaitable[None]], str], None]


class Tried(StrEnum):
    NOT = "not"
    WAITING = "waiting"
    #: The phone does not tell: she is asked.
    ASKING = "asking"
    CAME = "came"
    MISSED = "missed"
    #: The phone did not take it.
    REFUSED = "refused"


class Trial:
    def __init__(self, app: App, notifications: Notifications, at: At) -> None:
        self._app, self._notifications, self._at = app, notifications, at

    async def begin(self) -> None:
        state, due_at = self._app.state, moment_of(self._app.setup.clock() + TRIAL_AFTER)
        state.tried = Tried.WAITING
        try:
            state.ability = await self._notifications.ability()
            if state.ability == Ability.OFF:
                raise NotificationsFailed
            text = _("This is the reminder that you try.")
            await self._notifications.arm(Alarm(TRIAL, due_at, text, exact=state.ability == Ability.EXACT))
        except NotificationsFailed:
            state.tried = Tried.REFUSED
            return
        here = state.ability == Ability.HERE_ONLY
        self._at(due_at if here else due_at + SHOWN_WITHIN, self._is_due, "trial")

    async def cancel(self) -> None:
        self._app.state.tried = Tried.NOT
        await self._take_away()

    def tapped(self, number: int) -> None:
        if number == TRIAL:
            self._app.state.tried = Tried.CAME

    async def say(self, came: bool) -> None:
        """Her word for it."""
        self._app.state.tried = Tried.CAME if came else Tried.MISSED
        await self._take_away()

    async def _is_due(self) -> None:
        state = self._app.state
        if state.tried != Tried.WAITING:
            return
        if state.ability == Ability.HERE_ONLY:
            state.tried = Tried.CAME
            self._app.say(_("This is the reminder that you try."))
            return
        shown = False
        with suppress(NotificationsFailed):
            shown = await self._notifications.is_shown(TRIAL)
        if state.tried == Tried.WAITING:  # not tapped or called off meanwhile
            state.tried = Tried.CAME if shown else Tried.ASKING

    async def _take_away(self) -> None:
        with suppress(NotificationsFailed):
            await self._notifications.cancel(TRIAL)

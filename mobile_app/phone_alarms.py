"""Brings the phone's own alarms to what is wanted, step by step, and remembers what it armed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mobile_app.arming import Alarm, Arm, Cancel, Step, alarms_for, steps
from mobile_app.ports.notifications import Ability, Notifications, NotificationsFailed


@dataclass(frozen=True)
class Wish:
    """What should ring: (number, moment) pairs, those that are due and not seen yet among them."""

    fire_times: tuple[tuple[int, datetime], ...]
    text: str
    is_silent: Callable[[datetime], bool]
    #: Numbers that ring no more, and may stand among the phone's notifications.
    gone: frozenset[int] = frozenset()


class PhoneAlarms:
    """Of one process. What an earlier one armed is armed anew, once: a force-stop or a reboot may have taken it though
    the phone lists it."""

    def __init__(self, notifications: Notifications, clock: Callable[[], datetime]) -> None:
        self._notifications, self._clock = notifications, clock
        self._armed: dict[int, Alarm] = {}
        self._named = ""
        self._gone: set[int] = set()
        self._in_order = asyncio.Lock()
        #: The phone refused or did not answer: it is to be asked again.
        self.failed = False

    async def reconcile(self, wish: Wish) -> Ability:
        """Never raises. Where the phone fails, what was reached stays, and the rest is left to the next time."""
        async with self._in_order:
            self.failed = True
            self._gone |= wish.gone
            try:
                ability = await self._notifications.ability()
                refused = ability != Ability.HERE_ONLY and await self._bring_to(wish, ability)
            except NotificationsFailed:
                return Ability.UNKNOWN
            # Switched off, iOS refuses every alarm; once it is switched on she comes back, and all are armed.
            self.failed = refused and ability != Ability.OFF
            return ability

    async def _bring_to(self, wish: Wish, ability: Ability) -> bool:
        """Whether anything was refused."""
        if self._named != wish.text:  # the language
            await self._notifications.name_channels()
            self._named = wish.text
        now, exact = self._clock(), ability == Ability.EXACT
        wanted = alarms_for(wish.fire_times, now, wish.text, exact=exact, is_silent=wish.is_silent)
        keep = {number for number, due_at in wish.fire_times if due_at <= now}
        self._gone -= {number for number, _ in wish.fire_times}
        pending = await self._notifications.pending()
        taken = [await self._take(step) for step in steps(wanted, self._armed, pending, keep, self._gone)]
        return not all(taken)

    async def _take(self, step: Step) -> bool:
        """One refusal holds up no other alarm; a phone that is silent would hold up each."""
        try:
            await self._carry_out(step)
        except NotificationsFailed as failed:
            if isinstance(failed.__cause__, TimeoutError):
                raise
            return False
        return True

    async def _carry_out(self, step: Step) -> None:
        match step:
            case Cancel(number):
                await self._notifications.cancel(number)
                self._armed.pop(number, None)
                self._gone.discard(number)
            case Arm(alarm) if alarm.due_at > self._clock():  # else it came while others were armed
                self._armed.pop(alarm.number, None)
                await self._notifications.arm(alarm)
                self._armed[alarm.number] = alarm

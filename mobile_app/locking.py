"""When Medgang locks by itself, and what counts as somebody being there (security control 11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from storage.store import Clock

#: The dialler covers the app within this time; what hides it later is not the call.
CALL_HIDES_WITHIN_S = 30.0
#: What the machine reports by itself: nobody touched anything.
_NOT_HER = frozenset(
    {"app_lifecycle_state_change", "close", "connect", "disconnect", "error", "media_change", "resize"}
)


@dataclass(frozen=True)
class LockAfter:
    hidden_s: float = 60
    hidden_by_call_s: float = 300
    idle_s: float = 120


class Watch:
    """Counts down to the lock while the app is open: from the last thing she did, or from when it was hidden.

    Counted by the loop's time and by the wall clock, whichever went further: a phone that sleeps stops the first, and
    the second can be set back.
    """

    def __init__(self, after: LockAfter, clock: Clock, lock: Callable[[], object]) -> None:
        self._after, self._clock, self._lock = after, clock, lock
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._hidden = False
        self._called_at_s = -CALL_HIDES_WITHIN_S
        self._ends_at: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """She is there, and the screen is hers."""
        self._hidden = False
        self._count(self._after.idle_s)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def touched(self) -> None:
        """She did something. Too late, where the phone slept through the end of the count."""
        if self._timer is None or self._hidden:
            return
        if self.is_over:
            self._lock()
        else:
            self._count(self._after.idle_s)

    def called(self) -> None:
        """She is about to ring or write to somebody: the app goes out of sight for longer."""
        self._called_at_s = self._loop.time()

    def hide(self) -> None:
        by_call = self._loop.time() - self._called_at_s < CALL_HIDES_WITHIN_S
        self._hidden = True
        self._count(self._after.hidden_by_call_s if by_call else self._after.hidden_s)

    @property
    def is_over(self) -> bool:
        """The time is up, whether or not the timer had the chance to say so."""
        if self._timer is None:
            return False
        return self._loop.time() >= self._ends_at[0] or self._clock().timestamp() >= self._ends_at[1]

    def _count(self, left_s: float) -> None:
        self.stop()
        self._ends_at = (self._loop.time() + left_s, self._clock().timestamp() + left_s)
        self._timer = self._loop.call_later(left_s, self._lock)


def hear(page: ft.Page, touched: Callable[[], object]) -> None:
    """Calls `touched` for whatever she does: each tap, key and scroll reaches Python as an event or as a new value of
    a field. Flet 1.0.5 has no hook for that, so its session gets one here."""
    session = page.session
    dispatch, apply = session.dispatch_event, session.apply_patch

    async def dispatch_event(control_id: int, event_name: str, event_data: Any) -> None:
        if event_name not in _NOT_HER:
            touched()
        await dispatch(control_id, event_name, event_data)

    def apply_patch(control_id: int, patch: dict[str, Any]) -> None:
        if control_id != page._i:  # the page's own are its size and its route
            touched()
        apply(control_id, patch)

    session.dispatch_event = dispatch_event  # type: ignore[method-assign]
    session.apply_patch = apply_patch  # type: ignore[method-assign]

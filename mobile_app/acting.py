"""From a tap to a use case, and what is said about it: one line at the foot of the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import flet as ft

from mobile_app import messages
from mobile_app.i18n import _

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    value: T


class Acting:
    def __init__(self, page: ft.Page) -> None:
        self.page = page
        self._bar = ft.SnackBar(content="", open=False)
        self._in_hand: set[object] = set()

    async def attempt(self, use_case: Callable[..., T], *arguments: Any, **options: Any) -> Done[T] | None:
        """Runs a use case in a thread. None where it failed: the sentence is on the screen then. The same one with the
        same arguments runs once at a time: cold fingers tap twice."""
        asked = (use_case.__qualname__, repr(arguments))
        if asked in self._in_hand:
            return None
        self._in_hand.add(asked)
        try:
            return Done(await asyncio.to_thread(use_case, *arguments, **options))
        except Exception as error:
            self.say(messages.sentence(error))
            return None
        finally:
            self._in_hand.discard(asked)

    def do(self, use_case: Callable[..., Any], *arguments: Any) -> None:
        """A use case whose result is seen on the screen."""
        self.page.run_task(self.attempt, use_case, *arguments)

    def change(self, said: str, use_case: Callable[..., Callable[[], object]], *arguments: Any, **options: Any) -> None:
        """A use case that gives back what undoes it: `said` is on the screen then, with "Fortryd"."""

        async def run() -> None:
            done = await self.attempt(use_case, *arguments, **options)
            if done is not None:
                self.offer_undo(said, done.value)

        self.page.run_task(run)

    def offer_undo(self, said: str, undo: Callable[[], object]) -> None:
        async def run() -> None:
            await self.attempt(undo)

        self.say(said, _("Undo"), run)

    def say(self, text: str, action: str = "", on_action: Callable[[], Awaitable[None]] | None = None) -> None:
        """A line at the foot of the screen, with one thing to do about it."""
        bar = ft.SnackBar(
            content=ft.Semantics(content=ft.Text(text), live_region=True),
            duration=6000,
            persist=False,
            show_close_icon=not action,
        )
        if on_action is not None:
            act = on_action

            async def run() -> None:
                await act()

            bar.action = ft.SnackBarAction(label=action, on_click=run)
        self._bar = bar
        self.page.show_dialog(bar)

    def go(self, route: str) -> None:
        if self._bar.open:  # it would lie over the next screen's buttons
            self.page.pop_dialog()
        self.page.navigate(route)

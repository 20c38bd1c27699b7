"""The whole app with no client: its real screens, taps and lifecycle events, and a clock that is turned.

Flet 1.0.5's own session with a connection that answers for the client; its inner names are why flet is pinned.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    InvokeMethodRequestBody,
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from mobile_app.app import App, Setup
from mobile_app.views.root import Root
from storage.records import Draft
from storage.store import Vault
from tests.vaults import PIN, TurnedClock

C = TypeVar("C", bound=BaseControl)
WITHIN_S = 10.0


class TurnedLoop(asyncio.SelectorEventLoop):
    """Its time runs as usual, and jumps when it is turned."""

    turned_s = 0.0

    def time(self) -> float:
        return super().time() + self.turned_s


class _Client(Connection):
    """What the phone's side of Flet would answer."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url = "http://test"
        self.session: Session
        self.crashes: list[str] = []

    def send_message(self, message: Message) -> None:
        # Encoding is part of the contract: it seeds the snapshots that differences are taken from.
        msgpack.packb([message.action, message.body], default=configure_encode_object_for_msgpack(BaseControl))
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        elif message.action == MessageAction.INVOKE_METHOD:
            self._answer(message.body)

    def _answer(self, asked: InvokeMethodRequestBody) -> None:
        if asked.name == "push_route":
            route = {"route": asked.args["route"]}
            self.session.apply_page_patch(route)
            self.loop.create_task(self.session.dispatch_event(self.session.page._i, "route_change", route))
        self.loop.call_soon(self.session.handle_invoke_method_results, asked.control_id, asked.call_id, None, None)


class Window:
    """One window of the app, and what she does in it."""

    def __init__(self, vault: Vault, clock: TurnedClock) -> None:
        self.vault, self.clock = vault, clock
        self._client = _Client()
        self.session = Session(self._client)
        self._client.session = self.session
        self.page = self.session.page

    async def start(self) -> Window:
        self.session.apply_page_patch({"route": "/", "web": True, "width": 390, "height": 844})
        _context_page.set(self.page)
        registered = RegisterClientResponseBody(
            session_id=self.session.id, page_patch=self.session.get_page_patch(), error=""
        )
        self._client.send_message(Message(MessageAction.REGISTER_CLIENT, registered))
        App.use_vault(self.vault)
        self.app = App(self.page, Setup(self.vault._path, clock=self.clock))
        self.app.start()
        self.page.render_views(Root, self.app.state)
        await self.settle()
        return self

    async def end(self) -> None:
        await self.app._disconnected()
        self.session.close()
        await self.settle()
        assert self._client.crashes == []

    # ------------------------------------------------------------ what happens
    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def until(self, holds: Callable[[], object]) -> None:
        """Saves run in threads: waits for what they bring."""
        ends = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < ends, "it did not come"
            await asyncio.sleep(0.002)
        await self.settle()

    async def turn(self, seconds: float) -> None:
        """Time passes, for the wall clock and for every timer."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, TurnedLoop)
        loop.turned_s += seconds
        self.clock.turn(seconds=seconds)
        await self.settle()

    async def sleep(self, seconds: float) -> None:
        """The phone sleeps: time passes, and no timer notices."""
        self.clock.turn(seconds=seconds)
        await self.settle()

    async def fire(self, control: BaseControl, name: str, data: Any = None) -> None:
        await self.session.dispatch_event(control._i, name, data)
        await self.settle()

    async def lifecycle(self, state: str) -> None:
        await self.fire(self.page, "app_lifecycle_state_change", {"state": state})

    async def unlock(self, pin: str = PIN) -> None:
        assert await self.app.unlock(pin) == ""
        await self.settle()

    async def locked(self) -> None:
        await self.until(lambda: self.vault.locked)

    async def go(self, route: str) -> None:
        self.app.go(route)
        await self.settle()

    async def tap(self, words: str) -> None:
        """A button or a chip of exactly these words, on the uppermost screen that has it."""
        control = self.tappable(words)[-1]
        await self.fire(control, "select" if isinstance(control, ft.Chip) else "click")

    async def fill(self, label: str, text: str) -> None:
        """Every key is a new value and an event."""
        (field,) = (field for field in self.controls(ft.TextField) if field.label == label)
        self.session.apply_patch(field._i, {"value": text})
        await self.fire(field, "change", text)

    async def write(self, text: str) -> None:
        """Types into the note's field."""
        field = self.note_field()
        assert field is not None
        await self.fill(str(field.label), text)
        if self.note_field() is field:  # this very key may have locked it
            await self.select(len(text), len(text))

    async def select(self, base: int, extent: int) -> None:
        """The caret in the note's field, or the words between two places."""
        field = self.note_field()
        assert field is not None
        selection = {"base_offset": base, "extent_offset": extent}
        data = {"selected_text": "", "selection": selection, "cause": "keyboard"}
        await self.fire(field, "selection_change", data)

    # ------------------------------------------------------------ what is there
    def walked(self) -> Iterator[BaseControl]:
        """Every control that is on the screen."""
        return _walked(self.page)

    def controls(self, kind: type[C]) -> list[C]:
        return [control for control in self.walked() if isinstance(control, kind)]

    def tappable(self, words: str) -> list[BaseControl]:
        chips = [
            chip for chip in self.controls(ft.Chip) if isinstance(chip.label, ft.Text) and chip.label.value == words
        ]
        return [*chips, *(one for one in self.walked() if _said(getattr(one, "content", None)) == words)]

    def note_field(self) -> ft.TextField | None:
        return next((field for field in self.controls(ft.TextField) if field.label in ("Notat", "Note")), None)

    def says(self, words: str) -> bool:
        return any(words in str(text.value) for text in self.controls(ft.Text))

    def drafts(self) -> list[str]:
        return [draft.text for draft in self.vault.reading.all(Draft)]


def run(vault: Vault, clock: TurnedClock, scenario: Callable[[Window], Awaitable[None]]) -> None:
    """Runs the scenario in a started window on this vault, locked."""

    async def go() -> None:
        window = await Window(vault, clock).start()
        try:
            await scenario(window)
        finally:
            await window.end()
            App._vault = App._holder = None
            App._waiting.clear()

    vault.lock()
    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        runner.run(go())


def _said(content: object) -> object:
    """What stands on a button: words, or a text that says more to a screen reader."""
    return content.value if isinstance(content, ft.Text) else content


def _walked(node: object) -> Iterator[BaseControl]:
    if isinstance(node, BaseControl):
        yield node
        for field in dataclasses.fields(node):
            if not field.metadata.get("skip") and field.name != "_parent":
                yield from _walked(getattr(node, field.name, None))
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _walked(part)
    elif isinstance(node, dict):
        yield from _walked(list(node.values()))

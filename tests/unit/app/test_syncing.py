"""When the app syncs by itself: at unlock, after a change, on a timer, on resume - and again after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app import syncing
from mobile_app.state import SyncLine, SyncPhase
from storage.row import Refusal, RowStatus
from storage.store import Vault, utc_now
from sync.errors import HubUnreachable, NotEnrolled, TooMuchVanishes
from sync.progress import PROGRESS, Progress
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, citizen
from tests.vaults import NOON, TurnedClock

FAR_S = 3600.0
WITHIN_S = 5.0


class Counted(syncing.SyncLoop):
    """The loop with a hub that does what the test says."""

    def __init__(self, app: Any, *answers: Exception | None) -> None:
        super().__init__(app)
        self.answers, self.count, self.happened = list(answers), 0, asyncio.Event()
        self.asked: list[dict[str, bool]] = []

    def _exchange(self, how: dict[str, bool]) -> None:
        self.count += 1
        self.asked.append(how)
        answer = self.answers.pop(0) if self.answers else None
        self._app.loop.call_soon_threadsafe(self.happened.set)
        if answer is not None:
            raise answer

    async def until(self, count: int) -> None:
        while self.count < count:
            await asyncio.wait_for(self.happened.wait(), WITHIN_S)
            self.happened.clear()
        async with self._busy:
            pass


def run(
    scenario: Callable[[Counted], Awaitable[None]],
    *answers: Exception | None,
    every_s: float = FAR_S,
    sendable_s: float | None = None,
) -> Counted:
    async def after_sync(_error: Exception | None) -> None:
        pass

    async def go() -> Counted:
        sendable_at = None if sendable_s is None else utc_now() + timedelta(seconds=sendable_s)
        app = SimpleNamespace(
            vault=SimpleNamespace(sendable_at=lambda: sendable_at),
            setup=SimpleNamespace(clock=utc_now, sync_every_s=every_s),
            state=SimpleNamespace(sync=SyncLine()),
            is_open=True,
            lost=SimpleNamespace(after_sync=after_sync),
            loop=asyncio.get_running_loop(),
        )
        loop = Counted(app, *answers)
        loop.start()
        await loop.until(1)
        await scenario(loop)
        loop.stop()
        return loop

    return asyncio.run(go())


async def nothing_more(loop: Counted) -> None:
    """Gives what is due now the chance to happen."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_at_unlock_and_then_not_before_it_is_due() -> None:
    assert run(nothing_more).count == 1


def test_on_a_timer() -> None:
    assert run(lambda loop: loop.until(3), every_s=0.02).count >= 3


def test_on_resume() -> None:
    async def resumed(loop: Counted) -> None:
        loop.wake()
        await loop.until(2)

    assert run(resumed).count == 2


def test_after_a_change_as_soon_as_it_may_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_MARGIN_S", 0.0)

    async def changed(loop: Counted) -> None:
        await loop.after_change()
        await loop.until(2)

    assert run(changed, sendable_s=0.0).count >= 2


def test_a_hub_that_is_away_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_RETRY_FIRST_S", 0.02)
    seen: list[SyncLine] = []

    async def away(loop: Counted) -> None:
        seen.append(loop._app.state.sync)
        await loop.until(3)

    loop = run(away, HubUnreachable("gone"), HubUnreachable("gone"), None)
    assert seen[0].phase == SyncPhase.FAILED
    assert seen[0].unreachable
    assert loop.count == 3
    assert loop._app.state.sync.phase == SyncPhase.IDLE


def test_the_pause_after_failures_grows_and_has_an_end() -> None:
    loop = run(nothing_more)
    longest = []
    for failures in (1, 2, 3, 20):
        loop._failures = failures
        longest.append(max(asyncio.run(loop._pause_s()) for _ in range(50)))
    assert longest == sorted(longest)
    assert longest[-1] <= syncing._RETRY_MAX_S


def test_what_would_vanish_is_asked_about_and_goes_at_her_word_alone() -> None:
    seen: list[SyncLine] = []

    async def she_agrees(loop: Counted) -> None:
        seen.append(loop._app.state.sync)
        await loop.now(let_vanish=True)

    loop = run(she_agrees, TooMuchVanishes(26))
    assert seen[0].asks_to_let_go
    assert "26" in seen[0].problem
    assert loop.asked == [{}, {"let_vanish": True, "compare": True}]
    assert not loop._app.state.sync.asks_to_let_go


def test_an_unenrolled_phone_says_so() -> None:
    assert run(nothing_more, NotEnrolled())._app.state.sync.phase == SyncPhase.NOT_ENROLLED


def test_the_screen_offers_to_let_go_only_while_it_is_asked(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed: list[bool] = []

    def exchange(loop: syncing.SyncLoop, how: dict[str, bool]) -> None:
        agreed.append(how.get("let_vanish", False))
        if not agreed[-1]:
            raise TooMuchVanishes(26)

    async def she_lets_go(window: Window) -> None:
        await window.unlock()
        await window.go("/more/sync")
        await window.until(lambda: window.tappable("Slip dem"))
        assert window.says("26 poster")
        await window.tap("Slip dem")
        await window.until(lambda: not window.tappable("Slip dem"))

    monkeypatch.setattr(syncing.SyncLoop, "_exchange", exchange)
    headless.run(vault, turned, she_lets_go)
    assert agreed[0] is False
    assert agreed[-1] is True


@pytest.mark.parametrize(
    ("progress", "said", "beside"),
    [
        (Progress("i", last_success_at=NOON), "Alt er modtaget", ""),
        (
            Progress("i", last_success_at=NOON, mended_at=NOON, differs=True),
            "Fagsystemet og telefonen har ikke det samme",
            "Intet er slettet",
        ),
        (Progress("i", last_success_at=NOON, mended_at=NOON), "Alt er modtaget", "blev fundet og rettet"),
    ],
)
def test_the_screen_says_what_the_last_comparison_told(
    vault: Vault,
    turned: TurnedClock,
    monkeypatch: pytest.MonkeyPatch,
    progress: Progress,
    said: str,
    beside: str,
) -> None:
    async def she_looks(window: Window) -> None:
        await window.unlock()
        await window.go("/more/sync")
        await window.until(lambda: window.says(said))
        assert all(window.says(words) == (words == beside) for words in ("Intet er slettet", "blev fundet og rettet"))

    received = [replace(row, shadow=row.payload, hub_version=1, status=RowStatus.CLEAN) for row in vault.all_rows()]
    vault.apply(received, also=lambda: vault.write_sealed(PROGRESS, progress))
    monkeypatch.setattr(syncing.SyncLoop, "_exchange", lambda loop, how: None)
    headless.run(vault, turned, she_looks)


def test_every_field_that_the_hub_refused_can_be_read_on_the_sync_screen(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a text alone (sync-failures 24)."""

    async def she_looks(window: Window) -> None:
        await window.unlock()
        await window.go("/more/sync")
        await window.until(lambda: window.tappable("Prøv igen"))
        assert window.says("Det gør det til at holde ud: Helst om formiddagen.")

    before = vault.row(FREJA)
    vault.save(citizen(good_to_know="Helst om formiddagen."))
    row = vault.row(FREJA)
    assert before is not None and row is not None
    known = {"shadow": before.payload, "hub_version": 1, "status": RowStatus.REFUSED}
    vault.apply([replace(row, **known, refusal=Refusal("not_in_caseload"))])
    monkeypatch.setattr(syncing.SyncLoop, "_exchange", lambda loop, how: None)
    headless.run(vault, turned, she_looks)

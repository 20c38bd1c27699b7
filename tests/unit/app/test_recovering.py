"""The way back in after a forgotten PIN, with a hub that answers as told: what is on the screen at each step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mobile_app import messages, recovering
from mobile_app.recovering import Recovering
from mobile_app.state import Recovery, Stage
from mobile_app.views.recovery import spelled
from storage.errors import CannotOpen, DiskFull, KeystoreFailed
from storage.slots import RecoveryRequest
from storage.store import Vault
from sync.errors import HubRefused, HubUnreachable
from sync.protocol import PROBLEM_PREFIX, Problem, ProblemCode
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.vaults import PIN, TurnedClock

REQUEST = RecoveryRequest("K7QF-2MPX-9T", b"public", b"wrapped")
ANSWER = b"sealed to this phone"
TOO_MANY = HubRefused(Problem(type=PROBLEM_PREFIX + ProblemCode.TOO_MANY, title="Too many requests", status=429))


class Helpdesk:
    """The hub between the phone and the helpdesk: answers in this order."""

    def __init__(self, *answers: bytes | Exception | None) -> None:
        self.answers = list(answers)

    def ask(self, vault: Any) -> RecoveryRequest:
        return REQUEST

    def fetch(self, vault: Any) -> bytes | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class AppFake:
    def __init__(self, opens: Exception | None = None) -> None:
        self.vault = object()
        self.state = SimpleNamespace(stage=Stage.LOCKED, recovery=Recovery())
        self._opens = opens
        self.opened_with: list[tuple[bytes, str]] = []

    async def recover(self, answer: bytes, new_pin: str) -> None:
        if self._opens is not None:
            raise self._opens
        self.opened_with.append((answer, new_pin))


Way = Callable[[AppFake, Recovering], Awaitable[None]]


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppFake]:
    """Walks a way on a loop of its own, with this helpdesk."""

    def walked(way: Way, helpdesk: Helpdesk, app: AppFake | None = None) -> AppFake:
        monkeypatch.setattr(recovering, "recovery", helpdesk)
        app = app or AppFake()

        async def main() -> None:
            await way(app, Recovering(app))  # type: ignore[arg-type]

        asyncio.run(main())
        return app

    return walked


def test_a_question_shows_its_code_until_it_is_answered(walk: Callable[..., AppFake]) -> None:
    async def way(app: AppFake, back: Recovering) -> None:
        await back.ask()
        assert app.state.recovery == Recovery(REQUEST)
        await back.look()
        assert app.state.recovery == Recovery(REQUEST)
        await back.look()
        assert app.state.recovery == Recovery(REQUEST, ANSWER)
        await back.finish("271828")

    app = walk(way, Helpdesk(None, ANSWER))
    assert app.opened_with == [(ANSWER, "271828")]
    assert app.state.recovery == Recovery()


def test_without_a_connection_the_code_stays_and_the_next_look_takes_the_sentence_away(
    walk: Callable[..., AppFake],
) -> None:
    async def way(app: AppFake, back: Recovering) -> None:
        await back.ask()
        await back.look()
        assert app.state.recovery.request == REQUEST
        assert "Ingen forbindelse" in app.state.recovery.problem
        await back.look()

    app = walk(way, Helpdesk(HubUnreachable("no route"), None))
    assert app.state.recovery == Recovery(REQUEST)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(KeystoreFailed("recovery-request"), "Telefonen gav ikke sin nøgle"), (TOO_MANY, "Spørg igen i morgen")],
    ids=["keystore", "too many"],
)
def test_a_question_that_cannot_be_asked_says_why_and_what_to_do(
    walk: Callable[..., AppFake], monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    helpdesk = Helpdesk()

    def refuse(vault: Any) -> RecoveryRequest:
        raise error

    monkeypatch.setattr(helpdesk, "ask", refuse)
    app = walk(lambda app, back: back.ask(), helpdesk)
    assert app.state.recovery.request is None
    assert sentence in app.state.recovery.problem


@pytest.mark.parametrize(
    ("error", "asks_anew"), [(CannotOpen(), True), (KeystoreFailed("device-secret"), False)], ids=["other", "keystore"]
)
def test_an_answer_to_another_question_is_asked_anew_and_any_other_failure_can_be_tried_again(
    walk: Callable[..., AppFake], error: Exception, asks_anew: bool
) -> None:
    async def way(app: AppFake, back: Recovering) -> None:
        app.state.recovery = Recovery(REQUEST, ANSWER)
        await back.finish("271828")

    app = walk(way, Helpdesk(), AppFake(error))
    assert app.state.recovery.problem
    assert (app.state.recovery.request is None) is asks_anew
    assert (app.state.recovery.answer is None) is asks_anew


def test_it_looks_by_itself_while_the_screen_is_there_and_not_afterwards(
    walk: Callable[..., AppFake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovering, "LOOKS_EVERY_S", 0)
    helpdesk = Helpdesk(None, HubUnreachable("no route"), None, ANSWER)

    async def way(app: AppFake, back: Recovering) -> None:
        back.start_looking()
        await asyncio.sleep(0)
        assert len(helpdesk.answers) == 4, "nothing was asked yet"
        await back.ask()
        while app.state.recovery.answer is None:
            await asyncio.sleep(0)
        back.stop_looking()
        looking = back._looking
        assert looking is not None
        with pytest.raises(asyncio.CancelledError):
            await looking

    assert walk(way, helpdesk).state.recovery == Recovery(REQUEST, ANSWER)


def test_an_answer_that_comes_late_is_not_put_over_a_newer_question(walk: Callable[..., AppFake]) -> None:
    newer = RecoveryRequest("AAAA-BBBB-CC", b"other", b"wrapped")

    async def way(app: AppFake, back: Recovering) -> None:
        await back.ask()
        looking = asyncio.create_task(back.look())
        await asyncio.sleep(0)
        app.state.recovery = Recovery(newer)
        await looking

    assert walk(way, Helpdesk(ANSWER)).state.recovery == Recovery(newer)


def test_the_screen_is_left_for_the_lock_screen_with_the_question_kept(walk: Callable[..., AppFake]) -> None:
    async def way(app: AppFake, back: Recovering) -> None:
        back.show()
        assert app.state.stage == Stage.RECOVERY
        await back.ask()
        back.leave()

    app = walk(way, Helpdesk())
    assert app.state.stage == Stage.LOCKED
    assert app.state.recovery.request == REQUEST


# ---------------------------------------------------------------- the vault behind it
@pytest.mark.parametrize("error", [DiskFull(), RuntimeError("nobody foresaw it")])
def test_what_fails_once_the_vault_is_open_lets_her_in_and_says_so(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def half(answer: bytes, new_pin: str) -> None:
        vault.unlock(PIN)
        raise error

    async def recovered(window: Window) -> None:
        window.app.recovering.show()
        window.app.state.recovery = Recovery(REQUEST, ANSWER)
        await window.app.recovering.finish("271828")
        await window.settle()
        assert window.app.is_open
        assert window.says(messages.sentence(error))
        await window.app.lock()
        assert vault.locked

    monkeypatch.setattr(vault, "recover", half)
    headless.run(vault, turned, recovered)


def test_an_answer_that_opens_nothing_leaves_the_vault_locked(vault: Vault, turned: TurnedClock) -> None:
    async def refused(window: Window) -> None:
        window.app.recovering.show()
        window.app.state.recovery = Recovery(REQUEST, ANSWER)
        await window.app.recovering.finish("271828")
        assert window.app.state.stage == Stage.RECOVERY
        assert window.vault.locked

    headless.run(vault, turned, refused)


def test_a_screen_reader_spells_the_code() -> None:
    assert spelled(REQUEST.code) == "K, 7, Q, F, 2, M, P, X, 9, T"

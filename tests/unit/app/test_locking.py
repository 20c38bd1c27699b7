"""When the app locks by itself (security control 11): events are fired in order, and the clock is turned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from mobile_app.locking import CALL_HIDES_WITHIN_S, LockAfter
from storage.records import Channel
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA
from tests.vaults import PIN, TurnedClock

AFTER = LockAfter()
WRONG_PIN = "958371"
Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def scene(vault: Vault, turned: TurnedClock) -> Callable[[Scenario], None]:
    """Plays a scenario in an unlocked window."""

    def play(scenario: Scenario) -> None:
        async def unlocked(window: Window) -> None:
            await window.unlock()
            await scenario(window)

        headless.run(vault, turned, unlocked)

    return play


async def with_a_note(window: Window, text: str) -> None:
    window.app.writing.new_note(FREJA)
    await window.settle()
    await window.write(text)


def test_the_limits_are_those_of_control_11() -> None:
    assert (AFTER.hidden_s, AFTER.hidden_by_call_s, AFTER.idle_s) == (60, 300, 120)


def test_hidden_the_screen_is_covered_and_the_draft_saved_at_once(scene: Callable[[Scenario], None]) -> None:
    async def hidden(window: Window) -> None:
        await with_a_note(window, "Gik ved åen")
        await window.lifecycle("hide")
        await window.until(lambda: window.drafts() == ["Gik ved åen"])
        assert not window.says("Freja") and window.note_field() is None

    scene(hidden)


def test_after_59_seconds_hidden_she_goes_on_where_she_was(scene: Callable[[Scenario], None]) -> None:
    async def shown(window: Window) -> None:
        await with_a_note(window, "Gik ved åen")
        await window.lifecycle("hide")
        await window.turn(AFTER.hidden_s - 1)
        await window.lifecycle("show")
        field = window.note_field()
        assert field is not None and field.value == "Gik ved åen"
        await window.turn(AFTER.idle_s - 1)
        assert window.app.is_open

    scene(shown)


def test_after_60_seconds_hidden_keys_and_read_model_are_gone(scene: Callable[[Scenario], None]) -> None:
    async def locked(window: Window) -> None:
        await with_a_note(window, "Gik ved åen")
        await window.lifecycle("hide")
        await window.turn(AFTER.hidden_s)
        await window.locked()
        await window.unlock()
        assert window.drafts() == ["Gik ved åen"]

    scene(locked)


def test_after_a_call_she_has_five_minutes(scene: Callable[[Scenario], None]) -> None:
    async def called(window: Window) -> None:
        await window.app.call("+45 12 34 56 78")
        await window.lifecycle("hide")
        await window.turn(AFTER.hidden_by_call_s - 1)
        assert window.app.is_open
        await window.turn(1)
        await window.locked()

    scene(called)


def test_a_call_of_long_ago_gives_no_five_minutes(scene: Callable[[Scenario], None]) -> None:
    async def called(window: Window) -> None:
        await window.app.call("+45 12 34 56 78")
        await window.turn(CALL_HIDES_WITHIN_S)
        await window.lifecycle("hide")
        await window.turn(AFTER.hidden_s)
        await window.locked()

    scene(called)


def test_a_phone_that_slept_too_long_locks_before_it_shows_anything(scene: Callable[[Scenario], None]) -> None:
    async def slept(window: Window) -> None:
        await window.lifecycle("hide")
        await window.sleep(AFTER.hidden_s)
        await window.lifecycle("show")
        await window.locked()
        assert not window.says("Freja")

    scene(slept)


def test_two_minutes_idle_locks_with_the_draft_saved(scene: Callable[[Scenario], None]) -> None:
    async def idle(window: Window) -> None:
        await with_a_note(window, "Gik ved åen")
        await window.turn(AFTER.idle_s - 1)
        assert window.app.is_open
        await window.turn(1)
        await window.locked()
        await window.unlock()
        assert window.drafts() == ["Gik ved åen"]

    scene(idle)


def test_typing_postpones_the_lock(scene: Callable[[Scenario], None]) -> None:
    async def typing(window: Window) -> None:
        await with_a_note(window, "Gik")
        await window.turn(AFTER.idle_s - 1)
        await window.write("Gik ved")
        await window.turn(AFTER.idle_s - 1)
        assert window.app.is_open
        await window.turn(1)
        await window.locked()

    scene(typing)


@pytest.mark.parametrize("event", ["scroll", "tap_down"])
def test_a_scroll_or_a_tap_beside_every_button_postpones_it(scene: Callable[[Scenario], None], event: str) -> None:
    async def touched(window: Window) -> None:
        control = next(one for one in window.walked() if getattr(one, f"on_{event}", None) is not None)
        await window.turn(AFTER.idle_s - 1)
        await window.fire(control, event)
        await window.turn(AFTER.idle_s - 1)
        assert window.app.is_open

    scene(touched)


def test_what_the_phone_reports_by_itself_postpones_nothing(scene: Callable[[Scenario], None]) -> None:
    async def resized(window: Window) -> None:
        await window.turn(AFTER.idle_s - 1)
        await window.fire(window.page, "resize", {"width": 400, "height": 800})
        await window.lifecycle("inactive")
        await window.turn(1)
        await window.locked()

    scene(resized)


def test_a_touch_after_a_sleep_past_the_limit_locks(scene: Callable[[Scenario], None]) -> None:
    async def slept(window: Window) -> None:
        await with_a_note(window, "Gik")
        await window.sleep(AFTER.idle_s)
        await window.write("Gik ved")
        await window.locked()
        await window.unlock()
        assert window.drafts() == ["Gik ved"]

    scene(slept)


def test_a_running_sync_may_finish_first(scene: Callable[[Scenario], None]) -> None:
    async def syncing(window: Window) -> None:
        async with window.app.sync._busy:
            await window.turn(AFTER.idle_s)
            assert not window.vault.locked
        await window.locked()

    scene(syncing)


def test_a_sync_that_does_not_end_keeps_no_key(scene: Callable[[Scenario], None]) -> None:
    async def syncing(window: Window) -> None:
        async with window.app.sync._busy:
            await window.turn(AFTER.idle_s)
            await window.turn(60)
            await window.locked()

    scene(syncing)


def test_no_word_of_hers_is_logged(
    scene: Callable[[Scenario], None], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control 13: over writing, searching, hiding, locking, unlocking and finishing."""
    canary = "KANARIEFUGL"

    async def working(window: Window) -> None:
        await with_a_note(window, canary)
        await window.lifecycle("hide")
        await window.lifecycle("show")
        await window.app.lock()
        await window.unlock()
        await window.app.attempt(window.app.desk.finish, window.app.overview.drafts()[0])  # refused: no channel
        (draft,) = window.app.overview.drafts()
        done = await window.app.attempt(window.app.desk.finish, replace(draft, channel=Channel.WALK))
        assert done is not None and done.value.text == canary
        await window.app.attempt(window.app.vault.unlock, WRONG_PIN)

    caplog.set_level("DEBUG", logger="storage")
    caplog.set_level("INFO")
    scene(working)
    said = caplog.text + "".join(capsys.readouterr())
    assert not [word for word in (canary, "Freja", PIN, WRONG_PIN) if word in said]

"""The app locks by itself, in a real browser: hidden it is covered, idle it locks, and either way she comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Town
from tests.browser.driver import SEEN_WITHIN_MS, Window
from tests.browser.test_drafts import in_a_new_note

pytestmark = pytest.mark.browser

HIDDEN_S, IDLE_S = 2.0, 4.0
#: What the browser tells the page when its tab goes out of sight and comes back.
TURNED = """state => {
    Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    Object.defineProperty(document, 'hidden', {value: state === 'hidden', configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_hidden_it_is_saved_and_locked_and_she_comes_back_to_where_she_was(
    town: Town, window: Callable[[str], Window]
) -> None:
    town.start_hub()
    _app, url = town.start_app(town.new_phone("phone"), options=["--lock-hidden", str(HIDDEN_S)])
    her = window(url)
    her.unlock()
    in_a_new_note(her)
    her.type_into("Notat", "Gik")
    hidden_for(her, HIDDEN_S / 4)
    goes_on(her, " ved", "Gik ved")  # no PIN
    hidden_for(her, HIDDEN_S * 3)  # locked by itself long before
    expect(her.button("Lås op")).to_be_visible(timeout=SEEN_WITHIN_MS)
    her.enter()
    goes_on(her, " åen", "Gik ved åen")


def hidden_for(her: Window, seconds: float) -> None:
    """And until what the cover took away is gone from the page: hidden, Flutter draws nothing."""
    field = her.field("Notat").element_handle()
    her.page.evaluate(TURNED, "hidden")
    her.page.wait_for_timeout(seconds * 1000)  # the setting, or less
    her.page.evaluate(TURNED, "visible")
    her.page.wait_for_function("field => !field.isConnected", arg=field)


def goes_on(her: Window, keys: str, text: str) -> None:
    """Types behind the last word, in the editor that is open by itself."""
    her.waits_for("Notat")
    expect(her.field("Notat")).to_be_focused(timeout=SEEN_WITHIN_MS)
    her.page.keyboard.type(keys, delay=50)
    expect(her.field("Notat")).to_have_value(text)


def test_idle_it_locks_and_typing_is_not_idle(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    _app, url = town.start_app(town.new_phone("phone"), options=["--lock-idle", str(IDLE_S)])
    her = window(url)
    her.unlock()
    in_a_new_note(her)
    her.type_into("Notat", "Gik ved åen og talte", delay_ms=IDLE_S / 10 * 1000)  # twice the pause, and never idle
    expect(her.field("Notat")).to_have_value("Gik ved åen og talte")
    expect(her.button("Lås op")).to_be_visible(timeout=SEEN_WITHIN_MS)
    expect(her.page.get_by_label("Notat")).to_have_count(0)
    her.enter()
    her.waits_for("Notat")
    expect(her.field("Notat")).to_have_value("Gik ved åen og talte")


def test_a_reloaded_page_asks_for_the_pin_and_opens_where_she_was(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    _app, url = town.start_app(town.new_phone("phone"))
    her = window(url)
    her.unlock()
    text = "Gik"
    in_a_new_note(her)
    her.type_into("Notat", text)
    for more in (" ved", " åen"):
        her.sees("Kladde gemt på telefonen")
        her.page.reload()
        expect(her.button("Lås op")).to_be_visible(timeout=SEEN_WITHIN_MS)
        her.enter()
        text += more
        goes_on(her, more, text)

"""What she typed survives the process and the disk, and she comes back to where she was (P1)."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from mobile_app.views.note import LATEST_S
from tests.browser.conftest import Town
from tests.browser.driver import SEEN_WITHIN_MS, Window

pytestmark = pytest.mark.browser

KEYS_A_SECOND = 15
WORDS = "Gik ved åen og talte om skolen, søvnen og æblerne hjemme. " * 4
#: From a key to the disk of a busy test machine, beyond the two seconds of the app.
MACHINE_S = 1.0
#: The app as from the terminal; SIGUSR1 fills its disk, SIGUSR2 makes room.
WITH_A_DISK = """
import signal, sys
from mobile_app import cli
from mobile_app.app import App
from tests.contract.vault.test_vault_crash import Disk
signal.signal(signal.SIGUSR1, lambda *_: Disk(App._vault).fill())
signal.signal(signal.SIGUSR2, lambda *_: Disk(App._vault).make_room())
sys.exit(cli.main(sys.argv[1:]))
"""


def in_a_new_note(her: Window) -> None:
    her.go_to_tab("Borgere")
    her.press_with("Emil Rugholt")
    her.waits_for("Emil Rugholt")
    her.button("Nyt notat").click()
    her.waits_for("Notat")


def comes_back_to(her: Window, beginning: str) -> str:
    """The editor opens by itself; returns its text, which begins like this."""
    her.waits_for("Notat")
    expect(her.field("Notat")).to_be_focused(timeout=SEEN_WITHIN_MS)
    text = her.field("Notat").input_value()
    assert beginning.startswith(text[: len(beginning)]) and text
    return text


def test_killed_in_the_middle_of_typing_the_editor_opens_on_what_was_typed(
    town: Town, window: Callable[[str], Window]
) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    in_a_new_note(her)
    her.focus(her.field("Notat"))
    typed_at: list[float] = []
    for letter in WORDS:
        her.page.keyboard.type(letter, delay=1000 / KEYS_A_SECOND)
        typed_at.append(time.monotonic())
    app.kill()
    killed_at = time.monotonic()
    must_be_there = sum(at <= killed_at - LATEST_S - MACHINE_S for at in typed_at)
    assert must_be_there > len(WORDS) / 2
    _app, url = town.start_app(phone)
    again = window(url)
    again.enter()
    text = comes_back_to(again, WORDS)
    assert len(text) >= must_be_there
    again.page.keyboard.type("!")
    expect(again.field("Notat")).to_have_value(text + "!")


def test_on_a_full_disk_the_note_stays_and_the_screen_says_so(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone, program=["-c", WITH_A_DISK])
    her = window(url)
    her.unlock()
    in_a_new_note(her)
    app.signal(signal.SIGUSR1)
    her.focus(her.field("Notat"))
    her.page.keyboard.insert_text(WORDS * 40)  # more than the last page has room for
    her.sees("Telefonen er fuld")
    her.sees("Ikke gemt. Teksten bliver her.")
    expect(her.field("Notat")).to_have_value(WORDS * 40)
    app.signal(signal.SIGUSR2)
    her.page.keyboard.type("!")
    her.sees("Kladde gemt på telefonen")
    app.kill()
    _app, url = town.start_app(phone)
    again = window(url)
    again.enter()
    assert comes_back_to(again, WORDS) == WORDS * 40 + "!"


def test_killed_the_caret_is_where_it_was(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    in_a_new_note(her)
    her.focus(her.field("Notat"))
    her.page.keyboard.type("Gik ved n. Æblerne er modne.", delay=20)
    for _letter in "n. Æblerne er modne.":
        her.page.keyboard.press("ArrowLeft")
    time.sleep(LATEST_S + MACHINE_S)  # what the app promises; nothing on the screen tells of a caret
    app.kill()
    _app, url = town.start_app(phone)
    again = window(url)
    again.enter()
    comes_back_to(again, "Gik ved")
    expect(again.field("Notat")).to_have_js_property("selectionStart", 8, timeout=SEEN_WITHIN_MS)
    again.page.keyboard.type("åe", delay=50)
    expect(again.field("Notat")).to_have_value("Gik ved åen. Æblerne er modne.")

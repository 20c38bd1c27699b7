"""Nothing she types is lost or doubled, whatever saves and syncs meanwhile (P1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.records import Citizen, Reminder
from storage.store import Vault, utc_now
from sync.enrolment import device_of, engine_of
from tests.browser.conftest import Town
from tests.browser.driver import PIN, Window

pytestmark = pytest.mark.browser

WORDS = "Gik ved åen og talte om skolen, søvnen og æblerne hjemme. "
TEXT = (WORDS * 9)[:500]
KEYS_A_SECOND = 15


@contextmanager
def a_colleague_at_the_desk(vault_path: Path) -> Iterator[None]:
    """Her other device, saving and syncing all the time, so that the phone's syncs bring changes to draw."""
    vault = Vault(vault_path)
    vault.unlock(PIN)
    stop = threading.Event()

    def work() -> None:
        engine, transport = engine_of(vault)
        citizen = vault.reading.all(Citizen)[0]
        author = device_of(vault)
        assert author is not None
        count = 0
        while not stop.is_set():
            count += 1
            now = utc_now()
            vault.save(
                Reminder(
                    id=f"desk-{count}",
                    citizen_id=citizen.id,
                    created_at=now,
                    updated_at=now,
                    author=author.consultant_id,
                    due_at=now,
                    text=f"Fra skrivebordet {count}",
                ),
                hold=now - now,
            )
            engine.run()
            stop.wait(0.5)
        transport.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        vault.close()


def test_500_characters_at_15_a_second_while_saves_and_syncs_run(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone, desk = town.new_phone("phone"), town.new_phone("desk")
    app, url = town.start_app(phone, sync_every_s=1)
    her = window(url)
    her.unlock()
    her.go_to_tab("Borgere")
    her.press_with("Emil Rugholt")
    her.waits_for("Emil Rugholt")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    with a_colleague_at_the_desk(desk):
        began = time.monotonic()
        her.type_into("Notat", TEXT, delay_ms=1000 / KEYS_A_SECOND)
        took_s = time.monotonic() - began
    assert took_s >= len(TEXT) / KEYS_A_SECOND * 0.9
    assert her.field("Notat").input_value() == TEXT
    her.sees("Kladde gemt på telefonen")
    her.button("Gem notat").click()
    her.waits_for("Emil Rugholt")
    app.kill()
    assert notes_that_end(phone, TEXT[-20:].strip()) == [TEXT.strip()]


def test_a_draft_is_there_after_a_kill(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.type_into("Notat", "Ringede fra trappen, hun lød")
    her.sees("Kladde gemt på telefonen")
    app.kill()
    _app, url = town.start_app(phone)
    again = window(url)
    again.enter()
    again.waits_for("Notat")  # by itself: it was open
    assert again.field("Notat").input_value() == "Ringede fra trappen, hun lød"


def notes_that_end(phone: Path, words: str) -> list[str]:
    vault = Vault(phone)
    vault.unlock(PIN)
    try:
        return [hit.note.text for hit in vault.reading.search(WORDS) if hit.note.text.endswith(words)]
    finally:
        vault.close()

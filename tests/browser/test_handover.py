"""A case goes from one consultant's phone to another's: with a way back, and everything arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mobile_app.demo import CONSULTANT
from storage.records import Handover
from storage.store import Vault
from sync.enrolment import engine_of
from tests.browser.conftest import Town
from tests.browser.driver import PIN, SEEN_WITHIN_MS, Window

pytestmark = pytest.mark.browser

LIVA, JENS = "Liva Brandsholt", "Jens Dahl"
MESSAGE = "Hun tager telefonen efter kl. 10."
ON_ITS_WAY = "Liva overdrages til Jens Dahl ved næste synkronisering."


def in_a_minute() -> datetime:
    """Past the time in which it can be undone, and within what the hub takes for the same time."""
    return datetime.now(UTC) + timedelta(seconds=61)


def synced_in_a_minute(phone: Path) -> None:
    vault = Vault(phone, in_a_minute)
    vault.unlock(PIN)
    engine, transport = engine_of(vault, in_a_minute)
    engine.run()
    transport.close()
    vault.close()


def handovers_on(phone: Path) -> list[Handover]:
    vault = Vault(phone)
    vault.unlock(PIN)
    found = vault.reading.all(Handover)
    vault.close()
    return found


def hand_over(window: Window) -> None:
    window.button("Mere om Liva").click()
    window.page.get_by_role("menuitem", name="Overdrag sag").click()
    window.waits_for("Overdrag sag")
    window.chip(JENS).click()
    window.type_into("Et par ord med på vejen", MESSAGE)
    window.button("Overdrag sag").click()
    window.sees("Overdrag Liva til Jens Dahl?")
    window.sees("Jens Dahl får alt om Liva, og Liva forlader din telefon.")
    window.button("Overdrag").click()
    window.sees(ON_ITS_WAY)


def test_a_case_goes_to_a_colleague_who_accepts_it(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    her.go_to_tab("Borgere")
    her.press_with(LIVA)
    her.waits_for(LIVA)
    hand_over(her)
    her.press("Fortryd")
    her.sees("Liva bliver hos dig.")
    hand_over(her)
    app.stop()
    (made,) = handovers_on(phone)
    assert made.message == MESSAGE
    synced_in_a_minute(phone)
    assert handovers_on(phone) == []

    his = window(town.start_app(town.new_phone("jens", JENS))[1])
    his.unlock()
    his.sees(f"{CONSULTANT} har overdraget Liva til dig")
    his.sees(MESSAGE)
    his.button("Tag imod sag").click()
    his.sees("Du har taget imod sagen.")
    expect(his.button("Tag imod sag")).to_have_count(0, timeout=SEEN_WITHIN_MS)
    his.go_to_tab("Borgere")
    his.press_with(LIVA)
    his.waits_for(LIVA)
    his.scroll_to(his.text("Tidslinje"))

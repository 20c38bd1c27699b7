"""Two phones of one consultant wrote in the same place without network: she sees both texts, and chooses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mobile_app.conflicts import open_questions
from mobile_app.services import Desk
from storage.records import Citizen
from storage.store import Vault, utc_now
from sync.enrolment import engine_of
from tests.browser.conftest import Town
from tests.browser.driver import PIN, SEEN_WITHIN_MS, Window

pytestmark = pytest.mark.browser

NAME = "Liva Brandsholt"
HERS, THEIRS = "Går helst ved åen om formiddagen.", "Vil ringes op, før vi mødes."
LINE = "1 sted har to versioner"


def at(phone: Path, use: Callable[[Desk], object], clock: Callable[[], datetime] = utc_now) -> None:
    """What she does at a phone whose app is not running."""
    vault = Vault(phone, clock)
    vault.unlock(PIN)
    try:
        use(Desk(vault, clock))
    finally:
        vault.close()


def change(phone: Path, minutes_ago: float, **fields: object) -> None:
    """She changed what was agreed with Liva, offline and past every hold."""
    ago = timedelta(minutes=minutes_ago)
    at(phone, lambda desk: desk.change_citizen(liva(desk), **fields), lambda: utc_now() - ago)


def sync(desk: Desk) -> None:
    engine, transport = engine_of(desk.vault)
    engine.run()
    transport.close()


def liva(desk: Desk) -> Citizen:
    return next(citizen for citizen in desk.vault.reading.all(Citizen) if citizen.name == NAME)


def two_phones(town: Town, hers: dict[str, object], theirs: dict[str, object]) -> tuple[Path, Path]:
    """Each wrote in the same place; the second was heard by the hub, the first hears of it at its next sync."""
    phone, tablet = town.new_phone("phone"), town.new_phone("tablet")
    change(phone, 20, **hers)
    change(tablet, 45, **theirs)
    at(tablet, sync)
    return phone, tablet


@pytest.fixture
def phones(town: Town) -> tuple[Path, Path]:
    town.start_hub()
    return two_phones(town, {"good_to_know": HERS}, {"good_to_know": THEIRS})


@pytest.fixture
def her(town: Town, phones: tuple[Path, Path], window: Callable[[str], Window]) -> Window:
    """Unlocked at the phone that came second, which syncs and is told."""
    opened = window(town.start_app(phones[0])[1])
    opened.unlock()
    opened.scroll_to(opened.button(LINE)).click()
    opened.waits_for("To versioner")
    return opened


def ends_alike(her: Window, tablet: Path, text: str) -> None:
    """Once the phone was heard, her tablet has the same, and neither asks."""
    her.go_to_tab("Mere")
    her.press_with("Synkronisering")
    her.sees("Alt er modtaget", within_ms=2 * SEEN_WITHIN_MS)
    expect(her.button(LINE)).to_have_count(0)

    def look(desk: Desk) -> None:
        sync(desk)
        assert (liva(desk).good_to_know, open_questions(desk.vault.reading)) == (text, [])

    at(tablet, look)


def test_both_texts_are_there_and_the_chosen_one_stands_on_both_phones(her: Window, phones: tuple[Path, Path]) -> None:
    for words in (NAME, "Det gør det til at holde ud", "Står der nu", "Den anden version", HERS, THEIRS, "Dig, "):
        her.sees(words)
    her.press("Brug den anden")
    her.sees("Der er ikke noget at vælge imellem.")
    her.button("Fortryd").click()
    her.sees(HERS)
    her.press("Brug den anden")
    ends_alike(her, phones[1], HERS)


def test_a_text_of_her_own_is_written_by_hand(her: Window, phones: tuple[Path, Path]) -> None:
    her.press("Skriv dem sammen")
    field = "Teksten, der skal stå"
    her.focus(her.field(field))
    expect(her.field(field)).to_have_value(f"{HERS}\n\n{THEIRS}", timeout=SEEN_WITHIN_MS)
    her.page.keyboard.press("Control+A")
    her.page.keyboard.type("Går ved åen.", delay=15)
    her.page.wait_for_timeout(1000)  # as long as she thinks
    her.page.reload()
    her.enter()
    her.waits_for("To versioner")
    her.focus(her.field(field))
    expect(her.field(field)).to_have_value("Går ved åen.", timeout=SEEN_WITHIN_MS)
    her.page.keyboard.press("Control+End")
    her.page.keyboard.type(" Ring, før I mødes.", delay=15)
    her.press("Gem teksten")
    her.sees("Der er ikke noget at vælge imellem.")
    ends_alike(her, phones[1], "Går ved åen. Ring, før I mødes.")

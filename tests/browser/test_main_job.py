"""The main job, as a consultant does it: on a walk without network, and at the office afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from mobile_app import formats, i18n
from mobile_app.domain.calendar import COPENHAGEN
from tests.browser.conftest import Town
from tests.browser.driver import Window

pytestmark = pytest.mark.browser

WALK = "Gik langs åen. Hun fortalte om skolen. Ringer i morgen kl. 10."
SECOND = "Mødtes på banegården uden net, talte om praktikken."


def write_note(window: Window, name: str, text: str, channel: str) -> None:
    window.go_to_tab("Borgere")
    window.scroll_to(window.button_with(name)).click()
    window.waits_for(name)
    window.button("Nyt notat").click()
    window.waits_for("Notat")
    window.type_into("Notat", text)
    window.to_top()
    window.chip(channel).click()


def sync_now(window: Window) -> None:
    window.go_to_tab("Mere")
    window.press_with("Synkronisering")
    window.waits_for("Synkronisering")
    window.press("Synkroniser nu")


def tomorrow_at_ten() -> str:
    """As the app says it to her."""
    i18n.use("da")
    tomorrow = datetime.now(COPENHAGEN) + timedelta(days=1)
    return formats.full_moment(tomorrow.replace(hour=10, minute=0))


def test_a_day_from_walk_to_receipt(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    app, url = town.start_app(phone)
    her = window(url)
    her.unlock()

    write_note(her, "Liva Brandsholt", WALK, "Gåtur")
    her.scroll_to(her.button_with(f"Mind mig om det {tomorrow_at_ten()}")).click()
    her.sees("Påmindelse sat")
    her.button("Gem notat").click()
    her.sees("Gemt på telefonen")
    her.go_to_tab("Påmindelser")
    her.scroll_to(her.text("Ringer i morgen kl. 10"))
    sync_now(her)
    her.sees("Alt er modtaget", within_ms=40_000)

    town.stop_hub()
    write_note(her, "Malthe Bøgdal", SECOND, "Gåtur")
    her.button("Gem notat").click()
    sync_now(her)
    her.sees("Ingen forbindelse")
    her.sees("Notaterne er gemt på telefonen")
    her.sees("1 venter")

    app.kill()
    _app, url = town.start_app(phone)
    again = window(url)
    again.unlock()
    again.go_to_tab("Borgere")
    again.scroll_to(again.button_with("Malthe Bøgdal")).click()
    again.scroll_to(again.text(SECOND))

    town.start_hub()
    sync_now(again)
    again.sees("Alt er modtaget", within_ms=40_000)

    desk = town.new_phone("desk")
    _desk, url = town.start_app(desk)
    office = window(url)
    office.unlock()
    for name, text in (("Liva Brandsholt", WALK), ("Malthe Bøgdal", SECOND)):
        office.go_to_tab("Borgere")
        office.scroll_to(office.button_with(name)).click()
        office.scroll_to(office.text(text))

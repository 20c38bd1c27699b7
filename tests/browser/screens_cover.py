"""Pictures of a cover: on her phone while Jens looks after her citizens, on his, and how one is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from mobile_app import covering, handing_over, i18n
from mobile_app.demo import CONSULTANT
from mobile_app.services import Desk
from storage.store import Vault
from tests.browser.conftest import Town
from tests.browser.driver import PIN, Window
from tests.browser.test_handover import JENS, LIVA, synced_in_a_minute


def with_a_cover(folder: Path) -> tuple[Town, str, str]:
    """A town of its own on the second day of a cover, and the addresses of her phone and of his."""
    town = Town(folder)
    town.start_hub()
    hers_path, his_path = town.new_phone("hers"), town.new_phone("his", JENS)
    town.sync(hers_path)  # the name of her colleague
    vault = Vault(hers_path)
    vault.unlock(PIN)
    desk = Desk(vault)
    jens = next(one for one in handing_over.Handovers(vault.reading, desk.author).colleagues() if one.name == JENS)
    today = desk.today()
    covering.set_cover(desk, jens.id, today - timedelta(days=1), today + timedelta(days=10))
    vault.close()
    synced_in_a_minute(hers_path)
    town.sync(his_path)
    return town, town.start_app(hers_path)[1], town.start_app(his_path)[1]


def hers(window: Window, picture: Callable[[str], Any]) -> None:
    """Who looks after her citizens: on the day, with the reminders, and where it is ended."""
    picture("50-covered-today")
    window.tab(i18n._("Reminders")).click()
    window.waits_for(i18n._("Today and earlier"))
    picture("51-covered-reminders")
    _to_cover(window)
    picture("52-cover")
    _back_to_today(window)


def his(window: Window, picture: Callable[[str], Any]) -> None:
    """Whom he looks after, and how he sets a cover himself."""
    picture("53-covering-today")
    window.go_to_tab(i18n._("Citizens"))
    picture("54-covering-citizens")
    window.press_with(LIVA)
    window.waits_for(LIVA)
    picture("55-covering-citizen")
    _back(window)
    _to_cover(window)
    window.chip(CONSULTANT).click()
    for label in (i18n._("From"), i18n._("To and including")):
        window.button_with(f"{label}:").click()
        window.press("OK")
    picture("56-cover-new")
    window.button(i18n._("Set a cover")).click()
    window.sees(i18n._("Let {who} cover for you?", who=CONSULTANT))
    picture("57-cover-confirm")
    window.button(i18n._("Not now")).click()
    _back_to_today(window)


def _to_cover(window: Window) -> None:
    window.tab(i18n._("More")).click()
    window.waits_for(i18n._("More"))
    window.press_with(i18n._("Cover"))
    window.waits_for(i18n._("Cover"))


def _back(window: Window) -> None:
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()


def _back_to_today(window: Window) -> None:
    _back(window)
    window.tab(i18n._("Today")).click()
    window.waits_for(i18n._("The day"))

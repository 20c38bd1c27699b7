"""The agreed contact in a real browser: not today, an admission, a death, as a screen reader hears them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mobile_app.services import Desk
from storage.records import Citizen, CitizenStatus
from storage.store import Vault
from tests.browser.conftest import Town
from tests.browser.driver import PIN, Window

pytestmark = pytest.mark.browser


def test_put_off_paused_and_the_week_in_a_browser(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    _much_agreed(phone)
    her = window(town.start_app(phone)[1])
    her.unlock()

    her.scroll_to(her.button("Ikke i dag")).click()
    her.sees("kommer først igen")
    her.button("Fortryd").click()
    her.scroll_to(her.button("Foreslå 5 om dagen")).click()
    her.sees_not("kan ikke nå det, der er aftalt")

    her.go_to_tab("Borgere")
    her.press_with("Freja Stenmose")
    her.waits_for("Freja Stenmose")
    her.button("Mere om Freja").click()
    her.page.get_by_role("menuitem", name="Pause", exact=True).click()
    her.waits_for("Pause")
    her.button("Gem pause").click()
    her.sees("Indlagt siden i dag")
    her.button("Udskrevet").click()
    her.sees_not("Indlagt siden i dag")

    her.button("Mere om Freja").click()
    her.page.get_by_role("menuitem", name="Dødsfald").click()
    her.waits_for("Dødsfald")
    her.button("Ja, Freja er død").click()
    her.sees("Freja døde i dag.")
    her.sees_not("Ring op")
    her.button("Det var en fejl – fortryd").click()
    her.scroll_to(her.button("Ring op"))


def _much_agreed(phone: Path) -> None:
    """More than three a day can hold, and five can."""
    vault = Vault(phone)
    vault.unlock(PIN)
    desk = Desk(vault)
    active = [one for one in vault.reading.all(Citizen) if one.status == CitizenStatus.ACTIVE]
    for number, citizen in enumerate(active):
        desk.change_citizen(citizen, contact_every_days=4 if number < 10 else 14)
    vault.close()

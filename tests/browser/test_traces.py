"""What is read and typed leaves no readable trace: not in vault, logs or the browser's profile (P2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from storage.store import Vault
from tests.browser.conftest import Town
from tests.browser.driver import CHROMIUM, FLAGS, PIN, window_on
from tests.vaults import samples

pytestmark = pytest.mark.browser

CANARY = "Kanariefugl"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def traces(folder: Path) -> list[tuple[str, str]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10, "the scan must see the browser's profile"
    return [
        (str(path.relative_to(folder)), encoding)
        for path in files
        for encoding in ENCODINGS
        if CANARY.encode(encoding) in path.read_bytes() or CANARY.lower().encode(encoding) in path.read_bytes()
    ]


def test_a_canary_in_every_field_is_found_nowhere(town: Town, tmp_path: Path, playwright: Playwright) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    vault = Vault(phone)
    vault.unlock(PIN)
    vault.save(*samples(CANARY))
    vault.close()
    app, url = town.start_app(phone, sync_every_s=1)
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile", executable_path=CHROMIUM, args=FLAGS, viewport={"width": 390, "height": 844}
    )
    her = window_on(context.pages[0], url)
    her.unlock()
    her.go_to_tab("Borgere")
    her.type_into("Søg i navne og notater", CANARY)
    her.scroll_to(her.button_with(CANARY)).click()
    her.waits_for(f"{CANARY} {CANARY}")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.type_into("Notat", f"{CANARY} ringer i morgen kl. 10.")
    her.scroll_to(her.button_with("Mind mig om det")).click()
    her.sees("Påmindelse sat")
    her.go_back()
    her.go_to_tab("Påmindelser")
    her.scroll_to(her.text(CANARY))
    her.go_to_tab("Mere")
    her.press_with("Synkronisering")
    her.waits_for("Synkronisering")
    her.press("Synkroniser nu")
    her.scroll_to(her.text("Nyeste notater"))
    assert traces(tmp_path) == []
    context.close()
    app.stop()
    town.stop_hub()
    assert traces(tmp_path) == []
    assert not [line for process in town.processes for line in process.output if CANARY.lower() in line.lower()]

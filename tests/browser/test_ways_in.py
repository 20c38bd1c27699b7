"""The ways into the notes: a passphrase that is strong enough, a forgotten PIN, a backup, a damaged file."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import expect

from storage.slots import WRONG_MAX
from tests.browser.conftest import Town
from tests.browser.driver import PIN, ROOT, SEEN_WITHIN_MS, Window
from tests.browser.test_main_job import write_note

pytestmark = pytest.mark.browser

STRONG = "regn på ruden"
UNSENT = "Hun har fået praktikpladsen på gartneriet."
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}")

Open = Callable[[str], Window]


def medgang(*arguments: str | Path) -> str:
    """Runs the real command to its end; what it said."""
    command = [sys.executable, "-m", "mobile_app.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def with_recovery_key(town: Town) -> Path:
    file = town.folder / "helpdesk.key"
    medgang("hub", "recovery-key", "new", "--out", file, "--data", town.folder / "hub")
    return file


def type_only(window: Window, label: str, secret: str) -> None:
    """Into the field of exactly this label, instead of what is there."""
    window.focus(window.page.get_by_label(label, exact=True))
    window.page.keyboard.press("Control+A")
    window.page.keyboard.type(secret, delay=15)


def type_twice(window: Window, label: str, label_again: str, secret: str) -> None:
    type_only(window, label, secret)
    type_only(window, label_again, secret)


def lock(window: Window) -> None:
    window.go_to_tab("Mere")
    window.press_with("Lås nu")


def safety(window: Window) -> None:
    window.go_to_tab("Mere")
    window.press_with("Sikkerhed")
    window.waits_for("Sikkerhed")


# ---------------------------------------------------------------- a passphrase
def test_the_first_start_takes_no_weak_passphrase_and_says_why_while_she_types(town: Town, window: Open) -> None:
    _app, url = town.start_app(town.folder / "new" / "vault.db")
    her = window(url)
    her.focus(her.page.get_by_label("Adgangssætning", exact=True))
    her.page.keyboard.type("sommer")
    her.sees("Ikke nok endnu.")
    her.page.keyboard.type("ferie2024")
    her.sees("De ord er blandt de første")
    her.type_into("Adgangssætningen igen", "sommerferie2024")
    her.button("Begynd").click()
    assert not (town.folder / "new").exists()
    type_twice(her, "Adgangssætning", "Adgangssætningen igen", STRONG)
    her.sees("Stærk nok.")
    her.button("Begynd").click()
    lock(her)
    her.unlock(STRONG, "Adgangssætning")


# ---------------------------------------------------------------- a forgotten PIN
def test_a_forgotten_pin_is_answered_by_the_helpdesk_and_nothing_unsent_is_lost(town: Town, window: Open) -> None:
    key = with_recovery_key(town)
    town.start_hub()
    phone = town.new_phone("phone")
    _app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    write_note(her, "Liva Brandsholt", UNSENT, "Gåtur")
    her.button("Gem notat").click()
    her.sees("Gemt på telefonen")
    lock(her)
    her.button("Glemt PIN-koden?").click()
    her.button("Bed om en ny kode").click()
    her.waits_for("Ring til din it-support")
    waiting = medgang("hub", "recovery", "list", "--data", town.folder / "hub")
    code = CODE.findall(waiting)[0]
    her.sees(", ".join(code.replace("-", "")))
    medgang("hub", "recovery", "answer", code, "--key", key, "--data", town.folder / "hub")
    her.sees("Svaret er her.")  # by itself
    type_twice(her, "Ny PIN-kode", "Ny PIN-kode igen", "271828")
    her.button("Åbn mine notater").click()
    her.go_to_tab("Borgere")
    her.press_with("Liva Brandsholt")
    her.scroll_to(her.text(UNSENT))
    lock(her)
    her.type_into("PIN", PIN)
    her.button("Lås op").click()
    her.sees("Det passer ikke.")


def test_without_the_helpdesk_the_phone_says_plainly_what_is_lost(town: Town, window: Open) -> None:
    town.start_hub()
    _app, url = town.start_demo_phone()
    her = window(url)
    her.button("Glemt PIN-koden?").click()
    her.sees("Ingen kan åbne notaterne uden den.")
    her.sees("Det, fagsystemet har modtaget, er ikke tabt")
    expect(her.button("Bed om en ny kode")).to_have_count(0)
    her.button("Tilbage til låseskærmen").click()
    her.unlock()


def test_without_a_connection_it_says_so_and_she_can_ask_again(town: Town, window: Open) -> None:
    with_recovery_key(town)
    town.start_hub()
    phone = town.new_phone("phone")
    town.stop_hub()
    _app, url = town.start_app(phone)
    her = window(url)
    her.button("Glemt PIN-koden?").click()
    her.button("Bed om en ny kode").click()
    her.sees("Ingen forbindelse.")
    town.start_hub()
    her.button("Bed om en ny kode").click()
    her.waits_for("Ring til din it-support")


def test_after_the_tenth_wrong_pin_the_way_leads_to_the_helpdesk(town: Town, window: Open) -> None:
    with_recovery_key(town)
    town.start_hub()
    phone = town.new_phone("phone")
    with sqlite3.connect(phone) as file:
        tried = msgspec.json.encode({"wrong": WRONG_MAX - 1, "next_at": 0.0})
        file.execute("INSERT OR REPLACE INTO meta VALUES ('attempts', ?)", (tried,))
    file.close()
    _app, url = town.start_app(phone)
    her = window(url)
    her.type_into("PIN", "999999")
    her.button("Lås op").click()
    her.sees("Efter ti forkerte forsøg åbner koden ikke noget mere.")
    expect(her.field("PIN")).to_have_count(0, timeout=SEEN_WITHIN_MS)
    her.button("Få en ny kode").click()
    her.button("Bed om en ny kode").click()
    her.waits_for("Ring til din it-support")


# ---------------------------------------------------------------- a backup
def test_a_backup_is_saved_and_put_back_on_a_new_phone(town: Town, window: Open) -> None:
    town.start_hub()
    _app, url = town.start_demo_phone()
    her = window(url)
    her.unlock()
    write_note(her, "Liva Brandsholt", UNSENT, "Gåtur")
    her.button("Gem notat").click()
    her.sees("Gemt på telefonen")
    safety(her)
    her.press_with("Sikkerhedskopi")
    her.waits_for("Sikkerhedskopi")
    type_twice(her, "Adgangssætning til kopien", "Adgangssætning til kopien igen", STRONG)
    with her.page.expect_download(timeout=SEEN_WITHIN_MS) as saved:
        her.press("Gem sikkerhedskopien")
    file = town.folder / "saved.backup"
    saved.value.save_as(file)
    her.sees("Sikkerhedskopien er gemt.")
    assert UNSENT.encode() not in file.read_bytes()

    _new, url = town.start_app(town.folder / "new" / "vault.db")
    new = window(url)
    with new.page.expect_file_chooser(timeout=SEEN_WITHIN_MS) as chooser:
        new.button("Gendan fra sikkerhedskopi").click()
    chooser.value.set_files(file)
    new.sees("Dine notater er lagt tilbage.")
    new.unlock(STRONG, "Adgangssætning")
    new.go_to_tab("Borgere")
    new.press_with("Liva Brandsholt")
    new.scroll_to(new.text(UNSENT))


def test_what_is_no_backup_is_refused_and_the_first_start_goes_on(town: Town, window: Open) -> None:
    _app, url = town.start_app(town.folder / "new" / "vault.db")
    her = window(url)
    other = town.folder / "holiday.jpg"
    other.write_bytes(b"no backup " * 100)
    with her.page.expect_file_chooser(timeout=SEEN_WITHIN_MS) as chooser:
        her.button("Gendan fra sikkerhedskopi").click()
    chooser.value.set_files(other)
    her.sees("Filen er ikke en hel sikkerhedskopi fra Medgang.")
    expect(her.button("Begynd")).to_be_visible()
    assert list((town.folder / "new").iterdir()) == []


# ---------------------------------------------------------------- damage
def halved(vault: Path) -> bytes:
    content = vault.read_bytes()
    half = content[: len(content) // 2]
    vault.write_bytes(half)
    return half


def test_a_damaged_file_is_read_as_far_as_it_is_whole_and_takes_no_note(town: Town, window: Open) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    half = halved(phone)
    _app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    her.sees("Filen på telefonen er beskadiget. Du kan læse det, der er helt, men ikke skrive.")
    her.button("Se hvad").click()
    her.waits_for("Kan ikke læses")
    her.sees("Filen på telefonen er beskadiget.")
    her.go_to_tab("I dag")
    her.sees_not("Alle er nået")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.type_into("Notat", UNSENT)
    her.sees("Ikke gemt: filen med dine notater er beskadiget")
    expect(her.field("Notat")).to_have_value(UNSENT)
    assert phone.read_bytes() == half


def test_a_record_that_cannot_be_opened_is_shown_with_what_is_known_of_it(town: Town, window: Open) -> None:
    town.start_hub()
    phone = town.new_phone("phone")
    with sqlite3.connect(phone) as file:
        (row_key,) = file.execute("SELECT row_key FROM records ORDER BY length(envelope) DESC LIMIT 1").fetchone()
        file.execute("UPDATE records SET envelope = zeroblob(length(envelope)) WHERE row_key = ?", (row_key,))
    file.close()
    _app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    her.sees("1 post kan ikke åbnes.")
    her.button("Se hvad").click()
    her.waits_for("Kan ikke læses")
    her.sees("Fagsystemet har den: kommunen kan læse den dér.")
    her.sees("skrevet én gang")

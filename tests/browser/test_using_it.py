"""What else she does with it, one behaviour each, at one phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from storage.records import Citizen, Reminder
from storage.store import Vault, utc_now
from tests.browser.conftest import Town
from tests.browser.driver import PIN, SEEN_WITHIN_MS, Window, require_chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One phone for the whole module: each test brings its own citizen."""
    require_chromium()
    town = Town(tmp_path_factory.mktemp("town"))
    town.start_hub()
    _app, url = town.start_demo_phone()
    yield url
    town.close()


@pytest.fixture
def her(phone_url: str, window: Callable[[str], Window]) -> Window:
    """An unlocked window."""
    opened = window(phone_url)
    opened.unlock()
    return opened


def visit(her: Window, name: str) -> None:
    her.go_to_tab("Borgere")
    her.press_with(name)
    her.waits_for(name)


def visit_from_editor(her: Window) -> None:
    her.go_back()
    expect(her.tab("Borgere")).to_be_visible()


def choose(her: Window, name: str, entry: str) -> None:
    """An entry of the citizen's menu."""
    her.button(f"Mere om {name}").click()
    her.page.get_by_role("menuitem", name=entry).click()


def test_a_wrong_pin_is_a_sentence_and_a_wait(phone_url: str, window: Callable[[str], Window]) -> None:
    locked = window(phone_url)
    locked.type_into("PIN", "999999")
    locked.button("Lås op").click()
    locked.sees("Det passer ikke. Vent")
    locked.page.wait_for_timeout(1_500)  # the wait that the sentence asks for
    locked.field("PIN").fill(PIN)
    locked.button("Lås op").click()
    expect(locked.tab("I dag")).to_be_attached(timeout=SEEN_WITHIN_MS)


def test_an_empty_note_is_a_sentence_and_stays(her: Window) -> None:
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.button("Gem notat").click()
    her.sees("Vælg, hvem notatet handler om.")
    visit_from_editor(her)
    visit(her, "Jonas Hasselkær")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.button("Gem notat").click()
    her.sees("Notatet er tomt.")


def test_a_note_is_taken_back_and_mended(her: Window) -> None:
    visit(her, "Alma Kildebro")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.type_into("Notat", "Skrev om introdagen")
    her.chip("Sms").click()
    her.button("Gem notat").click()
    her.waits_for("Alma Kildebro")
    her.press("Ret")
    her.waits_for("Notat")
    her.field("Notat").click()
    her.page.keyboard.press("End")
    her.page.keyboard.type(" på torsdag", delay=20)
    her.button("Gem notat").click()
    her.waits_for("Alma Kildebro")
    her.scroll_to(her.text("Skrev om introdagen på torsdag"))
    expect(her.page.get_by_text("Skrev om introdagen", exact=True)).to_have_count(0)


def test_a_phrase_becomes_a_reminder_that_is_done(her: Window) -> None:
    visit(her, "Asta Mosevang")
    her.button("Nyt notat").click()
    her.waits_for("Notat")
    her.type_into("Notat", "Sover bedre. Ringer i overmorgen kl. 10. Skriver om 14 dage")
    her.sees("Kladde gemt på telefonen")
    her.to_top()
    her.chip("Telefon").click()
    her.scroll_to(her.page.get_by_role("button", name="Ingen påmindelse").last).click()
    her.sees("Forslaget er væk.")
    her.scroll_to(her.button_with("Mind mig om det")).click()
    her.sees("Påmindelse sat")
    expect(her.button_with("Mind mig om det")).to_have_count(0)
    her.button("Gem notat").click()
    her.waits_for("Asta Mosevang")
    her.go_back()
    her.go_to_tab("Påmindelser")
    card = her.page.get_by_role("group", name="Ringer i overmorgen kl. 10")
    her.scroll_to(card)
    card.get_by_role("button", name="Færdig").click()
    her.sees("Færdig.")
    expect(card).to_have_count(0)


def test_a_note_on_the_wrong_person_moves_with_a_trace(her: Window) -> None:
    visit(her, "Villads Østerkær")
    her.press("Forkert borger")
    her.waits_for("Notat")
    expect(her.field("Hvem handler det om?")).to_be_visible()
    her.go_back()
    visit(her, "Villads Østerkær")
    her.scroll_to(her.text("Skrevet på en forkert borger."))


def test_a_reminder_is_snoozed_and_brought_back(her: Window) -> None:
    her.go_to_tab("Påmindelser")
    question = "Tre måneder til aldersgrænsen"
    card = her.page.get_by_role("group", name=question)
    her.scroll_to(card)
    card.get_by_role("button", name="Udsæt").click()
    her.button("Om en time").click()
    her.sees("Du bliver mindet om det")
    expect(her.page.get_by_role("group", name="Rasmus Højslund · Ma. 19/10")).to_have_count(0)
    her.button("Fortryd").click()
    her.scroll_to(card)


def test_the_course_ends_with_aftercare(her: Window) -> None:
    visit(her, "Oskar Fjeldmose")
    choose(her, "Oskar", "Afslut forløbet")
    her.waits_for("Afslut forløbet")
    her.page.get_by_role("button", name="Ja, til").click()
    her.waits_for("Oskar Fjeldmose")
    her.scroll_to(her.text("Kan ringe til dig til"))
    her.scroll_to(her.text("Aftalt opkald"))


def test_an_appointment_is_made(her: Window) -> None:
    visit(her, "Thea Ådalsgård")
    choose(her, "Thea", "Ny aftale")
    her.waits_for("Aftale")
    her.type_into("Hvad handler det om?", "Samtale om brevet")
    her.scroll_to(her.chip("Skal bestilles")).click()
    her.button("Gem aftale").click()
    her.waits_for("Thea Ådalsgård")
    her.scroll_to(her.text("Samtale om brevet"))


def test_search_finds_names_and_what_notes_say(her: Window) -> None:
    her.go_to_tab("Borgere")
    her.type_into("Søg i navne og notater", "kaffe")
    her.scroll_to(her.page.get_by_role("button", name="Josefine Åkær"))
    her.to_top()
    her.focus(her.field("Søg i navne og notater"))
    her.page.keyboard.press("Control+A")
    her.page.keyboard.type("silke")
    her.scroll_to(her.button_with("Silke Tornhøj"))


def test_english_and_back(her: Window) -> None:
    her.go_to_tab("Mere")
    her.press_with("Indstillinger")
    her.waits_for("Indstillinger")
    her.chip("English").click()
    her.waits_for("Settings")
    her.chip("Dansk").click()
    her.waits_for("Indstillinger")


def test_a_second_window_takes_over(her: Window, phone_url: str, window: Callable[[str], Window]) -> None:
    second = window(phone_url)
    second.sees("Medgang er åben i et andet vindue")
    second.button("Fortsæt her").click()
    second.unlock()
    her.sees("Medgang er åben i et andet vindue")


def test_lock_now_and_a_new_pin(tmp_path: Path, window: Callable[[str], Window]) -> None:
    town = Town(tmp_path)
    town.start_hub()
    _app, url = town.start_demo_phone()
    her = window(url)
    her.unlock()
    her.go_to_tab("Mere")
    her.press_with("Indstillinger")
    her.waits_for("Indstillinger")
    new = "fire ord ved søen"
    her.type_into("Nuværende PIN-kode", PIN)
    her.focus(her.page.get_by_label("Ny PIN-kode", exact=True))
    her.page.keyboard.type(new)
    her.type_into("Ny PIN-kode igen", new)
    her.press("Skift PIN-kode")
    her.sees("PIN-koden er skiftet.")
    her.press("Lås nu")
    her.unlock(new)
    town.close()


def test_a_new_phone_from_the_first_start_to_the_first_sync(tmp_path: Path, window: Callable[[str], Window]) -> None:
    town = Town(tmp_path)
    town.start_hub()
    _app, url = town.start_app(tmp_path / "new" / "vault.db")
    her = window(url)
    passphrase = "regn på ruden"
    her.focus(her.page.get_by_label("Adgangssætning", exact=True))
    her.page.keyboard.type(passphrase)
    her.type_into("Adgangssætningen igen", passphrase)
    her.button("Begynd").click()
    her.go_to_tab("Mere")
    her.press_with("Synkronisering")
    her.waits_for("Synkronisering")
    her.focus(her.field("Fagsystemets adresse"))
    her.page.keyboard.press("Control+A")
    her.page.keyboard.type(town.hub_url)
    her.type_into("Kode", town.new_code())
    her.press("Forbind")
    her.sees("Alt er modtaget", within_ms=40_000)
    visit(her, "Liva Brandsholt")
    town.close()


def test_a_reminder_rings_on_time_wherever_she_is(tmp_path: Path, window: Callable[[str], Window]) -> None:
    town = Town(tmp_path)
    town.start_hub()
    phone = town.new_phone("phone")
    vault = Vault(phone)
    vault.unlock(PIN)
    now, due_at = utc_now(), utc_now() + timedelta(seconds=15)
    citizen = vault.reading.all(Citizen)[0]
    stamp = {"created_at": now, "updated_at": now, "author": "test", "citizen_id": citizen.id}
    vault.save(Reminder(id="rings", due_at=due_at, text="Ring til banegården", **stamp))
    vault.close()
    _app, url = town.start_app(phone)
    her = window(url)
    her.unlock()
    her.go_to_tab("Mere")
    assert her.text("Ring til banegården").count() == 0 or utc_now() >= due_at
    her.sees("Ring til banegården", within_ms=30_000)
    assert utc_now() >= due_at
    her.button("Færdig").click()
    her.sees_not("Ring til banegården")
    town.close()

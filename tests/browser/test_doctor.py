"""Rule 2 as she lives it: from the referral to having the information, with the clock turned from day to day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import SEEN_WITHIN_MS, Window, require_chromium
from tests.browser.turned_phone import TurnedPhone
from tests.unit.app.people import citizen

pytestmark = pytest.mark.browser

LIVA = citizen("citizen-liva", "Liva", family_name="Brandsholt")


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[TurnedPhone]:
    require_chromium()
    made = TurnedPhone(tmp_path, "2026-11-16 09:00", LIVA)
    yield made
    made.stop()


@pytest.fixture
def her(phone: TurnedPhone, window: Callable[[str], Window]) -> Window:
    opened = window(phone.url)
    opened.unlock()
    return opened


def visit(her: Window) -> None:
    her.go_to_tab("Borgere")
    her.press_with("Liva Brandsholt")
    her.waits_for("Liva Brandsholt")


def choose(her: Window, entry: str) -> None:
    her.button("Mere om Liva").click()
    her.page.get_by_role("menuitem", name=entry).click()


def gone(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0, timeout=SEEN_WITHIN_MS)


def test_from_the_referral_to_having_the_information(her: Window, phone: TurnedPhone) -> None:
    visit(her)
    choose(her, "Ny aftale")
    her.waits_for("Aftale")
    her.scroll_to(her.chip("Psykiatri")).click()
    her.scroll_to(her.chip("Henvist – venter på brev")).click()
    her.scroll_to(her.chip("Sagen skal bruge oplysninger derfra")).click()
    her.button("Gem aftale").click()
    her.waits_for("Liva Brandsholt")

    phone.turn(her, "2026-11-30 10:05")
    her.scroll_to(her.text("Er der kommet brev?"))
    her.sees("Fordi Liva blev henvist 16. nov. og venter på brev.")
    her.press("Ja, brevet er kommet")

    her.waits_for("Bestil sammen nu")
    her.scroll_to(her.text("Jeg sidder her sammen med Liva"))
    her.to_top()
    her.type_into("Telefon", "86 12 34 56")
    her.type_into("Åbningstid", "Hverdage kl. 9-12")
    her.press("Gem nummeret")
    her.scroll_to(her.text("Åbent nu"))
    expect(her.button("Ring til Psykiatri")).to_be_visible()
    her.scroll_to(her.button("Tiden er bestilt")).click()
    her.sees("Vælg en dag og et tidspunkt.")
    her.scroll_to(her.chip("I morgen kl. 10:00")).click()
    her.scroll_to(her.chip("Går med ind")).click()
    her.scroll_to(her.button("Tiden er bestilt")).click()
    her.waits_for("Liva Brandsholt")
    her.sees("Tiden er bestilt.")

    phone.turn(her, "2026-11-30 14:05")
    her.scroll_to(her.text("Klar til i morgen?"))
    her.sees("Fordi tiden i psykiatrien er i morgen kl. 10:00.")
    her.press("Ja, klar")
    gone(her.page, "Ja, klar")

    phone.turn(her, "2026-12-01 08:31")
    her.scroll_to(her.text("Tid til at tage afsted"))
    her.sees("Fordi du følges med Liva til psykiatrien kl. 10:00.")
    her.press("Vi er på vej")
    gone(her.page, "Vi er på vej")

    phone.turn(her, "2026-12-01 11:05")
    her.scroll_to(her.text("Fordi notatet er om turen til psykiatrien med Liva i dag."))
    her.press("Skriv notat")
    her.waits_for("Notat")
    expect(her.chip("Læge/psykiatri")).to_be_checked()
    her.type_into("Notat", "Vi var hos psykiateren. Der sendes et brev.")
    her.button("Gem notat").click()
    her.waits_for("Liva Brandsholt")
    her.sees("Gemt på telefonen")

    phone.turn(her, "2026-12-02 10:05")
    her.scroll_to(her.text("Fordi I taler sammen efter tiden i psykiatrien i går."))
    her.press("Kom afsted")
    gone(her.page, "Kom afsted")

    phone.turn(her, "2026-12-16 10:05")
    her.scroll_to(her.text("Er oplysningerne kommet?"))
    her.press("Ikke endnu")
    her.sees("Du bliver mindet om det")
    phone.turn(her, "2026-12-30 10:05")
    her.press("Ja, oplysningerne er kommet")
    her.sees("Færdig.")
    gone(her.page, "Ja, oplysningerne er kommet")


def test_a_weekly_therapy_moves_and_is_cancelled_one_time_alone(her: Window, phone: TurnedPhone) -> None:
    visit(her)
    choose(her, "Ny aftale")
    her.waits_for("Aftale")
    her.scroll_to(her.chip("Møde")).click()
    her.type_into("Hvad handler det om?", "Samtale")
    her.scroll_to(her.chip("I morgen kl. 10:00")).click()
    her.scroll_to(her.chip("Hver uge")).click()
    her.scroll_to(her.text("Sidste gang er tirsdag 19. januar kl. 10:00."))
    her.button("Gem aftale").click()
    her.waits_for("Liva Brandsholt")
    her.scroll_to(her.text("Ti. 1/12 kl. 10:00"))
    her.button("Flyt en dag").first.click()
    her.sees("Flyttet til on. 2/12 kl. 10:00.")
    her.sees_not("Ti. 1/12 kl. 10:00")
    her.button("Fortryd").click()
    her.sees("Ti. 1/12 kl. 10:00")
    her.button("Flere valg").first.click()
    her.press("Aflys kun denne gang")
    her.sees("Aflyst")
    her.scroll_to(her.text("I morgen kl. 10:00"))
    her.button("Gå en tur i stedet").last.click()
    her.sees("Nu er det en gåtur på samme tid.")

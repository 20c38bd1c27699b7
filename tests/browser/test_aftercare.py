"""A half year of aftercare, from the yes to the day the case leaves, in a real browser with a clock that is turned."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from mobile_app import formats, i18n
from mobile_app.domain.calendar import COPENHAGEN
from storage.records import half_year_after
from tests.browser.clock import TurnedClock
from tests.browser.conftest import Town
from tests.browser.driver import SEEN_WITHIN_MS, SETTLED_WITHIN_MS, Window

pytestmark = pytest.mark.browser

OSKAR = "Oskar Fjeldmose"


def visit(her: Window, name: str = OSKAR) -> None:
    her.go_to_tab("Borgere")
    her.press_with(name)
    her.waits_for(name)


FOCUS = "document.activeElement.id"
FOCUSED = "document.activeElement.innerText || document.activeElement.ariaLabel || ''"


def focused(her: Window) -> str:
    return str(her.page.evaluate(FOCUSED))


def card_of_his(her: Window, asks: str) -> Locator:
    """His reminder, not the same one of somebody else that rings meanwhile."""
    return her.page.get_by_role(
        "group", name=re.compile(rf"^{re.escape(asks)}(?! (Mille|Karoline|Alma|Asta|Josefine) )")
    )


def day(clock: TurnedClock) -> date:
    return clock.now().astimezone(COPENHAGEN).date()


@pytest.fixture
def clock(town: Town) -> TurnedClock:
    i18n.use("da")
    town.start_hub()
    return TurnedClock(town)


@pytest.fixture
def her(town: Town, clock: TurnedClock, window: Callable[[str], Window]) -> Window:
    """On a working day at eleven."""
    phone = town.new_phone("phone")
    _app, url = clock.start(phone)
    clock.turn_to_morning(days=1)
    opened = window(url)
    opened.unlock()
    return opened


def test_a_window_from_the_yes_to_the_day_the_case_leaves(her: Window, clock: TurnedClock) -> None:
    starts = day(clock)
    ends = half_year_after(starts)

    # The course ends, with a yes.
    visit(her)
    her.button("Mere om Oskar").click()
    her.page.get_by_role("menuitem", name="Afslut forløbet").click()
    her.waits_for("Afslut forløbet")
    her.button(f"Ja, til {formats.date_only(ends)}").click()
    her.waits_for(OSKAR)
    her.scroll_to(her.text(f"Kan ringe til dig til {formats.date_only(ends)}"))
    her.scroll_to(her.text("Uge 1 af 26"))

    # After a fortnight she is reminded of the call, and has rung.
    clock.turn_to_morning(days=14)
    clock.come_back(her)
    visit(her)
    reminder = her.page.get_by_role("group", name="Fordi I har aftalt et opkald.")
    her.scroll_to(reminder.get_by_role("button", name="Færdig")).click()
    expect(reminder).to_have_count(0, timeout=SEEN_WITHIN_MS)

    # Oskar rings: one tap, and a note that says so.
    clock.turn_to_morning(days=30)
    clock.come_back(her)
    visit(her)
    her.press("Oskar ringede")
    her.waits_for("Notat")
    expect(her.field("Notat")).to_have_value("Oskar ringede. ", timeout=SEEN_WITHIN_MS)
    her.type_into("Notat", "Han er begyndt i praktik.")
    her.button("Gem notat").click()
    her.waits_for(OSKAR)
    her.scroll_to(her.text("1 kontakt i efterværnet"))
    her.scroll_to(her.text("I dag · Oskar ringede"))

    # A fortnight before the end: the closing call is arranged, and who takes over, from the card.
    clock.turn_to_morning(days=(ends - timedelta(days=13) - day(clock)).days)
    clock.come_back(her)
    visit(her)
    her.scroll_to(card_of_his(her, "Aftal afslutningsopkald").get_by_role("button", name="Aftal et tidspunkt")).click()
    her.waits_for("Aftale")
    her.button("Gem aftale").click()
    her.waits_for(OSKAR)
    her.to_top()
    her.scroll_to(card_of_his(her, "Hvem tager over?").get_by_role("button", name="Vælg hvem")).click()
    her.waits_for("Efterværn")
    her.type_into("Hvem tager over?", "Mentor på lageret")
    her.button("Gem").click()
    her.waits_for(OSKAR)
    her.scroll_to(her.text("Overtages af Mentor på lageret"))
    her.to_top()
    expect(her.button("Ring op").first).to_be_visible()
    expect(card_of_his(her, "Hvem tager over?")).to_have_count(0)
    expect(card_of_his(her, "Aftal afslutningsopkald")).to_have_count(0)

    # The day after: whoever picks up the phone reads where to point.
    clock.turn_to_morning(days=(ends + timedelta(days=1) - day(clock)).days)
    clock.come_back(her)
    visit(her)
    her.sees("Henvis til Ungecentret")
    her.press("Gør efterværnet færdigt")
    her.waits_for("Gør efterværnet færdigt")
    her.sees("1 kontakt: telefon 1.")
    her.sees("Tager over: Mentor på lageret.")
    her.sees("Det sluttede på den aftalte dag.")
    her.press("Gem opsummeringen og afslut")
    her.sees("Opsummeringen er gemt.")

    # And once all of it is safe, the case is gone.
    clock.turn(days=1, minutes=5)
    clock.come_back(her)
    her.go_to_tab("Borgere")
    expect(her.button_with(OSKAR)).to_have_count(0, timeout=SEEN_WITHIN_MS)


def test_the_picture_is_read_aloud_reached_by_keys_and_opens_the_citizen(her: Window) -> None:
    her.scroll_to(her.button_with("Hvem er hvor i det halve år")).click()
    her.waits_for("Efterværn")
    rows = her.page.get_by_role("button").filter(has_text="kan ringe til")
    names = [row.get_attribute("aria-label") or row.inner_text() for row in rows.all()]
    assert names[-1].startswith("Mille Toftkær: uge 2 af 26, kan ringe til ")
    assert ", aftalt opkald " in names[-1]
    assert len(names) == len(set(names)) == 5
    for _ in range(12):
        before = her.page.evaluate(FOCUS)
        her.page.keyboard.press("Tab")
        deadline = time.monotonic() + SETTLED_WITHIN_MS / 1000  # the first key only shows where the focus is
        while her.page.evaluate(FOCUS) == before and time.monotonic() < deadline:
            her.page.wait_for_timeout(50)
        if "Mille Toftkær" in focused(her):
            break
    her.page.keyboard.press("Enter")
    her.waits_for("Mille Toftkær")


def test_it_is_ended_before_its_time_and_that_is_taken_back(her: Window) -> None:
    visit(her, "Alma Kildebro")
    her.press("Ret efterværnet")
    her.waits_for("Efterværn")
    her.press("Afslut før tid")
    her.waits_for("Gør efterværnet færdigt")
    her.press("Gem opsummeringen og afslut")
    her.sees("Vælg, hvorfor det slutter før tid")
    her.to_top()
    her.scroll_to(her.chip("Andre har taget over")).click()
    her.sees("Det sluttede før tid: Andre har taget over.")
    her.press("Ret")
    her.focus(her.field("Opsummering"))
    expect(her.field("Opsummering")).to_have_value(re.compile("Andre har taget over"), timeout=SEEN_WITHIN_MS)
    her.type_into("Opsummering", " Aftalt med Alma.")
    her.press("Gem opsummeringen og afslut")
    her.button("Fortryd").click()
    her.scroll_to(her.button("Alma ringede"))

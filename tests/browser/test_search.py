"""The box that finds: words, names, channels and days in one, the words marked, and filters she can switch off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Town
from tests.browser.driver import SEEN_WITHIN_MS, Window, require_chromium

pytestmark = pytest.mark.browser

BOX = "Søg i navne og notater"


@pytest.fixture(scope="module")
def phone_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_chromium()
    town = Town(tmp_path_factory.mktemp("town"))
    town.start_hub()
    _app, url = town.start_demo_phone()
    yield url
    town.close()


@pytest.fixture
def her(phone_url: str, window: Callable[[str], Window]) -> Window:
    """An unlocked window at the citizens."""
    opened = window(phone_url)
    opened.unlock()
    opened.go_to_tab("Borgere")
    # With its semantics on Flutter gives the first click after a change of tabs to the view, not to the field.
    opened.page.mouse.click(200, 30)
    return opened


def hits(her: Window, name: str) -> list[str]:
    """What is read aloud of each note about this citizen: its second line tells the day and the channel."""
    expect(her.text("I notaterne").first).to_be_attached(timeout=SEEN_WITHIN_MS)
    rows = her.button_with(name).all()
    return [said for row in rows if (said := row.text_content() or "").count("\n") >= 2]


def test_a_name_a_channel_and_words_in_one_box(her: Window) -> None:
    her.type_into(BOX, "liva gåtur")
    expect(her.chip("Liva Brandsholt")).to_be_checked(timeout=SEEN_WITHIN_MS)
    expect(her.chip("Gåtur")).to_be_checked()
    found = hits(her, "Liva Brandsholt")
    assert found
    assert all("· Gåtur\n" in said or "gåtur" in said.lower() for said in found)


def test_a_filter_is_switched_off_and_on_by_a_tap(her: Window) -> None:
    her.type_into(BOX, "sms i dag")
    her.sees("Ingen notater med")
    her.chip("I dag").click()
    expect(her.chip("I dag")).not_to_be_checked(timeout=SEEN_WITHIN_MS)
    her.chip("Sms").click()
    expect(her.chip("Sms")).not_to_be_checked(timeout=SEEN_WITHIN_MS)
    her.chip("I dag").click()
    expect(her.chip("I dag")).to_be_checked(timeout=SEEN_WITHIN_MS)


def test_a_hit_is_read_aloud_in_one_piece_and_opens_the_citizen(her: Window) -> None:
    her.type_into(BOX, "kaffe")
    hit = her.button_with("Josefine Åkær")
    her.scroll_to(hit)
    assert "kaffe" in (hit.first.text_content() or "").lower()
    hit.first.click()
    her.waits_for("Josefine Åkær")
    her.go_back()
    expect(her.text("I notaterne").first).to_be_attached(timeout=SEEN_WITHIN_MS)
    her.focus(her.field(BOX))
    expect(her.field(BOX)).to_have_value("kaffe")


def test_somebody_around_is_found_with_the_citizen(her: Window) -> None:
    her.type_into(BOX, "lægehuset torvet")
    her.press_with("Lægehuset ved Torvet")
    her.waits_for("Liva Brandsholt")


def test_the_order_is_remembered_from_search_to_search(her: Window) -> None:
    her.type_into(BOX, "læge")
    her.scroll_to(her.chip("Bedste match først")).click()
    expect(her.chip("Bedste match først")).to_be_checked(timeout=SEEN_WITHIN_MS)
    her.go_to_tab("Mere")
    her.go_to_tab("Borgere")
    her.scroll_to(her.chip("Bedste match først"))
    expect(her.chip("Bedste match først")).to_be_checked()


def test_the_box_is_emptied_and_takes_the_next_words(her: Window) -> None:
    her.type_into(BOX, "xyzzy")
    her.sees("Ingen notater med ”xyzzy”.")
    her.sees("Prøv færre ord.")
    her.button("Ryd søgningen").click()
    her.sees_not("Ingen notater med")
    expect(her.field(BOX)).to_have_value("")
    expect(her.field(BOX)).to_be_focused(timeout=SEEN_WITHIN_MS)
    her.page.keyboard.type("silke", delay=15)
    her.scroll_to(her.button_with("Silke Tornhøj"))

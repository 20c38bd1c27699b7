"""From Mere to a file that her calendar opens, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.browser.conftest import Town
from tests.browser.driver import Window

pytestmark = pytest.mark.browser


def test_her_appointments_come_out_as_a_file_that_names_nobody(town: Town, window: Callable[[str], Window]) -> None:
    town.start_hub()
    her = window(town.start_demo_phone()[1])
    her.unlock()
    her.go_to_tab("Mere")
    her.press_with("Kalender")
    her.waits_for("Kalender")
    her.chip("Påmindelser, du selv har sat").click()
    with her.page.expect_download() as saved:
        her.button("Gem kalenderfilen").click()
    her.sees("Filen er gemt")
    assert saved.value.suggested_filename.endswith(".ics")
    content = Path(saved.value.path()).read_bytes()
    titles = {str(event["summary"]) for event in Calendar.from_ical(content).walk("VEVENT")}
    assert "Medgang: aftale" in titles
    assert titles <= {"Medgang: aftale", "Medgang: opkald", "Medgang: påmindelse"}
    assert b"LOCATION" not in content

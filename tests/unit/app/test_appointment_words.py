"""What a reminder of rule 2 says is true on the day it is read, and names the first name alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mobile_app.domain import appointments as rule
from mobile_app.domain.agenda import Open
from mobile_app.wording import reminder_text, reminder_why
from storage.records import Appointment, Citizen
from tests.unit.app.people import FREJA, appointment, citizen

LIVA: Citizen = citizen(given_name="Liva", family_name="Brandsholt")
#: Monday 30 November at 10:30 in Copenhagen; the Friday before is the 27th.
START = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
DOCTOR: dict[str, Any] = {
    "type": "doctor",
    "starts_at": START,
    "accompany": "travel_along",
    "state_since": date(2026, 11, 16),
}


def says(step: str, due_on: date, today: date | None = None, **given: Any) -> tuple[str, str]:
    about: Appointment = appointment("a", **DOCTOR | given)
    due_at = datetime(due_on.year, due_on.month, due_on.day, 13, tzinfo=UTC)
    one = Open("key", FREJA, due_at, due_at, START, rule.RULE, step, "a")
    seen = today or due_on
    return reminder_text(one, LIVA, about, seen), reminder_why(one, LIVA, about, seen)


FRIDAY, MONDAY, TUESDAY = date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)
READY = [
    (FRIDAY, None, "Klar til på mandag?", "Fordi lægetiden er på mandag kl. 10:30."),
    (date(2026, 11, 29), None, "Klar til i morgen?", "Fordi lægetiden er i morgen kl. 10:30."),
    (FRIDAY, MONDAY, "Klar til i dag?", "Fordi lægetiden er kl. 10:30."),
    # Seen on Tuesday in the list of what is coming: it is not tomorrow yet.
    (date(2026, 11, 29), date(2026, 11, 24), "Klar til på mandag?", "Fordi lægetiden er på mandag kl. 10:30."),
    (date(2026, 11, 20), None, "Klar til ma. 30/11?", "Fordi lægetiden er ma. 30/11 kl. 10:30."),
]


@pytest.mark.parametrize(("due_on", "today", "text", "why"), READY)
def test_ready_names_the_day_as_it_is_on_the_day_it_is_read(
    due_on: date, today: date | None, text: str, why: str
) -> None:
    assert says(rule.READY, due_on, today) == (text, why)


def test_setting_off_says_with_whom_whither_and_when() -> None:
    assert says(rule.SET_OFF, MONDAY) == ("Tid til at tage afsted", "Fordi du følges med Liva til lægen kl. 10:30.")


def test_setting_off_that_was_moved_to_the_day_before_does_not_say_now() -> None:
    assert says(rule.SET_OFF, FRIDAY) == (
        "Tag afsted på mandag kl. 09:00",
        "Fordi du følges med Liva til lægen på mandag kl. 10:30.",
    )


WHY = [
    (rule.LETTER_CAME, {"starts_at": None}, "Fordi Liva blev henvist 16. nov. og venter på brev."),
    (rule.TIME_BOOKED, {"starts_at": None}, "Fordi I 16. nov. aftalte, at Liva bestiller en tid."),
    (rule.HOW_DID_IT_GO, {}, "Fordi I taler sammen efter lægetiden i går."),
    (rule.HOW_DID_IT_GO, {"type": "psychiatry"}, "Fordi I taler sammen efter tiden i psykiatrien i går."),
    (rule.WRITE_NOTE, {}, "Fordi notatet er om turen til lægen med Liva i går."),
    (rule.AFTER_MISSED, {"type": "meeting"}, "Fordi Liva ikke kom afsted til mødet i går."),
    (rule.INFORMATION_CAME, {}, "Fordi sagen mangler dem efter lægetiden i går."),
]


@pytest.mark.parametrize(("step", "given", "why"), WHY)
def test_every_why_is_concrete(step: str, given: dict[str, Any], why: str) -> None:
    assert says(step, TUESDAY, **given)[1] == why


def test_of_a_series_the_time_that_is_asked_about_is_meant() -> None:
    began = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
    assert says(rule.READY, FRIDAY, starts_at=began, rrule="FREQ=WEEKLY;COUNT=9")[0] == "Klar til på mandag?"


@pytest.mark.parametrize("step", [step.code for step in rule.STEPS])
def test_no_family_name_is_said(step: str) -> None:
    assert "Brandsholt" not in "".join(says(step, FRIDAY))

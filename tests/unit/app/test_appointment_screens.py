"""The screens of an appointment: what was typed stays, what cannot be is a sentence with an offer, one tap answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import flet as ft
import pytest
from msgspec.structs import replace

from mobile_app.components import appointment_answers
from mobile_app.domain import appointments as rule
from storage.records import Appointment, AppointmentState, NetworkPerson, ReminderAnswer
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, MONDAY, appointment
from tests.vaults import TurnedClock

FORM = f"/citizens/{FREJA}/appointment/a"


@pytest.fixture
def at_the_window(vault: Vault, turned: TurnedClock) -> Callable[..., None]:
    """Runs a scenario with these records on the phone, unlocked."""

    def run(scenario: Any, *records: Any, hours: float = 0) -> None:
        vault.save(*records)
        turned.turn(hours=hours)

        async def unlocked(window: Window) -> None:
            await window.unlock()
            await scenario(window)

        headless.run(vault, turned, unlocked)

    return run


def kept(window: Window, record_id: str = "a") -> Appointment:
    found = window.vault.reading.get(record_id)
    assert isinstance(found, Appointment)
    return found


def text_of(window: Window, label: str) -> str:
    (field,) = (field for field in window.controls(ft.TextField) if field.label == label)
    return str(field.value)


def test_every_question_of_rule_2_has_an_answer_in_one_tap() -> None:
    assert set(appointment_answers._REPLIES) == {step.code for step in rule.STEPS}


def test_without_a_time_it_stays_as_it_was_typed_and_one_is_offered(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(FORM)
        await window.fill("Hvad handler det om? (kan udelades)", "Blodprøve")
        await window.fill("Sted", "Lægehuset")
        await window.tap("Bestilt")
        await window.tap("Gem aftale")
        await window.until(lambda: window.says("Vælg en dag og et tidspunkt."))
        assert (text_of(window, "Hvad handler det om? (kan udelades)"), text_of(window, "Sted")) == (
            "Blodprøve",
            "Lægehuset",
        )
        await window.tap("I morgen kl. 10:00")
        await window.tap("Gem aftale")
        await window.until(lambda: kept(window).state == "booked")
        assert kept(window).text == "Blodprøve"

    at_the_window(scenario, appointment("a", None, state="to_book", type="doctor"))


def test_a_series_is_offered_an_end_and_says_its_last_time(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(FORM)
        await window.tap("Hver uge")
        assert window.says("Sidste gang er tirsdag 26. januar kl. 08:00.")
        await window.tap("4 gange")
        await window.tap("Gem aftale")
        await window.until(lambda: kept(window).rrule == "FREQ=WEEKLY;COUNT=4")

    at_the_window(scenario, appointment("a"))


def test_a_series_from_elsewhere_without_an_end_is_met_with_the_question(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(FORM)
        assert window.says("Den gentages uden slutning. Vælg, hvor mange gange, for eksempel ti.")
        await window.tap("10 gange")
        assert not window.says("uden slutning")

    at_the_window(scenario, appointment("a", rrule="FREQ=WEEKLY"))


def test_a_number_that_was_typed_is_kept_however_she_goes_on(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(f"{FORM}/book")
        await window.fill("Telefon", "86 12 34 56")
        await window.tap("I morgen kl. 10:00")
        await window.tap("Tiden er bestilt")
        await window.until(lambda: kept(window).state == "booked")
        (person,) = window.vault.reading.all(NetworkPerson, FREJA)
        assert (person.phone, person.name, kept(window).network_person_id) == ("86 12 34 56", "Læge", person.id)

    at_the_window(scenario, appointment("a", None, state="to_book", type="doctor"))


def test_a_number_that_was_typed_is_kept_when_she_leaves(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(f"{FORM}/book")
        await window.fill("Telefon", "86 12 34 56")
        await window.go(f"/citizens/{FREJA}")
        await window.until(lambda: window.vault.reading.all(NetworkPerson, FREJA))

    at_the_window(scenario, appointment("a", None, state="to_book", type="doctor"))


REPLIES = [
    ("Kom afsted", AppointmentState.KEPT),
    ("Kom ikke afsted", AppointmentState.MISSED),
]


@pytest.mark.parametrize(("words", "state"), REPLIES)
def test_how_it_went_is_told_in_one_tap(
    at_the_window: Callable[..., None], words: str, state: AppointmentState
) -> None:
    async def scenario(window: Window) -> None:
        assert window.says("Fordi I taler sammen efter lægetiden i går.")
        await window.tap(words)
        await window.until(lambda: kept(window).state == state)

    at_the_window(scenario, appointment("a", type="doctor", follow_up="next_day"), hours=51)


def test_what_was_told_on_the_card_is_not_asked_again(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.tap("Vi har talt sammen")
        await window.until(lambda: window.vault.reading.all(ReminderAnswer))
        await window.until(lambda: window.tappable("Kom afsted") == [])

    at_the_window(scenario, appointment("a", type="doctor", state="kept", follow_up="next_day"), hours=51)


def test_asked_no_more_is_one_tap_and_silences_the_whole_question(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.tap("Spørg ikke mere om det")
        await window.until(lambda: window.vault.reading.all(ReminderAnswer))
        await window.until(lambda: window.app.overview.open_reminders() == [])  # told of a save just after it

    at_the_window(scenario, appointment("a", None, state="to_book", type="doctor"), hours=27)


def test_a_day_later_is_one_tap_on_the_card(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        was = kept(window).starts_at
        await window.go(f"/citizens/{FREJA}")
        await window.tap("Flyt en dag")
        await window.until(lambda: kept(window).state == "moved")
        assert was is not None
        assert (kept(window).starts_at, window.tappable("Gå en tur i stedet")) != (was, [])

    at_the_window(scenario, appointment("a"))


def test_another_time_is_chosen_and_stays_chosen_when_she_looks_away(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        await window.tap("Flere valg")
        await window.tap("Et andet tidspunkt")
        await window.tap("To. 26/11 kl. 08:00")
        await window.lifecycle("hide")
        await window.lifecycle("resume")
        await window.tap("Flyt")
        await window.until(lambda: kept(window).state == "moved")
        assert kept(window).starts_at == MONDAY + timedelta(days=3)

    at_the_window(scenario, appointment("a"))


def test_one_time_of_many_moves_alone_to_another_time(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        at = MONDAY + timedelta(days=8)
        await window.go(f"{FORM}/time/{int(at.timestamp())}")
        await window.tap("To. 3/12 kl. 08:00")
        await window.tap("Flyt")
        await window.until(lambda: len(window.vault.reading.all(Appointment)) == 2)
        assert (kept(window).starts_at, kept(window).exdates) == (MONDAY + timedelta(days=1), (at,))

    at_the_window(scenario, appointment("a", rrule="FREQ=WEEKLY;COUNT=4"))


def test_the_doctor_is_offered_no_walk(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        assert window.tappable("Flyt en dag")
        assert not window.tappable("Gå en tur i stedet")

    at_the_window(scenario, appointment("a", type="doctor"))


def test_an_earlier_time_is_on_the_day_once(at_the_window: Callable[..., None]) -> None:
    """Its question has the same answers as its card."""

    async def scenario(window: Window) -> None:
        assert len(window.tappable("Kom ikke afsted")) == 1

    earlier = replace(appointment("a", -3, type="doctor", follow_up="next_day"), state_since=MONDAY.date())
    at_the_window(scenario, earlier)


def test_the_note_of_a_visit_opens_prefilled_and_again_the_one_begun(at_the_window: Callable[..., None]) -> None:
    async def scenario(window: Window) -> None:
        await window.tap("Skriv notat")
        await window.write("Vi var der")
        await window.go("/")
        await window.until(lambda: window.drafts() == ["Vi var der"])
        await window.tap("Skriv notat")
        field = window.note_field()
        assert field is not None
        assert field.value == "Vi var der"

    at_the_window(scenario, appointment("a", type="doctor", channel="health", accompany="go_in"), hours=26)

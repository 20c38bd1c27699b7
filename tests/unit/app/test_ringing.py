"""What she sees and does when a reminder rings, and what the settings say of this phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import flet as ft
import pytest

from mobile_app.app import App
from mobile_app.arming import TRIAL
from mobile_app.ports.notifications import Ability
from mobile_app.state import Stage
from mobile_app.trial import Tried
from storage.records import Appointment, AppointmentState, AppointmentType, NetworkPerson, Reminder, ReminderState
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, MONDAY, TODAY
from tests.unit.app.phone import Phone, on_a_phone
from tests.vaults import TurnedClock

Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def play(vault: Vault, turned: TurnedClock) -> Callable[[Scenario], None]:
    def run(scenario: Scenario) -> None:
        headless.run(vault, turned, scenario)

    return run


Play = Callable[[Scenario], None]


async def rings(window: Window) -> None:
    """Unlocks, and a reminder about Freja comes."""
    await window.unlock()
    freja = window.app.overview.citizen(FREJA)
    assert freja is not None
    window.app.desk.change_citizen(freja, phone="20 30 40 50")
    window.app.desk.add_reminder(FREJA, window.clock() + timedelta(minutes=1), "Ring om praktikken")
    await window.settle()
    await window.turn(60)
    window.app.alarms.arm()
    await window.settle()
    assert [one.text for one in window.app.state.ringing] == ["Ring om praktikken"]


def test_ten_minutes_more_with_one_tap_and_a_way_back(play: Play) -> None:
    async def scenario(window: Window) -> None:
        await rings(window)
        await window.tap("Udsæt")
        await window.tap("Om 10 minutter")
        await window.until(lambda: window.app.state.ringing == ())
        (one,) = window.app.overview.open_reminders()
        assert one.due_at == window.clock() + timedelta(minutes=10)
        await window.until(lambda: window.app._bar.action)
        await window.fire(window.app._bar.action, "click")  # type: ignore[arg-type]
        await window.until(lambda: window.app.overview.open_reminders()[0].due_at <= window.clock())

    play(scenario)


def test_snoozing_can_be_thought_better_of(play: Play) -> None:
    async def scenario(window: Window) -> None:
        await rings(window)
        await window.tap("Udsæt")
        await window.tap("Et andet tidspunkt")
        assert window.tappable("Mind mig om det der")[0].disabled  # type: ignore[attr-defined]
        await window.tap("Tilbage")
        assert window.tappable("Færdig")

    play(scenario)


def test_a_moment_that_has_passed_is_said_to_be_none(play: Play) -> None:
    async def scenario(window: Window) -> None:
        await rings(window)
        await window.tap("Udsæt")
        await window.tap("Et andet tidspunkt")
        await window.tap("Vælg dag")
        (picker,) = window.controls(ft.DatePicker)
        picker.value = window.clock() - timedelta(days=1)
        await window.fire(picker, "change")
        assert window.says("Vælg et tidspunkt, der ikke er gået endnu.")

    play(scenario)


def test_whom_it_is_about_is_called_from_the_reminder(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    async def call(self: App, phone: str) -> None:
        called.append(phone)

    monkeypatch.setattr(App, "call", call)

    async def scenario(window: Window) -> None:
        await rings(window)
        await window.tap("Ring til Freja")
        assert called == ["20 30 40 50"]

    play(scenario)


def test_the_doctor_of_an_appointment_is_called_from_its_reminder(play: Play) -> None:
    stamps = {"created_at": MONDAY, "updated_at": MONDAY, "author": ""}

    async def scenario(window: Window) -> None:
        await window.unlock()
        doctor = NetworkPerson(
            id="doctor", citizen_id=FREJA, name="Lægehuset", relation="doctor", phone="70123456", **stamps
        )
        to_book = Appointment(
            id="visit",
            citizen_id=FREJA,
            type=AppointmentType.DOCTOR,
            state=AppointmentState.TO_BOOK,
            state_since=TODAY - timedelta(days=7),
            network_person_id="doctor",
            **stamps,
        )
        window.vault.save(doctor, to_book)
        await window.until(lambda: window.tappable("Ring til Lægehuset"))

    play(scenario)


def test_done_is_done(play: Play) -> None:
    async def scenario(window: Window) -> None:
        await rings(window)
        await window.tap("Færdig")
        await window.until(lambda: window.app.state.ringing == ())
        await window.until(lambda: window.says("Færdig."))
        (reminder,) = (one for one in window.vault.reading.all(Reminder) if one.text == "Ring om praktikken")
        assert reminder.state == ReminderState.DONE

    play(scenario)


# ---------------------------------------------------------------- what this phone does
def test_in_the_browser_the_settings_say_that_it_must_be_open_and_the_trial_rings_there(play: Play) -> None:
    async def scenario(window: Window) -> None:
        await window.unlock()
        await window.go("/more/settings")
        await window.until(lambda: window.says("Her ringer påmindelser kun, mens Medgang er åben."))
        assert not window.tappable("Uden lyd")
        await window.tap("Prøv en påmindelse om 10 sekunder")
        assert window.app.state.tried == Tried.WAITING
        await window.app.alarms.trial._is_due()
        await window.settle()
        assert window.says("Den ringede.")

    play(scenario)


def test_switched_off_it_is_said_where_she_looks_and_one_tap_asks_the_phone(play: Play, turned: TurnedClock) -> None:
    phone = Phone(turned, may_notify=False)

    async def scenario(window: Window) -> None:
        on_a_phone(window, phone)
        await window.unlock()
        for route in ("/reminders", "/more/settings"):
            await window.go(route)
            await window.until(lambda: window.says("Meddelelser er slået fra for Medgang på denne telefon"))
        await window.tap("Slå meddelelser til")
        await window.until(lambda: window.says("Denne telefon ringer på minuttet"))
        assert window.tappable("Uden lyd")

    play(scenario)


def test_a_phone_that_is_not_exact_says_so_and_can_be_asked(play: Play, turned: TurnedClock) -> None:
    phone = Phone(turned, may_be_exact=False)

    async def scenario(window: Window) -> None:
        on_a_phone(window, phone)
        await window.unlock()
        await window.go("/more/settings")
        await window.until(lambda: window.says("kan komme nogle minutter senere"))
        assert "request_exact_alarm_permission" not in phone.calls, "nobody is asked at the start"
        await window.tap("Lad den ringe på minuttet")
        await window.until(lambda: window.app.state.ability == Ability.EXACT)

    play(scenario)


def test_a_trial_that_did_not_come_says_where_to_look(play: Play, turned: TurnedClock) -> None:
    phone = Phone(turned, may_be_exact=False)

    async def scenario(window: Window) -> None:
        on_a_phone(window, phone)
        await window.unlock()
        await window.go("/more/settings")
        await window.tap("Prøv en påmindelse om 10 sekunder")
        await window.until(lambda: TRIAL in phone.held)
        await window.app.alarms.trial._is_due()
        await window.settle()
        assert window.says("Kom den? På denne telefon kan det tage nogle minutter.")
        await window.tap("Nej")
        await window.until(lambda: window.says("Så ringer denne telefon ikke pålideligt."))

    play(scenario)


@pytest.mark.parametrize("there", [True, False])
def test_the_notification_that_started_the_app_leads_to_its_reminder(
    play: Play, turned: TurnedClock, there: bool
) -> None:
    phone = Phone(turned)

    async def scenario(window: Window) -> None:
        await rings(window)
        key = window.app.state.ringing[0].key
        number = window.vault.alarm_number(key)
        if not there:
            await window.tap("Færdig")
            await window.until(lambda: window.app.state.ringing == ())
        await window.app.lock()
        on_a_phone(window, phone)
        window.app.alarms.tapped(number)
        await window.settle()
        assert window.app.state.stage == Stage.LOCKED
        await window.unlock()
        await window.until(lambda: window.page.route == "/reminders")
        if there:
            assert [one.key for one in window.app.state.ringing] == [key]
        else:
            await window.until(lambda: window.says("Den påmindelse er der allerede svaret på"))

    play(scenario)


def test_it_leads_there_also_from_a_note_she_was_writing_which_is_kept(play: Play, turned: TurnedClock) -> None:
    phone = Phone(turned)

    async def scenario(window: Window) -> None:
        await rings(window)
        number = window.vault.alarm_number(window.app.state.ringing[0].key)
        window.app.writing.new_note(FREJA)
        await window.until(window.note_field)
        await window.write("Gik ved åen")
        await window.app.lock()
        on_a_phone(window, phone)
        window.app.alarms.tapped(number)
        await window.unlock()
        await window.until(lambda: window.page.route == "/reminders")
        for _ in range(5):
            await window.settle()
        assert window.page.route == "/reminders"
        assert window.drafts() == ["Gik ved åen"]

    play(scenario)


def test_another_language_reaches_the_notifications_and_their_channels(play: Play, turned: TurnedClock) -> None:
    phone = Phone(turned)

    async def scenario(window: Window) -> None:
        on_a_phone(window, phone)
        await window.unlock()
        window.app.desk.add_reminder(FREJA, window.clock() + timedelta(minutes=5), "Ring")
        await window.until(lambda: phone.held)
        await window.go("/more/settings")
        await window.tap("English")
        await window.until(
            lambda: "You have a reminder. Unlock to see it." in {due.body for due in phone.held.values()}
        )
        assert phone.channels["reminders"] == "Reminders"

    play(scenario)

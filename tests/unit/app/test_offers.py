"""The suggestion below the note: what it says, and what accepting and dropping it do (rule 5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import flet as ft
import pytest

from mobile_app import i18n
from mobile_app.components.offers import AT_ONCE_MAX_CHARS
from mobile_app.views.note import QUIET_S
from storage.records import Reminder, ReminderState
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA
from tests.vaults import TurnedClock

Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    i18n.use("da")
    yield
    i18n.use("da")


@pytest.fixture
def scene(vault: Vault, turned: TurnedClock) -> Callable[[Scenario], None]:
    """Plays a scenario in an unlocked window with a new note about Freja open."""

    def play(scenario: Scenario) -> None:
        async def writing(window: Window) -> None:
            await window.unlock()
            window.app.writing.new_note(FREJA)
            await window.settle()
            await scenario(window)

        headless.run(vault, turned, writing)

    return play


async def writes(window: Window, text: str) -> None:
    """Types and pauses; the save behind it has looked for suggestions."""
    await window.write(text)
    await window.turn(QUIET_S + 0.1)
    await window.until(lambda: window.drafts() == [text] and window.says(i18n._("Draft saved on the phone")))


def suggestions(window: Window) -> list[str]:
    buttons = (button.content for button in window.controls(ft.FilledTonalButton))
    return [str(words) for words in buttons if str(words).startswith(("Mind mig om det", "Remind me"))]


def reminders(window: Window) -> list[Reminder]:
    return [one for one in window.vault.reading.all(Reminder) if one.state == ReminderState.OPEN]


async def drops(window: Window, moment: str) -> None:
    label = f"Ingen påmindelse {moment}"
    (button,) = (
        button
        for button in window.controls(ft.IconButton)
        if isinstance(button.icon, ft.Icon) and button.icon.semantics_label == label
    )
    await window.fire(button, "click")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ringer i morgen kl. 10", ["Mind mig om det tirsdag 24. november kl. 10:00"]),
        ("Call her tomorrow at 10", ["Mind mig om det tirsdag 24. november kl. 10:00"]),
        ("Følger op d. 14/1", ["Mind mig om det torsdag 14. januar 2027 kl. 09:00"]),
        (
            "Ringer i morgen kl. 10 og igen torsdag kl. 14",
            [
                "Mind mig om det tirsdag 24. november kl. 10:00",
                "Mind mig om det torsdag 26. november kl. 14:00",
            ],
        ),
        (
            "Ringer hver mandag kl. 10 indtil jul",
            ["Mind mig om det hver mandag fra mandag 23. november kl. 10:00 til mandag 21. december"],
        ),
        (
            "Skriver hver anden onsdag kl. 14",
            ["Mind mig om det hver 2. uge (onsdag) fra onsdag 25. november kl. 14:00, uden slutdato"],
        ),
        ("Hun drømmer om højskole næste sommer", []),
    ],
)
def test_it_says_the_whole_moment(scene: Callable[[Scenario], None], text: str, said: list[str]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, text)
        assert suggestions(window) == said

    scene(scenario)


def test_it_is_said_in_the_language_of_the_screen(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        i18n.use("en")
        await writes(window, "Ringer hver mandag kl. 10")
        (said,) = suggestions(window)
        assert said == "Remind me every Monday from Monday 23 November at 10:00, no end date"

    scene(scenario)


def test_an_evening_is_kept_and_pointed_out(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Vil gerne ringes op i aften kl 19")
        assert suggestions(window) == ["Mind mig om det mandag 23. november kl. 19:00"]
        assert window.says("Uden for arbejdstid")

    scene(scenario)


def test_nothing_is_a_reminder_before_she_taps(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Ringer i morgen kl. 10")
        assert reminders(window) == []

    scene(scenario)


def test_one_tap_makes_the_reminder_and_one_takes_it_back(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Ringer i morgen kl. 10")
        await window.tap("Mind mig om det tirsdag 24. november kl. 10:00")
        await window.until(lambda: len(reminders(window)) == 1)
        assert window.says("Påmindelse sat: tirsdag 24. november kl. 10:00")
        await window.tap("Fortryd")
        await window.until(lambda: not reminders(window))
        assert suggestions(window) == ["Mind mig om det tirsdag 24. november kl. 10:00"]

    scene(scenario)


def test_what_the_citizen_does_becomes_a_question(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Han ringer selv onsdag kl. 10")
        assert window.says("Har han ringet?")
        await window.tap("Mind mig om det onsdag 25. november kl. 10:00")
        await window.until(lambda: len(reminders(window)) == 1)
        assert reminders(window)[0].text.startswith("Har han ringet?")

    scene(scenario)


def test_a_dropped_one_stays_dropped_while_she_writes_on(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Ringer i morgen kl. 10.")
        await drops(window, "tirsdag 24. november kl. 10:00")
        assert suggestions(window) == []
        await writes(window, "Ringer i morgen kl. 10. Ses på torsdag kl. 9")
        assert suggestions(window) == ["Mind mig om det torsdag 26. november kl. 09:00"]

    scene(scenario)


def test_a_dropped_one_stays_dropped_through_a_lock(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Ringer i morgen kl. 10")
        await drops(window, "tirsdag 24. november kl. 10:00")
        await window.app.lock()
        await window.locked()
        await window.unlock()
        await window.until(lambda: window.note_field() is not None)
        assert suggestions(window) == []

    scene(scenario)


def test_a_dropped_one_can_be_had_back(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        await writes(window, "Ringer i morgen kl. 10")
        await drops(window, "tirsdag 24. november kl. 10:00")
        assert window.says("Forslaget er væk.")
        (bar,) = [bar for bar in window.controls(ft.SnackBar) if isinstance(bar.action, ft.SnackBarAction)]
        assert isinstance(bar.action, ft.SnackBarAction)
        await window.fire(bar.action, "click")
        await window.until(lambda: suggestions(window))

    scene(scenario)


def test_in_a_long_note_they_are_looked_for_behind(scene: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        told = "Vi gik langs åen. " * (AT_ONCE_MAX_CHARS // 10)
        await writes(window, f"{told}Ringer i morgen kl. 10")
        await window.until(lambda: suggestions(window))

    scene(scenario)

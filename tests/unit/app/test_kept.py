"""What she chose and typed in a form is there again when she looks away and back; not after she left it, nor locked."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import flet as ft
import pytest

from mobile_app import course
from mobile_app.services import Desk
from storage.records import AftercareAnswer, AftercareWindow, Citizen, NetworkPerson, Pause, PauseReason, Reminder
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, KAREN, MONDAY, TODAY, came, colleague
from tests.unit.app.test_aftercare_screens import pick
from tests.vaults import TurnedClock

Scenario = Callable[[Window], Awaitable[None]]
Scene = Callable[[Scenario], None]
HERE = f"/citizens/{FREJA}"
DAY = timedelta(days=1)


@pytest.fixture
def scene(desk: Desk, turned: TurnedClock) -> Scene:
    """Unlocked."""

    def play(scenario: Scenario) -> None:
        async def unlocked(window: Window) -> None:
            await window.unlock()
            await scenario(window)

        headless.run(desk.vault, turned, unlocked)

    return play


@pytest.fixture
def half_year(desk: Desk) -> None:
    """Freja said yes to aftercare today."""
    freja = desk.vault.reading.get(FREJA)
    assert isinstance(freja, Citizen)
    course.end(desk, freja, AftercareAnswer.ACCEPTED)


async def look_away(window: Window) -> None:
    """Until she sees it again, nothing of it is in the tree."""
    await window.lifecycle("hide")
    assert window.controls(ft.TextField) == window.controls(ft.Chip) == []
    await window.lifecycle("resume")


def chosen(window: Window) -> set[str]:
    chips = [one for one in window.controls(ft.Chip) if one.selected]
    return {str(one.label.value) for one in chips if isinstance(one.label, ft.Text)}


def written(window: Window, label: str) -> str:
    (field,) = (field for field in window.controls(ft.TextField) if field.label == label)
    return field.value or ""


def only(vault: Vault, kind: type) -> Any:
    (found,) = vault.reading.all(kind)
    return found


async def pick_behind(window: Window, words: str, day: Any) -> None:
    await window.tap(words)
    await pick(window, day)


# ---------------------------------------------------------------- form by form
def test_a_holiday_stays_a_holiday(scene: Scene, vault: Vault) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/pause/new")
        await window.tap("Ferie")
        await look_away(window)
        await window.tap("Gem pause")
        await window.until(lambda: vault.reading.all(Pause))
        assert only(vault, Pause).reason == PauseReason.HOLIDAY

    scene(steps)


def test_a_reminder_keeps_its_words_and_its_time(scene: Scene, vault: Vault) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/reminder")
        await window.fill("Mind mig om", "Ring til skolen")
        await window.tap("Næste uge")
        await look_away(window)
        await window.tap("Gem påmindelse")
        await window.until(lambda: vault.reading.all(Reminder))
        made = only(vault, Reminder)
        assert (made.text, made.due_at.date()) == ("Ring til skolen", TODAY + 7 * DAY)

    scene(steps)


def test_what_was_agreed_stays_as_tapped_and_typed(scene: Scene, vault: Vault) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/agreed")
        await window.tap("Hver 28. dag")  # of meetings: the lower of the two
        assert written(window, "Aftalte møder: dage imellem") == "28"
        await window.fill("Aftalte møder: dage imellem", "50")
        await window.fill("Det gør det til at holde ud", "Te først")
        await window.tap("Beskyttet: Steder er skjult")
        await look_away(window)
        await window.tap("Gem")
        await window.until(lambda: vault.reading.get(FREJA).meeting_every_days == 50)  # type: ignore[union-attr]
        freja = vault.reading.get(FREJA)
        assert isinstance(freja, Citizen)
        assert (freja.good_to_know, freja.address_protected) == ("Te først", True)

    scene(steps)


def test_who_takes_over_after_the_aftercare_stays(half_year: None, scene: Scene, vault: Vault) -> None:
    vault.save(NetworkPerson(id="p", citizen_id=FREJA, name="Mona", created_at=MONDAY, updated_at=MONDAY, author=KAREN))

    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/aftercare")
        await window.tap("Mona")
        assert written(window, "Hvem tager over?") == "Mona"
        await window.fill("Hvem tager over?", "Mona og skolen")
        await window.tap("Intet opkald")
        await look_away(window)
        await window.tap("Gem")
        await window.until(lambda: only(vault, AftercareWindow).taken_over_by == "Mona og skolen")
        assert only(vault, AftercareWindow).agreed_call_on is None

    scene(steps)


def test_the_reason_and_the_summary_stay(half_year: None, scene: Scene, vault: Vault, turned: TurnedClock) -> None:
    turned.turn(days=3)

    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/aftercare/finish")
        await window.fill("Med dine egne ord", "Er flyttet til Aarhus.")
        await window.tap("Ret")
        await window.fill("Opsummering", "Freja klarer sig.")
        await look_away(window)
        assert written(window, "Med dine egne ord") == "Er flyttet til Aarhus."
        await window.tap("Gem opsummeringen og afslut")
        await window.until(lambda: only(vault, AftercareWindow).state == "ended")
        ended = only(vault, AftercareWindow)
        assert (ended.ended_reason, ended.summary) == ("Er flyttet til Aarhus.", "Freja klarer sig.")

    scene(steps)


@pytest.mark.parametrize(("path", "button"), [("moving", "Vælg dag"), ("death", "I dag"), ("end", "I dag")])
def test_the_day_of_a_turn_stays(scene: Scene, path: str, button: str) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/{path}")
        await pick_behind(window, button, TODAY - 5 * DAY)
        await look_away(window)
        said = [str(text.value) for text in window.controls(ft.Text)]
        assert any("18. nov" in text or "18/11" in text for text in said), said

    scene(steps)


def test_the_days_of_a_leave_stay(scene: Scene, desk: Desk) -> None:
    async def steps(window: Window) -> None:
        await window.go("/more/settings/week")
        await pick_behind(window, "I dag", TODAY + 3 * DAY)
        await look_away(window)
        await window.tap("Tilføj ferie eller fri")
        await window.until(lambda: desk.leave() == ((TODAY, TODAY + 3 * DAY),))

    scene(steps)


@pytest.mark.parametrize("route", ["/more/cover", f"{HERE}/handover"])
def test_the_colleague_stays_chosen(desk: Desk, scene: Scene, route: str) -> None:
    came(desk, colleague("jens", "Jens Dahl"))

    async def steps(window: Window) -> None:
        await window.go(route)
        await window.tap("Jens Dahl")
        await look_away(window)
        assert chosen(window) == {"Jens Dahl"}

    scene(steps)


# ---------------------------------------------------------------- and no longer
def test_a_form_that_was_left_begins_anew(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/reminder")
        await window.fill("Mind mig om", "Ring til skolen")
        await look_away(window)
        await window.go(HERE)
        assert window.app.kept == {}
        await window.go(f"{HERE}/reminder")
        assert written(window, "Mind mig om") == ""

    scene(steps)


def test_the_lock_keeps_nothing_of_a_form(scene: Scene, vault: Vault) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/reminder")
        await window.fill("Mind mig om", "Ring til skolen")
        await window.lifecycle("hide")
        assert "Ring til skolen" in window.app.kept.values()
        await window.turn(61)
        await window.locked()
        assert window.app.kept == {}

    scene(steps)


def test_a_save_that_ends_behind_the_cover_leaves_its_form(scene: Scene, vault: Vault) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/reminder")
        await window.fill("Mind mig om", "Ring til skolen")
        await window.lifecycle("hide")
        window.app.go(HERE)  # as the save does
        await window.lifecycle("resume")
        await window.go(f"{HERE}/reminder")
        assert written(window, "Mind mig om") == ""

    scene(steps)


# ---------------------------------------------------------------- quick taps, and what a screen reader says
def test_two_quick_taps_on_her_week_are_both_done(scene: Scene, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(window: Window) -> None:
        await window.go("/more/settings/week")
        tapped, save = threading.Event(), vault.save

        def slow(*changed: Any, **options: Any) -> None:
            assert tapped.wait(headless.WITHIN_S)
            save(*changed, **options)

        monkeypatch.setattr(vault, "save", slow)
        await window.tap("Man.")
        await window.tap("Fre.")
        tapped.set()
        await window.until(lambda: window.app.desk.calendar().working_days == {1, 2, 3})

    scene(steps)


def aloud(window: Window) -> list[str]:
    return [text.semantics_label for text in window.controls(ft.Text) if text.semantics_label]


def test_a_day_and_a_time_say_of_what(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go("/more/settings/week")
        assert {"Dagen begynder: 08:00", "Dagen slutter: 17:00"} <= set(aloud(window))
        await window.go(f"{HERE}/reminder")
        assert {"Hvornår: Vælg dag", "Hvornår: Vælg tid"} <= set(aloud(window))

    scene(steps)


def test_what_is_taken_away_says_which(scene: Scene, desk: Desk) -> None:
    desk.add_leave((TODAY, TODAY + DAY))

    async def steps(window: Window) -> None:
        await window.go("/more/settings/week")
        assert "Fjern: 23. nov. 2026 – 24. nov. 2026" in aloud(window)

    scene(steps)


@pytest.mark.parametrize(
    ("reason", "rings"),
    [("Ferie", "du bliver ikke mindet om at prøve igen"), ("Indlæggelse", "det, du sætter fra nu af, ringer stadig")],
)
def test_a_pause_says_what_rings_all_the_same(scene: Scene, reason: str, rings: str) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"{HERE}/pause/new")
        await window.tap(reason)
        assert window.says(rings)

    scene(steps)

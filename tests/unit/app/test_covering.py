"""A colleague stands in: what is saved, what is said, what rings where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import flet as ft
import pytest
from msgspec.structs import replace

from mobile_app import covering, messages
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.reading import SyncState
from storage.records import COVER_DAYS_MAX, NO_CITIZEN, Cover
from storage.store import Vault
from sync.progress import PROGRESS, Progress
from sync.protocol import Covered, Reason
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import (
    FREJA,
    JONAS,
    KAREN,
    MONDAY,
    THEA,
    TODAY,
    answered,
    came,
    colleague,
    refused,
)
from tests.vaults import TurnedClock

JENS, BENT = "consultant-jens", "consultant-bent"
A_DAY = timedelta(days=1)
FRIDAY = TODAY + 4 * A_DAY


@pytest.fixture
def desk(vault: Vault, turned: TurnedClock) -> Desk:
    """Karen's, with two colleagues."""
    desk = Desk(vault, turned)
    came(desk, colleague(KAREN, "Karen Holm"), colleague(JENS, "Jens Dahl"), colleague(BENT, "Bent Lund"))
    return desk


@pytest.fixture
def away(desk: Desk) -> Cover:
    """Jens stands in for Karen this week, and the hub knows."""
    made = covering.set_cover(desk, JENS, TODAY, FRIDAY)
    answered(desk, made.id)
    return made


def of_jens(**fields: Any) -> Cover:
    known = {"author": JENS, "colleague_id": KAREN, "from_on": TODAY, "to_on": FRIDAY}
    return Cover(id="a-jens", created_at=MONDAY, updated_at=MONDAY, **known | fields)


def lent(desk: Desk, *citizen_ids: str) -> None:
    """The hub lets her see these citizens as Jens's cover."""
    found = tuple(Covered(citizen_id=one, consultant_id=JENS) for one in citizen_ids)
    desk.vault.put_sealed(PROGRESS, Progress("one", covered=found))


def stored(desk: Desk, cover: Cover) -> Cover:
    found = desk.vault.reading.get(cover.id)
    assert isinstance(found, Cover)
    return found


# ---------------------------------------------------------------- what is saved
def test_it_is_a_record_of_hers_and_of_no_citizen(desk: Desk, turned: TurnedClock) -> None:
    made = stored(desk, covering.set_cover(desk, JENS, TODAY, FRIDAY))
    assert (made.author, made.citizen_id, made.colleague_id, made.days) == (KAREN, NO_CITIZEN, JENS, 5)
    turned.turn(seconds=61)
    assert made.id in {row.record_id for row in desk.vault.outgoing(100)}


@pytest.mark.parametrize(
    ("whom", "first", "last", "code"),
    [
        ("", TODAY, FRIDAY, "no_cover"),
        ("nobody", TODAY, FRIDAY, "no_cover"),
        (KAREN, TODAY, FRIDAY, "no_cover"),
        (JENS, None, FRIDAY, "no_days"),
        (JENS, TODAY, None, "no_days"),
        (JENS, FRIDAY, TODAY, "end_before_start"),
        (JENS, TODAY - 2 * A_DAY, TODAY - A_DAY, "cover_passed"),
        (JENS, TODAY, TODAY + COVER_DAYS_MAX * A_DAY, "cover_too_long"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(
    desk: Desk, whom: str, first: date | None, last: date | None, code: str
) -> None:
    with pytest.raises(InvalidInput, match=code) as raised:
        covering.set_cover(desk, whom, first, last)
    assert messages.sentence(raised.value)
    assert desk.vault.reading.all(Cover) == []


def test_nobody_else_stands_in_on_the_same_days(desk: Desk, away: Cover) -> None:
    with pytest.raises(InvalidInput, match="covered_already"):
        covering.set_cover(desk, BENT, FRIDAY, FRIDAY + A_DAY)
    covering.set_cover(desk, BENT, FRIDAY + A_DAY, FRIDAY + A_DAY)


def test_ended_early_it_says_so_with_its_dates(desk: Desk, away: Cover, turned: TurnedClock) -> None:
    turned.turn(days=2)
    covering.end(desk, away)
    assert stored(desk, away).to_on == TODAY + A_DAY
    assert Overview(desk).covers.hers(desk.today()) == []


@pytest.mark.parametrize("starts", [0, 3])
def test_taken_back_it_runs_on_no_day(desk: Desk, starts: int) -> None:
    made = covering.set_cover(desk, JENS, TODAY + starts * A_DAY, TODAY + 5 * A_DAY)
    answered(desk, made.id)
    covering.end(desk, made)
    assert not any(stored(desk, made).runs_on(TODAY + days * A_DAY) for days in range(9))


def test_what_the_hub_never_heard_of_or_refused_is_put_away(desk: Desk) -> None:
    made = covering.set_cover(desk, JENS, TODAY, FRIDAY)
    covering.end(desk, made)
    no_more = covering.set_cover(desk, BENT, TODAY, FRIDAY)
    refused(desk, no_more.id, Reason.UNKNOWN_COLLEAGUE)
    covering.end(desk, no_more)
    assert desk.vault.reading.all(Cover) == []
    covering.end(desk, made)


def test_one_that_is_over_is_not_made_longer_by_ending_it(desk: Desk, away: Cover, turned: TurnedClock) -> None:
    turned.turn(days=9)
    covering.end(desk, away)
    assert stored(desk, away).to_on == FRIDAY


# ---------------------------------------------------------------- what rings
def rings(desk: Desk, citizen_id: str = FREJA, days: float = 1) -> bool:
    """Whether a reminder of then rings here."""
    desk.add_reminder(citizen_id, desk.now() + days * A_DAY, "Ring")
    overview = Overview(desk)
    assert any(one.text == "Ring" for one in overview.open_reminders()), "it is seen in any case"
    return any(one.text == "Ring" for one in overview.reminders_that_ring())


def test_hers_ring_at_the_cover_alone(desk: Desk, away: Cover) -> None:
    assert not rings(desk)
    assert rings(desk, JONAS, 5), "the day after"


def test_a_cover_that_the_hub_does_not_know_silences_nothing(desk: Desk) -> None:
    covering.set_cover(desk, JENS, TODAY, FRIDAY)
    assert rings(desk)


def test_one_that_was_ended_early_offline_rings_here_at_once(desk: Desk, away: Cover) -> None:
    covering.end(desk, away)
    assert rings(desk)


def test_those_of_whom_she_stands_in_for_ring_here_as_long_as_she_does(desk: Desk) -> None:
    came(desk, of_jens())
    lent(desk, FREJA)
    assert rings(desk)
    after = desk.add_reminder(FREJA, desk.now() + 5 * A_DAY, "Ring senere")
    assert after is not None
    assert "Ring senere" not in {one.text for one in Overview(desk).reminders_that_ring()}


def test_contact_today_has_whom_she_stands_in_for_until_it_is_over(desk: Desk, turned: TurnedClock) -> None:
    agreed = [replace(one, contact_every_days=2) for one in Overview(desk).citizens()]
    desk.vault.save(*agreed)
    came(desk, of_jens(to_on=TODAY))
    lent(desk, FREJA)

    def suggested() -> set[str]:
        return {case.citizen.id for case, _ in Overview(desk).round().suggested}

    assert suggested() == {FREJA, JONAS, THEA}
    turned.turn(days=1)
    assert suggested() == {JONAS, THEA}, "still here, because this phone has not synced"


# ---------------------------------------------------------------- what is on the screen
Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def scene(desk: Desk, turned: TurnedClock) -> Callable[[Scenario], None]:
    """Plays a scenario in an unlocked window."""

    def play(scenario: Scenario) -> None:
        async def unlocked(window: Window) -> None:
            await window.unlock()
            await scenario(window)

        headless.run(desk.vault, turned, unlocked)

    return play


async def pick(window: Window, nth: int, day: date) -> None:
    """A day, in the dialog behind the nth button: Flet's picker answers with a moment in UTC."""
    buttons = [one for one in window.controls(ft.OutlinedButton) if one.icon == ft.Icons.CALENDAR_TODAY]
    await window.fire(buttons[nth], "click")
    (picker,) = window.controls(ft.DatePicker)[-1:]
    picker.value = MONDAY.replace(year=day.year, month=day.month, day=day.day, hour=0)
    await window.fire(picker, "change")


def test_she_sets_a_cover_and_takes_it_back(scene: Callable[[Scenario], None], vault: Vault) -> None:
    async def setting(window: Window) -> None:
        await window.go("/more")
        assert window.says("Afløser") and window.says("Hvem der tager sig af dine borgere, når du er væk")
        await window.go("/more/cover")
        await window.tap("Vælg afløser")
        assert window.says("Vælg, hvem der afløser dig.")
        await window.tap("Jens Dahl")
        await window.tap("Vælg afløser")
        assert window.says("Vælg den første og den sidste dag.")
        await pick(window, 0, TODAY + A_DAY)
        await pick(window, 1, FRIDAY)
        await window.tap("Vælg afløser")
        assert window.says("Skal Jens Dahl afløse dig?")
        assert window.says("24. nov. 2026 til 27. nov. 2026")
        assert vault.reading.all(Cover) == []
        await window.fire(window.tappable("Vælg afløser")[-1], "click")
        await window.until(lambda: vault.reading.all(Cover))
        await window.until(lambda: window.says("Jens Dahl kommer til at afløse dig"))
        (made,) = vault.reading.all(Cover)
        assert (made.colleague_id, made.from_on, made.to_on) == (JENS, TODAY + A_DAY, FRIDAY)
        await window.tap("Tag tilbage")
        await window.until(lambda: not vault.reading.all(Cover))

    scene(setting)


def test_while_it_runs_it_is_said_on_the_day_and_on_the_citizen(
    desk: Desk, away: Cover, scene: Callable[[Scenario], None]
) -> None:
    desk.add_reminder(FREJA, desk.now() + timedelta(hours=1), "Ring")

    async def reading(window: Window) -> None:
        assert window.says(
            "Du afløses af Jens Dahl til 27. nov. 2026. Påmindelser om dine borgere ringer hos Jens Dahl."
        )
        await window.go(f"/citizens/{FREJA}")
        assert window.says("Afløses af Jens Dahl til 27. nov. 2026")
        await window.go("/more/cover")
        assert window.says("Jens Dahl afløser dig")
        aloud = [text.semantics_label for text in window.controls(ft.Text)]
        assert "Slut nu: Jens Dahl, 23. nov. 2026 til 27. nov. 2026" in aloud
        await window.tap("Slut nu")
        await window.until(lambda: not window.tappable("Slut nu"))

    scene(reading)


def test_whose_citizen_it_is_is_said_and_the_case_is_not_hers_to_give(
    desk: Desk, scene: Callable[[Scenario], None]
) -> None:
    came(desk, of_jens())
    lent(desk, FREJA)

    async def reading(window: Window) -> None:
        assert window.says("Afløser for Jens Dahl til 27. nov. 2026")
        await window.go("/citizens")
        assert window.says("Afløser for Jens Dahl til 27. nov. 2026")
        await window.go(f"/citizens/{FREJA}")
        assert window.says("Afløser for Jens Dahl til 27. nov. 2026")
        assert not window.tappable("Overdrag sag")
        await window.go(f"/citizens/{JONAS}")
        assert window.tappable("Overdrag sag")
        await window.go("/more/cover")
        assert window.says("Du afløser Jens Dahl")

    scene(reading)


def test_what_the_hub_refused_is_said_and_can_be_put_away(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    made = covering.set_cover(desk, JENS, TODAY, FRIDAY)
    refused(desk, made.id, Reason.COVER_TOO_LONG)
    assert Overview(desk).state_of(made.id) == SyncState.REFUSED

    async def reading(window: Window) -> None:
        await window.go("/more/cover")
        assert window.says("Jens Dahl afløser dig ikke.")
        assert window.says("En afløsning varer højst 90 dage.")
        await window.tap("Fjern")
        await window.until(lambda: not desk.vault.reading.all(Cover))

    scene(reading)

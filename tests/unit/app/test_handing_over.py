"""Handing a case over and accepting one: what is saved, what is said, and how long there is a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import flet as ft
import pytest
from msgspec.structs import replace

from mobile_app import course, handing_over
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.reading import SyncState
from storage.records import HUB, AftercareAnswer, Citizen, Handover
from storage.store import Vault
from sync.protocol import Reason
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import (
    FREJA,
    JONAS,
    KAREN,
    MONDAY,
    answered,
    came,
    citizen,
    colleague,
    note,
    refused,
    written,
)
from tests.unit.app.people import sent as put_into_a_request
from tests.vaults import TurnedClock

JENS, BENT = "consultant-jens", "consultant-bent"


@pytest.fixture
def desk(vault: Vault, turned: TurnedClock) -> Desk:
    """Karen's, with two colleagues."""
    desk = Desk(vault, turned)
    came(desk, colleague(KAREN, "Karen Holm"), colleague(JENS, "Jens Dahl"), colleague(BENT, "Bent Lund"))
    return desk


def freja(desk: Desk) -> Citizen:
    found = desk.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def handed(record_id: str = "h1", **fields: Any) -> Handover:
    """From Jens to Karen."""
    known = {"citizen_id": FREJA, "created_at": MONDAY, "updated_at": MONDAY, "author": JENS, "to": KAREN}
    return Handover(id=record_id, **known | fields)


# ---------------------------------------------------------------- what is saved
def test_whom_it_can_go_to_are_the_others_by_name(desk: Desk, overview: Overview) -> None:
    assert [one.name for one in overview.handovers.colleagues()] == ["Bent Lund", "Jens Dahl"]


def test_it_waits_a_minute_and_can_be_undone_until_it_is_sent(desk: Desk, turned: TurnedClock) -> None:
    made = handing_over.hand_over(desk, freja(desk), JENS, "  Hun ringer helst om aftenen. ")
    assert (made.to, made.author, made.message) == (JENS, KAREN, "Hun ringer helst om aftenen.")
    turned.turn(seconds=59)
    assert made.id not in {row.record_id for row in desk.vault.outgoing(100)}
    turned.turn(seconds=2)
    assert made.id in {row.record_id for row in desk.vault.outgoing(100)}
    handing_over.take_back(desk, made)
    assert desk.vault.reading.get(made.id) is None and desk.vault.row(made.id) is None
    handing_over.take_back(desk, made)


def test_once_it_is_under_way_it_cannot_be_undone(desk: Desk) -> None:
    made = handing_over.hand_over(desk, freja(desk), JENS, "")
    put_into_a_request(desk, made.id)
    with pytest.raises(InvalidInput, match="handed_over_already"):
        handing_over.take_back(desk, made)
    assert desk.vault.reading.get(made.id) == made


def test_what_the_hub_refused_is_put_away_and_may_go_to_another(desk: Desk, overview: Overview) -> None:
    made = handing_over.hand_over(desk, freja(desk), JENS, "")
    refused(desk, made.id, Reason.UNKNOWN_COLLEAGUE)
    assert overview.handovers.on_its_way(FREJA) == (made, SyncState.REFUSED)
    handing_over.take_back(desk, made)
    assert overview.handovers.on_its_way(FREJA) is None
    handing_over.hand_over(desk, freja(desk), BENT, "")


@pytest.mark.parametrize(
    ("to", "message", "code"),
    [("", "", "no_colleague"), ("nobody", "", "no_colleague"), (JENS, "x" * 501, "message_too_long")],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(desk: Desk, to: str, message: str, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        handing_over.hand_over(desk, freja(desk), to, message)
    assert desk.vault.reading.all(Handover) == []


def test_twice_it_is_one(desk: Desk) -> None:
    handing_over.hand_over(desk, freja(desk), JENS, "")
    with pytest.raises(InvalidInput, match="done_already"):
        handing_over.hand_over(desk, freja(desk), BENT, "")


def test_accepting_says_when_and_whose_it_was_stays(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    came(desk, handed())
    assert overview.handovers.to_accept() == overview.handovers.to_accept(FREJA) == [handed()]
    assert overview.handovers.to_accept(JONAS) == []
    turned.turn(hours=1)
    handing_over.accept(desk, handed())
    found = desk.vault.reading.get("h1")
    assert isinstance(found, Handover)
    assert (found.author, found.accepted_at) == (JENS, MONDAY + timedelta(hours=1))
    assert overview.handovers.to_accept() == []
    handing_over.accept(desk, handed())
    assert desk.vault.reading.get("h1") == found


def test_only_the_last_time_a_case_came_is_to_be_accepted(desk: Desk, overview: Overview) -> None:
    later = handed("h3", created_at=MONDAY + timedelta(days=9), author=BENT)
    away = handed("h2", created_at=MONDAY + timedelta(days=5), author=KAREN, to=BENT)
    came(desk, handed(), away, later)
    assert overview.handovers.to_accept() == [later]
    handing_over.accept(desk, later)
    assert overview.handovers.to_accept() == []


def test_what_she_handed_over_before_is_not_on_its_way_any_more(desk: Desk, overview: Overview) -> None:
    made = handing_over.hand_over(desk, freja(desk), JENS, "")
    answered(desk, made.id)
    assert overview.handovers.on_its_way(FREJA) is None


def test_a_note_of_a_draft_that_a_colleague_began_says_so(desk: Desk) -> None:
    done = desk.finish(written(desk, author=JENS, begun_by=JENS))
    assert (done.author, done.begun_by) == (KAREN, JENS)
    assert desk.take_back(done).begun_by == JENS


def test_a_closing_is_undone_after_it_was_received_too(desk: Desk) -> None:
    """The hub lets the case go a day later at the earliest: within the minute there is always a way back."""
    before = freja(desk)
    course.end(desk, before, AftercareAnswer.DECLINED)
    answered(desk, FREJA)
    course.undo_end(desk, before)
    assert freja(desk).status == "active"
    row = desk.vault.row(FREJA)
    assert row is not None and row.status == "waiting"


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


def test_she_hands_over_in_four_taps_and_takes_it_back(scene: Callable[[Scenario], None], vault: Vault) -> None:
    async def handing(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        await window.tap("Overdrag sag")
        await window.tap("Overdrag sag")
        assert window.says("Vælg, hvem der tager over.")
        await window.tap("Jens Dahl")
        assert not window.says("Vælg, hvem der tager over.")
        await window.tap("Overdrag sag")
        assert window.says("Overdrag Freja til Jens Dahl?")
        assert window.says("Jens Dahl får alt om Freja, og Freja forlader din telefon.")
        assert vault.reading.all(Handover) == []
        await window.tap("Overdrag")
        await window.until(lambda: vault.reading.all(Handover))
        await window.until(lambda: window.says("Freja overdrages til Jens Dahl ved næste synkronisering."))
        await window.tap("Fortryd")
        await window.until(lambda: not vault.reading.all(Handover))
        await window.until(lambda: window.says("Freja bliver hos dig."))

    scene(handing)


def test_nothing_is_handed_over_where_she_keeps_the_case(scene: Callable[[Scenario], None], vault: Vault) -> None:
    async def keeping(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/handover")
        await window.tap("Jens Dahl")
        await window.tap("Overdrag sag")
        await window.tap("Behold sagen")
        assert vault.reading.all(Handover) == []

    scene(keeping)


def test_many_colleagues_are_narrowed_by_what_is_typed(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    came(desk, *(colleague(f"c{n}", f"Kollega {n}") for n in range(9)))

    async def finding(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/handover")
        assert window.tappable("Kollega 3")
        await window.tap("Bent Lund")
        await window.fill("Find en kollega", "jens")
        assert [one for one in ("Jens Dahl", "Bent Lund", "Kollega 3") if window.tappable(one)] == [
            "Jens Dahl",
            "Bent Lund",
        ]
        await window.fill("Find en kollega", "xyz")
        await window.fill("Find en kollega", "")
        assert window.tappable("Kollega 3")

    scene(finding)


def test_what_the_hub_refused_is_said_on_the_citizen(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    made = handing_over.hand_over(desk, freja(desk), JENS, "")
    refused(desk, made.id, Reason.UNKNOWN_COLLEAGUE)

    async def reading(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        assert window.says("Freja blev ikke overdraget til Jens Dahl.")
        assert window.says("kender ikke længere den kollega")
        await window.tap("Fjern")
        await window.until(lambda: not desk.vault.reading.all(Handover))

    scene(reading)


@pytest.mark.parametrize("route", ["/", f"/citizens/{FREJA}"])
def test_a_case_that_came_is_said_with_its_message_until_it_is_accepted(
    desk: Desk, scene: Callable[[Scenario], None], route: str
) -> None:
    came(desk, handed(message="Hun ringer helst om aftenen."))

    async def accepting(window: Window) -> None:
        await window.go(route)
        assert window.says("Jens Dahl har overdraget Freja til dig")
        assert window.says("Hun ringer helst om aftenen.")
        await window.tap("Tag imod sag")
        await window.until(lambda: not window.says("har overdraget"))

    scene(accepting)


def test_a_case_the_office_gave_says_that_it_came(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    came(desk, handed(author=HUB))

    async def looking(window: Window) -> None:
        assert window.says("Freja er overdraget til dig")

    scene(looking)


def test_a_draft_that_came_along_says_whose_it_was(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    came(desk, written(desk, author=JENS, begun_by=JENS))

    async def finishing(window: Window) -> None:
        assert window.says("Skal skrives færdig · fra Jens Dahl")
        await window.go(f"/citizens/{FREJA}/note/draft-1")
        assert window.says("Jens Dahl har begyndt dette notat.")
        await window.tap("Gem notat")
        await window.until(lambda: desk.vault.reading.count_notes(FREJA) == 1)
        await window.until(lambda: window.says("Begyndt af Jens Dahl"))

    scene(finishing)


def test_a_draft_of_a_case_that_left_can_be_finished(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    desk.keep_draft(replace(written(desk), citizen_id="citizen-gone"))

    async def finishing(window: Window) -> None:
        assert window.says("En sag, der ikke længere er her")
        await window.go("/note/draft-1")
        assert window.says("kan du skrive færdig i syv dage")
        await window.tap("Gem notat")
        await window.until(lambda: desk.vault.reading.count_notes("citizen-gone") == 1)
        await window.until(lambda: window.page.route == "/")

    scene(finishing)


def test_notes_say_who_wrote_them_where_it_was_a_colleague(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    came(desk, note("n1", author=JENS), note("n2", author=KAREN), note("n3", author="import"))

    async def reading(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        said = [str(text.value) for text in window.controls(ft.Text) if "Skrevet af" in str(text.value)]
        assert said == ["Skrevet af Jens Dahl"]

    scene(reading)


def test_without_colleagues_it_says_where_they_come_from(vault: Vault, turned: TurnedClock) -> None:
    async def looking(window: Window) -> None:
        await window.unlock()
        await window.go(f"/citizens/{FREJA}/handover")
        assert window.says("De kommer med næste synkronisering.")

    headless.run(vault, turned, looking)


def test_a_closed_case_says_that_it_leaves(desk: Desk, scene: Callable[[Scenario], None]) -> None:
    came(desk, citizen("citizen-ida", "Ida", status="closed", aftercare_answer="declined"))
    came(desk, citizen("citizen-bo", "Bo", status="closed", aftercare_answer="ask_later"))

    async def looking(window: Window) -> None:
        await window.go("/citizens/citizen-ida")
        assert window.says("Sagen forlader telefonen efter et døgn")
        await window.go("/citizens/citizen-bo")
        assert window.says("Efterværn") and not window.says("forlader telefonen")

    scene(looking)


def test_a_note_of_her_own_draft_was_begun_by_nobody_else(desk: Desk) -> None:
    assert desk.finish(written(desk)).begun_by == ""

"""The screens of aftercare: what cannot be agreed is said with an offer, and every step has a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import flet as ft
import pytest
from msgspec.structs import replace

from mobile_app import course
from mobile_app.services import Desk
from storage.records import AftercareAnswer, AftercareWindow, Citizen, Draft, NetworkPerson
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, KAREN, MONDAY, TODAY, note
from tests.vaults import TurnedClock

Scenario = Callable[[Window], Awaitable[None]]
LAST = date(2027, 5, 23)
HERE, FORM, FINISH = (f"/citizens/{FREJA}{rest}" for rest in ("", "/aftercare", "/aftercare/finish"))


@pytest.fixture
def scene(desk: Desk, turned: TurnedClock) -> Callable[[Scenario], None]:
    """Plays a scenario in an unlocked window."""

    def play(scenario: Scenario) -> None:
        async def unlocked(window: Window) -> None:
            await window.unlock()
            await scenario(window)

        headless.run(desk.vault, turned, unlocked)

    return play


@pytest.fixture
def window_of_freja(desk: Desk) -> AftercareWindow:
    """Freja said yes today."""
    course.end(desk, freja(desk.vault), AftercareAnswer.ACCEPTED)
    return aftercare(desk.vault)


def freja(vault: Vault) -> Citizen:
    found = vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def aftercare(vault: Vault) -> AftercareWindow:
    return vault.reading.all(AftercareWindow, FREJA)[0]


async def pick(window: Window, day: date) -> None:
    """In the picker that is open: Flet tells the day in UTC."""
    picker = window.controls(ft.DatePicker)[-1]
    window.session.apply_patch(picker._i, {"value": datetime(day.year, day.month, day.day, tzinfo=UTC)})
    await window.fire(picker, "change")


async def undo(window: Window) -> None:
    """In the line at the foot of the screen."""
    await window.until(lambda: window.controls(ft.SnackBarAction))
    await window.fire(window.controls(ft.SnackBarAction)[-1], "click")


# ---------------------------------------------------------------- the end of the course
@pytest.mark.parametrize(
    ("ended_on", "sentence", "instead"),
    [
        (date(2026, 1, 1), "Slutningen ligger før begyndelsen.", "Tag 5. jan. 2026"),
        (date(2026, 11, 30), "Forløbet kan ikke slutte i fremtiden.", "Tag 23. nov. 2026"),
    ],
)
def test_an_end_that_cannot_be_is_said_and_the_nearest_day_is_offered(
    scene: Callable[[Scenario], None], ended_on: date, sentence: str, instead: str
) -> None:
    async def ending(window: Window) -> None:
        await window.go(f"{HERE}/end")
        await window.tap("I dag")
        await pick(window, ended_on)
        assert window.says(sentence)
        await window.tap(instead)
        assert not window.says(sentence)

    scene(ending)


def test_a_course_that_ended_more_than_half_a_year_ago_ends_without_aftercare(
    scene: Callable[[Scenario], None], vault: Vault
) -> None:
    async def ending(window: Window) -> None:
        await window.go(f"{HERE}/end")
        await window.tap("I dag")
        await pick(window, date(2026, 5, 22))
        assert window.says("Det halve år efter forløbet er gået")
        assert not window.tappable("Spørg senere")
        await window.tap("Afslut uden efterværn")
        await window.until(lambda: freja(vault).status == "closed")
        assert freja(vault).ended_on == date(2026, 5, 22)
        await undo(window)
        await window.until(lambda: freja(vault).status == "active")

    scene(ending)


def test_a_no_becomes_a_yes_later_and_counts_from_the_end_of_the_course(
    desk: Desk, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    course.end(desk, freja(desk.vault), AftercareAnswer.DECLINED)
    turned.turn(days=40)

    async def saying_yes(window: Window) -> None:
        await window.go(HERE)
        assert window.says("Det kan blive et ja til og med 23. maj 2027.")
        await window.tap("Efterværn alligevel?")
        assert window.says("Det regnes fra forløbets slutning 23. nov. 2026.")
        await window.tap("Ja, til 23. maj 2027")
        await window.until(lambda: freja(desk.vault).status == "aftercare")
        assert (aftercare(desk.vault).starts_on, aftercare(desk.vault).ends_on) == (TODAY, LAST)

    scene(saying_yes)


# ---------------------------------------------------------------- what was agreed
@pytest.mark.parametrize(
    ("ends_on", "sentence", "instead", "becomes"),
    [
        (TODAY - timedelta(days=1), "ville slutte, før det begynder", "Tag 23. nov. 2026", TODAY),
        (date(2027, 6, 23), "Efterværn varer højst et halvt år.", "Tag 23. maj 2027", LAST),
    ],
)
def test_a_last_day_that_cannot_be_is_said_and_the_nearest_is_offered(
    window_of_freja: AftercareWindow,
    scene: Callable[[Scenario], None],
    vault: Vault,
    ends_on: date,
    sentence: str,
    instead: str,
    becomes: date,
) -> None:
    async def changing(window: Window) -> None:
        await window.go(FORM)
        await window.tap("Intet opkald")
        await window.tap("23. maj 2027")
        await pick(window, ends_on)
        assert window.says(sentence)
        await window.tap("Gem")
        await window.settle()
        assert aftercare(vault) == window_of_freja
        await window.tap(instead)
        await window.tap("Gem")
        await window.until(lambda: aftercare(vault).ends_on == becomes and not aftercare(vault).agreed_call_on)

    scene(changing)


def test_a_call_outside_is_said_and_offered_inside_and_undone(
    desk: Desk, window_of_freja: AftercareWindow, scene: Callable[[Scenario], None], vault: Vault
) -> None:
    course.change_window(desk, replace(window_of_freja, agreed_call_on=date(2027, 1, 4)))

    async def changing(window: Window) -> None:
        await window.go(FORM)
        await window.tap("1 måned")
        assert window.says("Det aftalte opkald ligger uden for efterværnet.")
        await window.tap("Tag 23. dec. 2026")
        await window.tap("Gem")
        await window.until(lambda: aftercare(vault).agreed_call_on == date(2026, 12, 23))
        await undo(window)
        await window.until(lambda: aftercare(vault).agreed_call_on == date(2027, 1, 4))

    scene(changing)


def test_who_takes_over_is_one_of_the_people_around_or_free_words(
    window_of_freja: AftercareWindow, scene: Callable[[Scenario], None], vault: Vault
) -> None:
    stamp = {"created_at": MONDAY, "updated_at": MONDAY, "author": KAREN, "citizen_id": FREJA}
    vault.save(NetworkPerson(id="p", name="Hanne, bostøtte", **stamp))

    async def choosing(window: Window) -> None:
        await window.go(FORM)
        await window.fill("Hvem tager over?", "Noget andet")
        await window.tap("Hanne, bostøtte")
        await window.fill("Hvem tager over?", "Tastet oveni")
        await window.tap("Hanne, bostøtte")
        await window.tap("Gem")
        await window.until(lambda: aftercare(vault).taken_over_by == "Hanne, bostøtte")

    scene(choosing)


def test_not_after_all_and_back(
    window_of_freja: AftercareWindow, scene: Callable[[Scenario], None], vault: Vault
) -> None:
    async def cancelling(window: Window) -> None:
        await window.go(FORM)
        await window.tap("Alligevel ikke efterværn")
        await window.until(lambda: aftercare(vault).state == "cancelled")
        await undo(window)
        await window.until(lambda: aftercare(vault).state == "running")
        assert freja(vault).status == "aftercare"

    scene(cancelling)


# ---------------------------------------------------------------- within it
@pytest.mark.parametrize(("tapped", "channel"), [("Freja ringede", "phone"), ("Freja skrev", "text")])
def test_that_freja_rang_is_a_note_in_one_tap(
    window_of_freja: AftercareWindow, scene: Callable[[Scenario], None], vault: Vault, tapped: str, channel: str
) -> None:
    async def noting(window: Window) -> None:
        await window.go(HERE)
        assert window.says("Ingen kontakt i efterværnet endnu.")
        await window.tap(tapped)
        assert vault.reading.all(Draft) == []
        await window.tap("Gem notat")
        await window.until(lambda: vault.reading.notes_of(FREJA))
        (made,) = vault.reading.notes_of(FREJA)
        assert (made.channel, made.initiated_by, made.text) == (channel, "citizen", f"{tapped}.")
        await window.until(lambda: window.says("1 kontakt i efterværnet"))
        assert window.says(f"I dag · {tapped}")

    scene(noting)


# ---------------------------------------------------------------- the end
def test_the_summary_tells_what_was_noted_and_is_saved_by_one_tap(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    course.change_window(desk, replace(window_of_freja, taken_over_by="Bostøtten"))
    turned.turn(days=(LAST - TODAY).days)
    desk.vault.save(
        note("n1", 0, occurred_at=MONDAY + timedelta(days=14), channel="phone"),
        note("n2", 0, occurred_at=MONDAY + timedelta(days=60), channel="text", initiated_by="citizen"),
        note("n3", 0, occurred_at=MONDAY + timedelta(days=61), channel="text", initiated_by="citizen"),
    )
    told = (
        "Efterværn fra 23. nov. 2026 til 23. maj 2027.\n"
        "3 kontakter: sms 2, telefon 1.\n"
        "Det aftalte opkald 7. dec. 2026 er gennemført.\n"
        "Tager over: Bostøtten.\n"
        "Det sluttede på den aftalte dag."
    )

    async def finishing(window: Window) -> None:
        await window.go("/")
        await window.tap("Gør efterværnet færdigt")
        assert window.says(told)
        assert aftercare(desk.vault).summary == ""
        await window.tap("Gem opsummeringen og afslut")
        await window.until(lambda: aftercare(desk.vault).summary == told)
        assert freja(desk.vault).status == "closed"
        await undo(window)
        await window.until(lambda: aftercare(desk.vault).summary == "")
        assert freja(desk.vault).status == "aftercare"

    scene(finishing)


def test_the_summary_can_be_mended_or_dropped(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    turned.turn(days=190)

    async def finishing(window: Window) -> None:
        await window.go(FINISH)
        assert window.says("Efterværnet sluttede 23. maj: Henvis til Ungecentret")
        assert window.says("Det aftalte opkald 7. dec. 2026 er ikke noteret.")
        await window.tap("Ret")
        await window.fill("Opsummering", "Freja klarer sig.")
        await window.tap("Gem opsummeringen og afslut")
        await window.until(lambda: aftercare(desk.vault).summary == "Freja klarer sig.")
        await undo(window)
        await window.until(lambda: aftercare(desk.vault).state == "running")
        await window.go(FINISH)
        await window.tap("Afslut uden opsummering")
        await window.until(lambda: aftercare(desk.vault).state == "ended")
        assert aftercare(desk.vault).summary == ""

    scene(finishing)


def test_before_its_time_it_takes_a_reason_that_the_summary_tells(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    turned.turn(days=3)

    async def finishing(window: Window) -> None:
        await window.go(FINISH)
        assert window.says("Det aftalte opkald 7. dec. 2026 falder bort.")
        await window.tap("Gem opsummeringen og afslut")
        await window.until(lambda: window.says("Vælg, hvorfor det slutter før tid"))
        assert aftercare(desk.vault) == window_of_freja
        await window.tap("Er flyttet")
        await window.fill("Med dine egne ord", "Er flyttet til Aarhus.")
        assert window.says("Det sluttede før tid: Er flyttet til Aarhus.")
        await window.tap("Gem opsummeringen og afslut")
        await window.until(lambda: aftercare(desk.vault).state == "ended")
        ended = aftercare(desk.vault)
        assert (ended.ends_on, ended.ended_reason) == (TODAY + timedelta(days=3), "Er flyttet til Aarhus.")
        assert "Der er ikke noteret nogen kontakt." in ended.summary

    scene(finishing)


def test_in_english_the_summary_is_english(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    turned.turn(days=190)
    desk.vault.put_plain("language", "en")

    async def reading(window: Window) -> None:
        await window.go(FINISH)
        assert window.says("Aftercare from 23 Nov 2026 to 23 May 2027.\nNo contact was noted.")

    scene(reading)


def test_whoever_rings_after_it_ended_is_pointed_to_the_youth_centre(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    turned.turn(days=190)

    async def reading(window: Window) -> None:
        for route in (HERE, "/", "/citizens/aftercare"):
            await window.go(route)
            assert window.says("Efterværnet sluttede 23. maj: Henvis til Ungecentret"), route

    scene(reading)


@pytest.mark.parametrize(("days_after", "points"), [(0, False), (1, True)])
def test_finished_on_the_last_day_that_day_is_still_freja_s(
    desk: Desk,
    window_of_freja: AftercareWindow,
    turned: TurnedClock,
    scene: Callable[[Scenario], None],
    days_after: int,
    points: bool,
) -> None:
    turned.turn(days=(LAST - TODAY).days)
    course.finish(desk, window_of_freja, summary="Efterværn i et halvt år.")
    turned.turn(days=days_after)

    async def reading(window: Window) -> None:
        await window.go(HERE)
        assert window.says("Henvis til Ungecentret") is points
        assert window.says("Efterværn i et halvt år.")

    scene(reading)


def test_a_reopened_course_says_so_and_goes_back(
    desk: Desk, window_of_freja: AftercareWindow, scene: Callable[[Scenario], None]
) -> None:
    async def reopening(window: Window) -> None:
        await window.go(HERE)
        await window.tap("Genoptag forløbet")
        await window.until(lambda: freja(desk.vault).status == "active")
        await undo(window)
        await window.until(lambda: freja(desk.vault).status == "aftercare")
        assert aftercare(desk.vault).state == "running"

    scene(reopening)


# ---------------------------------------------------------------- the picture
def test_each_bar_is_one_sentence(
    desk: Desk, window_of_freja: AftercareWindow, turned: TurnedClock, scene: Callable[[Scenario], None]
) -> None:
    turned.turn(days=10)

    async def reading(window: Window) -> None:
        await window.go("/citizens/aftercare")
        labels = [one.label for one in window.controls(ft.Semantics) if one.label]
        assert labels == ["Freja: uge 2 af 26, kan ringe til 23. maj, aftalt opkald mandag 7. december"]

    scene(reading)


def test_nobody_in_aftercare_is_said(scene: Callable[[Scenario], None]) -> None:
    async def reading(window: Window) -> None:
        await window.go("/citizens/aftercare")
        assert window.says("Ingen er i efterværn lige nu.")

    scene(reading)

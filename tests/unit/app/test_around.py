"""The screens of agreed contact, with no client: what they say, and what one tap does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import flet as ft
import pytest
from msgspec.structs import replace

from storage.records import Citizen, CitizenStatus, Event, Pause, PauseReason, PutOff, WorkPattern
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, JONAS, MONDAY, THEA, TODAY, appointment, citizen, note
from tests.vaults import TurnedClock

DAY = timedelta(days=1)
Scene = Callable[[Callable[[Window], Awaitable[None]]], None]


@pytest.fixture
def scene(vault: Vault, turned: TurnedClock) -> Scene:
    """Unlocked, with Freja due since a fortnight and reached on a walk before that."""
    vault.save(
        citizen(FREJA, "Freja", contact_every_days=14, phone="+45 00 00 00 01"),
        note("walk", days_ago=28, citizen_id=FREJA),
    )

    def play(steps: Callable[[Window], Awaitable[None]]) -> None:
        async def unlocked(window: Window) -> None:
            await window.unlock()
            await steps(window)

        headless.run(vault, turned, unlocked)

    return play


def freja(window: Window) -> Citizen:
    found = window.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


async def pick(window: Window, button: str, day: datetime) -> None:
    """Opens the picker behind this button, and answers as the phone's does: in UTC, up to half a day early."""
    await window.tap(button)
    picker = window.controls(ft.DatePicker)[-1]
    window.session.apply_patch(picker._i, {"value": day - timedelta(hours=1)})
    await window.fire(picker, "change", day - timedelta(hours=1))


async def choose(window: Window, words: str) -> None:
    """A chip, where a button of the screen below has the same words."""
    chips = [one for one in window.tappable(words) if isinstance(one, ft.Chip)]
    await window.fire(chips[-1], "select")


# ---------------------------------------------------------------- Today
def test_a_suggestion_says_why_and_one_tap_rings_writes_or_begins_a_note(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        assert window.says("Aftalt hver 14. dag · sidst 26. okt. på en gåtur")
        assert not window.says("Længe siden")
        for words in ("Ring op", "Sms", "Notat", "Ikke i dag"):
            assert window.tappable(words), words
        await window.tap("Notat")
        assert [draft.citizen_id for draft in window.app.fresh_drafts.values()] == [FREJA]

    scene(steps)


def test_not_today_says_when_and_undo_brings_it_back(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.tap("Ikke i dag")
        await window.until(lambda: window.says("Freja kommer først igen i morgen."))
        assert not window.tappable("Ikke i dag")
        undo = window.controls(ft.SnackBarAction)[-1]
        await window.fire(undo, "click")
        await window.until(lambda: window.tappable("Ikke i dag"))
        assert [put_off.active for put_off in window.vault.reading.all(PutOff)] == [False]

    scene(steps)


def test_after_three_tries_another_way_is_proposed(vault: Vault, scene: Scene) -> None:
    vault.save(*(note(f"try{days}", days_ago=days, citizen_id=FREJA, outcome="no_answer") for days in (1, 3, 5)))

    async def steps(window: Window) -> None:
        assert window.says("Fik ikke fat i 3 gange, sidst i går: Prøv en anden vej")

    scene(steps)


def test_five_a_day_are_offered_in_one_tap_where_three_cannot_hold_it(vault: Vault, scene: Scene) -> None:
    vault.save(*(citizen(f"more{n}", f"Barn {n}", contact_every_days=3) for n in range(9)))

    async def steps(window: Window) -> None:
        assert window.says("3 kontakter om dagen kan ikke nå det, der er aftalt.")
        await window.tap("Foreslå 5 om dagen")
        await window.until(lambda: len(window.app.overview.round().suggested) == 5)
        assert not window.says("kontakter om dagen kan ikke nå")
        await window.fire(window.controls(ft.SnackBarAction)[-1], "click")
        await window.until(lambda: len(window.app.overview.round().suggested) == 3)

    scene(steps)


def test_everybody_reached_says_who_comes_when_next(vault: Vault, scene: Scene) -> None:
    vault.save(note("today", citizen_id=FREJA, days_ago=1))

    async def steps(window: Window) -> None:
        assert window.says("Alle er nået som aftalt. Næste kontakt er fr. 4/12.")

    scene(steps)


# ---------------------------------------------------------------- what was agreed
def test_what_was_agreed_is_tapped_or_typed_and_says_what_counts(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/agreed")
        assert window.says("Tæller som kontakt: I to har talt eller skrevet sammen, uanset hvem der begyndte.")
        await window.tap("Hver 21. dag")
        await window.fill("Aftalte møder: dage imellem", "100")
        await choose(window, "Sms")
        await window.tap("Mentor")
        await window.tap("Gem")
        await window.until(lambda: freja(window).contact_every_days == 21)
        changed = freja(window)
        assert (changed.meeting_every_days, changed.preferred_channel, changed.roles_declined) == (
            100,
            "text",
            ("mentor",),
        )
        assert window.says("Tæller som kontakt")  # on the citizen's page

    scene(steps)


def test_an_impossible_rhythm_is_a_sentence_and_nothing_is_saved(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/agreed")
        await window.fill("Aftalt kontakt: dage imellem", "120")
        await window.tap("Gem")
        assert window.says("Vælg mellem 2 og 91 dage, for eksempel 14.")
        assert freja(window).contact_every_days == 14
        await window.tap("Ingen rytme aftalt")
        await window.tap("Gem")
        await window.until(lambda: freja(window).contact_every_days is None)

    scene(steps)


def test_the_age_limit_is_chosen_and_taken_away(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/agreed")
        await pick(window, "Vælg dag", datetime(2027, 3, 1, tzinfo=MONDAY.tzinfo))
        await window.tap("Gem")
        await window.until(lambda: freja(window).age_limit_on is not None)
        assert str(freja(window).age_limit_on) == "2027-03-01"
        await window.go(f"/citizens/{FREJA}/agreed")
        await window.tap("Fjern dagen")
        await window.tap("Gem")
        await window.until(lambda: freja(window).age_limit_on is None)

    scene(steps)


# ---------------------------------------------------------------- pauses
def test_an_admission_says_that_her_reminders_are_silent_and_ends_in_one_tap(vault: Vault, scene: Scene) -> None:
    async def steps(window: Window) -> None:
        desk = window.app.desk
        desk.add_reminder(FREJA, MONDAY + 2 * DAY, "Ring om kørekortet")
        await window.turn(60)
        await window.go(f"/citizens/{FREJA}/pause/new")
        assert window.says("er stille indtil udskrivningen, også dem, du selv har sat. Ingen går tabt")
        await window.tap("Gem pause")
        await window.until(lambda: window.says("Indlagt siden i dag"))
        assert window.says("1 af dine egne kommer igen")
        await window.tap("Udskrevet")
        await window.until(lambda: not window.says("Indlagt siden i dag"))
        assert [one.text for one in window.app.overview.open_reminders()] == ["Ring om kørekortet"]

    scene(steps)


def test_discharged_yet_is_answered_yes_where_it_is_asked(vault: Vault, scene: Scene) -> None:
    kept = {"created_at": MONDAY, "updated_at": MONDAY, "author": "import"}
    vault.save(Pause(id="p", citizen_id=FREJA, from_on=TODAY - 9 * DAY, reason=PauseReason.ADMISSION, **kept))

    async def steps(window: Window) -> None:
        assert window.says("Udskrevet endnu?")
        await window.tap("Ja, udskrevet")
        await window.until(lambda: not window.says("Udskrevet endnu?"))
        assert [pause.ended_on for pause in window.vault.reading.all(Pause)] == [TODAY]

    scene(steps)


def test_a_planned_pause_is_shown_changed_and_deleted(vault: Vault, scene: Scene) -> None:
    async def steps(window: Window) -> None:
        desk = window.app.desk
        planned = desk.save_pause(replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), from_on=TODAY + 7 * DAY))
        await window.settle()
        await window.go(f"/citizens/{FREJA}")
        assert window.says("På ferie fra 30. nov. 2026")
        assert not window.tappable("Tilbage nu")
        await window.go(f"/citizens/{FREJA}/pause/{planned.id}")
        await window.tap("Slet pausen")
        await window.until(lambda: window.vault.reading.all(Pause) == [])

    scene(steps)


# ---------------------------------------------------------------- a move, a death
def test_a_move_leads_to_the_end_of_the_course(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/moving")
        assert window.says("Medgang sender intet til den anden kommune.")
        await window.tap("Gem dagen")
        assert window.vault.reading.all(Event) == []  # no day was chosen
        await pick(window, "Vælg dag", MONDAY.replace(hour=0))
        await window.tap("Gem dagen")
        await window.until(lambda: window.says("Flyttet til anden kommune i dag"))
        (end,) = (one for one in window.controls(ft.FilledTonalButton) if one.content == "Afslut forløbet")
        await window.fire(end, "click")
        await window.until(lambda: freja(window).status == CitizenStatus.CLOSED)

    scene(steps)


def test_a_death_is_one_confirmed_act_with_a_quiet_page_and_a_way_back(vault: Vault, scene: Scene) -> None:
    vault.save(appointment("soon", in_days=2, citizen_id=FREJA))

    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}/death")
        assert window.vault.reading.all(Event) == []
        await window.tap("Ja, Freja er død")
        await window.until(lambda: window.says("Freja døde i dag."))
        for words in ("Ring op", "Sms", "Gennemført", "Udsæt"):
            assert not window.tappable(words), words
        assert window.says("Gik ved åen.")
        await window.go("/citizens")
        assert window.says("Døde i dag")
        await window.go("/")
        assert not window.says("Freja")
        await window.go(f"/citizens/{FREJA}")
        await window.tap("Det var en fejl – fortryd")
        await window.until(lambda: window.tappable("Ring op"))

    scene(steps)


def test_what_rings_when_she_dies_falls_silent(vault: Vault, scene: Scene) -> None:
    async def steps(window: Window) -> None:
        window.app.desk.add_reminder(FREJA, MONDAY + timedelta(seconds=5), "Ring")
        await window.settle()
        await window.turn(10)
        await window.app.alarms._look()
        assert [one.text for one in window.app.state.ringing] == ["Ring"]
        window.app.desk.has_died(FREJA, TODAY)
        await window.until(lambda: not window.app.state.ringing)
        await window.until(lambda: window.vault.fire_times() == [])

    scene(steps)


# ---------------------------------------------------------------- protected address
def test_a_protected_place_is_shown_on_purpose_alone(vault: Vault, scene: Scene) -> None:
    vault.save(
        citizen(JONAS, "Jonas", address_protected=True),
        appointment("a", citizen_id=JONAS, place="Åvej 4"),
    )

    async def steps(window: Window) -> None:
        places = lambda: [field for field in window.controls(ft.TextField) if field.label == "Sted"]  # noqa: E731
        await window.go(f"/citizens/{JONAS}")
        assert not window.says("Åvej 4")
        await window.go(f"/citizens/{JONAS}/appointment/a")
        assert places() == []
        await window.tap("Vis stedet")
        assert [field.value for field in places()] == ["Åvej 4"]

    scene(steps)


def test_a_hidden_place_is_not_lost_when_the_form_is_saved(vault: Vault, scene: Scene) -> None:
    vault.save(citizen(JONAS, "Jonas", address_protected=True), appointment("a", citizen_id=JONAS, place="Åvej 4"))

    async def steps(window: Window) -> None:
        await window.go(f"/citizens/{JONAS}/appointment/a")
        await window.tap("Gem aftale")
        await window.until(lambda: window.vault.reading.get("a").updated_at == window.app.desk.now())  # type: ignore[union-attr]
        assert window.vault.reading.get("a").place == "Åvej 4"  # type: ignore[union-attr]

    scene(steps)


# ---------------------------------------------------------------- her week
def week(window: Window) -> WorkPattern | None:
    return window.app.desk.work_pattern()


def test_her_days_are_tapped_and_the_last_one_stays(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        await window.go("/more/settings/week")
        for left, day in zip(((1, 2, 3, 4), (2, 3, 4), (3, 4), (4,)), ("Man.", "Tirs.", "Ons.", "Tors."), strict=True):
            await window.tap(day)
            await window.until(lambda left=left: week(window) and week(window).working_days == left)
        await window.tap("Fre.")
        await window.until(lambda: window.says("Vælg mindst én arbejdsdag."))
        assert week(window).working_days == (4,)  # type: ignore[union-attr]

    scene(steps)


def test_leave_that_overlaps_or_is_turned_round_is_put_right_in_one_tap(scene: Scene) -> None:
    async def steps(window: Window) -> None:
        desk = window.app.desk
        desk.add_leave((TODAY, TODAY + 4 * DAY))
        await window.settle()
        await window.go("/more/settings/week")
        assert window.says("23. nov. 2026 – 27. nov. 2026")
        await window.tap("Tilføj ferie eller fri")
        await window.until(lambda: window.says("Du har allerede fri nogle af de dage."))
        await window.tap("Læg dem sammen: 23. nov. 2026 – 27. nov. 2026")
        await window.until(lambda: not window.says("Du har allerede fri"))
        await window.tap("Fjern")
        await window.until(lambda: desk.leave() == ())
        await pick(window, "I dag", MONDAY.replace(hour=0) - DAY)  # the last day, before the first
        await window.tap("Tilføj ferie eller fri")
        await window.until(lambda: window.says("Ferien ville slutte, før den begynder."))
        await window.tap("Brug 22. nov. 2026 – 23. nov. 2026")
        await window.until(lambda: desk.leave() == ((TODAY - DAY, TODAY),))

    scene(steps)


def test_who_has_no_phone_number_is_written_about_all_the_same(vault: Vault, scene: Scene) -> None:
    vault.save(citizen(THEA, "Thea", contact_every_days=14), note("t", days_ago=40, citizen_id=THEA))
    vault.save(citizen(FREJA, "Freja"))

    async def steps(window: Window) -> None:
        assert window.tappable("Notat")
        assert not window.tappable("Ring op")

    scene(steps)

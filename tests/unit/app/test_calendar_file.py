"""Mere > Kalender: what she is told, what she chooses, and what is remembered from file to file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Event
from msgspec.structs import replace

from mobile_app import calendar_file
from mobile_app.domain.calendar_entries import Choice
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.health import Health
from storage.records import AppointmentState, Cover
from storage.store import Vault
from sync.progress import PROGRESS, Progress
from sync.protocol import Covered
from tests.unit.app.headless import Window, run
from tests.unit.app.people import FREJA, KAREN, MONDAY, TODAY, appointment
from tests.vaults import PIN, TurnedClock

PLACED = Choice(places=True)


def events(content: bytes) -> list[Event]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


@dataclass
class FilesFake:
    """The system's dialog."""

    saves: bool = True
    saved: list[tuple[str, bytes]] = field(default_factory=list)

    async def save(self, name: str, content: bytes) -> bool:
        self.saved += [(name, content)] if self.saves else []
        return self.saves


Make = Callable[[], calendar_file.Made]


@pytest.fixture
def make(desk: Desk, overview: Overview, vault: Vault) -> Make:
    """A file of now, as if she had saved it."""

    def made() -> calendar_file.Made:
        found = calendar_file.make(
            vault, PLACED, overview.cases(), overview.standing_in(), overview.calendar(), desk.now()
        )
        vault.put_sealed(calendar_file._KEPT, found.kept)
        return found

    return made


def test_a_later_file_has_the_same_ids_also_under_new_keys_and_in_a_backup(
    desk: Desk, make: Make, vault: Vault, turned: TurnedClock
) -> None:
    desk.save_appointment(appointment("visit"))
    (before,) = events(make().content)
    vault.rotate_master_key(PIN)
    turned.turn(hours=1)
    (after,) = events(make().content)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


def test_what_she_cancels_is_called_off_in_the_next_file(desk: Desk, make: Make) -> None:
    known = desk.save_appointment(appointment("visit"))
    make()
    desk.save_appointment(replace(known, state=AppointmentState.CANCELLED))
    (event,) = events(make().content)
    assert (event["status"], event["summary"]) == ("CANCELLED", "Medgang: aflyst")


def test_nothing_is_called_off_for_a_record_that_damage_hides(
    desk: Desk, make: Make, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.save_appointment(appointment("visit"))
    make()
    vault.save(delete=["visit"])
    monkeypatch.setattr(vault, "_health", Health(changed_outside=True))
    assert events(make().content) == []


def test_of_a_colleagues_citizen_what_lies_after_the_cover_is_not_in_her_calendar(
    desk: Desk, overview: Overview, make: Make, vault: Vault
) -> None:
    days = {"from_on": TODAY, "to_on": TODAY + timedelta(days=4)}
    cover = Cover(id="k", created_at=MONDAY, updated_at=MONDAY, author="jens", colleague_id=KAREN, **days)
    vault.save(appointment("visit", rrule="FREQ=WEEKLY;COUNT=40"), cover)
    vault.put_sealed(PROGRESS, Progress("one", covered=(Covered(citizen_id=FREJA, consultant_id="jens"),)))
    overview.refresh()
    (event,) = events(make().content)
    assert event["rrule"]["until"] == [datetime(2026, 11, 27, 22, 59, 59, tzinfo=UTC)]


# ---------------------------------------------------------------- the screen
async def opened(window: Window, files: FilesFake) -> None:
    await window.unlock()
    window.app.files = files  # type: ignore[assignment]
    await window.go("/more/calendar")


def test_she_is_told_what_leaves_and_gets_the_file(vault: Vault, turned: TurnedClock) -> None:
    vault.save(appointment("visit", place="Mødelokalet", text="Om lægen"))
    files = FilesFake()

    async def scenario(window: Window) -> None:
        await opened(window, files)
        assert window.says("ingen navne og ingen tekst")
        await window.tap("Gem kalenderfilen")
        await window.until(lambda: window.says("Filen er gemt"))

    run(vault, turned, scenario)
    ((name, content),) = files.saved
    assert name == "medgang-2026-11-23.ics"
    (event,) = events(content)
    assert event["summary"] == "Medgang: aftale"
    assert "location" not in event


def test_a_place_goes_along_when_she_chose_so_and_is_chosen_next_time(vault: Vault, turned: TurnedClock) -> None:
    vault.save(appointment("visit", place="Mødelokalet", channel="office"))
    files = FilesFake()

    async def scenario(window: Window) -> None:
        await opened(window, files)
        assert not window.says("kan røbe, hvem det handler om")
        await window.tap("Med steder")
        await window.until(lambda: window.says("kan røbe, hvem det handler om"))
        await window.tap("Gem kalenderfilen")
        await window.until(lambda: window.says("Filen er gemt"))
        await window.go("/more")
        await window.go("/more/calendar")
        await window.until(lambda: window.says("kan røbe, hvem det handler om"))

    run(vault, turned, scenario)
    assert events(files.saved[0][1])[0]["location"] == "Mødelokalet"


def test_where_she_thought_better_of_it_nothing_is_remembered(vault: Vault, turned: TurnedClock) -> None:
    vault.save(appointment("visit"))

    async def scenario(window: Window) -> None:
        await opened(window, files := FilesFake(saves=False))
        await window.tap("Gem kalenderfilen")
        await window.until(lambda: window.tappable("Gem kalenderfilen") and not window.says("Gemmer"))
        assert files.saved == []
        assert not window.says("Filen er gemt")
        assert vault.get_sealed(calendar_file._KEPT, calendar_file.Kept) is None

    run(vault, turned, scenario)

"""When the notes are not to be seen: a phone that was handed in or stolen, or has not met its hub for fourteen days.
What is on the screen, what is sent, and what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from mobile_app import syncing
from mobile_app.app import App
from mobile_app.state import Stage
from storage import wiping
from storage.records import Draft
from storage.store import Vault
from sync import command, transport
from sync.command import Command, DeviceAsk, DeviceReply, Verb
from sync.engine import Engine
from sync.enrolment import device_of, keep
from sync.errors import HubRefused, HubUnreachable
from sync.hub.problems import ProblemError
from sync.lease import LEASE
from sync.progress import PROGRESS, Progress
from sync.protocol import ProblemCode, SyncReply, SyncRequest
from sync.signing import key_text
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, KAREN, MONDAY, citizen, note
from tests.unit.app.phone import Phone, on_a_phone
from tests.unit.sync.fakes import FakeHub
from tests.vaults import PIN, TurnedClock, reminder

Scenario = Callable[[Window], Awaitable[None]]
WORDS = "Kun på telefonen endnu."
HANDED_IN, STOLEN = "Telefonen er afleveret", "Telefonen er meldt stjålet"
DAYS_14 = "14 dage siden"


class Office:
    """The hub, and what its office has said about this phone. `is_away`: there is no connection."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.hub = FakeHub()
        self.is_away = False
        self.said: Command | None = None
        self.asked, self.requests = 0, list[SyncRequest]()

    def says(self, verb: Verb, device_id: str = "device-1") -> None:
        self.said = command.signed(self.key, device_id, verb, 1)

    def ask_about_device(self, request: DeviceAsk) -> DeviceReply:
        self.asked += 1
        if self.is_away:
            raise HubUnreachable("away", never_left=True)
        return DeviceReply(command=self.said)

    def sync(self, request: SyncRequest) -> SyncReply:
        if self.is_away:
            raise HubUnreachable("away", never_left=True)
        if self.said is not None and not (request.handing_in and self.said.verb == Verb.HANDED_IN):
            raise HubRefused(ProblemError(ProblemCode.DEVICE_REVOKED).problem)
        self.requests.append(request)
        return self.hub.sync(request)


@pytest.fixture
def office(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The vault's: enrolled there, and everything received."""
    made = Office()
    device = device_of(vault)
    assert device is not None
    keep(vault, replace(device, hub_public_key=key_text(made.key.public_key()), signing_key=bytes(32)))

    def engine_of(vault: Vault, now: Any, *, handing_in: bool) -> tuple[Engine, Any]:
        return Engine(vault, made, KAREN, now, handing_in=handing_in), transport.HttpTransport("http://127.0.0.1:1")

    monkeypatch.setattr(syncing, "engine_of", engine_of)
    monkeypatch.setattr(
        transport.HttpTransport, "ask_about_device", lambda self, request: made.ask_about_device(request)
    )
    Engine(vault, made, KAREN, vault._clock).run()
    for row in vault.all_rows():
        vault.apply([replace(row, hold_until_ms=0)])
    Engine(vault, made, KAREN, vault._clock).run()
    assert vault.unsent() == (0, 0)
    made.requests.clear()
    return made


@pytest.fixture
def run(vault: Vault, turned: TurnedClock) -> Callable[[Scenario], None]:
    return lambda scenario: headless.run(vault, turned, scenario)


Run = Callable[[Scenario], None]


def waits(vault: Vault, record_id: str = "note-1") -> None:
    vault.save(note(record_id, text=WORDS), hold=timedelta(0))


async def at_rest(window: Window) -> None:
    """Both loops wait for their time."""
    app = window.app
    await window.until(lambda: app.lost._wake._waiters and (not app.is_open or app.sync._wake._waiters))


async def minute(window: Window) -> None:
    await at_rest(window)
    await window.turn(61)


async def emptied(window: Window, sentence: str) -> None:
    """At the first screen, with one sentence, and nothing left beside it."""
    await window.until(lambda: window.app.state.stage == Stage.FIRST_RUN)
    assert window.says(sentence)
    assert window.tappable("Begynd")
    path = window.app.setup.vault_path
    assert [file.name for file in path.parent.iterdir()] == [f"{path.name}.wiped"]
    assert App._vault is None and not window.app.can_save


def texts(office: Office) -> list[str]:
    return [str(office.hub.fields(i).get("text", "")) for i, held in office.hub.held.items() if held.payload]


# ---------------------------------------------------------------- stolen
def test_a_locked_phone_that_was_stolen_is_empty_with_the_next_question(vault: Vault, office: Office, run: Run) -> None:
    async def stolen(window: Window) -> None:
        await window.until(lambda: office.asked == 1)
        assert window.app.state.stage == Stage.LOCKED
        office.says(Verb.STOLEN)
        await minute(window)
        await emptied(window, STOLEN)

    waits(vault)
    run(stolen)
    assert WORDS not in texts(office)


def test_a_phone_that_was_stolen_while_it_was_off_is_empty_at_its_start(vault: Vault, office: Office, run: Run) -> None:
    office.says(Verb.STOLEN)
    run(lambda window: emptied(window, STOLEN))


def test_an_open_phone_that_was_stolen_is_empty_with_the_next_sync(vault: Vault, office: Office, run: Run) -> None:
    async def stolen(window: Window) -> None:
        await window.unlock()
        await window.until(lambda: office.requests)
        office.says(Verb.STOLEN)
        await minute(window)
        await emptied(window, STOLEN)

    run(stolen)


def test_it_is_asked_on_coming_back_too(vault: Vault, office: Office, run: Run) -> None:
    async def back(window: Window) -> None:
        await window.until(lambda: office.asked == 1)
        await window.lifecycle("hide")
        office.says(Verb.STOLEN)
        await window.lifecycle("show")
        await emptied(window, STOLEN)

    run(back)


def test_without_a_connection_the_pauses_grow_as_those_of_the_sync(vault: Vault, office: Office, run: Run) -> None:
    async def away(window: Window) -> None:
        for count in range(1, 9):
            await window.until(lambda count=count: office.asked == count)
            await at_rest(window)
            await window.turn(syncing.backoff_s(count))
        assert window.app.state.stage == Stage.LOCKED

    office.is_away = True
    run(away)


@pytest.mark.parametrize("by", ["another key", "another phone"])
def test_a_command_that_is_not_the_hubs_for_this_phone_does_nothing(
    vault: Vault, office: Office, run: Run, by: str
) -> None:
    async def forged(window: Window) -> None:
        await window.until(lambda: office.asked == 1)
        await window.unlock()
        assert window.app.state.stage == Stage.OPEN
        await window.until(lambda: window.says("må ikke synkronisere") or window.app.state.sync.problem)
        assert window.app.state.stage == Stage.OPEN

    if by == "another phone":
        office.says(Verb.STOLEN, "device-2")
    else:
        office.key = Ed25519PrivateKey.generate()
        office.says(Verb.STOLEN)
    run(forged)
    assert vault._path.exists()


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
def test_no_alarm_of_it_rings_any_more(vault: Vault, office: Office, run: Run, locked: bool) -> None:
    async def armed(window: Window) -> None:
        phone = on_a_phone(window, Phone(window.clock))
        await window.unlock()
        await window.until(lambda: phone.held)
        if locked:
            await window.app.lock()
        office.says(Verb.STOLEN)
        await minute(window)
        await emptied(window, STOLEN)
        await window.until(lambda: phone.held == {})
        assert window.app.alarms._scheduler.get_jobs() == []

    vault.save(reminder(due_at=MONDAY + timedelta(days=1), citizen_id=FREJA, author=KAREN), hold=timedelta(0))
    run(armed)


# ---------------------------------------------------------------- handed in
def test_a_handed_in_phone_on_which_nothing_waits_is_empty_without_being_unlocked(
    vault: Vault, office: Office, run: Run
) -> None:
    office.says(Verb.HANDED_IN)
    run(lambda window: emptied(window, HANDED_IN))


def test_what_waits_is_sent_once_it_is_unlocked_and_then_it_is_empty(vault: Vault, office: Office, run: Run) -> None:
    async def handed_in(window: Window) -> None:
        await window.until(lambda: window.says("Lås den op en sidste gang"))
        await window.unlock()
        await emptied(window, HANDED_IN)

    waits(vault)
    office.says(Verb.HANDED_IN)
    run(handed_in)
    assert WORDS in texts(office)
    assert all(request.handing_in for request in office.requests)


def test_an_open_phone_shows_the_sync_alone_and_sends_the_draft_that_was_being_written(
    vault: Vault, office: Office, run: Run
) -> None:
    async def handed_in(window: Window) -> None:
        await window.unlock()
        await window.until(lambda: office.requests)
        window.app.writing.new_note(FREJA)
        await window.settle()
        await window.write(WORDS)
        office.says(Verb.HANDED_IN)
        await window.app.sync.now()
        await window.until(lambda: window.app.state.stage == Stage.SYNC_ONLY)
        assert window.says(HANDED_IN)
        assert not window.says(WORDS) and not window.says("Freja")
        assert WORDS not in texts(office)
        await minute(window)  # the draft's hold
        await emptied(window, HANDED_IN)

    run(handed_in)
    assert WORDS in texts(office)


def test_without_a_connection_it_waits_and_shows_nothing_of_the_notes(vault: Vault, office: Office, run: Run) -> None:
    async def away(window: Window) -> None:
        await window.until(lambda: window.says("Lås den op en sidste gang"))
        office.is_away = True
        await window.unlock()
        await window.until(lambda: window.says("Ingen forbindelse"))
        assert window.app.state.stage == Stage.SYNC_ONLY
        assert window.says("1 venter") and not window.says(WORDS)
        office.is_away = False
        await window.tap("Synkroniser nu")
        await emptied(window, HANDED_IN)

    waits(vault)
    office.says(Verb.HANDED_IN)
    run(away)
    assert WORDS in texts(office)


def test_what_the_hub_does_not_take_is_shown_and_goes_at_her_second_word_alone(
    vault: Vault, office: Office, run: Run
) -> None:
    async def asks(window: Window) -> None:
        await window.unlock()
        await window.until(lambda: window.tappable("Tøm telefonen"))
        assert window.says(WORDS) and window.says("Fagsystemet kunne ikke læse det")
        await at_rest(window)
        await window.turn(130)  # it locks meanwhile
        await window.locked()
        await window.unlock()
        await window.until(lambda: window.tappable("Tøm telefonen"))
        await window.tap("Tøm telefonen")
        await window.tap("Ikke endnu")
        await window.tap("Tøm telefonen")
        assert vault._path.exists()
        await window.tap("Tøm den for altid")
        await emptied(window, HANDED_IN)

    waits(vault)
    waits(vault, "note-2")
    office.hub.refuses = lambda mutation: mutation.record_id == "note-1"
    office.says(Verb.HANDED_IN)
    run(asks)
    assert "note-2" in office.hub.held and "note-1" not in office.hub.held


def test_every_field_that_the_hub_does_not_take_is_shown(vault: Vault, office: Office, run: Run) -> None:
    """Not a text alone: nobody else has it."""

    async def asks(window: Window) -> None:
        await window.unlock()
        await window.until(lambda: window.tappable("Tøm telefonen"))
        assert window.says("Det gør det til at holde ud: Helst om formiddagen.")
        assert window.says("Telefon: +45 00 00 00 77")

    waits(vault)
    vault.save(citizen(good_to_know="Helst om formiddagen.", phone="+45 00 00 00 77"), hold=timedelta(0))
    office.hub.refuses = lambda mutation: True
    office.says(Verb.HANDED_IN)
    run(asks)


def test_what_is_tried_again_and_taken_needs_no_word(vault: Vault, office: Office, run: Run) -> None:
    async def again(window: Window) -> None:
        await window.unlock()
        await window.until(lambda: window.tappable("Tøm telefonen"))
        office.hub.refuses = lambda mutation: False
        await window.tap("Prøv igen")
        await window.until(lambda: vault.unsent() == (1, 0))
        await window.tap("Synkroniser nu")
        await emptied(window, HANDED_IN)

    waits(vault)
    office.hub.refuses = lambda mutation: True
    office.says(Verb.HANDED_IN)
    run(again)
    assert WORDS in texts(office)


def test_words_that_no_save_took_are_shown_before_it_is_emptied(
    vault: Vault, office: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(window: Window) -> None:
        window.app.unsaved["draft-1"] = Draft(
            id="draft-1", citizen_id=FREJA, created_at=MONDAY, updated_at=MONDAY, author=KAREN, text=WORDS
        )
        office.says(Verb.HANDED_IN)
        await minute(window)
        await window.until(lambda: window.says("Lås den op en sidste gang"))
        await window.unlock()
        await window.until(lambda: vault.unsent() == (1, 0))  # now there is room
        await minute(window)
        await emptied(window, HANDED_IN)

    run(full)
    assert WORDS in texts(office)


# ---------------------------------------------------------------- a kill in the middle
@pytest.mark.parametrize("killed", ["after the slots", "after the file"])
def test_what_a_kill_cut_off_is_ended_at_the_next_start(
    vault: Vault, office: Office, run: Run, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    path = vault._path

    async def started(window: Window) -> None:
        vault.close()
        App._vault = None
        window.app.state.stage = Stage.STARTING
        window.app.open_file()
        await emptied(window, STOLEN)

    async def wiped_half(window: Window) -> None:
        with vault.held():  # as a wipe of its own is: no other thread is in the middle of a statement
            wiping.begin(vault._db, Verb.STOLEN)
        if killed == "after the file":
            vault.close()
            wiping._keep(path, wiping.Note(Verb.STOLEN))
            path.unlink()
        office.is_away = True
        await started(window)

    run(wiped_half)


def test_the_sentence_stands_until_a_new_vault_takes_the_place(vault: Vault, office: Office, run: Run) -> None:
    async def begun_anew(window: Window) -> None:
        await emptied(window, STOLEN)
        window.app.open_file()  # the next start
        await window.settle()
        await emptied(window, STOLEN)
        made = Vault.create(window.app.setup.vault_path, PIN, demo=True)
        made.close()
        window.app.open_file()
        assert window.app.state.stage == Stage.LOCKED
        App._vault.close()  # type: ignore[union-attr]
        App._vault = None
        window.app.setup.vault_path.unlink()
        window.app.open_file()
        await window.settle()
        assert window.app.state.stage == Stage.FIRST_RUN and not window.says(STOLEN)

    office.says(Verb.STOLEN)
    run(begun_anew)


# ---------------------------------------------------------------- fourteen days
def synced_days_ago(vault: Vault, turned: TurnedClock, days: float) -> None:
    progress = vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    vault.put_sealed(PROGRESS, replace(progress, last_success_at=turned() - timedelta(days=days)))


def test_after_fourteen_days_the_pin_opens_the_sync_alone_and_one_sync_everything(
    vault: Vault, turned: TurnedClock, office: Office, run: Run
) -> None:
    async def over(window: Window) -> None:
        await window.unlock()
        assert window.app.state.stage == Stage.SYNC_ONLY
        assert window.says(DAYS_14) and window.says("åbner igen, når den har synkroniseret")
        await window.until(lambda: window.says("Ingen forbindelse"))
        assert window.says("1 venter")
        for route in ("/citizens", f"/citizens/{FREJA}", "/reminders", "/more/sync"):
            window.page.navigate(route)
            await window.settle()
            assert not window.says("Freja") and not window.says(WORDS) and window.says(DAYS_14)
        office.is_away = False
        await window.tap("Synkroniser nu")
        await window.until(lambda: window.app.state.stage == Stage.OPEN)

    office.is_away = True
    waits(vault)
    synced_days_ago(vault, turned, LEASE.days)
    run(over)
    assert WORDS in texts(office)


def test_until_then_everything_opens_and_a_quiet_line_warns_three_days_before(
    vault: Vault, turned: TurnedClock, office: Office, run: Run
) -> None:
    async def warned(window: Window) -> None:
        await window.unlock()
        assert window.app.state.stage == Stage.OPEN
        assert window.says("lukker notaterne")
        office.is_away = False
        await window.app.sync.now()
        await window.settle()
        assert not window.says("lukker notaterne")

    office.is_away = True
    synced_days_ago(vault, turned, 11)
    run(warned)


def test_before_that_nothing_is_said(vault: Vault, turned: TurnedClock, office: Office, run: Run) -> None:
    async def quiet(window: Window) -> None:
        await window.unlock()
        assert window.app.state.stage == Stage.OPEN and not window.says("lukker notaterne")

    office.is_away = True
    synced_days_ago(vault, turned, 10.9)
    run(quiet)


def test_a_clock_put_back_opens_nothing_more_and_ten_years_ahead_lock_out_until_one_sync_alone(
    vault: Vault, turned: TurnedClock, office: Office, run: Run
) -> None:
    async def clocks(window: Window) -> None:
        office.is_away = True
        for days in (15, -15, 3650, -3649):
            turned.turn(days=days)
            await window.unlock()
            await window.until(lambda: window.app.state.sync.unreachable)
            assert window.app.state.stage == Stage.SYNC_ONLY
            await window.app.lock()
        office.is_away = False
        await window.unlock()
        await window.until(lambda: window.app.state.stage == Stage.OPEN)
        await window.app.lock()
        office.is_away = True
        await window.unlock()
        assert window.app.state.stage == Stage.OPEN

    run(clocks)


def test_a_question_that_was_asked_while_locked_opens_nothing_after_the_unlock(
    vault: Vault, turned: TurnedClock, office: Office, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(window: Window) -> None:
        await at_rest(window)
        async with window.app.locking:  # an unlock is under way, and the lease not looked at yet
            deciding = asyncio.create_task(window.app.lost.decide())
            await asyncio.sleep(0.05)
            await asyncio.to_thread(vault.unlock, PIN)
            await window.app._enter()
        await deciding
        assert window.app.state.stage == Stage.SYNC_ONLY

    office.is_away = True
    synced_days_ago(vault, turned, 20)
    run(slow)


def test_who_is_at_work_when_it_ends_is_not_interrupted(
    vault: Vault, turned: TurnedClock, office: Office, run: Run
) -> None:
    async def at_work(window: Window) -> None:
        await window.unlock()
        turned.turn(days=1)
        await window.app.sync.now()
        assert window.app.state.stage == Stage.OPEN
        await window.app.lock()
        await window.unlock()
        assert window.app.state.stage == Stage.SYNC_ONLY

    office.is_away = True
    synced_days_ago(vault, turned, 13.5)
    run(at_work)


def test_it_locks_by_itself_from_there_too(vault: Vault, turned: TurnedClock, office: Office, run: Run) -> None:
    async def idle(window: Window) -> None:
        await window.unlock()
        assert window.app.state.stage == Stage.SYNC_ONLY
        await window.turn(121)
        await window.locked()

    office.is_away = True
    synced_days_ago(vault, turned, 20)
    run(idle)


def test_a_phone_of_no_hub_opens_after_a_year(tmp_path: Path, vault: Vault, turned: TurnedClock) -> None:
    async def alone(window: Window) -> None:
        turned.turn(days=400)
        await window.unlock()
        assert window.app.state.stage == Stage.OPEN

    other = Vault.create(tmp_path / "alone" / "vault.db", PIN, turned, demo=True)
    headless.run(other, turned, alone)
    other.close()

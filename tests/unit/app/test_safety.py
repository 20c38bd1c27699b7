"""The screens of keys and of the file's health, tapped on a phone with a safe of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mobile_app import app
from storage import keys, slots
from storage.errors import KeystoreFailed
from storage.keystore import BIOMETRIC
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.conftest import quick_derivation
from tests.unit.app.headless import Window
from tests.unit.app.people import JONAS, citizen
from tests.vaults import PIN, Drawer, Safe, TurnedClock

STRONG = "regn på ruden"
NEW_PIN = "271828"
#: A loop that waits for the vault gives no answer.
STUCK_S = 2.0
TURN, BY_FINGER = "Lås op med finger eller ansigt", "Finger eller ansigt"
NO_KEY, WELL = "Telefonen gav ikke sin nøgle", "Alt på telefonen kan læses"
CHANGED, OLDER, RESTORED = "Noget andet end Medgang", "Notaterne er en ældre kopi", "Notaterne kommer fra en sikker"


class HerSafe(Safe):
    """Asks for her finger before it gives what is bound to it."""

    has_reader = True
    knows_finger = True
    #: What the window's loop does while the safe is asked, which answers only after that, as the phone's does.
    meanwhile: Callable[[], Awaitable[None]] | None = None
    stuck = False

    async def offers_biometrics(self) -> bool:
        return self.has_reader

    def _open(self) -> dict[str, bytes]:
        if self.meanwhile is not None:
            ticked = asyncio.run_coroutine_threadsafe(self._tick(self.meanwhile), self.loop)
            self.meanwhile = None
            try:
                ticked.result(STUCK_S)
            except TimeoutError:
                self.stuck = True
        return super()._open()

    async def _tick(self, work: Callable[[], Awaitable[None]]) -> None:
        await work()

    def answers_after(self, work: Callable[[], Awaitable[None]]) -> None:
        self.meanwhile, self.loop = work, asyncio.get_running_loop()

    def get(self, name: str) -> bytes | None:
        if name == BIOMETRIC and not self.knows_finger:
            raise KeystoreFailed(name)
        return super().get(name)


Scenario = Callable[[Window], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> HerSafe:
    """Of the phone that the app runs on."""
    safe = HerSafe()
    monkeypatch.setattr(app, "keystore_for", lambda page: safe)
    return safe


@pytest.fixture
def phone(safe: HerSafe, tmp_path: Path, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    """Of Karen, with Freja in her caseload."""
    monkeypatch.setattr(keys, "derive", quick_derivation)
    phone = Drawer(tmp_path / "phone" / "vault.db", turned, safe)
    phone.create().save(citizen())
    yield phone
    phone.close()


@pytest.fixture
def play(phone: Drawer) -> Play:
    """Plays a scenario, unlocked on the safety screen."""

    def play(scenario: Scenario, pin: str = PIN) -> None:
        async def there(window: Window) -> None:
            await window.unlock(pin)
            await to_safety(window)
            await scenario(window)

        headless.run(phone.reopened() if pin == PIN else phone.open(pin), phone.clock, there)

    return play


async def to_safety(window: Window) -> None:
    await window.go("/more/safety")


async def lock(window: Window) -> None:
    await window.app.lock()
    await window.settle()


# ---------------------------------------------------------------- finger or face
def test_her_finger_opens_the_notes_from_when_she_turns_it_on_until_she_turns_it_off(play: Play, safe: HerSafe) -> None:
    async def on_and_off(window: Window) -> None:
        await window.tap(TURN)
        await window.until(lambda: window.says("Din finger eller dit ansigt"))
        await lock(window)
        await window.tap(BY_FINGER)
        await window.until(lambda: window.app.is_open)
        await to_safety(window)
        await window.tap(TURN)
        await window.until(lambda: not window.says("Din finger eller dit ansigt"))
        assert BIOMETRIC not in safe.held
        await lock(window)
        assert window.tappable(BY_FINGER) == []

    play(on_and_off)


def test_a_finger_that_the_phone_does_not_know_leaves_the_pin(play: Play, safe: HerSafe) -> None:
    async def stranger(window: Window) -> None:
        await window.tap(TURN)
        await window.until(lambda: slots.BIOMETRIC in window.vault.slots())
        await lock(window)
        safe.knows_finger = False
        await window.tap(BY_FINGER)
        await window.until(lambda: window.says(NO_KEY))
        assert window.vault.locked
        await window.fill("PIN-kode", PIN)
        await window.tap("Lås op")
        await window.until(lambda: window.app.is_open)

    play(stranger)


def test_a_safe_that_takes_no_key_leaves_it_off_and_says_so(play: Play, safe: HerSafe) -> None:
    async def refused(window: Window) -> None:
        safe.refuses = True
        await window.tap(TURN)
        await window.until(lambda: window.says(NO_KEY))
        assert slots.BIOMETRIC not in window.vault.slots()
        assert not window.says("Din finger eller dit ansigt")

    play(refused)


def test_a_phone_without_a_reader_offers_none(play: Play, safe: HerSafe) -> None:
    async def looked_for(window: Window) -> None:
        assert window.tappable("Nye nøgler ...")
        assert window.tappable(TURN) == []

    safe.has_reader = False
    play(looked_for)


# ---------------------------------------------------------------- the safe answers on the loop of the window
def test_while_the_phone_looks_for_her_finger_she_may_look_around(play: Play, safe: HerSafe) -> None:
    async def looking(window: Window) -> None:
        async def around() -> None:
            await window.lifecycle("hide")
            await window.lifecycle("show")
            await window.tap("Glemt PIN-koden?")
            await window.tap("Tilbage til låseskærmen")
            assert window.tappable(BY_FINGER)

        await window.tap(TURN)
        await window.until(lambda: window.says("Din finger eller dit ansigt"))
        await lock(window)
        safe.answers_after(around)
        await window.tap(BY_FINGER)
        await window.until(lambda: window.app.is_open)
        assert safe.meanwhile is None
        assert not safe.stuck

    play(looking)


async def turn_on(window: Window) -> None:
    await window.tap(TURN)


async def new_pin(window: Window) -> None:
    await window.go("/more/settings")
    await window.fill("Nuværende PIN-kode", PIN)
    await window.fill("Ny PIN-kode", NEW_PIN)
    await window.fill("Ny PIN-kode igen", NEW_PIN)
    await window.tap("Skift PIN-kode")


@pytest.mark.parametrize("ask", [turn_on, new_pin])
def test_while_the_vault_waits_for_the_safe_every_screen_goes_on(
    play: Play, safe: HerSafe, ask: Callable[[Window], Awaitable[None]]
) -> None:
    async def working(window: Window) -> None:
        done: list[str] = []

        async def go_on() -> None:
            for route in ("/", "/citizens", "/reminders", "/more/sync", "/more/settings", "/more/safety"):
                window.app._changed()  # by a sync that came just before
                await window.go(route)
            done.append(window.page.route)

        safe.answers_after(go_on)
        await ask(window)
        await window.until(lambda: done)
        assert not safe.stuck

    play(working)


def test_unlocked_twice_at_once_it_is_entered_once(play: Play) -> None:
    async def twice(window: Window) -> None:
        await lock(window)
        await asyncio.gather(window.app.unlock(PIN), window.app.unlock(PIN))
        assert len(window.vault._observers) == 1

    play(twice)


# ---------------------------------------------------------------- new keys
@pytest.mark.parametrize(
    ("pin", "said", "changed"),
    [(PIN, "Dine notater har fået nye nøgler.", True), ("999999", "Det passer ikke.", False)],
)
def test_new_keys_are_made_for_who_knows_the_pin(play: Play, pin: str, said: str, changed: bool) -> None:
    async def renewed(window: Window) -> None:
        before = window.vault._unlocked().master_key
        await window.tap("Nye nøgler ...")
        await window.fill("Nuværende PIN-kode", pin)
        await window.tap("Skift nøgler")
        await window.until(lambda: window.says(said))
        assert (window.vault._unlocked().master_key != before) is changed

    play(renewed)


# ---------------------------------------------------------------- check
def test_a_check_of_a_sound_file_says_so(play: Play) -> None:
    async def checked(window: Window) -> None:
        await window.tap("Kontrollér mine notater")
        await window.until(lambda: window.says(WELL))

    play(checked)


def test_a_check_that_finds_something_shows_it(play: Play) -> None:
    async def checked(window: Window) -> None:
        window.vault._db.execute("DELETE FROM records")
        await window.tap("Kontrollér mine notater")
        await window.until(lambda: window.tappable("Jeg har læst det"))
        assert window.says(CHANGED)
        assert not window.says(WELL)

    play(checked)


# ---------------------------------------------------------------- what is seen on every screen
def older_copy_put_back(phone: Drawer) -> str:
    phone.close()
    older = phone.path.read_bytes()
    phone.open().save(citizen(JONAS, "Jonas"))
    phone.close()
    phone.path.write_bytes(older)
    return PIN


def record_taken_out(phone: Drawer) -> str:
    phone.close()
    with sqlite3.connect(phone.path) as file:
        file.execute("DELETE FROM records")
    file.close()
    return PIN


def backup_put_back(phone: Drawer) -> str:
    file = phone.path.with_name("notes.backup")
    phone.reopened().export(file, STRONG)
    phone.close()
    phone.path = phone.path.with_name("new.db")
    Vault.restore(file, phone.path)
    return STRONG


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [(older_copy_put_back, OLDER), (record_taken_out, CHANGED), (backup_put_back, RESTORED)],
)
def test_what_happened_to_the_file_is_said_on_every_screen_until_she_has_read_it(
    play: Play, phone: Drawer, happens: Callable[[Drawer], str], sentence: str
) -> None:
    pin = happens(phone)

    async def read(window: Window) -> None:
        for route in ("/", "/citizens", "/reminders", "/more", "/more/safety"):
            await window.go(route)
            assert window.says(sentence), route
        await window.tap("Se hvad")
        assert window.says(sentence)
        await window.tap("Jeg har læst det")
        await window.until(lambda: window.says(WELL))
        await lock(window)
        await window.unlock(pin)
        assert not window.says(sentence)

    play(read, pin)

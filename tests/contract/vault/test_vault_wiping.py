"""A vault that is wiped: nothing of it stays, wherever it is killed, and what is begun is ended at the next start
(security control 22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from storage import wiping
from storage.errors import (
    CannotSave,
    DiskFull,
    NoSuchSlot,
    PinDestroyed,
    StorageError,
    VaultDamaged,
    VaultMissing,
    WrongPin,
)
from storage.store import Vault
from storage.wiping import Note
from tests.killing import copied, killed_at, quick_kdf  # noqa: F401 - a fixture is found by name
from tests.states import PASSPHRASE, State, fill, opened, phone_in, state_in
from tests.vaults import PIN, Drawer, Safe, note

pytestmark = pytest.mark.usefixtures("quick_kdf")
POINTS_MAX = 500
WHY = "stolen"


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A phone with every way in, words that no hub has, and what a killed process leaves beside its vault."""
    phone = phone_in(tmp_path / "start")
    fill(phone.create())
    phone.opened[0].export(phone.path.with_name("kept-elsewhere"), PASSPHRASE)
    phone.close()
    under_way = phone.path.with_name(f"{phone.path.name}.backup-x1")
    under_way.mkdir()
    (under_way / "medgang.backup").write_bytes(b"sealed")
    phone.path.with_name(f".{phone.path.name}.salvage-x1").mkdir()
    phone.path.with_name(f"{phone.path.name}.new").write_bytes(b"half made")
    return phone.path.parent


def files_in(phone: Drawer) -> set[str]:
    return {file.name for file in phone.path.parent.rglob("*") if file.is_file()}


def is_empty(phone: Drawer, *, why: str = WHY) -> bool:
    """Only what lies elsewhere on purpose, and the note that says why."""
    assert files_in(phone) <= {"kept-elsewhere", f"{phone.path.name}.wiped"}
    assert wiping.note_of(phone.path) in (None, Note(why, finished=True))
    with pytest.raises(VaultMissing):
        phone.locked()
    return True


def opens(phone: Drawer) -> bool:
    """By any way there is, as the files lie now."""
    phone.close()
    with suppress(VaultMissing, VaultDamaged):
        vault = phone.locked()
        for way in (lambda: vault.unlock(PIN), vault.unlock_with_biometrics, vault.ask_recovery):
            phone.clock.turn(days=2)
            with suppress(WrongPin, PinDestroyed, NoSuchSlot, VaultDamaged):
                way()
                return True
    return False


def started_anew(phone: Drawer) -> None:
    """As the app starts: a wipe that was begun comes to its end."""
    phone.close()
    if wiping.is_begun(phone.path):
        wiping.end(phone.path, WHY, phone.safe)
        return
    with suppress(VaultMissing):
        vault = phone.locked()
        if vault.wiped_for:
            vault.wipe(vault.wiped_for)


# ---------------------------------------------------------------- what goes
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
def test_vault_log_what_lies_beside_it_and_the_secrets_go(start: Path, locked: bool) -> None:
    phone = phone_in(start)
    vault, _ = opened(phone)
    vault.save(note("note-3", text="Kun her."))
    if locked:
        vault.lock()
    vault.wipe(WHY)
    assert vault.locked
    assert is_empty(phone)
    assert list((start / "safe").iterdir()) == []


def test_a_new_vault_takes_the_place_and_the_note_with_it(start: Path) -> None:
    phone = phone_in(start)
    phone.locked().wipe(WHY)
    assert wiping.note_of(phone.path) == Note(WHY, finished=True)
    vault = phone.create()
    vault.save(note())
    assert wiping.note_of(phone.path) is None
    started_anew(phone)
    assert opens(phone)


def test_a_backup_put_back_takes_the_place_and_the_note_with_it(start: Path) -> None:
    phone = phone_in(start)
    phone.locked().wipe(WHY)
    wiping._keep(phone.path, Note(WHY))  # its end was cut off
    Vault.restore(phone.path.with_name("kept-elsewhere"), phone.path, phone.clock)
    started_anew(phone)
    assert phone.path.exists()


# ---------------------------------------------------------------- a kill, anywhere
def wiped(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.wipe(WHY)
    yield


def test_killed_at_any_point_all_is_as_it_was_or_nothing_opens_and_the_next_start_ends_it(
    start: Path, record_property: Callable[[str, Any], None]
) -> None:
    before = state_in(phone_in(copied(start, start.with_name("before"))))
    untouched = 0
    for point in range(1, POINTS_MAX):
        phone = phone_in(copied(start, start.with_name("killed")))
        ran = killed_at(lambda phone=phone: wiped(phone), point)
        as_it_lies = phone_in(copied(phone.path.parent, start.with_name("looked-at")))
        if opens(as_it_lies):
            as_it_lies.close()
            found: State | None = state_in(phone)
            assert found == before, f"killed at point {point} it is half there"
            assert point == untouched + 1, "what opened nothing any more opens again"
            untouched = point
            vault, _ = opened(phone)  # the command is there still
            vault.wipe(WHY)
        else:
            started_anew(phone)
        assert is_empty(phone), f"after a kill at point {point}"
        assert list((phone.path.parent / "safe").iterdir()) == []
        if not ran.killed:
            break
    assert not ran.killed
    assert 0 < untouched < point - 10
    record_property("kill_points", point - 1)


# ---------------------------------------------------------------- what stands in its way
def test_a_disk_without_room_keeps_nothing(start: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = phone_in(start)
    vault, _ = opened(phone)

    def full(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(wiping, "begin", full)
    monkeypatch.setattr(wiping, "_keep", lambda path, note: None)
    vault.wipe(WHY)
    assert is_empty(phone)


def test_a_damaged_vault_goes_too(start: Path) -> None:
    phone = phone_in(start)
    content = bytearray(phone.path.read_bytes())
    content[:16] = b"no database here"
    phone.path.write_bytes(content)
    vault = phone.locked()
    assert vault.read_only
    vault.wipe(WHY)
    assert is_empty(phone)


def test_a_damaged_vault_killed_in_the_middle_goes_at_the_next_start(start: Path) -> None:
    def damaged_wiped(phone: Drawer) -> Iterator[None]:
        vault = phone.locked()
        yield
        vault.wipe(WHY)
        yield

    content = bytearray((start / "medgang.db").read_bytes())
    content[:16] = b"no database here"
    (start / "medgang.db").write_bytes(content)
    for point in range(1, POINTS_MAX):
        phone = phone_in(copied(start, start.with_name("killed")))
        ran = killed_at(lambda phone=phone: damaged_wiped(phone), point)
        if not wiping.is_begun(phone.path) and ran.killed and phone.path.exists():
            assert opens(phone), f"killed at point {point}"
            continue
        started_anew(phone)
        assert is_empty(phone), f"after a kill at point {point}"
        if not ran.killed:
            break
    assert not ran.killed


def test_a_safe_that_refuses_costs_nothing_but_its_secrets(tmp_path: Path) -> None:
    safe = Safe()
    phone = Drawer(tmp_path / "vault" / "medgang.db", phone_in(tmp_path).clock, safe)
    vault = phone.create()
    safe.refuses = True
    vault.wipe(WHY)
    assert is_empty(phone)


def test_a_file_that_cannot_be_removed_is_said_and_opens_all_the_same_nothing(
    start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = phone_in(start)
    vault, _ = opened(phone)

    def refuse(file: Path) -> None:
        raise PermissionError(file)

    with monkeypatch.context() as patch:
        patch.setattr(wiping, "_remove", refuse)
        with pytest.raises(CannotSave):
            vault.wipe(WHY)
    assert not opens(phone)
    started_anew(phone)
    assert is_empty(phone)


# ---------------------------------------------------------------- what waits
def test_what_the_hub_does_not_have_is_counted_while_locked(start: Path) -> None:
    phone = phone_in(start)
    vault, _ = opened(phone)
    waiting = vault.unsent()
    assert waiting == (4, 0)
    vault.lock()
    assert vault.unsent() == waiting
    phone.close()
    with pytest.raises(StorageError):
        vault.unsent()

"""A backup opens on a new phone by its passphrase or by recovery, knows that it was restored, and shows nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from storage import sealed
from storage.errors import DiskFull, NotABackup, VaultExists, VaultTooNew, WeakPin, WrongPin
from storage.health import Health
from storage.store import Vault
from tests.vaults import PIN, Drawer, Safe, note, samples

PASSPHRASE = "kold regn over fire grå huse"
NEW_PIN = "271828"


@pytest.fixture
def backup(drawer: Drawer, tmp_path: Path) -> Path:
    """Of a phone with a keystore, a recovery slot and every kind of record."""
    drawer.safe = Safe()
    vault = drawer.create()
    vault.add_biometric_slot()
    vault.add_recovery_slot(sealed.new_recovery_key()[1])
    vault.save(*samples())
    target = tmp_path / "backup.medgang"
    vault.export(target, PASSPHRASE)
    return target


@pytest.fixture
def new_phone(drawer: Drawer, tmp_path: Path) -> Drawer:
    return Drawer(tmp_path / "new" / "medgang.db", drawer.clock, Safe())


def test_a_new_phone_opens_a_backup_by_its_passphrase(backup: Path, drawer: Drawer, new_phone: Drawer) -> None:
    Vault.restore(backup, new_phone.path, new_phone.clock)
    vault = new_phone.open(PASSPHRASE)
    assert vault.health == Health(restored=True)
    assert all(vault.reading.get(record.id) == record for record in samples())
    assert vault.copy_id != drawer.opened[0].copy_id
    assert vault.slots() == {"pin", "recovery"}
    vault.change_pin(PASSPHRASE, NEW_PIN)
    vault.acknowledge()
    assert new_phone.reopened is not None
    new_phone.close()
    assert new_phone.open(NEW_PIN).health == Health()
    new_phone.close()


def test_the_phones_own_pin_does_not_open_the_backup(backup: Path, new_phone: Drawer) -> None:
    Vault.restore(backup, new_phone.path, new_phone.clock)
    with pytest.raises(WrongPin):
        new_phone.open(PIN)
    new_phone.close()


def test_a_new_phone_opens_a_backup_by_recovery(vault: Vault, drawer: Drawer, new_phone: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    vault.save(note())
    target = drawer.path.with_name("backup.medgang")
    vault.export(target, PASSPHRASE)
    Vault.restore(target, new_phone.path, new_phone.clock)
    restored = new_phone.locked()
    asked = restored.ask_recovery()
    restored.recover(sealed.rewrap(private_key, asked.wrapped, asked.public_key), NEW_PIN)
    assert restored.reading.get("note-1") is not None
    new_phone.close()


def test_a_backup_is_not_made_over_another_file(vault: Vault, drawer: Drawer) -> None:
    target = drawer.path.with_name("backup.medgang")
    target.write_bytes(b"hers")
    with pytest.raises(VaultExists):
        vault.export(target, PASSPHRASE)
    assert target.read_bytes() == b"hers"


def test_a_backup_leaves_the_phone_so_a_pin_is_not_enough(vault: Vault, drawer: Drawer) -> None:
    with pytest.raises(WeakPin):
        vault.export(drawer.path.with_name("backup.medgang"), PIN)


def test_over_a_vault_nothing_is_restored(backup: Path, drawer: Drawer) -> None:
    drawer.close()
    before = drawer.path.read_bytes()
    with pytest.raises(VaultExists):
        Vault.restore(backup, drawer.path)
    assert drawer.path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [lambda whole: b"", lambda whole: whole[: len(whole) // 2], lambda whole: b"No backup.", lambda whole: whole[::-1]],
)
def test_what_is_no_whole_backup_is_refused_and_leaves_nothing(backup: Path, new_phone: Drawer, damage) -> None:  # type: ignore[no-untyped-def]
    backup.write_bytes(damage(backup.read_bytes()))
    with pytest.raises(NotABackup):
        Vault.restore(backup, new_phone.path)
    assert list(new_phone.path.parent.iterdir()) == []


def test_a_vault_is_no_backup(vault: Vault, drawer: Drawer, new_phone: Drawer) -> None:
    drawer.close()
    with pytest.raises(NotABackup):
        Vault.restore(drawer.path, new_phone.path)


def test_a_backup_of_a_newer_version_says_so(backup: Path, new_phone: Drawer) -> None:
    content = bytearray(backup.read_bytes())
    content[63] += 1  # user_version
    backup.write_bytes(content)
    with pytest.raises(VaultTooNew):
        Vault.restore(backup, new_phone.path)


def test_a_backup_is_its_owners_alone_and_names_nobody(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert "åen".encode() not in backup.read_bytes()
    assert [file.name for file in backup.parent.glob("backup*")] == [backup.name]


def test_a_backup_that_could_not_be_finished_leaves_nothing(
    vault: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "fsync", full)
    target = drawer.path.parent / "out" / "backup.medgang"
    target.parent.mkdir()
    with pytest.raises(DiskFull):
        vault.export(target, PASSPHRASE)
    assert list(target.parent.iterdir()) == []

"""The ways into a vault: losing one loses nothing, and each opens only where it should."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from storage import keys, sealed
from storage.errors import (
    CannotOpen,
    CannotSave,
    DiskFull,
    KeystoreFailed,
    NoSuchSlot,
    PinDestroyed,
    SelfTestFailed,
    TooSoon,
    VaultDamaged,
    WeakPin,
    WrongPin,
)
from storage.store import Vault
from tests.vaults import PIN, Drawer, Safe, note

PASSPHRASE = "kold regn over fire grå huse"
NEW_PIN = "271828"


@pytest.fixture
def phone(drawer: Drawer) -> Drawer:
    """One with a keystore."""
    drawer.safe = Safe()
    return drawer


def _wrong_until_destroyed(drawer: Drawer) -> None:
    vault = drawer.locked()
    for _ in range(9):
        with pytest.raises(WrongPin):
            vault.unlock("000001")
        drawer.clock.turn(hours=2)
    with pytest.raises(PinDestroyed):
        vault.unlock("000001")
    drawer.close()


# ---------------------------------------------------------------- PIN and passphrase
def test_without_a_keystore_a_pin_is_too_weak(drawer: Drawer) -> None:
    with pytest.raises(WeakPin) as weak:
        Vault.create(drawer.path, PIN, drawer.clock)
    assert weak.value.reason == "too_short"
    vault = Vault.create(drawer.path, PASSPHRASE, drawer.clock)
    assert vault.demands_passphrase
    with pytest.raises(WeakPin):
        vault.change_pin(PASSPHRASE, NEW_PIN)
    vault.close()


def test_with_a_keystore_a_pin_is_enough_and_opens_nowhere_else(phone: Drawer) -> None:
    vault = phone.create()
    assert not vault.demands_passphrase
    vault.save(note())
    assert phone.reopened().reading.get("note-1") is not None
    phone.close()
    phone.safe = Safe()  # the file on another phone
    with pytest.raises(KeystoreFailed):
        phone.open()


def test_a_safe_that_refuses_costs_no_try_its_answer_and_nothing_else(phone: Drawer) -> None:
    phone.create().save(note())
    phone.close()
    assert phone.safe is not None
    phone.safe.refuses = True
    with pytest.raises(KeystoreFailed):
        phone.open()
    phone.close()
    phone.safe.refuses = False
    phone.clock.turn(seconds=1)
    assert phone.open().reading.get("note-1") is not None


def test_a_primitive_that_computes_something_else_opens_nothing(
    drawer: Drawer, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer.close()
    monkeypatch.setattr(keys, "_hkdf", lambda secret, info: bytes(32))
    with pytest.raises(SelfTestFailed):
        drawer.locked()


# ---------------------------------------------------------------- biometrics
def test_a_finger_opens_what_the_pin_opens(phone: Drawer) -> None:
    phone.create().save(note())
    phone.reopened().add_biometric_slot()
    phone.close()
    vault = phone.locked()
    assert vault.slots() == {"pin", "biometric"}
    vault.unlock_with_biometrics()
    assert vault.reading.get("note-1") is not None


def test_a_failed_biometric_key_falls_back_to_the_pin(phone: Drawer) -> None:
    phone.create().add_biometric_slot()
    phone.close()
    assert phone.safe is not None
    phone.safe.held["biometric"] = bytes(32)
    with pytest.raises(KeystoreFailed):
        phone.locked().unlock_with_biometrics()
    phone.close()
    assert not phone.open().locked


def test_a_slot_that_was_dropped_opens_no_more(phone: Drawer) -> None:
    vault = phone.create()
    vault.add_biometric_slot()
    vault.drop_slot("biometric")
    with pytest.raises(NoSuchSlot):
        vault.unlock_with_biometrics()
    assert phone.safe is not None
    assert "biometric" not in phone.safe.held
    with pytest.raises(NoSuchSlot):
        vault.drop_slot("pin")


def test_where_the_phone_has_no_safe_there_is_no_biometric_slot(vault: Vault) -> None:
    with pytest.raises(KeystoreFailed):
        vault.add_biometric_slot()
    assert vault.slots() == {"pin"}


# ---------------------------------------------------------------- recovery
def test_a_forgotten_pin_is_answered_by_the_helpdesk_and_nothing_is_lost(vault: Vault, drawer: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    vault.save(note(text="Ikke sendt endnu."))
    drawer.close()
    vault = drawer.locked()
    asked = vault.ask_recovery()
    assert vault.ask_recovery() == asked
    answer = sealed.rewrap(private_key, asked.wrapped, asked.public_key)
    vault.recover(answer, NEW_PIN)
    assert vault.reading.notes_of("citizen-1")[0].text == "Ikke sendt endnu."
    drawer.close()
    with pytest.raises(WrongPin):
        drawer.open(PIN)
    drawer.close()
    drawer.clock.turn(seconds=1)
    vault = drawer.open(NEW_PIN)
    drawer.clock.turn(minutes=1)
    assert [row.record_id for row in vault.outgoing(9)] == ["note-1"]
    assert vault.slots() == {"pin", "recovery"}


def test_the_question_outlives_the_app_where_the_phone_has_a_safe(phone: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    phone.create().add_recovery_slot(public_key)
    phone.close()
    asked = phone.locked().ask_recovery()
    phone.close()
    vault = phone.locked()
    assert vault.ask_recovery() == asked
    vault.recover(sealed.rewrap(private_key, asked.wrapped, asked.public_key), NEW_PIN)
    assert vault.ask_recovery() != asked


def test_an_answer_to_another_question_opens_nothing(vault: Vault, drawer: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    drawer.close()
    vault = drawer.locked()
    asked = vault.ask_recovery()
    _, somebody = sealed.new_recovery_key()
    for answer in (sealed.rewrap(private_key, asked.wrapped, somebody), b"", asked.wrapped):
        with pytest.raises(CannotOpen):
            vault.recover(answer, NEW_PIN)
    drawer.close()
    assert not drawer.open(PIN).locked


def test_without_a_recovery_slot_nobody_can_be_asked(vault: Vault) -> None:
    with pytest.raises(NoSuchSlot):
        vault.ask_recovery()


def test_after_recovery_the_master_key_that_left_the_phone_opens_nothing(vault: Vault, drawer: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    vault.save(note())
    asked = vault.ask_recovery()
    master_key = sealed.open_from(private_key, sealed.RECOVERY_SLOT, asked.wrapped)
    vault.recover(sealed.rewrap(private_key, asked.wrapped, asked.public_key), NEW_PIN)
    drawer.close()
    with pytest.raises(VaultDamaged):
        drawer.locked()._open_with(master_key)


# ---------------------------------------------------------------- ten wrong tries
def test_the_tenth_wrong_try_destroys_the_pin_and_recovery_remains(vault: Vault, drawer: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    vault.save(note())
    drawer.close()
    _wrong_until_destroyed(drawer)
    vault = drawer.locked()
    assert vault.slots() == {"recovery"}
    with pytest.raises(PinDestroyed):
        vault.unlock(PIN)
    asked = vault.ask_recovery()
    vault.recover(sealed.rewrap(private_key, asked.wrapped, asked.public_key), NEW_PIN)
    assert vault.reading.get("note-1") is not None
    drawer.close()
    assert not drawer.open(NEW_PIN).locked


def test_a_kill_after_the_tenth_try_was_counted_saves_the_pin_from_nothing(
    vault: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.add_recovery_slot(sealed.new_recovery_key()[1])
    drawer.close()

    def killed(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keys, "derive", killed)
        for _ in range(10):
            with pytest.raises(KeyboardInterrupt):
                drawer.open()
            drawer.close()
            drawer.clock.turn(hours=2)
    with pytest.raises(PinDestroyed):
        drawer.open()


def test_without_another_way_in_only_the_delay_stands(vault: Vault, drawer: Drawer) -> None:
    drawer.close()
    vault = drawer.locked()
    for _ in range(12):
        with pytest.raises(WrongPin):
            vault.unlock("000001")
        with pytest.raises(TooSoon):
            vault.unlock(PIN)
        drawer.clock.turn(hours=2)
    vault.unlock(PIN)
    assert not vault.locked


def test_a_clock_set_forward_gives_no_more_than_ten_tries(vault: Vault, drawer: Drawer) -> None:
    vault.add_recovery_slot(sealed.new_recovery_key()[1])
    drawer.close()
    vault = drawer.locked()
    for error in [WrongPin] * 9 + [PinDestroyed]:
        drawer.clock.now += timedelta(days=1)
        with pytest.raises(error):
            vault.unlock("000001")


def test_a_try_that_could_not_be_made_is_no_wrong_pin(phone: Drawer) -> None:
    phone.create().add_recovery_slot(sealed.new_recovery_key()[1])
    phone.close()
    assert isinstance(phone.safe, Safe)
    vault = phone.locked()
    phone.safe.refuses = True
    for _ in range(12):
        with pytest.raises(KeystoreFailed):
            vault.unlock(PIN)
    phone.safe.refuses = False
    vault.unlock(PIN)
    assert not vault.locked


def test_her_finger_clears_the_wrong_tries(phone: Drawer) -> None:
    phone.create().add_biometric_slot()
    phone.close()
    vault = phone.locked()
    for _ in range(10):
        with pytest.raises(WrongPin):
            vault.unlock("000001")
        phone.clock.turn(hours=2)
    vault.unlock_with_biometrics()
    vault.add_recovery_slot(sealed.new_recovery_key()[1])
    vault.lock()
    vault.unlock(PIN)
    assert not vault.locked


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR])
def test_a_recovery_that_cannot_be_written_leaves_it_locked_and_as_it_was(
    vault: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    private_key, public_key = sealed.new_recovery_key()
    vault.add_recovery_slot(public_key)
    vault.save(note())
    drawer.close()
    vault = drawer.locked()
    asked = vault.ask_recovery()
    answer = sealed.rewrap(private_key, asked.wrapped, asked.public_key)

    def fail(*_: object) -> None:
        error = sqlite3.OperationalError("disk")
        error.sqlite_errorcode = code
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(vault._slots, "rewrap", fail)
        with pytest.raises((DiskFull, CannotSave)):
            vault.recover(answer, NEW_PIN)
    assert vault.locked
    vault.recover(answer, NEW_PIN)
    assert vault.reading.get("note-1") is not None


def test_an_answer_opens_nothing_once_she_has_got_in_by_her_pin(phone: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    phone.create().add_recovery_slot(public_key)
    phone.close()
    vault = phone.locked()
    asked = vault.ask_recovery()
    answer = sealed.rewrap(private_key, asked.wrapped, asked.public_key)
    vault.unlock(PIN)
    vault.lock()
    with pytest.raises(CannotOpen):
        vault.recover(answer, NEW_PIN)

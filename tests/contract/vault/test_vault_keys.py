"""The PIN: who does not have it gets in slowly or not at all (P2)."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from storage import keys
from storage.errors import TooSoon, UnboundedKdf, VaultDamaged, VaultExists, VaultMissing, WeakPin, WrongPin
from storage.keys import PinSlot
from storage.store import Vault
from tests.vaults import PIN, Drawer, note


@pytest.fixture
def locked(drawer: Drawer) -> Vault:
    """With one note in it."""
    drawer.create().save(note())
    drawer.close()
    return drawer.locked()


def _refused(vault: Vault, pin: str = "000001") -> float:
    """How long a wrong PIN must wait for the next try."""
    with pytest.raises(WrongPin) as refused:
        vault.unlock(pin)
    return refused.value.retry_after_s


def test_the_right_pin_opens_and_a_wrong_one_does_not(locked: Vault) -> None:
    _refused(locked)
    assert locked.locked


def test_the_delay_doubles_up_to_an_hour(locked: Vault, drawer: Drawer) -> None:
    delays = []
    for _ in range(14):
        delays.append(_refused(locked))
        drawer.clock.turn(seconds=delays[-1])
    assert delays == [min(2**i, 3600) for i in range(14)]


def test_before_the_delay_is_over_not_even_the_right_pin_is_tried(
    locked: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer.clock.turn(seconds=_refused(locked))
    assert _refused(locked) == 2
    drawer.clock.turn(seconds=1.5)
    with monkeypatch.context() as patched:
        patched.delattr(keys, "unwrap")
        with pytest.raises(TooSoon) as refused:
            locked.unlock(PIN)
    assert refused.value.retry_after_s == 0.5
    drawer.clock.turn(seconds=0.5)
    locked.unlock(PIN)


def test_a_try_is_counted_before_the_derivation(locked: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keys, "derive", killed)
        with pytest.raises(KeyboardInterrupt):
            locked.unlock("000001")
    drawer.close()
    with pytest.raises(TooSoon):
        drawer.locked().unlock(PIN)


def test_the_right_pin_starts_the_count_anew(locked: Vault, drawer: Drawer) -> None:
    for _ in range(3):
        drawer.clock.turn(seconds=_refused(locked))
    locked.unlock(PIN)
    locked.lock()
    assert _refused(locked) == 1


def test_a_clock_set_back_does_not_lock_her_out_for_ever(locked: Vault, drawer: Drawer) -> None:
    _refused(locked)
    drawer.clock.now -= timedelta(days=300)
    locked.unlock(PIN)
    assert not locked.locked


def test_a_count_that_cannot_be_read_does_not_lock_her_out(locked: Vault, drawer: Drawer) -> None:
    _refused(locked)
    drawer.close()
    _change(drawer, "UPDATE meta SET value = x'ff7b' WHERE name = 'attempts'")
    assert drawer.open().reading.count_notes("citizen-1") == 1


@pytest.mark.parametrize("weak", ["", "12345", "111111", "234567"])
def test_a_weak_pin_makes_no_vault(drawer: Drawer, weak: str) -> None:
    with pytest.raises(WeakPin):
        Vault.create(drawer.path, weak, demo=True)
    assert not drawer.path.exists()


# ---------------------------------------------------------------- another PIN
def test_after_a_change_only_the_new_pin_opens(vault: Vault, drawer: Drawer) -> None:
    vault.save(note())
    vault.change_pin(PIN, "havre grød")
    drawer.close()
    drawer.clock.turn(seconds=_refused(drawer.locked(), PIN))
    drawer.close()
    assert drawer.open("havre grød").reading.count_notes("citizen-1") == 1


def test_the_old_pin_is_needed_for_a_change_even_while_unlocked(vault: Vault, drawer: Drawer) -> None:
    with pytest.raises(WrongPin):
        vault.change_pin("000001", "271828")
    drawer.clock.turn(seconds=1)
    assert not drawer.reopened().locked


def test_a_weak_new_pin_changes_nothing(vault: Vault, drawer: Drawer) -> None:
    with pytest.raises(WeakPin):
        vault.change_pin(PIN, "222222")
    assert not drawer.reopened().locked


def test_a_changed_pin_touches_no_record(vault: Vault, drawer: Drawer) -> None:
    vault.save(note())
    before = _envelopes(drawer)
    vault = drawer.open()
    vault.change_pin(PIN, "271828")
    assert _envelopes(drawer) == before


def test_a_passphrase_may_be_typed_in_either_form_of_unicode(drawer: Drawer) -> None:
    Vault.create(drawer.path, "to gr\u00e5 gæs i \u00e5en", drawer.clock).close()
    assert not drawer.open("to gra\u030a gæs i a\u030aen").locked


def test_half_a_character_is_a_wrong_pin_like_any_other(locked: Vault) -> None:
    assert _refused(locked, "31415\ud83d") == 1


# ---------------------------------------------------------------- a header that was changed
@pytest.mark.parametrize(
    "changed",
    [
        {"memory_kib": 19 * 1024 - 1},
        {"memory_kib": 256 * 1024 + 1},
        {"rounds": 1},
        {"rounds": 17},
        {"lanes": 0},
        {"lanes": 9},
        {"salt": b"short"},
        {"algorithm": keys.Algorithm.SCRYPT, "memory_kib": 24 * 1024, "rounds": 10},
    ],
    ids=str,
)
def test_parameters_out_of_bounds_are_refused_before_any_work(
    locked: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    drawer.close()
    ((raw,),) = _change(drawer, "SELECT slot FROM slots")
    slot = msgspec.json.decode(raw, type=PinSlot)
    slot = msgspec.structs.replace(slot, kdf=msgspec.structs.replace(slot.kdf, **changed))
    _change(drawer, "UPDATE slots SET slot = ?", msgspec.json.encode(slot))
    opened = drawer.locked()
    monkeypatch.setattr(keys, "hash_secret_raw", None)
    monkeypatch.delattr(keys.hashlib, "scrypt")
    with pytest.raises(UnboundedKdf):
        opened.unlock(PIN)


@pytest.mark.parametrize("slot", [b"", b"{}", b'{"kdf":"\xff"}', b"\xff"], ids=repr)
def test_a_slot_that_cannot_be_read_says_that_the_vault_is_damaged(locked: Vault, drawer: Drawer, slot: bytes) -> None:
    drawer.close()
    _change(drawer, "UPDATE slots SET slot = ?", slot)
    with pytest.raises(VaultDamaged):
        drawer.locked().unlock(PIN)


def test_a_vault_without_its_slot_says_that_it_is_damaged(locked: Vault, drawer: Drawer) -> None:
    drawer.close()
    _change(drawer, "DELETE FROM slots")
    with pytest.raises(VaultDamaged):
        drawer.locked().unlock(PIN)


# ---------------------------------------------------------------- there is one, or there is none
def test_where_a_vault_is_none_is_made(locked: Vault, drawer: Drawer) -> None:
    drawer.close()
    before = drawer.path.read_bytes()
    with pytest.raises(VaultExists):
        Vault.create(drawer.path, PIN, demo=True)
    assert drawer.path.read_bytes() == before


@pytest.mark.parametrize("remains", ["medgang.db", "medgang.db-wal"])
def test_over_the_remains_of_a_vault_none_is_made(drawer: Drawer, remains: str) -> None:
    drawer.path.parent.mkdir()
    (drawer.path.parent / remains).write_bytes(b"")
    with pytest.raises(VaultExists):
        Vault.create(drawer.path, PIN, demo=True)


def test_a_vault_half_made_when_the_phone_died_is_made_anew(drawer: Drawer) -> None:
    drawer.path.parent.mkdir()
    (drawer.path.parent / "medgang.db.new").write_bytes(b"half of it")
    drawer.create().save(note())
    assert drawer.reopened().reading.count_notes("citizen-1") == 1


def test_where_no_vault_is_none_is_opened(drawer: Drawer) -> None:
    with pytest.raises(VaultMissing):
        drawer.locked()
    assert not drawer.path.exists()


def test_only_its_owner_may_read_the_file(vault: Vault, drawer: Drawer) -> None:
    assert drawer.path.stat().st_mode & 0o777 == 0o600


def _change(drawer: Drawer, sql: str, *values: Any) -> list[Any]:
    """Runs SQL on the file of a closed vault, as somebody with a copy of it would."""
    connection = sqlite3.connect(drawer.path, isolation_level=None)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def _envelopes(drawer: Drawer) -> list[Any]:
    drawer.close()
    return _change(drawer, "SELECT * FROM records ORDER BY row_key")

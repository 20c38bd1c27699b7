"""New keys and shredding: what was sealed before is there, or gone for good (security-controls rows 6 and 10)."""

from __future__ import annotations

import sqlite3

import msgspec
import pytest
from msgspec import Struct

from storage import sealed
from storage.errors import CannotOpen, CannotRotate, ReadOnly, WrongPin
from storage.health import Health
from storage.keys import Keyring, Purpose
from storage.records import from_fields
from storage.row import Frozen, Refusal, Row, RowStatus
from storage.store import Vault
from tests.vaults import PIN, Drawer, note, reminder

IDS = ("note-1", "note-2", "sent", "refused", "clean", "deleted")


class _Where(Struct, frozen=True):
    street: str


@pytest.fixture
def full(vault: Vault, drawer: Drawer) -> Vault:
    """Rows in every state, of two citizens."""
    vault.save(note("note-1"), reminder("note-2", citizen_id="citizen-2"))
    payload = from_fields({"kind": "contact_note", "id": "x", "citizen_id": "citizen-1"})
    states = {
        "sent": {"status": RowStatus.SENT, "n": 7, "frozen": Frozen(3, {"text": "Sendt."})},
        "refused": {"status": RowStatus.REFUSED, "refusal": Refusal("invalid", "text")},
        "clean": {"status": RowStatus.CLEAN, "hub_version": 4, "hub_seq": 9, "shadow": payload},
        "deleted": {"payload": b"", "hub_version": 2, "hub_seq": 3, "shadow": payload},
    }
    vault.apply([Row(**{"record_id": i, "citizen_id": "citizen-1", "payload": payload} | s) for i, s in states.items()])
    vault.put_sealed("where", _Where("Søndergade"))
    return vault


def _everything(vault: Vault) -> object:
    outgoing = [row.record_id for row in vault.outgoing(99)]
    return (
        [vault.row(i) for i in IDS],
        outgoing,
        vault.get_sealed("where", _Where),
        [hit.note for hit in vault.reading.search("gik")],
    )


def _stored(drawer: Drawer, sql: str) -> list[tuple[bytes, ...]]:
    drawer.close()
    with sqlite3.connect(drawer.path) as connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


# ---------------------------------------------------------------- rotation
def test_under_a_new_citizen_key_everything_is_as_it_was(full: Vault, drawer: Drawer) -> None:
    drawer.clock.turn(minutes=1)
    before = _everything(full)
    key_ids = set(_stored(drawer, "SELECT DISTINCT key_id FROM records"))
    full = drawer.open()
    full.rotate_citizen_key("citizen-1")
    assert _everything(full) == before
    full = drawer.reopened()
    assert _everything(full) == before
    assert full.health == Health()
    assert len(key_ids & set(_stored(drawer, "SELECT DISTINCT key_id FROM records"))) == 1


def test_under_a_new_master_key_everything_is_as_it_was(full: Vault, drawer: Drawer) -> None:
    private_key, public_key = sealed.new_recovery_key()
    full.add_recovery_slot(public_key)
    drawer.clock.turn(minutes=1)
    before, slots = _everything(full), full.slots()
    row_keys = set(_stored(drawer, "SELECT row_key FROM records"))
    full = drawer.open()
    full.rotate_master_key(PIN)
    assert _everything(full) == before
    full = drawer.reopened()
    assert _everything(full) == before
    assert full.slots() == slots
    assert full.health == Health()
    asked = full.ask_recovery()
    full.recover(sealed.rewrap(private_key, asked.wrapped, asked.public_key), "271828")
    assert _everything(full) == before
    assert not row_keys & set(_stored(drawer, "SELECT row_key FROM records"))


def test_a_new_master_key_needs_the_pin(full: Vault) -> None:
    with pytest.raises(WrongPin):
        full.rotate_master_key("000001")


def test_keys_are_not_changed_while_a_record_cannot_be_opened(full: Vault, drawer: Drawer) -> None:
    _stored(drawer, "UPDATE records SET envelope = x'01' WHERE rowid = 1")
    full = drawer.open()
    for rotate in (lambda: full.rotate_citizen_key("citizen-1"), lambda: full.rotate_master_key(PIN)):
        with pytest.raises(CannotRotate):
            rotate()
    assert drawer.reopened().unreadable == 1


# ---------------------------------------------------------------- shredding
def test_of_a_shredded_citizen_nothing_opens_and_the_others_stay(full: Vault, drawer: Drawer) -> None:
    ring = full._unlocked().keyring
    key_id = ring.key_id_of("citizen-1")
    assert key_id is not None
    old = {bytes(blob) for (blob,) in full._db.execute("SELECT envelope FROM records WHERE key_id = ?", (key_id,))}
    old |= {bytes(blob) for (blob,) in full._db.execute("SELECT value FROM meta WHERE name = 'keyring'")}
    full.shred("citizen-1")
    assert full.reading.get("note-1") is None
    assert full.reading.search("gik") == []
    assert full.row("note-1") is None
    assert full.reading.get("note-2") is not None
    files = [file.read_bytes() for file in drawer.path.parent.iterdir()]
    assert not any(blob[13:45] in content for blob in old for content in files)
    full = drawer.reopened()
    assert full.health == Health()
    with pytest.raises(CannotOpen):
        full._unlocked().keyring.cipher(key_id, Purpose.RECORD)
    assert full.outgoing(99) == [] or {row.citizen_id for row in full.outgoing(99)} == {"citizen-2"}


def test_a_shredding_is_recorded_without_whom(full: Vault, drawer: Drawer) -> None:
    full.shred("citizen-1")
    full.shred("citizen-1")
    full.shred("never seen")
    (erasure,) = drawer.reopened().erasures()
    assert (erasure.at, erasure.rows) == (drawer.clock(), 5)
    assert b"citizen" not in msgspec.json.encode(erasure)


def test_also_what_could_not_be_opened_is_shredded(full: Vault, drawer: Drawer) -> None:
    _stored(drawer, "UPDATE records SET envelope = x'01' WHERE rowid = 1")
    full = drawer.open()
    assert [found.citizen_id for found in full.health.quarantined] == ["citizen-1"]
    full.shred("citizen-1")
    assert full.unreadable == 0
    assert drawer.reopened().health == Health()


def test_a_shredded_citizen_may_come_back_under_a_new_key(full: Vault, drawer: Drawer) -> None:
    before = full._unlocked().keyring.key_id_of("citizen-1")
    full.shred("citizen-1")
    full.save(note("again"))
    full = drawer.reopened()
    assert full.reading.get("again") is not None
    assert full._unlocked().keyring.key_id_of("citizen-1") != before


def test_observers_hear_of_a_shredding(full: Vault) -> None:
    heard: list[None] = []
    full.observe(lambda: heard.append(None))
    full.shred("citizen-1")
    assert heard == [None]


def test_of_a_damaged_file_nothing_is_shredded_or_exported(full: Vault, drawer: Drawer) -> None:
    drawer.close()
    drawer.path.write_bytes(b"x" + drawer.path.read_bytes()[1:])
    full = drawer.open()
    with pytest.raises(ReadOnly):
        full.shred("citizen-1")
    with pytest.raises(ReadOnly):
        full.export(drawer.path.with_name("backup"), "kold regn over fire grå huse")
    assert full.reading.get("note-1") is not None


def test_a_ring_under_another_master_key_does_not_open(full: Vault) -> None:
    with pytest.raises(CannotOpen):
        Keyring(bytes(32), full._unlocked().keyring.sealed())


def test_the_keys_of_an_older_copy_open_nothing_after_a_rotation(full: Vault) -> None:
    before, rows = full._unlocked().keyring, full._db.execute("SELECT * FROM records").fetchall()
    assert rows
    full.rotate_master_key(PIN)
    for row_key, key_id, version, envelope in full._db.execute(
        "SELECT row_key, key_id, version, envelope FROM records"
    ):
        for old_id in {row[1] for row in rows}:
            place = sealed.Place(row_key, key_id, version)
            with pytest.raises(CannotOpen):
                sealed.open_sealed(before.cipher(old_id, Purpose.RECORD), place, envelope)


def test_what_an_observer_fails_at_was_saved_all_the_same(full: Vault, drawer: Drawer) -> None:
    def fail() -> None:
        raise RuntimeError("a window that is gone")

    full.observe(fail)
    full.save(note("saved"))
    assert drawer.reopened().reading.get("saved") is not None

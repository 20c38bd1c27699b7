"""A damaged file is opened as far as it is whole, is never made anew, and says what is wrong with it (P8)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from storage import keys
from storage.errors import CannotOpen, ReadOnly, StorageError, VaultDamaged, VaultTooNew
from storage.health import Health
from storage.records import CitizenId, RecordId, encode
from storage.row import Row, RowStatus
from storage.store import Vault
from tests.vaults import PIN, Drawer, note

TEXTS = [f"Samtale nummer {i} om bolig og praktik." for i in range(8)]
HEADER_BYTES = 100


class _Name(Struct, frozen=True):
    name: str


@pytest.fixture
def full(drawer: Drawer) -> Drawer:
    """Closed, with eight notes in it."""
    drawer.create().save(*(note(f"note-{i}", text=text) for i, text in enumerate(TEXTS)))
    drawer.close()
    return drawer


def _sql(drawer: Drawer, *statements: str) -> None:
    connection = sqlite3.connect(drawer.path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _texts(vault: Vault) -> set[str]:
    return {found.text for found in vault.reading.notes_of("citizen-1")}


# ---------------------------------------------------------------- rows
_FLIPPED = "UPDATE {} SET envelope = {} WHERE rowid = 1"


@pytest.mark.parametrize(
    "envelope",
    [
        "x''",
        "x'01'",
        "zeroblob(300)",
        "substr(envelope, 1, length(envelope) - 1)",
        "envelope || x'00'",
        "'text'",
        "1.5",
    ],
)
def test_a_damaged_row_is_counted_and_the_others_are_shown(full: Drawer, envelope: str) -> None:
    _sql(full, _FLIPPED.format("records", envelope))
    vault = full.open()
    assert vault.unreadable == 1
    assert _texts(vault) == set(TEXTS[1:])


@pytest.mark.parametrize("column", ["envelope", "version", "key_id"])
def test_swapped_rows_are_noticed(full: Drawer, column: str) -> None:
    vault = full.open()
    vault.save(note("note-0", text="Rettet."), note("elsewhere", citizen_id="citizen-2"))
    full.close()
    first, other = 1, len(TEXTS) + 1
    swap = f"UPDATE records SET {column} = (SELECT {column} FROM held WHERE at <> records.rowid)"
    kept = f"CREATE TABLE held AS SELECT rowid AS at, {column} FROM records WHERE rowid IN ({first}, {other})"
    _sql(full, kept, f"{swap} WHERE rowid IN ({first}, {other})", "DROP TABLE held")
    vault = full.open()
    assert vault.unreadable == 2
    assert _texts(vault) == set(TEXTS[1:])


def test_a_row_under_the_key_of_another_record_is_noticed(full: Drawer) -> None:
    _sql(full, "UPDATE records SET row_key = zeroblob(16) WHERE rowid = 1")
    assert full.open().unreadable == 1


def test_a_damaged_row_stays_where_it_is(full: Drawer) -> None:
    _sql(full, _FLIPPED.format("records", "x'01'"))
    full.open().save(note("new"))
    assert full.reopened().unreadable == 1


def test_a_damaged_row_cannot_be_saved_over(full: Drawer) -> None:
    _sql(full, _FLIPPED.format("records", "x'01'"))
    with pytest.raises(CannotOpen):
        full.open().save(note("note-0", text="Ny tekst."))


def test_a_damaged_row_that_waits_to_be_sent_holds_up_no_other(full: Drawer) -> None:
    _sql(full, _FLIPPED.format("records", "x'01'"))
    vault = full.open()
    full.clock.turn(seconds=10)
    assert [row.record_id for row in vault.outgoing(2)] == ["note-1", "note-2"]


def test_a_state_that_no_version_wrote_is_sent_rather_than_forgotten(full: Drawer) -> None:
    _sql(full, "UPDATE outbox SET state = 'waitinf' WHERE rowid = 1")
    vault = full.open()
    full.clock.turn(seconds=10)
    assert vault.unreadable == 0
    assert [row.status for row in vault.outgoing(1)] == [RowStatus.WAITING]


def test_a_damaged_sealed_value_says_so(full: Drawer) -> None:
    vault = full.open()
    vault.put_sealed("device", _Name("Pixel"))
    full.close()
    _sql(full, "UPDATE sealed_meta SET version = version + 1")
    with pytest.raises(VaultDamaged):
        full.open().get_sealed("device", _Name)


def test_a_damaged_keyring_says_that_the_vault_is_damaged(full: Drawer) -> None:
    _sql(full, "UPDATE meta SET value = zeroblob(300) WHERE name = 'keyring'")
    with pytest.raises(VaultDamaged):
        full.open()


# ---------------------------------------------------------------- files
def _half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def _flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda whole: b"", VaultDamaged),
        (lambda whole: whole[:16], VaultDamaged),
        (lambda whole: b"PK\x03\x04" + whole, VaultDamaged),
        (lambda whole: b"Hej Karen.\n" * 1000, VaultDamaged),
        (_flipped(60), VaultTooNew),  # user_version
    ],
)
def test_a_file_that_is_no_whole_vault_is_refused_and_left_as_it_is(
    full: Drawer, damage: Callable[[bytes], bytes], error: type[StorageError]
) -> None:
    full.path.write_bytes(damage(full.path.read_bytes()))
    before = _sha(full.path)
    with pytest.raises(error):
        full.open()
    full.close()
    assert _sha(full.path) == before


@pytest.mark.parametrize("at", [0, 16, 28, 47, 68], ids=["magic", "page size", "pages", "schema format", "application"])
def test_behind_a_broken_header_everything_is_read_and_nothing_is_saved(full: Drawer, at: int) -> None:
    full.path.write_bytes(_flipped(at)(full.path.read_bytes()))
    before = _sha(full.path)
    vault = full.open()
    assert vault.health == Health(read_only=True)
    assert _texts(vault) == set(TEXTS)
    with pytest.raises(ReadOnly):
        vault.save(note("new"))
    assert _texts(vault) == set(TEXTS)
    full.close()
    assert _sha(full.path) == before
    assert [file.name for file in full.path.parent.iterdir()] == [full.path.name]


def test_of_a_file_that_was_cut_off_what_is_whole_is_read(full: Drawer) -> None:
    vault = full.open()
    vault.save(*(note(f"more-{i}", text="Et notat til. " * 100) for i in range(60)))
    full.close()
    whole = full.path.read_bytes()
    full.path.write_bytes(_half(whole))
    vault = full.open()
    assert vault.read_only
    assert 0 < len(vault.reading.notes_of("citizen-1", limit=100)) < 60
    full.close()
    assert full.path.read_bytes() == _half(whole)


def test_a_broken_page_in_the_middle_costs_its_own_rows(full: Drawer) -> None:
    vault = full.open()
    vault.save(*(note(f"more-{i}", text="Et notat til. " * 100) for i in range(60)))
    full.close()
    whole = full.path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    full.path.write_bytes(whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :])
    vault = full.open()
    assert vault.read_only
    assert len(vault.reading.notes_of("citizen-1", limit=100)) > 50


def test_what_waits_in_the_log_of_a_damaged_file_is_read_too(full: Drawer) -> None:
    vault = full.open()
    vault.save(note("newest", text="Sidst skrevet."))
    copy = full.path.parent / "copy" / full.path.name
    copy.parent.mkdir()
    for name in (full.path.name, f"{full.path.name}-wal"):
        (copy.parent / name).write_bytes((full.path.parent / name).read_bytes())
    copy.write_bytes(_flipped(0)(copy.read_bytes()))
    damaged = Vault(copy, full.clock)
    damaged.unlock(PIN)
    assert damaged.reading.get("newest") is not None
    damaged.close()


def test_a_vault_of_a_newer_version_is_left_as_it_is(full: Drawer) -> None:
    _sql(full, "PRAGMA user_version = 2")
    before = _sha(full.path)
    with pytest.raises(VaultTooNew):
        full.locked()
    assert _sha(full.path) == before


def test_another_database_is_not_taken_for_a_vault(drawer: Drawer) -> None:
    drawer.path.parent.mkdir()
    _sql(drawer, "CREATE TABLE notes (text)")
    before = _sha(drawer.path)
    with pytest.raises(VaultDamaged):
        drawer.locked()
    assert _sha(drawer.path) == before


@pytest.fixture
def one_derivation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Opening the same vault hundreds of times derives its key once."""
    derive, known = keys.derive, {}

    def derived(kdf: keys.Kdf, pin: str) -> bytes:
        keys._check_bounds(kdf)
        if repr(kdf) not in known:
            known[repr(kdf)] = derive(kdf, pin)
        return known[repr(kdf)]

    monkeypatch.setattr(keys, "derive", derived)
    yield
    assert known


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_flipped_bit_anywhere_costs_one_row_or_is_told(
    full: Drawer, one_derivation: None, data: st.DataObject
) -> None:
    whole = full.path.read_bytes()
    at = data.draw(st.one_of(st.integers(0, HEADER_BYTES - 1), st.integers(0, len(whole) - 1)))
    damaged = bytearray(whole)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    full.path.write_bytes(damaged)
    try:
        vault = full.open()
        shown, told = _texts(vault), vault.health != Health()
    except StorageError:
        shown, told = set(), True
    finally:
        full.close()
        full.path.write_bytes(whole)
    assert shown <= set(TEXTS)
    assert shown == set(TEXTS) or told


# ---------------------------------------------------------------- healing
def test_the_hubs_version_takes_the_place_of_a_damaged_row(full: Drawer) -> None:
    _sql(full, _FLIPPED.format("records", "x'01'"))
    payload = encode(note("note-0", text=TEXTS[0]))
    row = Row(RecordId("note-0"), CitizenId("citizen-1"), payload, payload, 1, 7, RowStatus.CLEAN)
    full.open().apply([row])
    vault = full.reopened()
    assert vault.unreadable == 0
    assert _texts(vault) == set(TEXTS)
    assert vault.row("note-0") == row


@pytest.mark.parametrize("broken", [slice(-512, None), slice(-2, None)], ids=["sector", "two bytes"])
def test_a_broken_last_cell_costs_its_own_rows(full: Drawer, broken: slice) -> None:
    full.open().save(*(note(f"more-{i}", text=f"Et notat til, nummer {i}.") for i in range(292)))
    full.close()
    connection = sqlite3.connect(full.path)
    (page,) = connection.execute(
        "SELECT max(pageno) FROM dbstat WHERE name = 'records' AND pagetype = 'leaf'"
    ).fetchone()
    connection.close()
    content = bytearray(full.path.read_bytes())
    page_at = (page - 1) * 4096
    cell_at = page_at + int.from_bytes(content[page_at + 5 : page_at + 7])  # the newest cell of the leaf
    content[cell_at : cell_at + (512 if broken.start == -512 else 2)] = b"\xff" * (512 if broken.start == -512 else 2)
    content[0] ^= 1  # so that it is read from a copy, whatever SQLite thinks of the cell
    full.path.write_bytes(content)
    vault = full.open()
    assert vault.read_only
    assert len(vault.reading.notes_of("citizen-1", limit=400)) > 270

"""Older copies, rows put back or taken out, and what is said of them (security-controls rows 3 and 4)."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from storage.errors import KeystoreFailed, PageDamaged, ReadOnly, VaultDamaged
from storage.health import Health
from storage.records import CitizenId, RecordId, encode
from storage.row import Frozen, Row, RowStatus
from storage.store import Vault
from tests.vaults import PIN, Drawer, Safe, note, reminder


class _Where(Struct, frozen=True):
    street: str


@pytest.fixture
def phone(drawer: Drawer) -> Drawer:
    drawer.safe = Safe()
    drawer.create().save(note("first"))
    drawer.close()
    return drawer


def _sql(drawer: Drawer, sql: str) -> None:
    drawer.close()
    connection = sqlite3.connect(drawer.path, isolation_level=None)
    connection.execute(sql)
    connection.close()


def _copied(drawer: Drawer) -> Path:
    drawer.close()
    return Path(shutil.copy(drawer.path, drawer.path.with_name("older")))


# ---------------------------------------------------------------- the whole file
def test_an_older_copy_put_back_is_noticed(phone: Drawer) -> None:
    older = _copied(phone)
    phone.open().save(note("second"))
    phone.close()
    shutil.copy(older, phone.path)
    vault = phone.open()
    assert vault.health == Health(older_copy=True)
    assert vault.reading.get("first") is not None


def test_a_kill_between_save_and_anchor_is_no_alarm(phone: Drawer) -> None:
    vault = phone.open()
    vault.save(note("second"))
    killed = phone.path.parent / "killed" / phone.path.name
    shutil.copytree(phone.path.parent, killed.parent)
    again = Vault(killed, phone.clock, phone.safe)
    again.unlock("314159")
    assert again.health == Health()
    assert again.reading.get("second") is not None
    again.close()


def test_the_alarm_stays_until_she_has_read_it(phone: Drawer) -> None:
    older = _copied(phone)
    phone.open().save(note("second"), note("third"))
    phone.close()
    shutil.copy(older, phone.path)
    phone.open().save(note("fourth"))
    vault = phone.reopened()
    assert vault.health.older_copy
    vault.acknowledge()
    assert vault.health == Health()
    assert phone.reopened().health == Health()


def test_a_safe_that_refuses_costs_the_warning_alone(phone: Drawer) -> None:
    assert phone.safe is not None
    vault = phone.open()
    phone.safe.refuses = True
    vault.save(note("second"))
    vault.anchor()
    vault.lock()
    phone.safe.refuses = False
    assert phone.reopened().health == Health()


# ---------------------------------------------------------------- single rows
def test_a_row_that_was_taken_out_is_noticed(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"), note("b"))
    _sql(drawer, "DELETE FROM records WHERE rowid = 1")
    assert drawer.open().health == Health(changed_outside=True)


def test_an_older_state_of_a_row_with_its_number_is_noticed(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a", text="Før."))
    older = _copied(drawer)
    drawer.open().save(note("a", text="Efter."))
    drawer.close()
    connection = sqlite3.connect(drawer.path, isolation_level=None)
    connection.execute("ATTACH ? AS older", (str(older),))
    connection.execute("INSERT OR REPLACE INTO main.records SELECT * FROM older.records")
    connection.close()
    vault = drawer.open()
    assert vault.health == Health(changed_outside=True)
    assert vault.reading.notes_of("citizen-1")[0].text == "Før."


def test_a_row_taken_out_of_the_outbox_is_noticed(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"))
    _sql(drawer, "DELETE FROM outbox")
    assert drawer.open().health == Health(changed_outside=True)


def test_a_lost_tally_is_noticed(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"))
    _sql(drawer, "DELETE FROM sealed_meta WHERE name = 'tally'")
    vault = drawer.open()
    assert vault.health == Health(changed_outside=True)
    vault.acknowledge()
    assert drawer.reopened().health == Health()


# ---------------------------------------------------------------- quarantine and check
def test_what_is_known_of_a_record_that_cannot_be_opened(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a", text="ord " * 100))
    vault.save(note("a", text="ord " * 110))
    _sql(drawer, "UPDATE records SET envelope = zeroblob(length(envelope))")
    (found,) = drawer.open().health.quarantined
    assert (found.citizen_id, found.status, found.times_written) == ("citizen-1", RowStatus.WAITING, 2)
    assert 400 < found.size_bytes < 2048


def test_a_record_under_no_known_key_is_known_to_be_of_nobody(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"))
    _sql(drawer, "UPDATE records SET key_id = zeroblob(16)")
    (found,) = drawer.open().health.quarantined
    assert found.citizen_id is None


def test_a_check_opens_everything_again(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"), note("b"))
    assert vault.check() == Health()
    vault._db.execute("UPDATE records SET envelope = x'01' WHERE rowid = 1")
    assert vault.health == Health()
    assert len(vault.check().quarantined) == 1
    vault._db.execute("DELETE FROM records WHERE rowid = 1")
    assert vault.check() == Health(changed_outside=True)


def test_a_check_finds_a_broken_page(vault: Vault, drawer: Drawer) -> None:
    vault.save(*(note(f"n{i}", text="ord " * 300) for i in range(40)))
    drawer.close()
    whole = drawer.path.read_bytes()
    vault = drawer.open()
    with drawer.path.open("r+b") as file:  # under the open vault: its cache holds only some pages
        file.seek(len(whole) // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    vault._db.execute("PRAGMA shrink_memory")
    with pytest.raises(VaultDamaged):
        vault.check()


def test_a_copy_that_was_given_another_name_is_noticed(phone: Drawer) -> None:
    _sql(phone, "UPDATE meta SET value = x'61' WHERE name = 'copy'")
    assert phone.open().health == Health(changed_outside=True)


def test_a_safe_that_does_not_say_how_far_it_was_is_not_set_back(phone: Drawer) -> None:
    vault = phone.open()
    vault.save(note("second"))
    vault.lock()
    assert isinstance(phone.safe, Safe)
    before = dict(phone.safe.held)
    older = phone.safe.get

    def refuse(name: str) -> bytes | None:
        if name == "anchor":
            raise KeystoreFailed(name)
        return older(name)

    phone.safe.get = refuse  # type: ignore[method-assign]
    vault.unlock(PIN)
    vault.lock()
    assert phone.safe.held == before


# ---------------------------------------------------------------- beside the records
@pytest.fixture
def sent(vault: Vault) -> Vault:
    """A received reminder that she changed, in a request."""
    payload = encode(reminder(text="Før"))
    vault.apply([Row(RecordId("reminder-1"), CitizenId("citizen-1"), payload, payload, 1, 1, RowStatus.CLEAN)])
    vault.save(reminder(text="Efter"))
    row = vault.row("reminder-1")
    assert row is not None
    vault.apply([replace(row, status=RowStatus.SENT, n=1, frozen=Frozen(1, {"text": "Efter"}))])
    return vault


@pytest.mark.parametrize("table", ["shadows", "outbox"])
def test_what_could_not_be_sent_any_more_is_in_quarantine(sent: Vault, drawer: Drawer, table: str) -> None:
    _sql(drawer, f"UPDATE {table} SET envelope = zeroblob(300)")
    vault = drawer.open()
    (found,) = vault.health.quarantined
    assert (found.citizen_id, found.status) == ("citizen-1", RowStatus.SENT)
    assert vault.check().quarantined == (found,)


@pytest.mark.parametrize("change", ["hold_until_ms = hold_until_ms + 1", "n = 7", "state = 'waiting'"])
def test_no_part_of_a_sync_state_is_changed_unnoticed(sent: Vault, drawer: Drawer, change: str) -> None:
    _sql(drawer, f"UPDATE outbox SET {change}")
    assert drawer.open().health.changed_outside


def test_a_hold_without_end_holds_nothing_up(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("a"))
    _sql(drawer, "UPDATE outbox SET hold_until_ms = 9000000000000000000")
    assert [row.record_id for row in drawer.open().outgoing(9)] == ["a"]


def test_a_sealed_value_that_was_taken_out_is_noticed(vault: Vault, drawer: Drawer) -> None:
    vault.put_sealed("device", _Where("Søndergade"))
    _sql(drawer, "DELETE FROM sealed_meta WHERE name = 'device'")
    assert drawer.open().health == Health(changed_outside=True)


# ---------------------------------------------------------------- damage met while it is open
def test_a_broken_page_met_while_open_turns_it_read_only_with_the_rest_in_view(vault: Vault, drawer: Drawer) -> None:
    vault.save(*(note(f"n{i}", text="ord " * 300) for i in range(40)))
    drawer.close()
    vault = drawer.open()
    with drawer.path.open("r+b") as file:
        file.seek(drawer.path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    vault._db.execute("PRAGMA shrink_memory")
    with pytest.raises(PageDamaged):
        vault.check()
    assert vault.health.read_only
    assert vault.reading.count_notes("citizen-1") > 30
    with pytest.raises(ReadOnly):
        vault.save(note("new"))

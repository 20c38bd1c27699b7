"""A note that was acknowledged is there after a kill, and a full disk loses nothing (P1)."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import CannotSave, DiskFull, VaultInUse
from storage.store import Vault
from tests.vaults import PIN, Drawer, note

ROOT = Path(__file__).resolve().parents[3]
KILLED_AFTER = 40
#: Opens the vault in a process of its own and prints each id after its save has returned.
SAVER = f"""
import itertools, sys
from pathlib import Path
from storage import keys
from storage.store import Vault
from tests.vaults import note
if sys.argv[2] == "scrypt":
    keys.hash_secret_raw = None
vault = Vault(Path(sys.argv[1]))
vault.unlock({PIN!r})
for i in itertools.count():
    vault.save(note(f"note-{{i}}", text="ord " * (i % 500)))
    print(f"note-{{i}}", flush=True)
"""


def _child(drawer: Drawer, kdf: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SAVER, str(drawer.path), kdf]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _killed_while_saving(drawer: Drawer, kdf: str, after: int) -> list[str]:
    """The ids that were acknowledged before SIGKILL."""
    with _child(drawer, kdf) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        acknowledged += child.stdout.read().split("\n")[:-1]
    return acknowledged


def test_every_acknowledged_note_is_there_after_a_kill(drawer: Drawer, kdf: str) -> None:
    drawer.create()
    drawer.close()
    acknowledged = _killed_while_saving(drawer, kdf, KILLED_AFTER)
    vault = drawer.open()
    assert vault.unreadable == 0
    assert all(vault.reading.get(record_id) is not None for record_id in acknowledged)
    drawer.clock.turn(days=10_000)
    assert len(vault.outgoing(10_000)) == vault.reading.count_notes("citizen-1") >= len(acknowledged)


def test_a_second_process_on_the_same_vault_is_refused(drawer: Drawer, kdf: str) -> None:
    drawer.create()
    drawer.close()
    with _child(drawer, kdf) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "note-0\n"
        with pytest.raises(VaultInUse):
            drawer.locked()
        child.kill()
    assert drawer.open().reading.get("note-0") is not None


def test_a_second_vault_in_the_same_process_is_refused(vault: Vault, drawer: Drawer) -> None:
    with pytest.raises(VaultInUse):
        Vault(drawer.path)


# ---------------------------------------------------------------- a full disk
class Disk:
    """A disk that is full for as long as a test needs: the file may not grow."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def fill(self) -> None:
        (pages,) = self._vault._db.execute("PRAGMA page_count").fetchone()
        self._vault._db.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self._vault._db.execute("PRAGMA max_page_count = 1000000")


LONG = "Et langt notat. " * 2_000


def test_a_full_disk_refuses_the_save_and_changes_nothing(vault: Vault, drawer: Drawer) -> None:
    vault.save(note("before"))
    disk = Disk(vault)
    disk.fill()
    with pytest.raises(DiskFull):
        vault.save(note("lost", citizen_id="citizen-1", text=LONG), note("before", text="Rettet."))
    assert [found.id for found in vault.reading.notes_of("citizen-1")] == ["before"]
    assert vault.reading.search("rettet") == []
    assert [found.text for found in drawer.reopened().reading.notes_of("citizen-1")] == ["Gik ved åen."]


def test_after_room_was_made_the_next_save_works(vault: Vault, drawer: Drawer) -> None:
    disk = Disk(vault)
    disk.fill()
    with pytest.raises(DiskFull):
        vault.save(note("a", citizen_id="new-citizen", text=LONG))
    disk.make_room()
    vault.save(note("a", citizen_id="new-citizen", text=LONG))
    assert drawer.reopened().reading.count_notes("new-citizen") == 1


def test_no_observer_hears_of_a_save_that_failed(vault: Vault) -> None:
    heard: list[None] = []
    vault.observe(lambda: heard.append(None))
    Disk(vault).fill()
    with pytest.raises(DiskFull):
        vault.save(note(text=LONG))
    assert heard == []


# ---------------------------------------------------------------- SQLite's other refusals
def _failing(code: int) -> Callable[[], None]:
    def fail() -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    return fail


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_IOERR, CannotSave),
        (sqlite3.SQLITE_IOERR_WRITE, CannotSave),
        (sqlite3.SQLITE_READONLY, CannotSave),
        (sqlite3.SQLITE_FULL, DiskFull),
    ],
)
def test_a_disk_that_fails_within_a_save_changes_nothing(
    vault: Vault, drawer: Drawer, code: int, error: type[Exception]
) -> None:
    vault.save(note())
    row = vault.row("note-1")
    assert row is not None
    with pytest.raises(error):
        vault.apply([row], erase=["note-1"], also=_failing(code))
    assert drawer.reopened().reading.count_notes("citizen-1") == 1

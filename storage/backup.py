"""A backup is the vault itself, sealed as it is, as one file: the rows, a passphrase slot of its own and the recovery
slot. It carries nothing of this phone: no PIN slot, no biometric slot, no fire times, no name of this copy.

Its version is the schema's: an older one is migrated as an older vault is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage import database, migrations, slots, wiping
from storage.errors import NotABackup, VaultDamaged, VaultExists
from storage.keys import PinSlot
from storage.slots import Slots

#: Plain values: when a backup was made; when a vault came out of one; which copy of a vault this is.
MADE_AT, RESTORED, COPY_ID = "backup", "restored", "copy"
_OF_THIS_PHONE = ("attempts", "demo", "older-copy", RESTORED, COPY_ID)


def export(connection: sqlite3.Connection, target: Path, slot: PinSlot, now: datetime) -> None:
    """Whole or not at all. Raises VaultExists where anything is at `target`, DiskFull, CannotSave."""
    if target.exists():
        raise VaultExists(str(target))
    unfinished = target.with_name(target.name + ".new")
    unfinished.unlink(missing_ok=True)

    def fill(copy: sqlite3.Connection) -> None:
        ways = Slots(copy, None, lambda: now)
        ways.drop(slots.BIOMETRIC)
        ways.put_pin(slot)
        copy.execute("DELETE FROM fire_times")
        for name in _OF_THIS_PHONE:
            database.drop_meta(copy, name)
        database.put_meta(copy, MADE_AT, now.isoformat().encode())

    try:
        with database.translated():
            connection.execute("VACUUM INTO ?", (str(unfinished),))
            _finish(unfinished, fill, target)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(backup: Path, path: Path, copy_id: str, now: datetime) -> None:
    """Puts the backup's vault at `path`, whole or not at all; the backup stays as it is. Raises NotABackup,
    VaultTooNew, VaultExists, DiskFull."""
    import shutil

    if path.exists() or path.with_name(path.name + "-wal").exists():
        raise VaultExists(str(path))
    wiping.forget(path)
    unfinished = path.with_name(path.name + ".new")

    def fill(copy: sqlite3.Connection) -> None:
        database.drop_meta(copy, MADE_AT)
        database.put_meta(copy, COPY_ID, copy_id.encode())
        database.put_meta(copy, RESTORED, now.isoformat().encode())

    try:
        with database.translated():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(backup, unfinished)
            _check(unfinished)
            _finish(unfinished, fill, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _check(unfinished: Path) -> None:
    try:
        with closing(database.open_file(unfinished)) as connection, database.translated():
            migrations.check_version(connection)
            whole = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            if not whole or database.get_meta(connection, MADE_AT) is None:
                raise NotABackup(unfinished.name)
            migrations.migrate(connection)
    except VaultDamaged as damaged:
        raise NotABackup(str(damaged)) from damaged


def _finish(unfinished: Path, fill: Callable[[sqlite3.Connection], None], target: Path) -> None:
    """The last changes, on the disk, before the file gets its name."""
    with closing(database.open_file(unfinished)) as connection, database.transaction(connection):
        fill(connection)
    unfinished.chmod(0o600)
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)

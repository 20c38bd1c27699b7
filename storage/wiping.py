"""Nothing of a vault stays: for a phone that was handed in or stolen.

It begins with what opens the vault, so that a kill at any moment after leaves nothing that opens; a wipe once begun is
ended at the next start (`is_begun`, `Door.wiped_for`). What stays is a note beside the vault's place that says why.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from storage import database, keystore
from storage.errors import KeystoreFailed, StorageError
from storage.keystore import Keystore
from storage.unlocked import KEYRING

#: Beside the vault: the only file whose name begins with the vault's that a wipe leaves.
_NOTE_SUFFIX = ".wiped"
_MARK = "wiped"
#: Her finger or face comes last: a phone might ask for it.
_SECRETS = (keystore.DEVICE_SECRET, keystore.ANCHOR, keystore.RECOVERY_REQUEST, keystore.BIOMETRIC)
_CHUNK = bytes(64 * 1024)


class Note(Struct, frozen=True):
    """`why` is the caller's word."""

    why: str
    finished: bool = False


def begin(connection: sqlite3.Connection, why: str) -> None:
    """Destroys every way into the vault and its keyring in one transaction, and leaves the mark by which the next start
    knows. Raises DiskFull, CannotSave, VaultDamaged: then `end` does it by writing over the file."""
    with database.transaction(connection):
        for table in ("slots", "sealed_meta", "fire_times"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
        database.drop_meta(connection, KEYRING)
        database.put_meta(connection, _MARK, why.encode())
    database.empty_log(connection)


def mark(connection: sqlite3.Connection) -> str:
    """Why this vault is being wiped; empty where it is not."""
    return (database.get_meta(connection, _MARK) or b"").decode(errors="replace")


def end(path: Path, why: str, safe: Keystore | None) -> None:
    """Removes the file and everything beside it that begins with its name, and what the phone's safe keeps of it. The
    file is closed. Can be begun again after a kill anywhere. Raises CannotSave where a file cannot be removed."""
    _keep(path, Note(why))
    with database.translated():
        for file in _files(path):
            _remove(file)
    if safe is not None:
        _empty(safe)
    _keep(path, Note(why, finished=True))


def note_of(path: Path) -> Note | None:
    """What the last wipe at this place left; none where there was none, or a vault was made since."""
    try:
        return msgspec.json.decode(_note(path).read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError):
        return None


def is_begun(path: Path) -> bool:
    note = note_of(path)
    return note is not None and not note.finished


def forget(path: Path) -> None:
    """A new vault takes the place."""
    _note(path).unlink(missing_ok=True)


def _keep(path: Path, note: Note) -> None:
    """Whole or not at all. A disk without room gets it once the vault is gone."""
    unfinished = _note(path).with_suffix(".note")
    with suppress(OSError), database.translated(), suppress(StorageError):
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(note))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(_note(path))


def _files(path: Path) -> Iterator[Path]:
    """The vault first, then its log and whatever else lies beside it under its name: backups under way, copies."""
    if path.exists():
        yield path
    if path.parent.exists():
        for file in sorted(path.parent.iterdir()):
            if file.name.removeprefix(".").startswith(path.name) and file != _note(path):
                yield file


def _remove(file: Path) -> None:
    if file.is_dir():
        shutil.rmtree(file)
        return
    with file.open("r+b") as written_over:  # where `begin` found no room, the ways in are still in it
        left = file.stat().st_size
        while left > 0:
            left -= written_over.write(_CHUNK[:left])
        written_over.flush()
        os.fsync(written_over.fileno())
    file.unlink()


def _empty(safe: Keystore) -> None:
    for name in _SECRETS:
        with suppress(KeystoreFailed):  # what it keeps opens nothing any more
            safe.drop(name)


def _note(path: Path) -> Path:
    return path.with_name(path.name + _NOTE_SUFFIX)

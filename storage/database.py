"""One SQLite file, opened so that a committed transaction is on the disk and nobody else is in it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from storage import migrations
from storage.errors import CannotSave, DiskFull, PageDamaged, StorageError, VaultDamaged, VaultInUse, VaultMissing

MAGIC = b"SQLite format 3\x00"
_ERRORS: dict[int, Callable[[str], StorageError]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_IOERR: CannotSave,
    sqlite3.SQLITE_READONLY: CannotSave,
    sqlite3.SQLITE_BUSY: VaultInUse,
    sqlite3.SQLITE_CORRUPT: PageDamaged,
    sqlite3.SQLITE_NOTADB: VaultDamaged,
    sqlite3.SQLITE_ERROR: VaultDamaged,  # our SQL is sound: the schema it meets is not
}


def connect(path: Path) -> sqlite3.Connection:
    """An open vault file. Raises VaultMissing, VaultDamaged (the file is left as it is), VaultTooNew, VaultInUse."""
    if not path.exists():
        raise VaultMissing(str(path))
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise VaultDamaged("the file does not begin as a database")
    connection = open_file(path)
    try:
        with translated():
            migrations.check_version(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            # Takes the file's lock for the life of the process; a kill frees it.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            migrations.migrate(connection)
            # After a kill: keys that were shredded just before it go now, and so does what was half made.
            empty_log(connection)
            _clear_left_overs(path)
    except BaseException:
        connection.close()
        raise
    return connection


def make(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """A new vault file, whole or not at all: built beside its place and moved there. The caller has checked that
    nothing is at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    connection = open_file(unfinished)
    try:
        with translated():
            migrations.migrate(connection)
            with transaction(connection):
                fill(connection)
    finally:
        connection.close()
    unfinished.chmod(0o600)
    unfinished.replace(path)


def open_file(path: Path) -> sqlite3.Connection:
    """With the settings of a vault; nothing is asked of what is in it."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.5)
    # A cell that damage turned into a text costs its row alone.
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    try:
        with translated():
            for pragma in (
                "locking_mode = EXCLUSIVE",
                "synchronous = FULL",
                "secure_delete = ON",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def empty_log(connection: sqlite3.Connection) -> None:
    """Into the database, with what was overwritten there gone from both."""
    with translated():
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def salvage_prefix(path: Path) -> str:
    """Of the folders in which this file is copied to be read when it is damaged (storage/salvage.py)."""
    return f".{path.name}.salvage-"


def _clear_left_overs(path: Path) -> None:
    """Of a process that was killed while it made or read a file beside this one: they hold keys of then."""
    path.with_name(path.name + ".new").unlink(missing_ok=True)
    for folder in path.parent.glob(f"{salvage_prefix(path)}*"):
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it durable, or none of it. Raises the StorageError that fits."""
    with translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class _Translated:
    """No generator: several stand around every save."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        ours = None if error is None else as_ours(error)
        if ours is not None:
            raise ours from error


_TRANSLATED = _Translated()


def translated() -> _Translated:
    """The errors of SQLite and of the disk as ours, so that each has a sentence on the screen."""
    return _TRANSLATED


def as_ours(error: BaseException) -> StorageError | None:
    """None for what is not of SQLite or the disk."""
    if isinstance(error, sqlite3.DatabaseError):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
        return _ERRORS.get(code, CannotSave)(str(error))
    if isinstance(error, OSError):
        return (DiskFull if error.errno == errno.ENOSPC else CannotSave)(str(error))
    if isinstance(error, UnicodeDecodeError):  # the driver met a text that is none: changed bytes
        return VaultDamaged("the file holds broken text")
    return None


# ---------------------------------------------------------------- plain values
def put_meta(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    """A named value that is readable without any key."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def get_meta(connection: sqlite3.Connection, name: str) -> bytes | None:
    found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return bytes(found[0]) if found else None


def drop_meta(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM meta WHERE name = ?", (name,))

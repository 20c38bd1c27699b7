"""What is still whole of a damaged vault file: its rows in memory, read from a copy. The file itself is not touched."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from storage import database, migrations
from storage.errors import VaultDamaged

#: Fire times are left out: they are computed anew from the reminders.
_TABLES = ("meta", "sealed_meta", "slots", "records", "shadows", "outbox")
_WAL = "-wal"
#: A file has no more rows than this many bytes each.
_ROW_BYTES_MIN = 16
#: A larger leap in the row ids is taken for a broken one, and the numbers between are tried all the same.
_GAP_MAX = 1_000
#: So many numbers in a row without a row: what follows is taken for lost.
_FAILED_MAX = 200_000
#: What the header of every vault holds, by offset (SQLite's file format, section 1.3): page size 4096, write-ahead log,
#: UTF-8. A page count of zero makes SQLite count the file, an empty list of free pages keeps it from looking for them.
_HEADER = {
    0: database.MAGIC + b"\x10\x00\x02\x02\x00\x40\x20\x20",
    28: bytes(12),
    44: b"\x00\x00\x00\x04",
    52: b"\x00\x00\x00\x00\x00\x00\x00\x01",
    64: b"\x00\x00\x00\x00",
}


def rows_of(path: Path) -> sqlite3.Connection:
    """A database in memory with every row that can still be read. Raises VaultDamaged where no key can be had, DiskFull
    where the copy finds no room."""
    import shutil
    from tempfile import TemporaryDirectory

    rescued = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrations.migrate(rescued)
    with (
        database.translated(),
        suppress(sqlite3.DatabaseError),
        TemporaryDirectory(dir=path.parent, prefix=database.salvage_prefix(path)) as folder,
    ):
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(path.with_name(path.name + _WAL), copy.with_name(copy.name + _WAL))
        with copy.open("r+b") as file:
            for offset, sound in _HEADER.items():
                file.seek(offset)
                file.write(sound)
        damaged = database.open_file(copy)
        try:
            for table in _TABLES:
                _copy_rows(damaged, rescued, table, copy.stat().st_size // _ROW_BYTES_MIN)
        finally:
            damaged.close()
    for needed in ("slots", "meta"):
        (count,) = rescued.execute(f"SELECT count(*) FROM {needed}").fetchone()  # noqa: S608 - names from above
        if not count:
            rescued.close()
            raise VaultDamaged("nothing can be opened: the file lost its slots or its keyring")
    return rescued


def _copy_rows(damaged: sqlite3.Connection, rescued: sqlite3.Connection, table: str, rows_max: int) -> None:
    """Row after row, by what the file says comes next, and by trying each number where it says nothing: one on a broken
    page costs no other. Row ids themselves may be broken, so they are given anew."""
    columns = ", ".join(name for _, name, *_ in rescued.execute(f"PRAGMA table_info({table})"))
    read = f"SELECT rowid, {columns} FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1"  # noqa: S608 - our own schema
    marks = ", ".join("?" * (columns.count(",") + 1))
    keep = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - our own schema
    rowid, failed = 1, 0
    while rowid <= rows_max and failed < _FAILED_MAX:
        try:
            found = damaged.execute(read, (rowid,)).fetchone()
        except (sqlite3.DatabaseError, OverflowError):
            rowid, failed = rowid + 1, failed + 1
            continue
        if found is None:
            break
        with suppress(sqlite3.DatabaseError):
            rescued.execute(keep, found[1:])
        believable = rowid <= found[0] <= rowid + _GAP_MAX
        rowid, failed = (found[0] if believable else rowid) + 1, 0

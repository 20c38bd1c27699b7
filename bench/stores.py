"""The stores that are compared: ours through its own API, the others as one would write them by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bench.notes import Note

PIN = "korrekt hest batteri"
LISTED = SHOWN = 50
_BATCH = 500


class Store(Protocol):
    def open(self, path: Path, *, new: bool) -> None: ...
    def fill(self, notes: Sequence[Note]) -> None: ...
    def save(self, note: Note) -> None: ...
    def notes_of(self, citizen: str) -> int: ...
    def search(self, query: str, *, ranked: bool) -> list[str]: ...
    def close(self) -> None: ...


class Ours:
    """The vault: a sealed row, its outbox entry and the read model."""

    def open(self, path: Path, *, new: bool) -> None:
        from storage.store import Vault

        if new:
            self._vault = Vault.create(path, PIN)
        else:
            self._vault = Vault(path)
            self._vault.unlock(PIN)

    def fill(self, notes: Sequence[Note]) -> None:
        for first in range(0, len(notes), _BATCH):
            self._vault.save(*map(_record, notes[first : first + _BATCH]))

    def save(self, note: Note) -> None:
        self._vault.save(_record(note))

    def notes_of(self, citizen: str) -> int:
        return len(self._vault.reading.notes_of(citizen, LISTED))

    def search(self, query: str, *, ranked: bool) -> list[str]:
        return [hit.note.id for hit in self._vault.reading.search(query, SHOWN, ranked=ranked)]

    def close(self) -> None:
        self._vault.close()


def _record(note: Note) -> Any:
    from storage.records import Channel, ContactNote

    at = datetime.fromtimestamp(note.at_s, UTC)
    return ContactNote(
        id=note.id,
        citizen_id=note.citizen,
        created_at=at,
        updated_at=at + timedelta(minutes=5),
        author="karen",
        occurred_at=at,
        channel=Channel.WALK,
        text=note.text,
    )


_SCHEMA = """
CREATE TABLE notes (rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, citizen TEXT, at_s INT, text TEXT);
CREATE INDEX notes_of ON notes (citizen, at_s);
CREATE VIRTUAL TABLE found USING fts5 (
    text, content = 'notes', content_rowid = 'rowid', tokenize = "unicode61 remove_diacritics 0");
CREATE TRIGGER added AFTER INSERT ON notes BEGIN INSERT INTO found (rowid, text) VALUES (new.rowid, new.text); END;
"""
_INSERT = "INSERT INTO notes (id, citizen, at_s, text) VALUES (?, ?, ?, ?)"
_SEARCH = (
    "SELECT notes.id, substr(notes.text, 1, 160) FROM found JOIN notes ON notes.rowid = found.rowid"
    " WHERE found MATCH ? ORDER BY {} LIMIT ?"
)


class PlainSqlite:
    """SQLite and FTS5 without encryption: the floor."""

    def open(self, path: Path, *, new: bool) -> None:
        self._db = self._connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if new:
            self._db.executescript(_SCHEMA)

    def _connect(self, path: Path) -> Any:
        return sqlite3.connect(path, isolation_level=None)

    def fill(self, notes: Sequence[Note]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(_INSERT, notes)
        self._db.execute("COMMIT")

    def save(self, note: Note) -> None:
        self._db.execute(_INSERT, note)

    def notes_of(self, citizen: str) -> int:
        sql = "SELECT id, at_s, text FROM notes WHERE citizen = ? ORDER BY at_s DESC LIMIT ?"
        return len(self._db.execute(sql, (citizen, LISTED)).fetchall())

    def search(self, query: str, *, ranked: bool) -> list[str]:
        words = " ".join(f'"{word}"' for word in query.split()) + "*"
        order = "found.rank" if ranked else "found.rowid DESC"
        return [found[0] for found in self._db.execute(_SEARCH.format(order), (words, SHOWN)).fetchall()]

    def close(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()


class SqlCipher(PlainSqlite):
    """SQLCipher 4 under a raw key of the same derivation as ours."""

    def _connect(self, path: Path) -> Any:
        from argon2.low_level import Type, hash_secret_raw
        from sqlcipher3 import dbapi2

        key = hash_secret_raw(PIN.encode(), bytes(16), 3, 64 * 1024, 4, 32, Type.ID)
        connection = dbapi2.connect(str(path), isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        return connection


STORES: dict[str, type[Store]] = {"ours": Ours, "sqlcipher": SqlCipher, "sqlite": PlainSqlite}

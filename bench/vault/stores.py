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
CUT_CHARS = 160
_BATCH = 500


class Store(Protocol):
    def open(self, path: Path, *, new: bool) -> None: ...
    def fill(self, notes: Sequence[Note]) -> None: ...
    def settle(self) -> None:
        """Returns when the full-text index holds every note and answers the searches."""

    def save(self, note: Note) -> None:
        """Durable when it returns."""

    def notes_of(self, citizen: str) -> int: ...
    def search(self, query: str, *, ranked: bool) -> list[str]:
        """The ids of the hits. Their beginnings are fetched, too."""

    def excerpts(self, query: str) -> list[str]:
        """The ids of the hits, newest first. The place of each is fetched with the words marked, as a list shows it."""

    def shred(self, citizen: str) -> None: ...
    def checkpoint(self) -> None:
        """Brings the write-ahead log into the file and empties it."""

    def close(self) -> None: ...


class Ours:
    """The vault: a sealed row, its outbox entry and the read model."""

    def open(self, path: Path, *, new: bool) -> None:
        from storage.store import Vault

        if new:
            self._vault = Vault.create(path, PIN, demo=True)
        else:
            self._vault = Vault(path)
            self._vault.unlock(PIN)

    def fill(self, notes: Sequence[Note]) -> None:
        """As they lie on a phone: received by the hub, nothing waits."""
        for first in range(0, len(notes), _BATCH):
            self._vault.apply([_received(note) for note in notes[first : first + _BATCH]])

    def settle(self) -> None:
        self._vault.reading.wait_for_index()
        self._vault.reading.search("og", 1)  # takes in what was saved since

    def save(self, note: Note) -> None:
        self._vault.save(_record(note))

    def notes_of(self, citizen: str) -> int:
        return len(self._vault.reading.notes_of(citizen, LISTED))

    def search(self, query: str, *, ranked: bool) -> list[str]:
        hits = self._vault.reading.search(query, SHOWN, ranked=ranked)
        return [note_id for note_id, _ in [(hit.note.id, hit.note.text[:CUT_CHARS]) for hit in hits]]

    def excerpts(self, query: str) -> list[str]:
        hits = self._vault.reading.search(query, SHOWN)
        return [note_id for note_id, *_ in [(hit.note.id, hit.snippet, hit.marks) for hit in hits]]

    def shred(self, citizen: str) -> None:
        self._vault.shred(citizen)

    def checkpoint(self) -> None:
        """A shred has made it: what was erased must not stay in the log."""

    def close(self) -> None:
        self._vault.close()


def _received(note: Note) -> Any:
    from storage import records
    from storage.rows import Row, RowStatus

    record = _record(note)
    payload = records.encode(record)
    return Row(record.id, record.citizen_id, payload, payload, 1, 1, RowStatus.CLEAN)


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
CREATE TRIGGER erased AFTER DELETE ON notes BEGIN
    INSERT INTO found (found, rowid, text) VALUES ('delete', old.rowid, old.text); END;
"""
_CUT, _EXCERPT = f"substr(notes.text, 1, {CUT_CHARS})", "snippet(found, 0, '<', '>', '…', 24)"
_INSERT = "INSERT INTO notes (id, citizen, at_s, text) VALUES (?, ?, ?, ?)"
_SEARCH = (
    "SELECT notes.id, {} FROM found JOIN notes ON notes.rowid = found.rowid WHERE found MATCH ? ORDER BY {} LIMIT ?"
)


class PlainSqlite:
    """SQLite and FTS5 without encryption: the floor."""

    def open(self, path: Path, *, new: bool) -> None:
        self._db = self._connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if new:
            self._run(_SCHEMA)

    def _connect(self, path: Path) -> Any:
        return sqlite3.connect(path, isolation_level=None)

    def _run(self, script: str) -> None:
        self._db.executescript(script)

    def fill(self, notes: Sequence[Note]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(_INSERT, notes)
        self._db.execute("COMMIT")

    def settle(self) -> None:
        """A trigger indexes each note in the transaction that saves it."""

    def save(self, note: Note) -> None:
        self._db.execute(_INSERT, note)

    def notes_of(self, citizen: str) -> int:
        sql = "SELECT id, at_s, text FROM notes WHERE citizen = ? ORDER BY at_s DESC LIMIT ?"
        return len(self._db.execute(sql, (citizen, LISTED)).fetchall())

    def search(self, query: str, *, ranked: bool) -> list[str]:
        return self._found(query, _CUT, "found.rank" if ranked else "found.rowid DESC")

    def excerpts(self, query: str) -> list[str]:
        return self._found(query, _EXCERPT, "found.rowid DESC")

    def _found(self, query: str, shown: str, order: str) -> list[str]:
        words = " ".join(f'"{word}"' for word in query.split()) + "*"
        return [found[0] for found in self._db.execute(_SEARCH.format(shown, order), (words, SHOWN)).fetchall()]

    def shred(self, citizen: str) -> None:
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute("DELETE FROM notes WHERE citizen = ?", (citizen,))

    def checkpoint(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        self.checkpoint()
        self._db.close()


class SqlCipher(PlainSqlite):
    """SQLCipher 4 under a raw key of the same derivation as ours."""

    def _connect(self, path: Path) -> Any:
        from sqlcipher3 import dbapi2

        connection = dbapi2.connect(str(path), isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{_derived().hex()}'\"")
        return connection


class MultipleCiphers(PlainSqlite):
    """SQLite3MultipleCiphers with its own cipher, ChaCha20-Poly1305, under a raw key of the same derivation as ours."""

    def _connect(self, path: Path) -> Any:
        import apsw

        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA key = 'raw:{_derived().hex()}'")
        return connection

    def _run(self, script: str) -> None:
        self._db.execute(script)


def _derived() -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(PIN.encode(), bytes(16), 3, 64 * 1024, 4, 32, Type.ID)


STORES: dict[str, type[Store]] = {
    "ours": Ours,
    "sqlcipher": SqlCipher,
    "sqlite3mc": MultipleCiphers,
    "sqlite": PlainSqlite,
}

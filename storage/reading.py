"""The read model: what the screens ask, answered from memory. Built at unlock, kept true by every save, gone at lock.

Notes lie as JSON in an in-memory SQLite with a full-text index; the few hundred other records are held decoded.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar, cast

from storage import records
from storage.records import AnyRecord, CitizenId, ContactNote, Record, RecordId
from storage.rows import RowStatus

R = TypeVar("R", bound=Record)

NOTES_PAGE = 50
#: Row ids kept for the notes of one millisecond; more flow over into the next one's.
_SLOT = 1024
_WORD = re.compile(r"\w+")
_SNIPPET_BEFORE_CHARS, _SNIPPET_CHARS = 40, 160
_SCHEMA = """
CREATE TABLE notes (rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, citizen_id TEXT, two_way INTEGER, body BLOB);
CREATE INDEX notes_of ON notes (citizen_id, rowid);
CREATE VIRTUAL TABLE found USING fts5 (text, content = '', tokenize = "unicode61 remove_diacritics 0");
"""


class SyncState(StrEnum):
    """One honest word about each record; derived, never stored."""

    ON_THIS_PHONE = "on_this_phone"
    WAITING = "waiting"
    SENT = "sent"
    RECEIVED = "received"
    SAFE = "safe"
    CONFLICT = "conflict"
    REFUSED = "refused"


class Standing(NamedTuple):
    """Where a record stands between phone and hub."""

    status: RowStatus
    hub_version: int
    hub_seq: int


@dataclass(frozen=True)
class Hit:
    note: ContactNote
    snippet: str


class ReadModel:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._others: dict[str, dict[str, AnyRecord]] = {kind: {} for kind in records.KINDS}
        self._standing: dict[str, Standing] = {}

    # ------------------------------------------------------------ asking
    def get(self, record_id: RecordId | str) -> AnyRecord | None:
        with self._lock:
            for held in self._others.values():
                if record_id in held:
                    return held[record_id]
            body = self._body(record_id)
            return records.decode(body) if body else None

    def all(self, kind: type[R], citizen_id: CitizenId | str | None = None) -> list[R]:
        """Records of one kind other than ContactNote, of one citizen or of all, oldest first."""
        assert kind is not ContactNote, "notes come in pages: ask notes_of or recent_notes"
        with self._lock:
            held = [
                record
                for record in self._others[records.kind_of_class(kind)].values()
                if citizen_id is None or record.citizen_id == citizen_id
            ]
        return cast("list[R]", sorted(held, key=lambda record: record.created_at))

    def notes_of(self, citizen_id: CitizenId | str, limit: int = NOTES_PAGE, offset: int = 0) -> list[ContactNote]:
        """One page of a citizen's notes, newest first."""
        return self._notes(
            "SELECT body FROM notes WHERE citizen_id = ? ORDER BY rowid DESC LIMIT ? OFFSET ?",
            (citizen_id, limit, offset),
        )

    def recent_notes(self, citizen_id: CitizenId | str) -> list[ContactNote]:
        """What the rules of contact need: the newest page, and the newest two-way contacts should they lie further
        back. Newest first."""
        newest = self.notes_of(citizen_id)
        if any(note.is_two_way for note in newest) or len(newest) < NOTES_PAGE:
            return newest
        return newest + self._notes(
            "SELECT body FROM notes WHERE citizen_id = ? AND two_way ORDER BY rowid DESC LIMIT 5", (citizen_id,)
        )

    def notes_since(self, moment: datetime) -> list[ContactNote]:
        """Everybody's notes of contacts since this moment, newest first."""
        return self._notes("SELECT body FROM notes WHERE rowid >= ? ORDER BY rowid DESC", (_rowid(moment),))

    def count_notes(self, citizen_id: CitizenId | str) -> int:
        with self._lock:
            (count,) = self._db.execute("SELECT count(*) FROM notes WHERE citizen_id = ?", (citizen_id,)).fetchone()
            return int(count)

    def search(self, query: str, limit: int = NOTES_PAGE, *, ranked: bool = False) -> list[Hit]:
        """Notes that hold every word (the last as a beginning), newest first or best first."""
        words = _WORD.findall(query.lower())
        if not words:
            return []
        wanted = " ".join(f'"{word}"' for word in words) + "*"
        order = "found.rank" if ranked else "found.rowid DESC"
        with self._lock:
            bodies = self._db.execute(
                "SELECT notes.body FROM found JOIN notes ON notes.rowid = found.rowid WHERE found MATCH ?"
                f" ORDER BY {order} LIMIT ?",
                (wanted, limit),
            ).fetchall()
        notes = (cast(ContactNote, records.decode(body)) for (body,) in bodies)
        return [Hit(note, _snippet(note.text, words)) for note in notes]

    def state_of(self, record_id: RecordId | str, durable_seq: int) -> SyncState:
        """`durable_seq`: up to where the hub's verified backup reaches."""
        with self._lock:
            standing = self._standing.get(record_id)
        if standing is None:
            return SyncState.ON_THIS_PHONE
        if any(conflict.record_id == record_id and not conflict.resolved for conflict in self.all(records.Conflict)):
            return SyncState.CONFLICT
        if standing.status != RowStatus.CLEAN:
            return SyncState(standing.status.value)
        return SyncState.SAFE if standing.hub_seq <= durable_seq else SyncState.RECEIVED

    def was_sent(self, record_id: RecordId | str) -> bool:
        """Whether a request has carried it: from then on a note is final."""
        with self._lock:
            standing = self._standing.get(record_id)
        return standing is not None and (
            standing.hub_version > 0 or standing.status in (RowStatus.SENT, RowStatus.REFUSED)
        )

    def outstanding(self) -> list[tuple[AnyRecord | None, str, RowStatus]]:
        """What is not at the hub: (record or None where it was deleted here, record id, status)."""
        with self._lock:
            dirty = [(i, s.status) for i, s in self._standing.items() if s.status != RowStatus.CLEAN]
            return [(self.get(record_id), record_id, status) for record_id, status in dirty]

    def _notes(self, sql: str, arguments: tuple[object, ...]) -> list[ContactNote]:
        with self._lock:
            bodies = self._db.execute(sql, arguments).fetchall()
        return [cast(ContactNote, records.decode(body)) for (body,) in bodies]

    # ------------------------------------------------------------ keeping true (the vault's alone)
    def put(self, record: AnyRecord, payload: bytes, standing: Standing) -> None:
        self._standing[record.id] = standing
        if isinstance(record, ContactNote):
            if self._body(record.id) != payload:  # most changes sync makes are of the standing alone
                self._drop_note(record.id)
                self._add_note(record, payload)
        else:
            self._others[records.kind_of(record)][record.id] = record

    def mark(self, record_id: RecordId | str, standing: Standing) -> None:
        """For a record that is not shown: deleted here and still to be sent, or of a kind unknown to this version."""
        self.drop(record_id)
        self._standing[record_id] = standing

    def drop(self, record_id: RecordId | str) -> None:
        self._standing.pop(record_id, None)
        for held in self._others.values():
            held.pop(record_id, None)
        self._drop_note(record_id)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around every put, mark and drop: readers see all of a change or none of it."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            yield

    def _add_note(self, note: ContactNote, payload: bytes) -> None:
        rowid = self._free_rowid(_rowid(note.occurred_at))
        self._db.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?)", (rowid, note.id, note.citizen_id, note.is_two_way, payload)
        )
        self._db.execute("INSERT INTO found (rowid, text) VALUES (?, ?)", (rowid, note.text))

    def _free_rowid(self, first: int) -> int:
        """The place behind the other notes of this millisecond."""
        while True:
            last_of_slot = first | _SLOT - 1
            (last,) = self._db.execute(
                "SELECT max(rowid) FROM notes WHERE rowid BETWEEN ? AND ?", (first, last_of_slot)
            ).fetchone()
            if last is None:
                return first
            if last < last_of_slot:
                return int(last) + 1
            first = last_of_slot + 1

    def _body(self, record_id: RecordId | str) -> bytes | None:
        found = self._db.execute("SELECT body FROM notes WHERE id = ?", (record_id,)).fetchone()
        return bytes(found[0]) if found else None

    def _drop_note(self, record_id: RecordId | str) -> None:
        found = self._db.execute("SELECT rowid, body FROM notes WHERE id = ?", (record_id,)).fetchone()
        if found is None:
            return
        rowid, body = found
        text = cast(ContactNote, records.decode(body)).text
        self._db.execute("INSERT INTO found (found, rowid, text) VALUES ('delete', ?, ?)", (rowid, text))
        self._db.execute("DELETE FROM notes WHERE rowid = ?", (rowid,))

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._others.clear()
            self._standing.clear()


def _rowid(moment: datetime) -> int:
    """The first place of this millisecond. Row ids grow with time, so newest first needs no sorting."""
    return max(0, int(moment.timestamp() * 1000)) * _SLOT


def _snippet(text: str, words: list[str]) -> str:
    low = text.lower()
    at = min((found for word in words if (found := low.find(word)) >= 0), default=0)
    begin = max(0, at - _SNIPPET_BEFORE_CHARS)
    cut = " ".join(text[begin : begin + _SNIPPET_CHARS].split())
    return ("… " if begin else "") + cut + (" …" if begin + _SNIPPET_CHARS < len(text) else "")

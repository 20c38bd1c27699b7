"""The read model: what the screens ask, answered from memory. Built at unlock, kept true by every save, gone at lock.

Records are held decoded; an in-memory SQLite orders the notes and holds their full-text index.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar, cast

import msgspec

from storage import records
from storage.records import AnyRecord, CitizenId, ContactNote, Record, RecordId
from storage.rows import Rows, RowStatus, Unopened

R = TypeVar("R", bound=Record)

NOTES_PAGE = 50
#: Row ids kept for the notes of one millisecond; more flow over into the next one's.
_SLOT = 1024
_WORD = re.compile(r"\w+")
_SNIPPET_BEFORE_CHARS, _SNIPPET_CHARS = 40, 160
_SCHEMA = """
CREATE TABLE notes (rowid INTEGER PRIMARY KEY, citizen_id TEXT, two_way INTEGER);
CREATE INDEX notes_of ON notes (citizen_id, rowid);
-- The last word of a query is a beginning: the short ones, which fit many words, have indexes of their own.
CREATE VIRTUAL TABLE found USING fts5 (
    text, content = '', prefix = '2 3 4', tokenize = "unicode61 remove_diacritics 0");
-- One segment instead of many: SQLite would flush its index into itself at every megabyte.
INSERT INTO found (found, rank) VALUES ('hashsize', 67108864);
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


class Hit(NamedTuple):
    note: ContactNote
    snippet: str


class ReadModel:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._notes: dict[int, ContactNote] = {}
        self._rowid_of: dict[str, int] = {}
        #: Row ids of notes that the index does not hold yet. The next search takes them in: no save waits for it.
        self._unindexed: set[int] = set()
        self._others: dict[str, dict[str, AnyRecord]] = {kind: {} for kind in records.KINDS}
        self._standing: dict[str, Standing] = {}
        self._retracted: set[str] = set()

    # ------------------------------------------------------------ asking
    def get(self, record_id: RecordId | str) -> AnyRecord | None:
        with self._lock:
            for held in self._others.values():
                if record_id in held:
                    return held[record_id]
            return self._note(record_id)

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
        return self._found(
            "SELECT rowid FROM notes WHERE citizen_id = ? ORDER BY rowid DESC LIMIT ? OFFSET ?",
            (citizen_id, limit, offset),
        )

    def recent_notes(self, citizen_id: CitizenId | str) -> list[ContactNote]:
        """What the rules of contact need: the newest page, and the newest two-way contacts should they lie further
        back. Newest first."""
        newest = self.notes_of(citizen_id)
        if any(note.is_two_way for note in newest) or len(newest) < NOTES_PAGE:
            return newest
        return newest + self._found(
            "SELECT rowid FROM notes WHERE citizen_id = ? AND two_way ORDER BY rowid DESC LIMIT 5", (citizen_id,)
        )

    def notes_since(self, moment: datetime) -> list[ContactNote]:
        """Everybody's notes of contacts since this moment, newest first."""
        return self._found("SELECT rowid FROM notes WHERE rowid >= ? ORDER BY rowid DESC", (_rowid(moment),))

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
        order = "rank" if ranked else "rowid DESC"
        sql = f"SELECT rowid FROM found WHERE found MATCH ? ORDER BY {order} LIMIT ?"  # noqa: S608 - one of the two above
        with self._lock:
            self._index()
            found = self._found(sql, (wanted, limit))
        return [Hit(note, _snippet(note.text, words)) for note in found]

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

    def is_retracted(self, note_id: RecordId | str) -> bool:
        """Whether a later note takes this one back: it was about somebody else."""
        return note_id in self._retracted

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

    def _note(self, record_id: RecordId | str) -> ContactNote | None:
        return self._notes.get(self._rowid_of.get(record_id, -1))

    def _found(self, sql: str, arguments: tuple[object, ...]) -> list[ContactNote]:
        with self._lock:
            return [self._notes[rowid] for (rowid,) in self._db.execute(sql, arguments).fetchall()]

    # ------------------------------------------------------------ keeping true (the vault's alone)
    def put(self, record: AnyRecord, standing: Standing) -> None:
        self._standing[record.id] = standing
        if isinstance(record, ContactNote):
            if record.retracts:
                self._retracted.add(record.retracts)
            if self._note(record.id) != record:  # most changes sync makes are of the standing alone
                self._drop_note(record.id)
                self._add_note(record)
        else:
            self._others[records.kind_of(record)][record.id] = record

    def fill(self, rows: Rows) -> list[Unopened]:
        """Takes in every record; returns those that could not be opened."""
        unopened = []
        with self.changing():
            for found in rows.scan():
                if isinstance(found, Unopened):
                    unopened.append(found)
                    continue
                standing = Standing(found.status, found.hub_version, found.hub_seq)
                self.put_payload(found.record_id, found.citizen_id, found.payload, standing)
        return unopened

    def put_payload(
        self, record_id: RecordId | str, citizen_id: CitizenId | str, payload: bytes, standing: Standing
    ) -> None:
        """Brings one record up to date. It is not shown where it was deleted here (an empty payload), nor where this
        version does not know its kind or shape: then it is kept and travels."""
        try:
            record = records.decode(payload) if payload else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            record = None
        if record is None:
            self.mark(record_id, standing)
        else:
            self.put(record, standing)

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
        with self._lock, self._db:  # commits, or rolls back
            self._db.execute("BEGIN")
            yield

    def _add_note(self, note: ContactNote) -> None:
        rowid = self._free_rowid(_rowid(note.occurred_at))
        self._notes[rowid], self._rowid_of[note.id] = note, rowid
        self._db.execute("INSERT INTO notes VALUES (?, ?, ?)", (rowid, note.citizen_id, note.is_two_way))
        self._unindexed.add(rowid)

    def _index(self) -> None:
        """In the order of time: out of order FTS5 takes three times as long."""
        if self._unindexed:
            rows = [(rowid, self._notes[rowid].text) for rowid in sorted(self._unindexed)]
            with self.changing():
                self._db.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", rows)
            self._unindexed.clear()

    def _free_rowid(self, first: int) -> int:
        """The place behind the other notes of this millisecond."""
        while first in self._notes:
            last_of_slot = first | _SLOT - 1
            (last,) = self._db.execute(
                "SELECT max(rowid) FROM notes WHERE rowid BETWEEN ? AND ?", (first, last_of_slot)
            ).fetchone()
            first = int(last) + 1
        return first

    def _drop_note(self, record_id: RecordId | str) -> None:
        rowid = self._rowid_of.pop(record_id, None)
        if rowid is None:
            return
        text = self._notes.pop(rowid).text
        if rowid in self._unindexed:
            self._unindexed.remove(rowid)
        else:
            self._db.execute("INSERT INTO found (found, rowid, text) VALUES ('delete', ?, ?)", (rowid, text))
        self._db.execute("DELETE FROM notes WHERE rowid = ?", (rowid,))

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._notes.clear()
            self._rowid_of.clear()
            self._unindexed.clear()
            self._others.clear()
            self._standing.clear()
            self._retracted.clear()


def _rowid(moment: datetime) -> int:
    """The first place of this millisecond. Row ids grow with time, so newest first needs no sorting."""
    return max(0, int(moment.timestamp() * 1000)) * _SLOT


def _place(text: str, words: list[str]) -> int:
    """Where the first of the words stands that is written so; -1 for none."""
    for word in words:
        at = text.find(word)
        if at >= 0:
            return at
    return -1


def _snippet(text: str, words: list[str]) -> str:
    at = _place(text, words)
    if at < 0:  # lowering a whole note costs more than all the rest
        at = _place(text.lower(), words)
    begin = at - _SNIPPET_BEFORE_CHARS if at > _SNIPPET_BEFORE_CHARS else 0
    end = begin + _SNIPPET_CHARS
    cut = text[begin:end]
    if not cut.isprintable():  # more than one line
        cut = " ".join(cut.split())
    return f"{'… ' if begin else ''}{cut}{' …' if end < len(text) else ''}"

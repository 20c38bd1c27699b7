"""The limit on the phone's side, in a process of its own: one table, plain rows, no rules. Orders as for the phone."""

from __future__ import annotations

import gzip
import http.client
import random
import sqlite3
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.processes import answer_lines
from bench.sync import material
from bench.sync.bare_hub import packed
from storage import records

_BATCH = 1_000
_SCHEMA = (
    "CREATE TABLE notes (id BLOB PRIMARY KEY, waits INT, content BLOB); CREATE INDEX w ON notes (waits) WHERE waits"
)
#: What a seal adds to a note: a nonce and a tag.
_SEAL_BYTES = 28


class _Id(Struct):
    id: str


class BarePhone:
    def open(self, path: str) -> None:
        self._db = sqlite3.connect(Path(path), isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")

    def write(self, count: int) -> None:
        rng = random.Random(1)
        rows = [
            (rng.randbytes(16), 1, records.encode(note) + bytes(_SEAL_BYTES))
            for note in material.contact_notes(count, "bare")
        ]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def push(self, port: int) -> float:
        """In batches, each marked as sent in a transaction."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while rows := self._db.execute("SELECT id, content FROM notes WHERE waits LIMIT ?", (_BATCH,)).fetchall():
            connection.request("POST", "/push", packed(rows))
            assert connection.getresponse().read() == b""
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE notes SET waits = 0 WHERE id = ?", [(note_id,) for note_id, _ in rows])
            self._db.execute("COMMIT")
        connection.close()
        return time.perf_counter() - began

    def pull(self, port: int) -> float:
        """One download of all, one transaction."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/all")
        contents = msgspec.json.decode(gzip.decompress(connection.getresponse().read()), type=list[msgspec.Raw])
        rows = [(msgspec.json.decode(content, type=_Id).id, 0, bytes(content)) for content in contents]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")
        connection.close()
        return time.perf_counter() - began

    def count(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM notes WHERE NOT waits").fetchone()
        return int(count)


if __name__ == "__main__":
    phone = BarePhone()
    answer_lines("ready", {op: getattr(phone, op) for op in ("open", "write", "push", "pull", "count")}, sys.stdin)

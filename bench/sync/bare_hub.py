"""The limit: one table and no rules. `python -m bench.sync.bare_hub FOLDER` serves it by uvicorn on a free port.

POST /push stores a batch of (id, length, bytes); GET /all gives the file FOLDER/all.json.gz, as it is.
"""

from __future__ import annotations

import socket
import sqlite3
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

ALL = "all.json.gz"
_HEAD = struct.Struct("<16sI")
_SCHEMA = "CREATE TABLE notes (id BLOB PRIMARY KEY, seq INT, content BLOB); CREATE INDEX by_seq ON notes (seq)"
_STORE = (
    "INSERT INTO notes VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, content = excluded.content"
)


def packed(rows: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(_HEAD.pack(note_id, len(content)) + content for note_id, content in rows)


def _unpacked(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(body):
        note_id, length = _HEAD.unpack_from(body, at)
        at += _HEAD.size
        yield note_id, body[at : at + length]
        at += length


class BareHub:
    def __init__(self, folder: Path) -> None:
        self._all, self._seq = folder / ALL, 0
        self._db = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        answer = self._push(body) if scope["path"] == "/push" else self._all.read_bytes()
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": answer})

    def _push(self, body: bytes) -> bytes:
        rows = [(note_id, seq, content) for seq, (note_id, content) in enumerate(_unpacked(body), self._seq + 1)]
        self._seq += len(rows)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(_STORE, rows)
        self._db.execute("COMMIT")
        return b""


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(BareHub(Path(sys.argv[1])), log_level="warning")).run(sockets=[listening])

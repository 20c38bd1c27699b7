"""A generator of load in a process of its own: each of its devices is a thread that pushes its batches, one by one.

What a device says is packed beforehand except for its end, the cursor, which is added, and all of it signed, when it is
known: the generator shares the machine with what it measures.
"""

from __future__ import annotations

import http.client
import secrets
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.processes import answer_lines
from bench.sync import material
from storage import records
from storage.records import to_fields
from sync import signing
from sync.protocol import SYNC_PATH, EnrolRequest, Mutation, Status, SyncReply, SyncRequest
from sync.transport import HttpTransport

BATCH = 100
BARE_SCHEMA = """
CREATE TABLE counter (seq bigint);
INSERT INTO counter VALUES (0);
CREATE TABLE notes (id text PRIMARY KEY, seq bigint, content bytea);
CREATE INDEX by_seq ON notes (seq)
"""
_NUMBERS = "UPDATE counter SET seq = seq + %s RETURNING seq"
_UPSERT = (
    "INSERT INTO notes SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bytea[])"
    " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, content = excluded.content"
)
#: What the hub's seal adds to a note.
_SEAL_BYTES = 29


class Pushing(Protocol):
    def push(self, number: int) -> None:
        """Sends this batch; durable when it returns."""


class Device:
    """A signed device of the hub, with the messages the engine would send."""

    def __init__(self, number: int, url: str, code: str, batches: int) -> None:
        self._key = Ed25519PrivateKey.generate()
        public_key = signing.key_text(self._key.public_key())
        reply = HttpTransport(url, self._key, signing.ENROL_KEYID).enrol(
            EnrolRequest(code=code, public_key=public_key, device_name="bench")
        )
        self._id, self._lineage, self._cursor = reply.device_id, reply.lineage, 0
        self._http = http.client.HTTPConnection(urlsplit(url).netloc)
        notes = material.contact_notes(batches * BATCH, reply.consultant_id, number)
        self._packed = [_packed(batch, at * BATCH, self._lineage) for at, batch in enumerate(_batches(notes))]
        self._ask(_packed([], 0, self._lineage))
        self._http.close()  # the hub would not keep it while others are prepared; it is opened again when needed

    def push(self, number: int) -> None:
        reply = self._ask(self._packed[number])
        assert len(reply.outcomes) == BATCH and all(outcome.status == Status.APPLIED for outcome in reply.outcomes)

    def _ask(self, packed: tuple[bytes, zlib._Compress]) -> SyncReply:
        begun, rest = packed[0], packed[1].copy()
        body = begun + rest.compress(b',"cursor":%d}' % self._cursor) + rest.flush()
        headers = {"content-type": "application/json", "accept-encoding": "gzip", "content-encoding": "gzip"}
        about = (body, self._key, self._id, datetime.now(UTC), secrets.token_hex(16))
        headers = headers | signing.sign("POST", "http://hub" + SYNC_PATH, *about)
        self._http.request("POST", SYNC_PATH, body, headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.getheader("content-encoding") == "gzip":
            content = zlib.decompress(content, wbits=zlib.MAX_WBITS | 16)
        assert answer.status == 200, content
        reply = msgspec.json.decode(content, type=SyncReply)
        self._cursor = reply.cursor
        return reply


def _packed(batch: list[Any], sent: int, lineage: str) -> tuple[bytes, zlib._Compress]:
    """The gzip of a request but for its end, and what goes on with it."""
    mutations = tuple(
        Mutation(n=n, record_id=note.id, base_version=0, changes=to_fields(note))
        for n, note in enumerate(batch, sent + 1)
    )
    whole = msgspec.json.encode(SyncRequest(incarnation="first", lineage=lineage, mutations=mutations))
    packing = zlib.compressobj(level=6, wbits=zlib.MAX_WBITS | 16)
    return packing.compress(whole.removesuffix(b"}")) + packing.flush(zlib.Z_SYNC_FLUSH), packing


class Upserts:
    """The limit: one connection, one table, no rules."""

    def __init__(self, number: int, url: str, _: str, batches: int) -> None:
        self._db = psycopg.connect(url)
        rows = [
            (note.id, records.encode(note) + bytes(_SEAL_BYTES))
            for note in material.contact_notes(batches * BATCH, "bare", number)
        ]
        self._batches = list(_batches(rows))

    def push(self, number: int) -> None:
        ids, contents = zip(*self._batches[number], strict=True)
        (last,) = self._db.execute(_NUMBERS, (BATCH,)).fetchone() or (0,)
        self._db.execute(_UPSERT, (list(ids), list(range(last - BATCH + 1, last + 1)), list(contents)))
        self._db.commit()


def _batches(what: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(what)
    while batch := list(islice(rest, BATCH)):
        yield batch


class Generator:
    def prepare(self, what: str, url: str, codes: dict[str, str], batches: int) -> None:
        self._batches = batches
        self._pushing: list[Pushing] = [_KINDS[what](int(number), url, code, batches) for number, code in codes.items()]

    def run(self) -> dict[str, Any]:
        """When it began and ended (seconds of the machine's monotonic clock), and how long each batch took."""
        times_s: list[float] = []
        threads = [threading.Thread(target=self._push_all, args=(one, times_s)) for one in self._pushing]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(times_s) == self._batches * len(threads), "a device gave up"
        return {"began": began, "ended": time.monotonic(), "times_s": times_s}

    def _push_all(self, pushing: Pushing, times_s: list[float]) -> None:
        for number in range(self._batches):
            began = time.perf_counter()
            pushing.push(number)
            times_s.append(time.perf_counter() - began)


_KINDS: dict[str, Any] = {"devices": Device, "upserts": Upserts}

if __name__ == "__main__":
    generator = Generator()
    answer_lines("ready", {"prepare": generator.prepare, "run": generator.run}, sys.stdin)

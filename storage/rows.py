"""How rows lie on the disk: all of them are read and written here."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from typing import Any, cast

import msgspec
from msgspec import Struct

from storage import tally
from storage.errors import CannotOpen
from storage.keys import Keyring, Purpose
from storage.records import CitizenId, RecordId, from_fields, to_fields
from storage.row import RECEIVED, Frozen, Head, Refusal, Row, RowStatus, Standing, Unopened
from storage.sealed import Place, open_sealed, opener, seal


class _Beside(Struct, frozen=True):
    """What lies beside the frozen change or the refusal."""

    safe: bytes | None = None


#: The sealed value that the tally itself is.
TALLY = "tally"
_CLEAN = (RowStatus.CLEAN, RowStatus.CLEAN.value)
_VALUE = "value"
#: No hold is as long (a draft's is a minute): one beyond it comes of a clock that was set back, or of damage, and holds
#: nothing up.
_HOLD_MAX_MS = 2 * 60 * 1000
_HEAD = struct.Struct(">QQB")  # hub version, hub sequence, length of the record id that follows
_unpack_head, _ID_AT = _HEAD.unpack_from, _HEAD.size
_TABLES = ("records", "shadows", "outbox")
#: A row's sync state as the tally has it: nothing in it can be changed unnoticed.
_STATE = "outbox.state || '/' || outbox.hold_until_ms || '/' || coalesce(outbox.n, '')"
_STATES = f"SELECT row_key, version, {_STATE} FROM records LEFT JOIN outbox USING (row_key)"  # noqa: S608 - from above
_WHOLE = (
    "SELECT records.row_key, records.key_id, records.version, records.envelope, shadows.key_id, shadows.version,"
    f" shadows.envelope, outbox.state, outbox.hold_until_ms, outbox.n, outbox.key_id, outbox.envelope, {_STATE}"
)
_ONE = f"{_WHOLE} FROM records LEFT JOIN shadows USING (row_key) LEFT JOIN outbox USING (row_key) WHERE row_key = ?"
_UPSERT = (
    "INSERT INTO {} (row_key, key_id, version, envelope) VALUES (?, ?, ?, ?) ON CONFLICT (row_key) DO UPDATE"
    " SET key_id = excluded.key_id, version = excluded.version, envelope = excluded.envelope"
)
_DELETE = "DELETE FROM {} WHERE row_key = ?"
#: In a request or not, each in its order: an index has the one, the table the other, so that no call sorts what waits.
_OUTGOING = (
    f"{_WHOLE} FROM outbox CROSS JOIN records USING (row_key) LEFT JOIN shadows USING (row_key)"
    " WHERE n {} AND (state = 'sent' OR (state NOT IN ('refused', 'received')"
    " AND hold_until_ms NOT BETWEEN ? + 1 AND ?)) ORDER BY {}"
)
_NUMBERED, _UNNUMBERED = _OUTGOING.format("> ?", "n"), _OUTGOING.format("IS NULL", "outbox.rowid")
#: Below the number of parameters of a statement.
_KEYS_PER_QUERY = 500
_FROZEN_MAX = 1_000
#: A page, and what was asked of it.
_READ_MAX = 2_000
_UPSERT_OUTBOX = (
    "INSERT INTO outbox (row_key, state, hold_until_ms, n, key_id, envelope) VALUES (?,?,?,?,?,?)"
    " ON CONFLICT (row_key) DO UPDATE SET state = excluded.state, hold_until_ms = excluded.hold_until_ms,"
    " n = excluded.n, key_id = excluded.key_id, envelope = excluded.envelope"
)


#: (row key, version, state), and those that are there by row key.
_State = tuple[bytes, int, str | None]
_Stored = dict[bytes, _State]
_BY_WORD = {status.value: status for status in RowStatus} | {RECEIVED: RowStatus.CLEAN}


def _status(state: str) -> RowStatus:
    """A word that no version wrote is damage: the row is sent once more rather than forgotten."""
    return _BY_WORD.get(state, RowStatus.WAITING)


def _head(body: bytes, citizen_id: CitizenId, status: RowStatus) -> Head:
    hub_version, hub_seq, id_length = _unpack_head(body)
    payload_at = _ID_AT + id_length
    record_id = cast("RecordId", body[_ID_AT:payload_at].decode())
    return Head(record_id, citizen_id, body[payload_at:], Standing(status, hub_version, hub_seq))


def _whole_state(row: Row) -> str | None:
    """As `_STATE` gives it."""
    state = row.state
    if state is None:
        return None
    return f"{state}/{row.hold_until_ms}/{'' if row.n is None else row.n}"


def _frozen(content: bytes, payload: bytes) -> Frozen:
    """What lies sealed in the outbox, or, with nothing there, the whole of what the record still is."""
    return msgspec.json.decode(content, type=Frozen) if content else Frozen(0, to_fields(payload))


def _is_as_frozen(row: Row) -> bool:
    """Whether it is being sent whole, and stands as it was put into the request: then it need not lie there twice."""
    frozen = row.frozen
    if frozen is None or frozen.base_version or frozen.delete or row.refusal is not None or row.safe is not None:
        return False
    return from_fields(frozen.changes) == row.payload


def _beside(row: Row) -> dict[str, Any]:
    if _is_as_frozen(row):
        return {}
    content: dict[str, Any] = {}
    for part in (row.frozen, row.refusal, None if row.safe is None else _Beside(row.safe)):
        if part is not None:
            content |= msgspec.to_builtins(part)
    return content


class Rows:
    """Reads and writes rows inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        self._db = connection
        self._keys = keyring
        #: What the writes since `take_change` make of the tally.
        self._change = 0
        self._share = tally.shares(keyring.tally_key)
        self.scanned = 0
        #: What went into the last requests, each with its state then: as long as that stands, so does the row.
        self._frozen: dict[bytes, tuple[_State, Row]] = {}
        #: What was read of the tally's states since the last transaction, none where there is no such row.
        self._read: dict[bytes, _State | None] = {}

    # ------------------------------------------------------------ reading
    def read(self, record_id: RecordId | str) -> Row | None:
        """Raises CannotOpen where a stored row is damaged."""
        return self._read_by_key(self._keys.row_key(record_id))

    def read_all(self, record_ids: Iterable[str]) -> dict[str, Row | None]:
        """By id: none where there is none, or none that can be opened."""
        asked = {self._keys.row_key(record_id): record_id for record_id in record_ids}
        rows: dict[str, Row | None] = dict.fromkeys(asked.values())
        for row_key, stored in self._states(asked).items():
            state, row = self._frozen.pop(row_key, (None, None))
            if state == stored:
                rows[asked[row_key]] = row
            else:
                with suppress(CannotOpen):
                    rows[asked[row_key]] = self._read_by_key(row_key)
        return rows

    def _read_by_key(self, row_key: bytes) -> Row | None:
        found = self._db.execute(_ONE, (row_key,)).fetchone()
        return None if found is None else self._row(*found)

    def _row(self, row_key: bytes, key_id: bytes, version: int, envelope: bytes, *beside: Any) -> Row:
        """Of what `_WHOLE` gives."""
        *of_shadow, state, hold_until_ms, n, outbox_key_id, sealed, whole_state = beside
        self._remember(row_key, (row_key, version, whole_state))
        head = self._open_record(row_key, key_id, version, envelope)
        standing = head.standing
        shadow = head.payload if standing.hub_version else b""
        if of_shadow[0] is not None:
            shadow = self._open(Purpose.SHADOW, row_key, *of_shadow)
        status = RowStatus.CLEAN if state is None else _status(state)
        content = b"" if sealed is None else self._open(Purpose.MUTATION, row_key, outbox_key_id, 0, sealed)
        return Row(
            record_id=head.record_id,
            citizen_id=head.citizen_id,
            payload=head.payload,
            shadow=shadow,
            hub_version=standing.hub_version,
            hub_seq=standing.hub_seq,
            status=status,
            hold_until_ms=hold_until_ms or 0,
            n=n,
            frozen=_frozen(content, head.payload) if status == RowStatus.SENT else None,
            refusal=msgspec.json.decode(content, type=Refusal) if status == RowStatus.REFUSED else None,
            safe=msgspec.json.decode(content, type=_Beside).safe if content else None,
        )

    def scan(self) -> Iterator[Head | Unopened]:
        """Every record, or what is known of one that cannot be opened. Afterwards `scanned` is the sum of them all.

        The seal proves that a body belongs to its row key, so the id in it is not proved a second time: that would be
        a fifth of an unlock. `read` does it.
        """
        states = {
            row_key: (_status(state), whole)
            for row_key, state, whole in self._db.execute(f"SELECT row_key, state, {_STATE} FROM outbox")  # noqa: S608 - from above
        }
        total, share, state_of = self._total_of_values(), self._share, states.get
        ways: dict[bytes, tuple[Callable[[bytes, int, bytes], bytes], CitizenId]] = {}
        rows = self._db.execute("SELECT row_key, key_id, version, envelope FROM records")
        for row_key, key_id, version, envelope in rows:
            status, whole_state = state_of(row_key, _CLEAN)
            total += share(row_key, version, whole_state)
            try:
                if key_id not in ways:
                    cipher = self._keys.cipher(key_id, Purpose.RECORD)
                    ways[key_id] = opener(cipher, key_id), self._keys.citizen_of(key_id)
                opened, citizen_id = ways[key_id]
                yield _head(opened(row_key, version, envelope), citizen_id, status)
            except CannotOpen:
                size_bytes = len(envelope) if isinstance(envelope, bytes) else 0
                yield Unopened(row_key, key_id, version, size_bytes, status)
        self.scanned = total
        yield from self._unopened_beside(states)

    def _unopened_beside(self, states: dict[bytes, tuple[RowStatus, str]]) -> Iterator[Unopened]:
        """Records whose shadow, or whose part of a request, cannot be opened: they could not be sent any more."""
        for table, purpose, version in (("shadows", Purpose.SHADOW, "version"), ("outbox", Purpose.MUTATION, "0")):
            for row_key, key_id, number, envelope in self._db.execute(
                f"SELECT row_key, key_id, {version}, envelope FROM {table} WHERE envelope IS NOT NULL"  # noqa: S608
            ):
                try:
                    open_sealed(self._keys.cipher(key_id, purpose), Place(row_key, key_id, number), envelope)
                except CannotOpen:
                    size_bytes = len(envelope) if isinstance(envelope, bytes) else 0
                    status, _ = states.get(row_key, _CLEAN)
                    yield Unopened(row_key, key_id, number, size_bytes, status)

    def outgoing(self, now_ms: int, limit: int, after_n: int = 0) -> list[Row]:
        """Rows to put into the next request: those already in one (under a number above `after_n`) first, then the
        longest waiting."""
        hold = (now_ms, now_ms + _HOLD_MAX_MS)
        ways: tuple[tuple[str, tuple[int, ...]], ...] = ((_NUMBERED, (after_n, *hold)), (_UNNUMBERED, hold))
        in_order = (self._openable(sql, arguments) for sql, arguments in ways)
        return list(islice(chain.from_iterable(in_order), limit))

    def _openable(self, sql: str, arguments: tuple[int, ...]) -> Iterator[Row]:
        """As `_readable`, of what `_WHOLE` gives."""
        for found in self._db.execute(sql, arguments):
            with suppress(CannotOpen):
                yield self._row(*found)

    def first_hold_ms(self) -> int | None:
        (found,) = self._db.execute("SELECT min(hold_until_ms) FROM outbox WHERE state = 'waiting'").fetchone()
        return None if found is None else int(found)

    def waiting(self) -> int:
        """None where not one of them can be opened: those are never sent."""
        (count,) = self._db.execute("SELECT count(*) FROM outbox WHERE state = 'waiting'").fetchone()
        first = next(self._readable("SELECT row_key FROM outbox WHERE state = 'waiting'", ()), None) if count else None
        return int(count) if first else 0

    def in_flight(self) -> list[Row]:
        return list(self._readable("SELECT row_key FROM outbox WHERE state = 'sent' ORDER BY n", ()))

    def undurable(self) -> list[Row]:
        """What the hub has received and its backup does not cover yet."""
        return list(self._readable("SELECT row_key FROM outbox WHERE state = 'received'", ()))

    def in_order(self, key_id: bytes | None = None) -> list[Row]:
        """Every row (of this key), those that wait in the order in which they wait. Raises CannotOpen."""
        sql = "SELECT row_key FROM records LEFT JOIN outbox USING (row_key) {} ORDER BY outbox.rowid"
        where, arguments = ("", ()) if key_id is None else ("WHERE records.key_id = ?", (key_id,))
        found = self._db.execute(sql.format(where), arguments).fetchall()
        return [row for (row_key,) in found if (row := self._read_by_key(row_key)) is not None]

    def all_readable(self) -> list[Row]:
        """Every row that can be opened, those that wait in the order in which they wait."""
        return list(
            self._readable("SELECT row_key FROM records LEFT JOIN outbox USING (row_key) ORDER BY outbox.rowid", ())
        )

    def row_keys(self) -> list[bytes]:
        return [row_key for (row_key,) in self._db.execute("SELECT row_key FROM records")]

    def _readable(self, sql: str, arguments: tuple[int, ...]) -> Iterator[Row]:
        """The rows of these keys. One that cannot be opened stays where it is and holds up no other."""
        for (row_key,) in self._db.execute(sql, arguments):
            if (row := self.readable(row_key)) is not None:
                yield row

    def readable(self, row_key: bytes) -> Row | None:
        """None where it is gone, or cannot be opened."""
        with suppress(CannotOpen):
            return self._read_by_key(row_key)
        return None

    def _open(self, purpose: Purpose, row_key: bytes, key_id: bytes, version: int, envelope: bytes) -> bytes:
        return open_sealed(self._keys.cipher(key_id, purpose), Place(row_key, key_id, version), envelope)

    def _open_record(self, row_key: bytes, key_id: bytes, version: int, envelope: bytes) -> Head:
        body = self._open(Purpose.RECORD, row_key, key_id, version, envelope)
        head = _head(body, self._keys.citizen_of(key_id), RowStatus.CLEAN)
        if self._keys.row_key(head.record_id) != row_key:
            raise CannotOpen
        return head

    # ------------------------------------------------------------ writing
    def write(self, rows: Iterable[Row], key_id_of: Callable[[str], bytes]) -> None:
        """Puts the rows, each under the key of its citizen, into these states, whatever they were in before. Of two of
        one record the last stands."""
        new = {self._keys.row_key(row.record_id): (row, key_id_of(row.citizen_id)) for row in rows}
        stored = self._states(new)
        records, shadows, agreeing = [], [], []
        for row_key, (row, key_id) in new.items():
            version = stored[row_key][1] + 1 if row_key in stored else 1
            place = Place(row_key, key_id, version)
            record_id = row.record_id.encode()
            head = _HEAD.pack(row.hub_version, row.hub_seq, len(record_id)) + record_id
            records.append(self._sealed(place, Purpose.RECORD, head + row.payload))
            if row.shadow != (row.payload if row.hub_version else b""):
                shadows.append(self._sealed(place, Purpose.SHADOW, row.shadow))
            elif row_key in stored:
                agreeing.append((row_key,))
            self._count(row_key, version, row, stored)
        self._read.clear()
        self._db.executemany(_UPSERT.format("records"), records)
        self._db.executemany(_DELETE.format("shadows"), agreeing)
        self._db.executemany(_UPSERT.format("shadows"), shadows)
        self._write_outbox(new, stored)

    def write_outbox(self, rows: Iterable[Row], key_id_of: Callable[[str], bytes]) -> None:
        """`write` for rows of which nothing changed but their place in the outbox: the record itself stays as it lies
        there."""
        new = {self._keys.row_key(row.record_id): (row, key_id_of(row.citizen_id)) for row in rows}
        stored = self._states(new)
        if len(self._frozen) > _FROZEN_MAX:
            self._frozen.clear()
        for row_key, (row, _) in new.items():
            version = stored[row_key][1]
            self._count(row_key, version, row, stored)
            self._frozen[row_key] = (row_key, version, _whole_state(row)), row
        self._read.clear()
        self._write_outbox(new, stored)

    def _states(self, row_keys: Iterable[bytes]) -> _Stored:
        """As the tally has them, by row key, of those that are there."""
        asked = list(row_keys)
        wanted = (row_key for row_key in asked if row_key not in self._read)
        read: dict[bytes, _State | None] = {}
        while some := list(islice(wanted, _KEYS_PER_QUERY)):
            read.update(dict.fromkeys(some))
            sql = f"{_STATES} WHERE row_key IN ({','.join('?' * len(some))})"
            read.update((state[0], state) for state in self._db.execute(sql, some))
        read = {**self._read, **read}
        self._read = read if len(read) <= _READ_MAX else {}
        return {row_key: state for row_key in asked if (state := read[row_key]) is not None}

    def _remember(self, row_key: bytes, state: _State) -> None:
        if len(self._read) >= _READ_MAX:
            self._read.clear()
        self._read[row_key] = state

    def _count(self, row_key: bytes, version: int, row: Row, stored: _Stored) -> None:
        self._change += self._item(row_key, version, _whole_state(row))
        if row_key in stored:
            self._change -= self._item(*stored[row_key])

    def erase(self, record_id: RecordId | str) -> None:
        self._erase_by_key(self._keys.row_key(record_id))

    def erase_citizen(self, key_id: bytes) -> list[RecordId | None]:
        """Everything under this key, with None for what cannot be opened."""
        found = self._db.execute(
            f"SELECT row_key, version, {_STATE}, records.envelope FROM records LEFT JOIN outbox USING (row_key)"  # noqa: S608 - from above
            " WHERE records.key_id = ?",
            (key_id,),
        ).fetchall()
        self._read.clear()
        erased: list[RecordId | None] = []
        for row_key, version, state, envelope in found:
            self._change -= self._item(row_key, version, state)
            try:
                erased.append(self._open_record(row_key, key_id, version, envelope).record_id)
            except CannotOpen:
                erased.append(None)
        for table in _TABLES:
            self._db.executemany(_DELETE.format(table), [(row[0],) for row in found])
        return erased

    def _erase_by_key(self, row_key: bytes) -> None:
        self._read.clear()
        stored = self._db.execute(f"{_STATES} WHERE row_key = ?", (row_key,)).fetchone()
        for table in _TABLES:
            self._db.execute(_DELETE.format(table), (row_key,))
        if stored:
            self._change -= self._item(*stored)

    # ------------------------------------------------------------ the tally
    def take_change(self) -> int:
        """The difference that the writes since the last call make to the sum of all rows. For the end of a transaction,
        also of one that is rolled back."""
        self._read.clear()
        change, self._change = self._change, 0
        return change

    def value_changed(self, name: str, before: int | None, version: int) -> None:
        """A sealed value beside the records got another version."""
        self._change += self._share(name.encode(), version, _VALUE)
        if before is not None:
            self._change -= self._share(name.encode(), before, _VALUE)

    def _total_of_values(self) -> int:
        values = self._db.execute("SELECT name, version FROM sealed_meta WHERE name <> ?", (TALLY,)).fetchall()
        return sum(self._share(str(name).encode(), version, _VALUE) for name, version in values)

    def _item(self, row_key: bytes, version: int, state: str | None) -> int:
        return self._share(row_key, version, state or RowStatus.CLEAN)

    def _sealed(self, place: Place, purpose: Purpose, body: bytes) -> tuple[bytes, bytes, int, bytes]:
        return *place, seal(self._keys.cipher(place.key_id, purpose), place, body)

    def _write_outbox(self, new: Mapping[bytes, tuple[Row, bytes]], stored: _Stored) -> None:
        kept, left = [], []
        for row_key, (row, key_id) in new.items():
            state = row.state
            if state is not None:
                content, envelope = _beside(row), None
                if content:
                    cipher = self._keys.cipher(key_id, Purpose.MUTATION)
                    envelope = seal(cipher, Place(row_key, key_id, 0), msgspec.json.encode(content))
                kept.append((row_key, state, row.hold_until_ms, row.n, key_id, envelope))
            elif row_key in stored:
                left.append((row_key,))
        self._db.executemany(_DELETE.format("outbox"), left)
        self._db.executemany(_UPSERT_OUTBOX, kept)

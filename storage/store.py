"""The encrypted store on the phone. One vault per process; every save is one durable transaction.

    vault = Vault.create(path, pin) | Vault(path);  vault.unlock(pin);  vault.save(note);  vault.reading.notes_of(...)

All methods block (disk, key derivation): call them from a thread. They are safe to call from several.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from storage import database, edits, keys, records
from storage.errors import (
    CannotOpen,
    StorageError,
    TooSoon,
    VaultDamaged,
    VaultExists,
    VaultLocked,
    WrongPin,
)
from storage.keys import Keyring, Slot
from storage.reading import ReadModel, Standing
from storage.rows import Row, Rows, RowStatus
from storage.sealed import Place, open_sealed, seal

#: A note can be undone or mended at least this long before it is put into a request (domain.md, ContactNote).
HOLD = timedelta(seconds=10)
_DELAY_MAX_S = 3600.0
_PIN_SLOT = "pin"
S = TypeVar("S", bound=Struct)
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class _Attempts(Struct, frozen=True):
    """Wrong PINs since the last right one, counted on disk before each derivation."""

    wrong: int = 0
    next_at: float = 0.0


class _Unlocked:
    """What exists only between unlock and lock."""

    def __init__(self, connection: sqlite3.Connection, master_key: bytes, keyring: Keyring) -> None:
        self.master_key = master_key
        self.keyring = keyring
        self.rows = Rows(connection, keyring)
        self.reading = ReadModel()


class Vault:
    """An open vault file, locked at first."""

    def __init__(self, path: Path, clock: Clock = utc_now) -> None:
        """Raises VaultMissing, VaultDamaged, VaultTooNew, VaultInUse. A damaged file is left as it is."""
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        #: One exchange with a hub at a time, however many engines were made for this vault.
        self.exchanging = threading.Lock()
        self._observers: list[Callable[[], object]] = []
        self._open: _Unlocked | None = None
        #: Rows that could not be opened at the last unlock. They stay where they are.
        self.unreadable = 0
        self._db = database.connect(path)

    @classmethod
    def create(cls, path: Path, pin: str, clock: Clock = utc_now) -> Vault:
        """A new vault, unlocked. Raises VaultExists where anything is at `path`, WeakPin."""
        keys.check_strength(pin)
        # A write-ahead log without its database would be replayed into the new one.
        if path.exists() or path.with_name(path.name + "-wal").exists():
            raise VaultExists(str(path))
        master_key = keys.new_master_key()
        slot, keyring = keys.wrap(master_key, pin), Keyring(master_key)

        def fill(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO slots VALUES (?, ?)", (_PIN_SLOT, msgspec.json.encode(slot)))
            _put_meta(connection, "keyring", keyring.sealed())

        database.make(path, fill)
        vault = cls(path, clock)
        vault._open_with(master_key)
        return vault

    # ------------------------------------------------------------ locking
    @property
    def locked(self) -> bool:
        return self._open is None

    @property
    def reading(self) -> ReadModel:
        """Raises VaultLocked."""
        return self._unlocked().reading

    def unlock(self, pin: str) -> None:
        """Opens every record into the read model. Raises TooSoon (nothing tried), WrongPin, VaultDamaged."""
        with self._lock, database.translated():
            attempts = self._count_attempt()
            try:
                master_key = keys.unwrap(self._slot(), pin)
            except CannotOpen:
                raise WrongPin(max(0.0, attempts.next_at - self._clock().timestamp())) from None
            self._write_attempts(_Attempts())
            if self._open is None:
                self._open_with(master_key)

    def lock(self) -> None:
        """Drops keys and read model. Harmless when already locked."""
        with self._lock:
            if self._open is not None:
                self._open.reading.close()
                self._open = None
                with database.translated():
                    self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            self.lock()
            self._db.close()

    def change_pin(self, old: str, new: str) -> None:
        """Rewraps the master key in one transaction; no record is touched. Raises TooSoon, WrongPin, WeakPin."""
        keys.check_strength(new)
        with self._lock:
            self.unlock(old)
            slot = keys.wrap(self._unlocked().master_key, new)
            with database.transaction(self._db):
                self._db.execute("UPDATE slots SET slot = ? WHERE name = ?", (msgspec.json.encode(slot), _PIN_SLOT))

    def _open_with(self, master_key: bytes) -> None:
        try:
            keyring = Keyring(master_key, _get_meta(self._db, "keyring"))
        except CannotOpen:
            raise VaultDamaged("the keyring cannot be opened") from None
        unlocked = _Unlocked(self._db, master_key, keyring)
        self.unreadable = len(unlocked.reading.fill(unlocked.rows))
        self._open = unlocked

    def _slot(self) -> Slot:
        found = self._db.execute("SELECT slot FROM slots WHERE name = ?", (_PIN_SLOT,)).fetchone()
        if found is None:
            raise VaultDamaged("the vault has no PIN slot")
        try:
            return msgspec.json.decode(found[0], type=Slot)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise VaultDamaged("the PIN slot cannot be read") from None

    def _count_attempt(self) -> _Attempts:
        """Counted before the derivation, so that a kill between tries saves nobody the delay. Raises TooSoon."""
        raw, now = _get_meta(self._db, "attempts"), self._clock().timestamp()
        before = _attempts(raw)
        if before.wrong and now < before.next_at <= now + _DELAY_MAX_S:
            raise TooSoon(before.next_at - now)
        delay_s = min(2.0**before.wrong, _DELAY_MAX_S)
        attempts = _Attempts(wrong=before.wrong + 1, next_at=now + delay_s)
        self._write_attempts(attempts)
        return attempts

    def _write_attempts(self, attempts: _Attempts) -> None:
        with database.transaction(self._db):
            _put_meta(self._db, "attempts", msgspec.json.encode(attempts))

    def _unlocked(self) -> _Unlocked:
        if self._open is None:
            raise VaultLocked
        return self._open

    # ------------------------------------------------------------ saving
    def save(self, *changed: records.Record, delete: Sequence[str] = (), hold: timedelta = HOLD) -> None:
        """All of these changes, or none; durable when it returns. They wait to be sent, at the earliest after `hold`.

        Raises NoteIsFinal for a sent note, TextNotStorable, DiskFull, CannotSave, VaultLocked: then nothing changed.
        """
        with self._lock:
            rows = self._unlocked().rows
            hold_until_ms = int((self._clock() + hold).timestamp() * 1000)
            self.apply(
                [edits.edited(rows.read(record.id), record, hold_until_ms) for record in changed],
                erase=[i for i in delete if not edits.must_be_told(rows.read(i))],
                tell=[row for i in delete if edits.must_be_told(row := rows.read(i))],
            )

    def apply(
        self,
        written: Sequence[Row],
        *,
        erase: Iterable[str] = (),
        tell: Iterable[Row | None] = (),
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """Puts rows into their new states in one transaction, together with what `also` writes. For `save` and for
        sync; views and services call `save`."""
        with self._lock:
            unlocked = self._unlocked()
            erased = list(erase)
            rows = [*written, *(edits.deleted(row) for row in tell if row is not None)]
            self._write(unlocked, rows, erased, also)
            with unlocked.reading.changing():
                for record_id in erased:
                    unlocked.reading.drop(record_id)
                for row in rows:
                    unlocked.reading.put_payload(
                        row.record_id, row.citizen_id, row.payload, Standing(row.status, row.hub_version, row.hub_seq)
                    )
        for observer in self._observers:
            observer()

    def _write(self, unlocked: _Unlocked, rows: list[Row], erased: list[str], also: Callable[[], None]) -> None:
        ring = unlocked.keyring
        new = list({row.citizen_id for row in rows if ring.key_id_of(row.citizen_id) is None})
        added = [ring.add_citizen(citizen_id) for citizen_id in new]
        try:
            with database.transaction(self._db):
                if added:
                    _put_meta(self._db, "keyring", ring.sealed())
                for row in rows:
                    key_id = ring.key_id_of(row.citizen_id)
                    assert key_id is not None
                    unlocked.rows.write(row, key_id)
                for record_id in erased:
                    unlocked.rows.erase(record_id)
                also()
        except BaseException:
            for key_id in added:
                ring.forget(key_id)
            raise

    def retry(self, record_id: str) -> None:
        """A refused record waits to be sent again."""
        with self._lock:
            row = self._unlocked().rows.read(record_id)
            if row is not None and row.status == RowStatus.REFUSED:
                self.apply([replace(row, status=RowStatus.WAITING, refusal=None)])

    def observe(self, observer: Callable[[], object]) -> Callable[[], None]:
        """Calls `observer` after every change, in the thread that made it. Returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    # ------------------------------------------------------------ reading for sync
    def held(self) -> threading.RLock:
        """A context in which no other thread changes the vault."""
        return self._lock

    def row(self, record_id: str) -> Row | None:
        with self._lock:
            return self._unlocked().rows.read(record_id)

    def outgoing(self, limit: int) -> list[Row]:
        """Rows for the next request: in flight first, then those whose hold is over."""
        with self._lock:
            return self._unlocked().rows.outgoing(int(self._clock().timestamp() * 1000), limit)

    def sendable_at(self) -> datetime | None:
        """When the first waiting change may be sent; none where nothing waits. Raises VaultLocked."""
        with self._lock:
            hold_until_ms = self._unlocked().rows.first_hold_ms()
            return None if hold_until_ms is None else datetime.fromtimestamp(hold_until_ms / 1000, UTC)

    def in_flight(self) -> list[Row]:
        with self._lock:
            return self._unlocked().rows.in_flight()

    # ------------------------------------------------------------ values beside the records
    def get_sealed(self, name: str, kind: type[S]) -> S | None:
        """A named value of the app (who this device is, how far sync came). Raises VaultLocked, VaultDamaged."""
        with self._lock:
            key = self._unlocked().keyring.meta_key
            found = self._db.execute("SELECT version, envelope FROM sealed_meta WHERE name = ?", (name,)).fetchone()
            if found is None:
                return None
            try:
                return msgspec.json.decode(open_sealed(key, _meta_place(name, found[0]), found[1]), type=kind)
            except (CannotOpen, msgspec.DecodeError):
                raise VaultDamaged(f"the sealed value {name} cannot be opened") from None

    def put_sealed(self, name: str, value: Struct) -> None:
        with self._lock, database.transaction(self._db):
            self.write_sealed(name, value)

    def write_sealed(self, name: str, value: Struct) -> None:
        """`put_sealed` inside a transaction of the caller (the `also` of `apply`)."""
        key = self._unlocked().keyring.meta_key
        (version,) = self._db.execute(
            "SELECT coalesce(max(version), 0) + 1 FROM sealed_meta WHERE name = ?", (name,)
        ).fetchone()
        envelope = seal(key, _meta_place(name, version), msgspec.json.encode(value))
        self._db.execute("INSERT OR REPLACE INTO sealed_meta VALUES (?, ?, ?)", (name, version, envelope))

    def get_plain(self, name: str) -> str:
        """A value that must be readable while locked (the language). Never anything about a person."""
        with self._lock, database.translated():
            raw = _get_meta(self._db, f"plain/{name}")
            return raw.decode() if raw else ""

    def put_plain(self, name: str, value: str) -> None:
        with self._lock, database.transaction(self._db):
            _put_meta(self._db, f"plain/{name}", value.encode())

    def set_fire_times(self, due_at: Iterable[datetime]) -> None:
        """Bare moments of the coming reminders, under random numbers: what may ring while the vault is locked."""
        with self._lock, database.transaction(self._db):
            self._db.execute("DELETE FROM fire_times")
            rows = [(secrets.randbits(31), int(moment.timestamp() * 1000)) for moment in due_at]
            self._db.executemany("INSERT OR REPLACE INTO fire_times VALUES (?, ?)", rows)

    def fire_times(self) -> list[tuple[int, datetime]]:
        """Readable while locked."""
        with self._lock, database.translated():
            found = self._db.execute("SELECT alarm_id, due_at_ms FROM fire_times ORDER BY due_at_ms").fetchall()
            return [(alarm_id, datetime.fromtimestamp(ms / 1000, UTC)) for alarm_id, ms in found]


# ---------------------------------------------------------------- meta
def _attempts(raw: bytes | None) -> _Attempts:
    """A count that cannot be read is no reason to lose the notes behind it."""
    try:
        return msgspec.json.decode(raw, type=_Attempts) if raw else _Attempts()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Attempts()


def _put_meta(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _get_meta(connection: sqlite3.Connection, name: str) -> bytes | None:
    found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return bytes(found[0]) if found else None


def _meta_place(name: str, version: int) -> Place:
    return Place(name.encode(), b"", version)


__all__ = ["HOLD", "Clock", "StorageError", "Vault", "utc_now"]

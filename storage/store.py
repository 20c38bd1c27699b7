"""The encrypted store on the phone. One vault per process; every save is one durable transaction.

    vault = Vault.create(path, pin) | Vault(path);  vault.unlock(pin);  vault.save(note);  vault.reading.notes_of(...)

All methods block (disk, key derivation): call them from a thread. They are safe to call from several.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from storage import backup, database, edits, keys, records, slots, wiping
from storage.door import Clock, Door, check_strength, utc_now
from storage.errors import CannotOpen, CannotRotate, ReadOnly, StorageError, VaultDamaged
from storage.health import Erasure
from storage.keystore import Keystore
from storage.row import Row, RowStatus, Standing
from storage.rows import TALLY
from storage.tally import Tally
from storage.unlocked import Unlocked

#: A note can be undone or mended at least this long before it is put into a request (domain.md, ContactNote).
HOLD = timedelta(seconds=10)
_ERASURES = "erasures"
S = TypeVar("S", bound=Struct)


class Vault(Door):
    """What is kept behind the door."""

    def __init__(self, path: Path, clock: Clock = utc_now, keystore: Keystore | None = None) -> None:
        """As Door."""
        super().__init__(path, clock, keystore)
        #: One exchange with a hub at a time, however many engines were made for this vault.
        self.exchanging = threading.Lock()
        self._observers: list[Callable[[], object]] = []

    # ------------------------------------------------------------ saving
    def save(self, *changed: records.Record, delete: Sequence[str] = (), hold: timedelta = HOLD) -> None:
        """All of these changes, or none; durable when it returns. They wait to be sent, at the earliest after `hold`.

        Raises NoteIsFinal for a sent note, TextNotStorable, DiskFull, CannotSave, VaultLocked: then nothing changed.
        """
        with self._at_the_file:
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
        with self._at_the_file:
            unlocked = self._unlocked()
            erased = list(erase)
            rows = [*written, *(edits.deleted(row) for row in tell if row is not None)]
            self._write(unlocked, rows, erased, also)
            self._release(unlocked, rows)
            with unlocked.reading.changing():
                for record_id in erased:
                    unlocked.reading.drop(record_id)
                for row in rows:
                    standing = Standing(row.status, row.hub_version, row.hub_seq)
                    unlocked.reading.put_payload(row.record_id, row.payload, standing)
        self._tell()

    def freeze(self, rows: Sequence[Row], *, also: Callable[[], None]) -> None:
        """`apply` for rows that go into a request: nothing but their place in the outbox changes."""
        with self._at_the_file:
            unlocked = self._unlocked()
            with self._transaction(unlocked):
                unlocked.rows.write_outbox(rows, unlocked.keyring.key_of)
                also()
            with unlocked.reading.changing():
                for row in rows:
                    unlocked.reading.stand(row.record_id, Standing(row.status, row.hub_version, row.hub_seq))
        self._tell()

    def _tell(self) -> None:
        """What was committed stays so, whatever an observer makes of it."""
        for observer in list(self._observers):
            try:
                observer()
            except Exception as error:
                import logging  # 6 ms of an unlock, for what hardly ever happens

                logging.getLogger(__name__).warning("an observer failed: %s", type(error).__name__)

    def _write(self, unlocked: Unlocked, rows: list[Row], erased: list[str], also: Callable[[], None]) -> None:
        ring = unlocked.keyring
        new = dict.fromkeys(row.citizen_id for row in rows if ring.key_id_of(row.citizen_id) is None)
        added = [ring.add_citizen(citizen_id) for citizen_id in new]
        try:
            with self._transaction(unlocked):
                if added:
                    unlocked.keep_keyring()
                unlocked.rows.write(rows, ring.key_of)
                for record_id in erased:
                    unlocked.rows.erase(record_id)
                also()
        except BaseException:
            for key_id in added:
                ring.forget(key_id)
            raise

    def _release(self, unlocked: Unlocked, rows: list[Row]) -> None:
        """A row that was written anew (by the hub's version) is no longer in quarantine."""
        if self._health.quarantined:
            whole = {unlocked.keyring.row_key(row.record_id) for row in rows}
            held = tuple(found for found in self._health.quarantined if found.row_key not in whole)
            self._health = replace(self._health, quarantined=held)

    def retry(self, record_id: str) -> None:
        """A refused record waits to be sent again."""
        with self._at_the_file:
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
        with self._at_the_file:
            return self._unlocked().rows.read(record_id)

    def rows_of(self, record_ids: Iterable[str]) -> dict[str, Row | None]:
        """By id: none where there is none, or none that can be opened."""
        with self._at_the_file:
            return self._unlocked().rows.read_all(record_ids)

    def has_rows_of(self, citizen_id: str) -> bool:
        """Whether anything of this citizen is here, readable or not."""
        with self._at_the_file:
            key_id = self._unlocked().keyring.key_id_of(citizen_id)
            found = self._db.execute("SELECT 1 FROM records WHERE key_id = ? LIMIT 1", (key_id,)).fetchone()
            return found is not None

    def count_rows(self) -> int:
        """How many records are here, readable or not."""
        with self._at_the_file:
            (count,) = self._db.execute("SELECT count(*) FROM records").fetchone()
            return int(count)

    def outgoing(self, limit: int) -> list[Row]:
        """Rows for the next request: in flight first, then those whose hold is over."""
        with self._at_the_file:
            return self._unlocked().rows.outgoing(int(self._clock().timestamp() * 1000), limit)

    def sendable_at(self) -> datetime | None:
        """When the first waiting change may be sent; none where nothing waits. Raises VaultLocked."""
        with self._at_the_file:
            hold_until_ms = self._unlocked().rows.first_hold_ms()
            return None if hold_until_ms is None else datetime.fromtimestamp(hold_until_ms / 1000, UTC)

    def in_flight(self) -> list[Row]:
        with self._at_the_file:
            return self._unlocked().rows.in_flight()

    def waiting(self) -> int:
        """How many changes wait to be sent, those on hold too."""
        with self._at_the_file:
            return self._unlocked().rows.waiting()

    def unsent(self) -> tuple[int, int]:
        """How many records the hub does not have: those that wait or are on their way, and those it refused. Readable
        while locked."""
        with self._lock, database.translated():
            count = "SELECT coalesce(sum(state <> 'refused'), 0), coalesce(sum(state = 'refused'), 0) FROM outbox"
            waiting, refused = self._db.execute(f"{count} WHERE state <> 'received'").fetchone()
            return int(waiting), int(refused)

    def undurable(self) -> list[Row]:
        """What the hub has received and its backup does not cover yet."""
        with self._at_the_file:
            return self._unlocked().rows.undurable()

    def all_rows(self) -> list[Row]:
        """Every row that can be opened, those that wait in the order in which they wait."""
        with self._at_the_file:
            return self._unlocked().rows.all_readable()

    def rows_at_hub(self) -> Iterator[Row]:
        """Every row that can be opened of which the hub has a version. One at a time, so that a save waits for none of
        it: what the hub has is changed by a sync alone."""
        with self._at_the_file:
            row_keys = self._unlocked().rows.row_keys()
        for row_key in row_keys:
            with self._at_the_file:
                row = self._unlocked().rows.readable(row_key)
            if row is not None and row.hub_version and row.shadow:
                yield row

    # ------------------------------------------------------------ upkeep
    def shred(self, citizen_id: str) -> None:
        """Erases every record of this citizen and the only key that opens them; what earlier copies of the file hold
        stays there. That it was done is kept, without whom. Raises ReadOnly, DiskFull, CannotSave, VaultLocked."""
        with self._at_the_file:
            before = self._unlocked()
            ring = before.keyring.copy()
            key_id = ring.key_id_of(citizen_id)
            if key_id is None:
                return
            ring.forget(key_id)
            after = Unlocked(self._db, before.master_key, ring, before.reading, before.tally)
            erasures = self.erasures()
            with self._transaction(before):
                erased = before.rows.erase_citizen(key_id)
                after.keep_keyring()
                before.seal_value(_ERASURES, msgspec.json.encode((*erasures, Erasure(self._clock(), len(erased)))))
            after.tally, self._open = before.tally, after
            self._health = replace(
                self._health,
                quarantined=tuple(found for found in self._health.quarantined if found.citizen_id != citizen_id),
            )
            with after.reading.changing():
                for record_id in erased:
                    if record_id is not None:
                        after.reading.drop(record_id)
            after.reading.index_anew()
            self._empty_log()
        self._tell()

    def erasures(self) -> tuple[Erasure, ...]:
        """When a citizen was shredded, oldest first."""
        with self._at_the_file:
            content = self._unlocked().sealed_value(_ERASURES)
            return msgspec.json.decode(content, type=tuple[Erasure, ...]) if content else ()

    def rotate_citizen_key(self, citizen_id: str) -> None:
        """Seals every record of this citizen under a new key, in one transaction; the old key is gone from this disk
        then. Raises CannotRotate where one of them cannot be opened."""
        with self._at_the_file:
            before = self._unlocked()
            ring = before.keyring.copy()
            old = ring.key_id_of(citizen_id)
            if old is None:
                return
            rows, new = self._all_rows(before, old), ring.add_citizen(citizen_id)
            ring.forget(old)
            after = Unlocked(self._db, before.master_key, ring, before.reading, before.tally)
            with self._transaction(after):
                after.rows.write(rows, lambda _: new)
                after.keep_keyring()
            self._open = after
            self._empty_log()

    def rotate_master_key(self, pin: str) -> None:
        """A new master key and new citizen keys for everything in the vault and for every way in, in one transaction.
        Backups made before still open by the old ones. Raises TooSoon, WrongPin, CannotRotate, DiskFull."""
        with self._lock:
            self.unlock(pin)
            self._renew_master_key(pin)

    def recover(self, answer: bytes, new_pin: str) -> None:
        """Opens by the helpdesk's answer, with a new PIN and a new master key, as the old one left this phone: one
        transaction. While a record is in quarantine the master key stays. Raises CannotOpen where it answers another
        question, WeakPin, DiskFull, CannotSave: then it is locked, and nothing changed."""
        check_strength(new_pin, passphrase=self.demands_passphrase)
        with self._lock:
            master_key = self._slots.open_answer(answer)
            self._enter(lambda: master_key)
            if self.read_only:
                return
            try:
                try:
                    self._renew_master_key(new_pin)
                except CannotRotate:
                    slot = slots.new_pin(master_key, new_pin, self._safe)
                    with self._slots_changing():
                        self._slots.put_pin(slot)
            except BaseException:
                self.lock()
                raise
            self._slots.forget_question()

    def _renew_master_key(self, pin: str) -> None:
        with self._at_the_file:
            before, master_key = self._unlocked(), keys.new_master_key()
            rows, pin_slot = self._all_rows(before), slots.new_pin(master_key, pin, self._safe)
            ring = before.keyring.anew(master_key)
            names = [name for (name,) in self._db.execute("SELECT name FROM sealed_meta WHERE name <> ?", (TALLY,))]
            values = {name: before.sealed_value(name) or b"" for name in names}
            after = Unlocked(self._db, master_key, ring, before.reading, Tally(self._copy_id, before.tally.writes))
            with self._transaction(after):
                for table in ("records", "shadows", "outbox", "sealed_meta"):
                    self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above
                after.rows.write(rows, ring.key_of)
                for name, content in values.items():
                    after.seal_value(name, content)
                after.keep_keyring()
                self._slots.rewrap(master_key, pin_slot)
            self._open = after
            self._empty_log()

    def _all_rows(self, unlocked: Unlocked, key_id: bytes | None = None) -> list[Row]:
        """Full decrypt first (security-controls row 6)."""
        if self._health.quarantined:
            raise CannotRotate(len(self._health.quarantined))
        try:
            return unlocked.rows.in_order(key_id)
        except CannotOpen:
            raise CannotRotate(1) from None

    @property
    def wiped_for(self) -> str:
        """Why a wipe of this vault was begun and did not come to its end; empty where none was."""
        with self._lock, database.translated():
            return wiping.mark(self._db)

    def wipe(self, why: str) -> None:
        """Locks, and then nothing of this vault stays, nor of what lies beside it: nobody opens it again, she neither.
        What was not sent is lost. The vault is closed then. Raises CannotSave where a file cannot be removed: then
        nothing opens it all the same, and it can be done again."""
        with self._lock:
            self.lock()
            if not self.read_only:
                with suppress(StorageError):  # no room, or damaged: it is written over
                    wiping.begin(self._db, why)
            self._db.close()
        wiping.end(self._path, why, self._safe)

    def export(self, target: Path, passphrase: str) -> None:
        """A backup as one file, sealed as the vault is; it opens by this passphrase, or by the recovery slot. Raises
        WeakPin, VaultExists where anything is at `target`, ReadOnly, DiskFull, CannotSave, VaultLocked."""
        check_strength(passphrase, passphrase=True)
        with self._lock:
            if self.read_only:
                raise ReadOnly
            slot = keys.wrap(self._unlocked().master_key, passphrase)
            backup.export(self._db, target, slot, self._clock())

    # ------------------------------------------------------------ values beside the records
    def get_sealed(self, name: str, kind: type[S]) -> S | None:
        """A named value of the app (who this device is, how far sync came). Raises VaultLocked, VaultDamaged."""
        with self._at_the_file:
            content = self._unlocked().sealed_value(name)
            try:
                return None if content is None else msgspec.json.decode(content, type=kind)
            except msgspec.DecodeError:
                raise VaultDamaged(f"the sealed value {name} cannot be read") from None

    def put_sealed(self, name: str, value: Struct) -> None:
        """Raises ReadOnly, DiskFull, CannotSave, VaultLocked."""
        with self._lock, self._transaction(self._unlocked()):
            self.write_sealed(name, value)

    def write_sealed(self, name: str, value: Struct) -> None:
        """`put_sealed` inside a transaction of the caller (the `also` of `apply`)."""
        self._unlocked().seal_value(name, msgspec.json.encode(value))

    def get_plain(self, name: str) -> str:
        """A value that must be readable while locked (the language). Never anything about a person."""
        with self._lock, database.translated():
            raw = database.get_meta(self._db, f"plain/{name}")
            return raw.decode() if raw else ""

    def put_plain(self, name: str, value: str) -> None:
        with self._lock, database.transaction(self._db):
            database.put_meta(self._db, f"plain/{name}", value.encode())

    def alarm_number(self, reminder_key: str) -> int:
        """Under which a reminder rings, among the phone's own alarms too (see Keyring). Raises VaultLocked."""
        return self._unlocked().keyring.alarm_number(reminder_key)

    def set_fire_times(self, fire_times: Iterable[tuple[int, datetime]]) -> None:
        """Bare moments of the coming reminders, under their alarm numbers: what may ring while the vault is locked.
        Moments are kept to the millisecond."""
        with self._lock, database.transaction(self._db):
            self._db.execute("DELETE FROM fire_times")
            rows = [(number, int(moment.timestamp() * 1000)) for number, moment in fire_times]
            self._db.executemany("INSERT OR REPLACE INTO fire_times VALUES (?, ?)", rows)

    def fire_times(self) -> list[tuple[int, datetime]]:
        """Readable while locked."""
        with self._lock, database.translated():
            found = self._db.execute("SELECT alarm_id, due_at_ms FROM fire_times ORDER BY due_at_ms").fetchall()
            return [(alarm_id, datetime.fromtimestamp(ms / 1000, UTC)) for alarm_id, ms in found]


__all__ = ["HOLD", "Clock", "StorageError", "Vault", "utc_now"]

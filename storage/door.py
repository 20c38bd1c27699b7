"""An open vault file and the ways into it: create, unlock, lock, slots, recovery, and what is known of its health."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec.structs import replace

from storage import backup, database, keys, keystore, salvage, slots, strength, wiping
from storage.errors import (
    CannotOpen,
    KeystoreFailed,
    NoSuchSlot,
    PageDamaged,
    ReadOnly,
    StorageError,
    VaultDamaged,
    VaultExists,
    VaultLocked,
    WeakPin,
)
from storage.health import Health, Quarantined
from storage.keys import Keyring
from storage.keystore import Keystore
from storage.reading import ReadModel
from storage.row import Unopened
from storage.rows import TALLY
from storage.slots import RecoveryRequest, Slots
from storage.tally import Tally
from storage.unlocked import KEYRING, Unlocked, put_tally

_DEMO = "demo"
_OLDER_COPY = "older-copy"
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Door:
    """Locked at first. `keystore` is the phone's own safe, None where there is none."""

    def __init__(self, path: Path, clock: Clock = utc_now, keystore: Keystore | None = None) -> None:
        """Raises VaultMissing, VaultDamaged, VaultTooNew, VaultInUse, SelfTestFailed. A damaged file is left as it is
        and read as far as it is whole."""
        keys.self_test()
        self._path, self._clock, self._safe = path, clock, keystore
        self._lock = threading.RLock()
        self._at_the_file = _AtTheFile(self)
        self._open: Unlocked | None = None
        self._health = Health()
        self._copy_id = ""
        #: Whether the file is damaged: then this is what is whole of it, and nothing is saved.
        self.read_only = False
        try:
            self._use(database.connect(path))
        except VaultDamaged as damage:
            self._use(_whole_of(path, damage))
            self.read_only = True

    @classmethod
    def create(
        cls, path: Path, pin: str, clock: Clock = utc_now, keystore: Keystore | None = None, *, demo: bool = False
    ) -> Self:
        """A new vault, unlocked. Raises VaultExists where anything is at `path`, WeakPin, KeystoreFailed."""
        check_strength(pin, passphrase=keystore is None and not demo)
        # A write-ahead log without its database would be replayed into the new one.
        if path.exists() or path.with_name(path.name + "-wal").exists():
            raise VaultExists(str(path))
        wiping.forget(path)
        keys.self_test()
        master_key = keys.new_master_key()
        keyring, pin_slot = Keyring(master_key), slots.new_pin(master_key, pin, keystore)

        def fill(connection: sqlite3.Connection) -> None:
            copy_id = _new_copy_id()
            database.put_meta(connection, backup.COPY_ID, copy_id.encode())
            database.put_meta(connection, KEYRING, keyring.sealed())
            put_tally(connection, keyring, Tally(copy_id))
            Slots(connection, keystore, clock).put_pin(pin_slot)
            if demo:
                database.put_meta(connection, _DEMO, b"1")

        database.make(path, fill)
        vault = cls(path, clock, keystore)
        vault._open_with(master_key)
        return vault

    @classmethod
    def restore(cls, backup_file: Path, path: Path, clock: Clock = utc_now) -> None:
        """A backup's vault at `path`, where nothing was; it unlocks by the backup's passphrase, or by recovery. Raises
        NotABackup, VaultTooNew, VaultExists, DiskFull, CannotSave."""
        backup.restore(backup_file, path, _new_copy_id(), clock())

    # ------------------------------------------------------------ locking
    @property
    def locked(self) -> bool:
        return self._open is None

    @property
    def reading(self) -> ReadModel:
        """Raises VaultLocked."""
        return self._unlocked().reading

    @property
    def demands_passphrase(self) -> bool:
        """Whether a short PIN is not enough: the file alone could be guessed open (no keystore, and no demo)."""
        return self._safe is None and self._meta(_DEMO) is None

    def unlock(self, pin: str) -> None:
        """Opens every record into the read model. Raises TooSoon (nothing was tried), WrongPin, PinDestroyed,
        KeystoreFailed, VaultDamaged."""
        self._enter(lambda: self._slots.open_pin(pin))

    def unlock_with_biometrics(self) -> None:
        """Raises NoSuchSlot, KeystoreFailed: then the PIN opens it."""
        self._enter(lambda: self._slots.open_biometric())

    def lock(self) -> None:
        """Drops keys and read model. Harmless when already locked."""
        with self._lock:
            reached = self._reached()
            if self._open is not None:
                self._open.reading.close()
                self._open = None
                self._empty_log()
        self._keep_anchor(reached)

    def close(self) -> None:
        self.lock()
        with self._lock:
            self._db.close()

    def _enter(self, way: Callable[[], bytes]) -> None:
        with self._lock:
            try:
                self._enter_by(way)
            except VaultDamaged as damage:
                if self.read_only:
                    raise
                self._turn_read_only(damage)
                self._enter_by(way)

    def _enter_by(self, way: Callable[[], bytes]) -> None:
        with database.translated():
            master_key = way()
            if self._open is None:
                self._open_with(master_key)

    def _open_with(self, master_key: bytes) -> None:
        try:
            keyring = Keyring(master_key, self._meta(KEYRING))
        except CannotOpen:
            raise VaultDamaged("the keyring cannot be opened") from None
        unlocked = Unlocked(self._db, master_key, keyring, ReadModel(), Tally(""))
        self._health = self._examine(unlocked, unlocked.reading.fill(unlocked.rows.scan()))
        self._open = unlocked

    def _unlocked(self) -> Unlocked:
        if self._open is None:
            raise VaultLocked
        return self._open

    def _empty_log(self) -> None:
        """What was done is done: a disk that refuses now is asked again at the next lock and the next start."""
        with suppress(StorageError):
            database.empty_log(self._db)

    # ------------------------------------------------------------ ways in
    def slots(self) -> frozenset[str]:
        """Of "pin", "biometric" and "recovery". Readable while locked."""
        with self._lock, database.translated():
            return self._slots.names()

    def change_pin(self, old: str, new: str) -> None:
        """Rewraps the master key in one transaction; no record is touched. Raises TooSoon, WrongPin, WeakPin."""
        check_strength(new, passphrase=self.demands_passphrase)
        with self._lock:
            self.unlock(old)
            slot = slots.new_pin(self._unlocked().master_key, new, self._safe)
            with self._slots_changing():
                self._slots.put_pin(slot)

    def add_biometric_slot(self) -> None:
        """Raises KeystoreFailed, VaultLocked."""
        with self._slots_changing() as unlocked:
            self._slots.put_biometric(unlocked.master_key)

    def add_recovery_slot(self, public_key: bytes) -> None:
        """For the holder of this X25519 key, in place of an earlier one. Raises ValueError where it is none."""
        with self._lock:
            if self._slots.recovery_key() != public_key:
                with self._slots_changing() as unlocked:
                    self._slots.put_recovery(unlocked.master_key, public_key)

    def drop_slot(self, name: str) -> None:
        """Raises NoSuchSlot for one that is not there, and for the PIN: it is what remains."""
        with self._lock:
            if name == slots.PIN or name not in self._slots.names():
                raise NoSuchSlot(name)
            with self._slots_changing():
                self._slots.drop(name)
            if name == slots.BIOMETRIC and self._safe is not None:
                with suppress(KeystoreFailed):  # what it keeps opens nothing any more
                    self._safe.drop(keystore.BIOMETRIC)

    def ask_recovery(self) -> RecoveryRequest:
        """The question to the helpdesk, the same until it is answered. Works while locked. Raises NoSuchSlot,
        KeystoreFailed."""
        with self._lock, database.translated():
            return self._slots.ask_recovery()

    @contextmanager
    def _slots_changing(self) -> Iterator[Unlocked]:
        """What an old slot opens is gone from the file when this ends, not only at the next lock."""
        with self._lock:
            unlocked = self._unlocked()
            with self._transaction(unlocked):
                yield unlocked
            self._empty_log()

    # ------------------------------------------------------------ health
    @property
    def health(self) -> Health:
        """As of the last unlock or check."""
        return self._health

    @property
    def unreadable(self) -> int:
        return len(self._health.quarantined)

    @property
    def copy_id(self) -> str:
        """Names this copy of the vault: one that was restored from a backup has another."""
        return self._copy_id

    def check(self) -> Health:
        """Opens every record on the disk again, and looks at every page. Raises VaultLocked, VaultDamaged."""
        with self._at_the_file:
            unlocked = self._unlocked()
            if self._db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise PageDamaged("a page of the file is broken")
            unopened = [found for found in unlocked.rows.scan() if isinstance(found, Unopened)]
            self._health = self._examine(unlocked, unopened)
            return self._health

    def acknowledge(self) -> None:
        """She has read what was noticed: from here on this state counts as the right one."""
        with self._lock:
            unlocked = self._unlocked()
            self.check()
            with self._transaction(unlocked):
                writes = max(unlocked.tally.writes, self._anchored())
                unlocked.tally = Tally(self._copy_id, writes).of(unlocked.rows.scanned)
                for name in (backup.RESTORED, _OLDER_COPY):
                    database.drop_meta(self._db, name)
            self._health = replace(self._health, older_copy=False, changed_outside=False, restored=False)
        self.anchor()

    def anchor(self) -> None:
        """Keeps how far this vault came in the phone's safe, so that an older copy put back is noticed. For the end of
        a sync; `lock` does it too. A safe that refuses costs the warning, nothing else."""
        with self._lock:
            reached = self._reached()
        self._keep_anchor(reached)

    def _reached(self) -> int:
        return self._open.tally.writes if self._open is not None and not self.read_only else 0

    def _keep_anchor(self, reached: int) -> None:
        """Not under the lock: a phone's safe may need the very loop that waits for it. A safe that does not say how far
        it was is not set back."""
        if self._safe is not None and reached:
            with suppress(KeystoreFailed):
                if reached > self._in_safe(self._safe):
                    self._safe.put(keystore.ANCHOR, f"{self._copy_id}:{reached}".encode())

    def _anchored(self) -> int:
        """The highest count of writes that was seen of this copy of the vault."""
        with suppress(KeystoreFailed):
            return self._in_safe(self._safe) if self._safe is not None else 0
        return 0

    def _in_safe(self, safe: Keystore) -> int:
        copy_id, _, writes = (safe.get(keystore.ANCHOR) or b"").decode(errors="replace").rpartition(":")
        return int(writes) if copy_id == self._copy_id and writes.isdecimal() else 0

    def _examine(self, unlocked: Unlocked, unopened: list[Unopened]) -> Health:
        try:
            kept = unlocked.sealed_value(TALLY)
            unlocked.tally = msgspec.msgpack.decode(kept or b"", type=Tally)
            same_copy = unlocked.tally.copy_id == self._copy_id or self._meta(backup.RESTORED) is not None
            whole = same_copy and unlocked.tally == unlocked.tally.of(unlocked.rows.scanned)
        except (VaultDamaged, msgspec.DecodeError):
            whole = False
        older = unlocked.tally.writes < self._anchored() or self._meta(_OLDER_COPY) is not None
        if older and not self.read_only:  # later writes make up for the count: said until she has read it
            with database.transaction(self._db):
                database.put_meta(self._db, _OLDER_COPY, b"1")
        return Health(
            read_only=self.read_only,
            older_copy=older,
            changed_outside=not whole and not self.read_only,
            restored=self._meta(backup.RESTORED) is not None,
            quarantined=tuple(_quarantined(unlocked.keyring, found) for found in unopened),
        )

    def _use(self, connection: sqlite3.Connection) -> None:
        with database.translated():
            self._copy_id = (database.get_meta(connection, backup.COPY_ID) or b"").decode(errors="replace")
        self._db, self._slots = connection, Slots(connection, self._safe, self._clock)

    def _turn_read_only(self, damage: VaultDamaged) -> None:
        """From here on it is what is whole of the file; unlocked again where it was. Raises the damage where nothing
        is."""
        whole, before = _whole_of(self._path, damage), self._open
        self._open = None
        if before is not None:
            before.reading.close()
        self._db.close()
        self._use(whole)
        self.read_only = True
        if before is not None:
            self._open_with(before.master_key)

    def _meta(self, name: str) -> bytes | None:
        with self._lock, database.translated():
            return database.get_meta(self._db, name)

    # ------------------------------------------------------------ writing
    @contextmanager
    def _transaction(self, unlocked: Unlocked) -> Iterator[None]:
        """All of it durable together with the tally, or none of it. Raises ReadOnly, DiskFull, CannotSave."""
        if self.read_only:
            raise ReadOnly
        try:
            with self._at_the_file, database.transaction(self._db):
                yield
                tally = unlocked.tally.after(unlocked.rows.take_change(), self._copy_id)
                unlocked.keep_tally(tally)
        except BaseException:
            unlocked.rows.take_change()
            raise
        unlocked.tally = tally


class _AtTheFile:
    """Around whatever asks the file: one thread at a time, and SQLite's errors as ours. Met with a broken page, the
    vault turns read-only and raises PageDamaged."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def __enter__(self) -> None:
        self._door._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is not None:
                self._meet(error)
        finally:
            self._door._lock.release()

    def _meet(self, error: BaseException) -> None:
        ours = database.as_ours(error)
        damage = ours or error
        if isinstance(damage, PageDamaged) and not self._door.read_only:
            self._door._turn_read_only(damage)
        if ours is not None:
            raise ours from error


def _whole_of(path: Path, damage: VaultDamaged) -> sqlite3.Connection:
    try:
        return salvage.rows_of(path)
    except VaultDamaged:
        raise damage from None


def _quarantined(keyring: Keyring, found: Unopened) -> Quarantined:
    try:
        citizen_id = keyring.citizen_of(found.key_id)
    except (CannotOpen, TypeError):
        citizen_id = None
    return Quarantined(found.row_key, citizen_id, found.status, found.size_bytes, found.version)


def check_strength(pin: str, *, passphrase: bool) -> None:
    """Raises WeakPin. A PIN is enough where ten tries, or a secret in the phone, stand before the file."""
    weakness = strength.weakness(pin) if passphrase else strength.weakness_of_pin(pin)
    if weakness is not None:
        raise WeakPin(weakness)


def _new_copy_id() -> str:
    return os.urandom(8).hex()

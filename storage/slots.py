"""The ways to the master key: PIN or passphrase, biometrics, recovery by the municipality. Each wraps it on its own, so
that losing one loses nothing. Nothing here is sealed: it is read before any key is there.

Wrong PINs are counted on disk before each derivation, so that a kill between tries saves nobody the delay; the tenth
destroys the PIN slot where the recovery slot remains (security-controls rows 5-7).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from storage import database, keys, keystore, sealed
from storage.errors import (
    CannotOpen,
    KeystoreFailed,
    NoSuchSlot,
    PinDestroyed,
    TooSoon,
    VaultDamaged,
    WrongPin,
)
from storage.keys import PinSlot
from storage.keystore import Keystore
from storage.sealed import Place

PIN, BIOMETRIC, RECOVERY = "pin", "biometric", "recovery"
WRONG_MAX = 10
_DELAY_MAX_S = 3600.0
_BIOMETRIC_PLACE = Place(b"slot", b"biometric", 1)
S = TypeVar("S", bound=Struct)


class RecoverySlot(Struct, frozen=True):
    """The master key, sealed to the municipality's public key (X25519, HPKE)."""

    public_key: bytes
    wrapped: bytes


class RecoveryRequest(Struct, frozen=True):
    """What the helpdesk is asked: `wrapped` for the key behind `public_key`. `code` is what she reads to them."""

    code: str
    public_key: bytes
    wrapped: bytes


class _Attempts(Struct, frozen=True):
    """Wrong PINs since the last right one."""

    wrong: int = 0
    next_at: float = 0.0


class Slots:
    """Reads and writes the slots. `put_*` and `drop` run inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, safe: Keystore | None, now: Callable[[], datetime]) -> None:
        self._db, self._safe, self._now = connection, safe, now
        #: Where the phone has no safe of its own the question is lost with the process, and asked anew.
        self._asked: bytes | None = None

    def names(self) -> frozenset[str]:
        return frozenset(name for (name,) in self._db.execute("SELECT name FROM slots"))

    def drop(self, name: str) -> None:
        self._db.execute("DELETE FROM slots WHERE name = ?", (name,))

    def _get(self, name: str, kind: type[S]) -> S:
        found = self._db.execute("SELECT slot FROM slots WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise NoSuchSlot(name)
        try:
            return msgspec.json.decode(found[0], type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
            raise VaultDamaged(f"the {name} slot cannot be read") from None

    def _put(self, name: str, slot: Struct) -> None:
        self._db.execute("INSERT OR REPLACE INTO slots VALUES (?, ?)", (name, msgspec.json.encode(slot)))

    # ------------------------------------------------------------ PIN or passphrase
    def open_pin(self, pin: str) -> bytes:
        """The master key. Raises TooSoon (nothing was tried), WrongPin, PinDestroyed, KeystoreFailed, VaultDamaged."""
        before = self._attempts()
        self._destroy_after(before)
        slot = self._get(PIN, PinSlot)
        # What is no wrong PIN is not counted as one.
        keys.check_derivable(slot.kdf)
        device_secret = _device_secret(self._safe) if slot.bound else b""
        attempts = self._count_attempt(before)
        try:
            master_key = keys.unwrap(slot, pin, device_secret)
        except CannotOpen:
            self._destroy_after(attempts)
            raise WrongPin(max(0.0, attempts.next_at - self._now().timestamp())) from None
        self._write_attempts(_Attempts())
        self.forget_question()  # she remembered: what the helpdesk answers from now on opens nothing
        return master_key

    def put_pin(self, slot: PinSlot) -> None:
        self._put(PIN, slot)
        self._put_attempts(_Attempts())

    def _count_attempt(self, before: _Attempts) -> _Attempts:
        now = self._now().timestamp()
        if before.wrong and now < before.next_at <= now + _DELAY_MAX_S:
            raise TooSoon(before.next_at - now)
        attempts = _Attempts(wrong=before.wrong + 1, next_at=now + min(2.0**before.wrong, _DELAY_MAX_S))
        self._write_attempts(attempts)
        return attempts

    def _destroy_after(self, attempts: _Attempts) -> None:
        """Without a recovery slot what was not synced would be lost for good: then only the delay stands."""
        names = self.names()
        if attempts.wrong >= WRONG_MAX and {PIN, RECOVERY} <= names:
            with database.transaction(self._db):
                self.drop(PIN)
            database.empty_log(self._db)
            names = self.names()
        if PIN not in names:
            raise PinDestroyed if names else VaultDamaged("the vault has no slot")

    def _attempts(self) -> _Attempts:
        """A count that cannot be read is no reason to lose the notes behind it."""
        raw = database.get_meta(self._db, "attempts")
        try:
            return msgspec.json.decode(raw, type=_Attempts) if raw else _Attempts()
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _Attempts()

    def _write_attempts(self, attempts: _Attempts) -> None:
        with database.transaction(self._db):
            self._put_attempts(attempts)

    def _put_attempts(self, attempts: _Attempts) -> None:
        database.put_meta(self._db, "attempts", msgspec.json.encode(attempts))

    # ------------------------------------------------------------ biometrics
    def open_biometric(self) -> bytes:
        """Raises NoSuchSlot, KeystoreFailed: then the PIN is asked for."""
        slot = self._get(BIOMETRIC, _KeySlot)
        key = self._safe.get(keystore.BIOMETRIC) if self._safe is not None else None
        try:
            if key is not None:
                master_key = sealed.open_sealed(AESGCM(key), _BIOMETRIC_PLACE, slot.wrapped)
                if self._attempts().wrong:
                    self._write_attempts(_Attempts())
                return master_key
        except (CannotOpen, ValueError):
            pass  # a key that was renewed, because another finger was enrolled
        raise KeystoreFailed("the phone does not give the key of the biometric slot")

    def put_biometric(self, master_key: bytes) -> None:
        """Under a new random key in the phone's safe. Raises KeystoreFailed."""
        if self._safe is None:
            raise KeystoreFailed("this device has no safe")
        key = os.urandom(keys.KEY_BYTES)
        self._safe.put(keystore.BIOMETRIC, key)
        self._put(BIOMETRIC, _KeySlot(sealed.seal(AESGCM(key), _BIOMETRIC_PLACE, master_key)))

    # ------------------------------------------------------------ recovery
    def put_recovery(self, master_key: bytes, public_key: bytes) -> None:
        self._put(RECOVERY, RecoverySlot(public_key, sealed.seal_to(public_key, sealed.RECOVERY_SLOT, master_key)))

    def recovery_key(self) -> bytes | None:
        """The municipality's public key, None without a recovery slot."""
        return self._get(RECOVERY, RecoverySlot).public_key if RECOVERY in self.names() else None

    def ask_recovery(self) -> RecoveryRequest:
        """The question to the helpdesk; the same one until it is answered. Raises NoSuchSlot, KeystoreFailed."""
        wrapped = self._get(RECOVERY, RecoverySlot).wrapped
        private_key = self._pending()
        if private_key is None:
            private_key, _ = sealed.new_recovery_key()
            self._keep_pending(private_key)
        public_key = sealed.public_half(private_key)
        return RecoveryRequest(sealed.recovery_code(public_key, wrapped), public_key, wrapped)

    def open_answer(self, answer: bytes) -> bytes:
        """The master key from the helpdesk's answer. Raises CannotOpen where it answers another question."""
        private_key = self._pending()
        if private_key is None:
            raise CannotOpen
        return sealed.open_from(private_key, sealed.RECOVERY_ANSWER, answer)

    def forget_question(self) -> None:
        """A safe that refuses keeps a question whose answer opens nothing any more."""
        self._asked = None
        with suppress(KeystoreFailed):
            if self._safe is not None and self._safe.get(keystore.RECOVERY_REQUEST) is not None:
                self._safe.drop(keystore.RECOVERY_REQUEST)

    def _pending(self) -> bytes | None:
        return self._safe.get(keystore.RECOVERY_REQUEST) if self._safe is not None else self._asked

    def _keep_pending(self, private_key: bytes) -> None:
        self._asked = private_key
        if self._safe is not None:
            self._safe.put(keystore.RECOVERY_REQUEST, private_key)

    # ------------------------------------------------------------ a new master key
    def rewrap(self, master_key: bytes, pin_slot: PinSlot) -> None:
        """Every way that there is, to this master key. A safe that refuses costs the biometric slot alone."""
        names, recovery_key = self.names(), self.recovery_key()
        self.put_pin(pin_slot)
        if recovery_key is not None:
            self.put_recovery(master_key, recovery_key)
        if BIOMETRIC in names:
            try:
                self.put_biometric(master_key)
            except KeystoreFailed:
                self.drop(BIOMETRIC)


class _KeySlot(Struct, frozen=True):
    wrapped: bytes


def new_pin(master_key: bytes, pin: str, safe: Keystore | None) -> PinSlot:
    """Bound to this phone where it has a safe. Derives a key: not inside a transaction. Raises KeystoreFailed."""
    if safe is None:
        return keys.wrap(master_key, pin)
    if safe.get(keystore.DEVICE_SECRET) is None:
        safe.put(keystore.DEVICE_SECRET, os.urandom(keys.KEY_BYTES))
    return keys.wrap(master_key, pin, _device_secret(safe))


def _device_secret(safe: Keystore | None) -> bytes:
    secret = safe.get(keystore.DEVICE_SECRET) if safe is not None else None
    if secret is None:
        raise KeystoreFailed("the PIN is bound to this phone's safe, which does not give its key")
    return secret

"""Keys: PIN -> KDF -> master key -> keyring of one key per citizen. Writes nothing.

PIN or passphrase (NFC) --KDF(salt)--> P;  KEK = HKDF-SHA256(P || device secret, "pin-wrap/v1")
KEK wraps MK (32 random bytes);  MK -HKDF-> index key, meta key, keyring key
the sealed keyring: opaque random key id -> (citizen id, CK);  CK -HKDF-> one AES-256-GCM key per purpose
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from storage.errors import CannotOpen, UnboundedKdf, WeakPin
from storage.records import CitizenId, RecordId
from storage.sealed import Place, open_sealed, seal

try:
    from argon2.low_level import Type, hash_secret_raw
except ImportError:  # a phone without the recipe: scrypt takes over, recorded in the header
    hash_secret_raw = None  # type: ignore[assignment]

KEY_BYTES = 32
SALT_BYTES = 16
PIN_MIN_CHARS = 6
_MIB = 1024
# security-controls row 1: less is guessable, more would let a changed header exhaust the phone.
_MEMORY_KIB_MIN, _MEMORY_KIB_MAX = 19 * _MIB, 256 * _MIB


class Algorithm(StrEnum):
    ARGON2ID = "argon2id"
    SCRYPT = "scrypt"


class Kdf(Struct, frozen=True, kw_only=True):
    """Parameters of one derivation, as they stand in the header. For scrypt `memory_kib` is 128 * N * r / 1024."""

    algorithm: Algorithm
    salt: bytes
    memory_kib: int = 64 * _MIB
    rounds: int = 3
    lanes: int = 4


class Slot(Struct, frozen=True, kw_only=True):
    """One way to the master key."""

    kdf: Kdf
    wrapped: bytes


def new_kdf() -> Kdf:
    """RFC 9106's second recommendation where Argon2id can be had, else scrypt N=2^16, r=8, p=2 (OWASP)."""
    salt = os.urandom(SALT_BYTES)
    if hash_secret_raw is not None:
        return Kdf(algorithm=Algorithm.ARGON2ID, salt=salt)
    return Kdf(algorithm=Algorithm.SCRYPT, salt=salt, rounds=8, lanes=2)


def derive(kdf: Kdf, pin: str) -> bytes:
    """32 bytes from the PIN; takes some 0.1-0.5 s, so run it in a thread. Raises UnboundedKdf before any work."""
    _check_bounds(kdf)
    secret = unicodedata.normalize("NFC", pin).encode(errors="surrogatepass")
    if kdf.algorithm == Algorithm.SCRYPT:
        n = _scrypt_n(kdf)
        return hashlib.scrypt(
            secret, salt=kdf.salt, n=n, r=kdf.rounds, p=kdf.lanes, maxmem=2 * kdf.memory_kib * 1024, dklen=KEY_BYTES
        )
    if hash_secret_raw is None:
        raise UnboundedKdf("this vault needs Argon2id, which this device lacks")
    return hash_secret_raw(secret, kdf.salt, kdf.rounds, kdf.memory_kib, kdf.lanes, KEY_BYTES, Type.ID)


def _scrypt_n(kdf: Kdf) -> int:
    return kdf.memory_kib * 1024 // (128 * kdf.rounds)


def _check_bounds(kdf: Kdf) -> None:
    sound = (
        _MEMORY_KIB_MIN <= kdf.memory_kib <= _MEMORY_KIB_MAX
        and (2 if kdf.algorithm == Algorithm.ARGON2ID else 8) <= kdf.rounds <= 16
        and 1 <= kdf.lanes <= 8
        and len(kdf.salt) >= SALT_BYTES
        and (kdf.algorithm != Algorithm.SCRYPT or _scrypt_n(kdf).bit_count() == 1)
    )
    if not sound:
        raise UnboundedKdf("key derivation parameters outside the bounds")


def check_strength(pin: str) -> None:
    """Raises WeakPin for a PIN or passphrase of fewer than six characters, or one character repeated."""
    if len(pin) < PIN_MIN_CHARS or len(set(pin)) == 1:
        raise WeakPin(f"at least {PIN_MIN_CHARS} characters, not all alike")


# ---------------------------------------------------------------- the master key and its slots
_SLOT_PLACE = Place(b"slot", b"pin", 1)


def new_master_key() -> bytes:
    return os.urandom(KEY_BYTES)


def wrap(master_key: bytes, pin: str, device_secret: bytes = b"") -> Slot:
    kdf = new_kdf()
    slot = Slot(kdf=kdf, wrapped=seal(_wrapping_key(kdf, pin, device_secret), _SLOT_PLACE, master_key))
    if unwrap(slot, pin, device_secret) != master_key:  # never write a slot that does not open again
        raise CannotOpen
    return slot


def unwrap(slot: Slot, pin: str, device_secret: bytes = b"") -> bytes:
    """The master key. Raises CannotOpen for a wrong PIN."""
    return open_sealed(_wrapping_key(slot.kdf, pin, device_secret), _SLOT_PLACE, slot.wrapped)


def _wrapping_key(kdf: Kdf, pin: str, device_secret: bytes) -> AESGCM:
    return AESGCM(_hkdf(derive(kdf, pin) + device_secret, b"pin-wrap/v1"))


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


# ---------------------------------------------------------------- one key per citizen
class Purpose(StrEnum):
    """What a citizen's key seals: an envelope of one purpose never opens as another."""

    RECORD = "rec"
    SHADOW = "shadow"
    MUTATION = "mutation"


class _Entry(Struct, frozen=True, array_like=True):
    key_id: bytes
    citizen_id: str
    key: bytes


class Keyring:
    """The citizens' keys, in memory while unlocked. Changes are kept by sealing the whole ring again."""

    _PLACE = Place(b"keyring", b"", 1)

    def __init__(self, master_key: bytes, sealed: bytes | None = None) -> None:
        """Raises CannotOpen where the sealed ring does not belong to this master key."""
        self._index_key = _hkdf(master_key, b"index/v1")
        self._ring_key = AESGCM(_hkdf(master_key, b"keyring/v1"))
        self.meta_key = AESGCM(_hkdf(master_key, b"meta/v1"))
        self._entries: dict[bytes, _Entry] = {}
        self._by_citizen: dict[str, bytes] = {}
        self._ciphers: dict[tuple[bytes, Purpose], AESGCM] = {}
        if sealed is not None:
            self._add(msgspec.msgpack.decode(open_sealed(self._ring_key, self._PLACE, sealed), type=list[_Entry]))

    def _add(self, entries: Iterable[_Entry]) -> None:
        for entry in entries:
            self._entries[entry.key_id] = entry
            self._by_citizen[entry.citizen_id] = entry.key_id

    def sealed(self) -> bytes:
        return seal(self._ring_key, self._PLACE, msgspec.msgpack.encode(list(self._entries.values())))

    def row_key(self, record_id: RecordId | str) -> bytes:
        """Where a record stands on disk: says nothing about its id, which would tell the time."""
        return hmac.digest(self._index_key, record_id.encode(), "sha256")[:16]

    def key_id_of(self, citizen_id: CitizenId | str) -> bytes | None:
        return self._by_citizen.get(citizen_id)

    def add_citizen(self, citizen_id: CitizenId | str) -> bytes:
        """A new key for this citizen; the caller writes `sealed()` in the same transaction as the first row."""
        key_id = os.urandom(16)
        self._add([_Entry(key_id, citizen_id, os.urandom(KEY_BYTES))])
        return key_id

    def forget(self, key_id: bytes) -> None:
        """Takes back an `add_citizen` whose transaction failed."""
        entry = self._entries.pop(key_id)
        self._by_citizen.pop(entry.citizen_id)
        self._ciphers = {at: cipher for at, cipher in self._ciphers.items() if at[0] != key_id}

    def citizen_of(self, key_id: bytes) -> CitizenId:
        """Raises CannotOpen for a key id that is not on the ring."""
        entry = self._entries.get(key_id)
        if entry is None:
            raise CannotOpen
        return CitizenId(entry.citizen_id)

    def cipher(self, key_id: bytes, purpose: Purpose) -> AESGCM:
        cipher = self._ciphers.get((key_id, purpose))
        if cipher is None:
            self.citizen_of(key_id)
            cipher = AESGCM(_hkdf(self._entries[key_id].key, purpose.encode() + b"/v1"))
            self._ciphers[key_id, purpose] = cipher
        return cipher

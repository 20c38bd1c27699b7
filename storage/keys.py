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
from collections.abc import Callable, Iterable
from copy import copy
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from storage.errors import CannotOpen, SelfTestFailed, UnboundedKdf
from storage.records import CitizenId, RecordId
from storage.sealed import Place, open_sealed, seal

try:
    from argon2.low_level import Type, hash_secret_raw
except ImportError:  # a phone without the recipe: scrypt takes over, recorded in the header
    hash_secret_raw = None  # type: ignore[assignment]

KEY_BYTES = 32
SALT_BYTES = 16
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


class PinSlot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The way to the master key by PIN or passphrase. `bound`: a secret in this phone's safe is needed as well."""

    kdf: Kdf
    wrapped: bytes
    bound: bool = False


def new_kdf() -> Kdf:
    """RFC 9106's second recommendation where Argon2id can be had, else scrypt N=2^16, r=8, p=2 (OWASP)."""
    salt = os.urandom(SALT_BYTES)
    if hash_secret_raw is not None:
        return Kdf(algorithm=Algorithm.ARGON2ID, salt=salt)
    return Kdf(algorithm=Algorithm.SCRYPT, salt=salt, rounds=8, lanes=2)


def derive(kdf: Kdf, pin: str) -> bytes:
    """32 bytes from the PIN; takes some 0.1-0.5 s, so run it in a thread. Raises UnboundedKdf before any work."""
    check_derivable(kdf)
    secret = unicodedata.normalize("NFC", pin).encode(errors="surrogatepass")
    if kdf.algorithm == Algorithm.SCRYPT:
        n = _scrypt_n(kdf)
        return hashlib.scrypt(
            secret, salt=kdf.salt, n=n, r=kdf.rounds, p=kdf.lanes, maxmem=2 * kdf.memory_kib * 1024, dklen=KEY_BYTES
        )
    return hash_secret_raw(secret, kdf.salt, kdf.rounds, kdf.memory_kib, kdf.lanes, KEY_BYTES, Type.ID)


def check_derivable(kdf: Kdf) -> None:
    """Raises UnboundedKdf where this device will not, or cannot, derive a key so."""
    _check_bounds(kdf)
    if kdf.algorithm == Algorithm.ARGON2ID and hash_secret_raw is None:
        raise UnboundedKdf("this vault needs Argon2id, which this device lacks")


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


# ---------------------------------------------------------------- self-test
_TEST_KEY = bytes(range(KEY_BYTES))
#: (what is computed, its value as frozen in tests/vectors): a few microseconds each, with the smallest derivations.
_KNOWN: dict[str, tuple[Callable[[], bytes], str]] = {
    "AES-256-GCM": (
        lambda: AESGCM(_TEST_KEY).encrypt(_TEST_KEY[:12], b"medgang", b"self-test"),
        "2a67b27ca48ba57648feaa3195c08e988b887a6adbfe88",
    ),
    "HKDF-SHA256": (
        lambda: _hkdf(_TEST_KEY, b"self-test"),
        "ca8ea80fd943b0e1cbd195408f95581e3e7251a118dc73495a81a03c1687887c",
    ),
    "HMAC-SHA256": (
        lambda: hmac.digest(_TEST_KEY, b"self-test", "sha256"),
        "1812e6ef80edb8b35d41fc0ae0791b71b2846478f18f9d5f702f794839a94276",
    ),
    "BLAKE2b": (
        lambda: hashlib.blake2b(b"self-test", key=_TEST_KEY, digest_size=16).digest(),
        "ce5f402cff4a1cbf340645a138d7ab7a",
    ),
    "scrypt": (
        lambda: hashlib.scrypt(b"medgang", salt=_TEST_KEY, n=16, r=1, p=1, dklen=KEY_BYTES),
        "4c8fc6815d80515d3d6b0e6ce295743de3ebd3c35bc2b4d4de554b34830e1a4f",
    ),
    "Argon2id": (
        lambda: hash_secret_raw(b"medgang", _TEST_KEY, 1, 32, 4, KEY_BYTES, Type.ID),
        "b4fa5caea1ae75d8d36a43f875b3363dafb85cf3d15eded3756e6d8b4da062fe",
    ),
}


def self_test() -> None:
    """Raises SelfTestFailed where a primitive of this device computes something else than it should: nothing is opened
    or written with it, and nothing weaker takes its place (security-controls row 2)."""
    for name, (compute, known) in _KNOWN.items():
        if name == "Argon2id" and hash_secret_raw is None:
            continue
        try:
            computed = compute().hex()
        except Exception as error:
            raise SelfTestFailed(name) from error
        if computed != known:
            raise SelfTestFailed(name)


# ---------------------------------------------------------------- the master key and its slots
_SLOT_PLACE = Place(b"slot", b"pin", 1)


def new_master_key() -> bytes:
    return os.urandom(KEY_BYTES)


def wrap(master_key: bytes, pin: str, device_secret: bytes = b"") -> PinSlot:
    kdf = new_kdf()
    wrapped = seal(_wrapping_key(kdf, pin, device_secret), _SLOT_PLACE, master_key)
    slot = PinSlot(kdf=kdf, wrapped=wrapped, bound=bool(device_secret))
    if unwrap(slot, pin, device_secret) != master_key:  # never write a slot that does not open again
        raise CannotOpen
    return slot


def unwrap(slot: PinSlot, pin: str, device_secret: bytes = b"") -> bytes:
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


#: More than a page has.
_ROW_KEYS = 2_000


class Keyring:
    """The citizens' keys, in memory while unlocked. Changes are kept by sealing the whole ring again."""

    _PLACE = Place(b"keyring", b"", 1)

    def __init__(self, master_key: bytes, sealed: bytes | None = None) -> None:
        """Raises CannotOpen where the sealed ring does not belong to this master key."""
        self.tally_key = _hkdf(master_key, b"tally/v1")
        self._index_key = _hkdf(master_key, b"index/v1")
        self._alarm_key = _hkdf(master_key, b"alarm/v1")
        self._ring_key = AESGCM(_hkdf(master_key, b"keyring/v1"))
        self.meta_key = AESGCM(_hkdf(master_key, b"meta/v1"))
        self._entries: dict[bytes, _Entry] = {}
        self._by_citizen: dict[str, bytes] = {}
        self._ciphers: dict[tuple[bytes, Purpose], AESGCM] = {}
        #: A sync asks several times for each of its records.
        self._row_keys: dict[str, bytes] = {}
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
        known = self._row_keys.get(record_id)
        if known is None:
            if len(self._row_keys) >= _ROW_KEYS:
                self._row_keys.clear()
            known = self._row_keys[record_id] = hmac.digest(self._index_key, record_id.encode(), "sha256")[:16]
        return known

    def alarm_number(self, reminder_key: str) -> int:
        """1 to 2^31 - 1, what phones take: a reminder's own, as long as the master key is the same. It says nothing
        about the reminder, and is no part of its row key."""
        return (int.from_bytes(hmac.digest(self._alarm_key, reminder_key.encode(), "sha256")[:4]) >> 1) or 1

    def key_id_of(self, citizen_id: CitizenId | str) -> bytes | None:
        return self._by_citizen.get(citizen_id)

    def key_of(self, citizen_id: CitizenId | str) -> bytes:
        """As `key_id_of`, of a citizen who has a key."""
        return self._by_citizen[citizen_id]

    def add_citizen(self, citizen_id: CitizenId | str) -> bytes:
        """A new key for this citizen; the caller writes `sealed()` in the same transaction as the first row."""
        key_id = os.urandom(16)
        self._add([_Entry(key_id, citizen_id, os.urandom(KEY_BYTES))])
        return key_id

    def forget(self, key_id: bytes) -> None:
        """The caller writes `sealed()`, and erases or seals anew what this key sealed, in the same transaction."""
        entry = self._entries.pop(key_id)
        if self._by_citizen.get(entry.citizen_id) == key_id:
            self._by_citizen.pop(entry.citizen_id)
        self._ciphers = {at: cipher for at, cipher in self._ciphers.items() if at[0] != key_id}

    def copy(self) -> Keyring:
        """To be changed, and written, before it takes this one's place."""
        return self._with(copy(self), self._entries.values())

    def anew(self, master_key: bytes) -> Keyring:
        """New keys for the same citizens, under a new master key."""
        fresh = [_Entry(os.urandom(16), entry.citizen_id, os.urandom(KEY_BYTES)) for entry in self._entries.values()]
        return self._with(Keyring(master_key), fresh)

    @staticmethod
    def _with(ring: Keyring, entries: Iterable[_Entry]) -> Keyring:
        ring._entries, ring._by_citizen, ring._ciphers = {}, {}, {}
        ring._add(entries)
        return ring

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

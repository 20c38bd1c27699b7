"""Record <-> versioned AEAD envelope, and what is sealed to somebody's public key (recovery, used by the hub too).
Pure: the nonce comes in as an argument, the public `seal` supplies it.

    envelope = format (1 byte) | nonce (12) | AES-256-GCM(padded body)     associated data = format, row key, key id,
    body     = length (4) | payload | zeros up to the next bucket                             row version

Formats are for ever: a new one gets a new number, and the old ones stay readable (tests/vectors keeps one of each).
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import CannotOpen

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import Suite

FORMAT = 1
NONCE_BYTES = 12
_CIPHERTEXT_AT = 1 + NONCE_BYTES
_PREFIX = struct.Struct(">I")
_VERSION = struct.Struct(">Q")
_AD_BEGIN = b"medgang/%d\x00" % FORMAT
_BUCKETS_BYTES = (256, 512, 1024, 2048, 4096)


class Place(NamedTuple):
    """Where an envelope stands. It opens nowhere else: a swapped or replayed row is noticed."""

    row_key: bytes
    key_id: bytes
    version: int

    def associated_data(self) -> bytes:
        return _AD_BEGIN + self.row_key + self.key_id + _VERSION.pack(self.version)


def seal(key: AESGCM, place: Place, payload: bytes) -> bytes:
    return _seal(key, place, payload, os.urandom(NONCE_BYTES))


def _seal(key: AESGCM, place: Place, payload: bytes, nonce: bytes) -> bytes:
    body = _PREFIX.pack(len(payload)) + payload
    body += bytes(padded_size(len(body)) - len(body))
    return bytes([FORMAT]) + nonce + key.encrypt(nonce, body, place.associated_data())


def open_sealed(key: AESGCM, place: Place, envelope: bytes) -> bytes:
    """The payload. Raises CannotOpen for every failure alike."""
    return opener(key, place.key_id)(place.row_key, place.version, envelope)


def opener(key: AESGCM, key_id: bytes) -> Callable[[bytes, int, bytes], bytes]:
    """`open_sealed` for many envelopes under one key: (row key, version, envelope) -> payload."""
    decrypt, form, pack = key.decrypt, bytes([FORMAT]), _VERSION.pack

    def opened(row_key: bytes, version: int, envelope: bytes) -> bytes:
        try:
            if envelope[:1] != form:
                raise CannotOpen
            associated_data = _AD_BEGIN + row_key + key_id + pack(version)
            body = decrypt(envelope[1:_CIPHERTEXT_AT], envelope[_CIPHERTEXT_AT:], associated_data)
        except (InvalidTag, TypeError, ValueError, struct.error):  # a changed cell may be of any type
            raise CannotOpen from None
        (length,) = _PREFIX.unpack_from(body)
        if length > len(body) - _PREFIX.size:
            raise CannotOpen
        return body[_PREFIX.size : _PREFIX.size + length]

    return opened


def padded_size(size_bytes: int) -> int:
    """The bucket a body of this size is padded to: the file shows no more of a note's length than this."""
    for bucket in _BUCKETS_BYTES:
        if size_bytes <= bucket:
            return bucket
    step = _BUCKETS_BYTES[-1]
    return -(-size_bytes // step) * step


# ---------------------------------------------------------------- to somebody's public key
#: The master key sealed to the municipality's recovery key, and the helpdesk's answer to one phone.
RECOVERY_SLOT = b"medgang/recovery/1"
RECOVERY_ANSWER = b"medgang/recovery-answer/1"
#: Crockford's base 32: nothing in it is mistaken for another when it is read aloud or copied by hand.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans("OIL", "011", "- ")
_RECOVERY_CODE_CHARS = 10


def seal_to(public_key: bytes, info: bytes, payload: bytes) -> bytes:
    """For the holder of the private key alone. Raises ValueError where these 32 bytes are no usable key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return _hpke().encrypt(payload, X25519PublicKey.from_public_bytes(public_key), info)


def open_from(private_key: bytes, info: bytes, sealed: bytes) -> bytes:
    """The payload. Raises CannotOpen for changed bytes, another key or another `info` alike."""
    try:
        return _hpke().decrypt(sealed, _private(private_key), info)
    except (InvalidTag, TypeError, ValueError):
        raise CannotOpen from None


def new_recovery_key() -> tuple[bytes, bytes]:
    """A new X25519 key pair, private and public half, 32 bytes each."""
    private_key = os.urandom(32)
    return private_key, public_half(private_key)


def public_half(private_key: bytes) -> bytes:
    return _private(private_key).public_key().public_bytes_raw()


def _hpke() -> Suite:
    """RFC 9180 in base mode. Changed parameters would be another info, as the bytes do not name the suite."""
    # Rarely needed, and an unlock does not wait for its import.
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _private(private_key: bytes) -> X25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private_key)


def rewrap(private_key: bytes, wrapped: bytes, to_public_key: bytes) -> bytes:
    """What the helpdesk does: a recovery slot's master key, sealed anew to the phone that asks. Raises CannotOpen where
    the slot was made for another key, ValueError where `to_public_key` is none."""
    return seal_to(to_public_key, RECOVERY_ANSWER, open_from(private_key, RECOVERY_SLOT, wrapped))


def recovery_code(public_key: bytes, wrapped: bytes) -> str:
    """What she reads aloud: 50 bits of the request's hash as XXXX-XXXX-XX. A request that was swapped on its way has
    another code."""
    number = int.from_bytes(hashlib.sha256(public_key + wrapped).digest()) >> (256 - 5 * _RECOVERY_CODE_CHARS)
    code = "".join(CODE_ALPHABET[number >> shift & 31] for shift in range(5 * (_RECOVERY_CODE_CHARS - 1), -1, -5))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def plain_code(text: str) -> str:
    """A code as it was typed or heard: without case, dash and space; O is 0, I and L are 1."""
    return text.upper().translate(_LOOK_ALIKES)

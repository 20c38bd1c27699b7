"""Record <-> versioned AEAD envelope. Pure: the nonce comes in as an argument, the public `seal` supplies it.

    envelope = format (1 byte) | nonce (12) | AES-256-GCM(padded body)     associated data = format, row key, key id,
    body     = length (4) | payload | zeros up to the next bucket                             row version

Formats are for ever: a new one gets a new number, and the old ones stay readable (tests/vectors keeps one of each).
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import CannotOpen

FORMAT = 1
NONCE_BYTES = 12
_PREFIX = struct.Struct(">I")
_BUCKETS_BYTES = (256, 512, 1024, 2048, 4096)


class Place(NamedTuple):
    """Where an envelope stands. It opens nowhere else: a swapped or replayed row is noticed."""

    row_key: bytes
    key_id: bytes
    version: int

    def associated_data(self) -> bytes:
        return b"medgang/%d\x00%b%b%b" % (FORMAT, self.row_key, self.key_id, struct.pack(">Q", self.version))


def seal(key: AESGCM, place: Place, payload: bytes) -> bytes:
    return _seal(key, place, payload, os.urandom(NONCE_BYTES))


def _seal(key: AESGCM, place: Place, payload: bytes, nonce: bytes) -> bytes:
    body = _PREFIX.pack(len(payload)) + payload
    body += bytes(padded_size(len(body)) - len(body))
    return bytes([FORMAT]) + nonce + key.encrypt(nonce, body, place.associated_data())


def open_sealed(key: AESGCM, place: Place, envelope: bytes) -> bytes:
    """The payload. Raises CannotOpen for every failure alike."""
    try:
        if envelope[0] != FORMAT:
            raise CannotOpen
        nonce, ciphertext = envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :]
        body = key.decrypt(nonce, ciphertext, place.associated_data())
    except (InvalidTag, IndexError, TypeError, ValueError, struct.error):  # a changed cell may be of any type
        raise CannotOpen from None
    (length,) = _PREFIX.unpack_from(body)
    if length > len(body) - _PREFIX.size:
        raise CannotOpen
    return body[_PREFIX.size : _PREFIX.size + length]


def padded_size(size_bytes: int) -> int:
    """The bucket a body of this size is padded to: the file shows no more of a note's length than this."""
    for bucket in _BUCKETS_BYTES:
        if size_bytes <= bucket:
            return bucket
    step = _BUCKETS_BYTES[-1]
    return -(-size_bytes // step) * step

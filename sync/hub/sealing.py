"""How payloads lie at rest: AES-256-GCM under one data key per citizen, each wrapped by the server key.

An envelope is one version byte, a 96-bit nonce and the ciphertext. Its associated data says whose and which version it
is, so that a swapped or older row does not open.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import CannotOpen

KEY_BYTES = 32
NONCE_BYTES = 12
ENVELOPE_VERSION = b"\x01"


class KeyFileError(Exception):
    """A key cannot be had from its file; the message says what to do."""


@dataclass(frozen=True)
class Sealing:
    """The server key at work. Every method raises CannotOpen for changed bytes or another key."""

    server_key: bytes
    random: Callable[[int], bytes] = os.urandom

    def new_data_key(self, municipality_id: str, owner_key: str) -> tuple[bytes, bytes]:
        """A new data key, plain and wrapped."""
        data_key = self.random(KEY_BYTES)
        return data_key, self._seal(self._derived("wrap/v1"), data_key, "data-key", municipality_id, owner_key)

    def unwrap(self, wrapped: bytes, municipality_id: str, owner_key: str) -> bytes:
        return _open(self._derived("wrap/v1"), wrapped, "data-key", municipality_id, owner_key)

    def seal(self, data_key: bytes, payload: bytes, municipality_id: str, record_id: str, version: int) -> bytes:
        return self._seal(data_key, payload, "record", municipality_id, record_id, str(version))

    def open(self, data_key: bytes, envelope: bytes, municipality_id: str, record_id: str, version: int) -> bytes:
        return _open(data_key, envelope, "record", municipality_id, record_id, str(version))

    def fingerprint(self, content: bytes) -> bytes:
        """What tells equal content from other; without the server key nobody can try contents against it."""
        return hmac.digest(self._derived("fingerprint/v1"), content, "sha256")

    def key_name(self) -> str:
        """Tells this server key from others and reveals nothing of it."""
        return self._derived("name/v1")[:16].hex()

    def backup_mac(self, digest: bytes) -> bytes:
        """What only the server key can put under a backup with this digest."""
        return hmac.digest(self._derived("backup/v1"), digest, "sha256")

    def signing_key(self) -> Ed25519PrivateKey:
        """The hub's own key, which phones pin when they enrol."""
        return Ed25519PrivateKey.from_private_bytes(self._derived("signature/v1"))

    def _seal(self, key: bytes, plain: bytes, *about: str) -> bytes:
        nonce = self.random(NONCE_BYTES)
        return ENVELOPE_VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _associated(*about))

    def _derived(self, purpose: str) -> bytes:
        return _derived(self.server_key, purpose)


def read_key_file(path: Path, what: str = "server key") -> bytes:
    """The key in this file; `what` names it in messages. Raises KeyFileError."""
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except FileNotFoundError as error:
        raise KeyFileError(f"There is no {what} at {path}. Put it back from its backup.") from error
    except (OSError, ValueError) as error:
        raise KeyFileError(f"The {what} at {path} cannot be read: {error}") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"The {what} at {path} must be {KEY_BYTES} bytes in base64.")
    return key


def create_key_file(path: Path, key: bytes) -> None:
    """Writes a new key, readable by its owner alone. Raises FileExistsError, never overwrites."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=16)
def _derived(server_key: bytes, purpose: str) -> bytes:
    """Once for each purpose: every mutation asks for one."""
    info = b"medgang-hub/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(server_key)


def _open(key: bytes, envelope: bytes, *about: str) -> bytes:
    if envelope[:1] != ENVELOPE_VERSION:
        raise CannotOpen("unknown envelope version")
    nonce, sealed = envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _associated(*about))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("a sealed value does not open") from error


def _associated(*about: str) -> bytes:
    return "\x1f".join(("medgang-hub/1", *about)).encode()

"""The phone's own safe (Android Keystore, iOS Keychain), as the vault sees it; the app injects it."""

from __future__ import annotations

from typing import Protocol

#: 32 random bytes that bind the PIN to this phone: without them a copied file cannot be guessed open.
DEVICE_SECRET = "device-secret"  # noqa: S105 - a name
#: The highest state of the vault that was seen: an older copy put back is noticed.
ANCHOR = "anchor"
#: The private half of a question to the helpdesk, until it is answered.
RECOVERY_REQUEST = "recovery-request"
#: The key of the biometric slot; given only after the phone saw her finger or face.
BIOMETRIC = "biometric"


class Keystore(Protocol):
    """Named secrets, outside backups. Every method blocks, and raises storage.errors.KeystoreFailed."""

    def get(self, name: str) -> bytes | None: ...

    def put(self, name: str, value: bytes) -> None: ...

    def drop(self, name: str) -> None: ...

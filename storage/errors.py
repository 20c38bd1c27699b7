"""What can go wrong with the phone's store. Each says what happened; the sentence for the consultant is made in
mobile_app/messages.py from the class and its fields."""

from __future__ import annotations


class StorageError(Exception):
    """Root of everything storage raises on purpose."""


class CannotOpen(StorageError):
    """A sealed value could not be opened: wrong key, or changed bytes. On purpose it does not say which."""


class WrongPin(StorageError):
    """The PIN or passphrase does not fit. `retry_after_s` is how long the next try must wait."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"the PIN does not fit; wait {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class TooSoon(StorageError):
    """A try before the delay of the last wrong one has passed. Nothing was tried."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"wait {retry_after_s:.0f} s before the next try")
        self.retry_after_s = retry_after_s


class WeakPin(StorageError):
    """The new PIN or passphrase is too easy to guess. `reason` says why (storage.strength.Weakness)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the PIN or passphrase is too weak: {reason}")
        self.reason = reason


class UnboundedKdf(StorageError):
    """The header asks for a key derivation outside the bounds: it was not run."""


class VaultExists(StorageError):
    """There is a vault (or its remains) at this path: it is never created over."""


class VaultMissing(StorageError):
    """No vault at this path."""


class VaultInUse(StorageError):
    """Another process holds this vault."""


class VaultDamaged(StorageError):
    """The file is not a whole vault. It was not changed."""


class PageDamaged(VaultDamaged):
    """SQLite met a page of the file that is broken. What is whole can be read."""


class VaultTooNew(StorageError):
    """The vault was written by a newer version of the app. It was not changed."""


class VaultLocked(StorageError):
    """The vault is locked: nothing can be read or saved."""


class DiskFull(StorageError):
    """The disk is full; nothing was saved."""


class CannotSave(StorageError):
    """The disk refused the write; nothing was saved."""


class NoteIsFinal(StorageError):
    """A note that was sent cannot be changed: correct it by a new one."""


class RecordInvalid(StorageError):
    """A text is missing, or longer than its field takes; nothing was saved."""


class TextNotStorable(StorageError):
    """The text holds something that is no character (a lone surrogate)."""


class KeystoreFailed(StorageError):
    """The phone's own safe did not give or take a key. Nothing was changed; another way in still works."""


class NoSuchSlot(StorageError):
    """The vault has no such way in."""


class PinDestroyed(StorageError):
    """After ten wrong tries the PIN opens nothing any more; the recovery slot does (security-controls row 7)."""


class ReadOnly(StorageError):
    """The file is damaged: what is whole can be read, nothing can be saved."""


class NotABackup(StorageError):
    """The file is no whole Medgang backup."""


class CannotRotate(StorageError):
    """Keys are only changed while every record can be opened. `unreadable` counts those that cannot."""

    def __init__(self, unreadable: int) -> None:
        super().__init__(f"{unreadable} records cannot be opened")
        self.unreadable = unreadable


class SelfTestFailed(StorageError):
    """A cryptographic primitive of this device gives wrong results: nothing is opened or written with it."""

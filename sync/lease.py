"""How long a phone shows its notes without its hub: after that, the PIN opens the sync screen alone, until one sync.

What has not left the phone stays on it, and can be sent. The rule is the app's: it keeps nobody out who has the file,
the PIN and another program.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from storage.errors import StorageError
from storage.store import Vault
from sync.enrolment import device_of
from sync.progress import PROGRESS, Progress

#: Without a successful exchange (architecture.md, Sync 11).
LEASE = timedelta(days=14)
WARNS_BEFORE = timedelta(days=3)
#: How exactly the highest time is kept: each keeping is a write.
_KEPT_EVERY = timedelta(hours=1)
_SEEN = "lease"


class Seen(Struct, frozen=True):
    """What this phone's clock showed since the exchange at `synced_at`: the `highest` time, the last one (`at`), and
    how long it ran while it was set back behind the highest. All in the phone's time."""

    synced_at: datetime
    highest: datetime
    at: datetime
    behind_s: float = 0.0

    @property
    def spent(self) -> timedelta:
        """Since the exchange: at least what has passed while Medgang was open, however the clock was set."""
        return self.highest - self.synced_at + timedelta(seconds=self.behind_s)


@dataclass(frozen=True)
class Lease:
    spent: timedelta

    @property
    def is_over(self) -> bool:
        return self.spent >= LEASE

    @property
    def left(self) -> timedelta:
        return max(timedelta(0), LEASE - self.spent)

    @property
    def warns(self) -> bool:
        return self.left <= WARNS_BEFORE


def seen(before: Seen | None, synced_at: datetime, now: datetime) -> Seen:
    """The clock shows `now`, and the last exchange was at `synced_at`. Where that is another one than before it is
    counted anew, so that a clock that was years ahead costs nothing once the phone has synced."""
    known = _known(before, synced_at)
    if now >= known.highest:
        return replace(known, highest=now, at=now)
    return replace(known, at=now, behind_s=known.behind_s + max(0.0, (now - known.at).total_seconds()))


def look(vault: Vault, now: datetime) -> Lease | None:
    """How the lease stands; none for a phone that no hub knows, or that has had nothing from its hub yet. Keeps the
    highest time. Raises VaultLocked, VaultDamaged."""
    progress = vault.get_sealed(PROGRESS, Progress)
    if progress is None or progress.last_success_at is None or device_of(vault) is None:
        return None
    before = _known(vault.get_sealed(_SEEN, Seen), progress.last_success_at)
    after = seen(before, progress.last_success_at, now)
    if after.at < before.at or after.at - before.at >= _KEPT_EVERY:
        with suppress(StorageError):  # a full disk: it is said by what she writes
            vault.put_sealed(_SEEN, after)
    return Lease(after.spent)


def _known(before: Seen | None, synced_at: datetime) -> Seen:
    """What was kept of this exchange; at first that it was."""
    if before is not None and before.synced_at == synced_at:
        return before
    return Seen(synced_at, synced_at, synced_at)

"""How this process runs the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mobile_app.locking import LockAfter
from storage.store import Clock, utc_now


@dataclass(frozen=True)
class Setup:
    """How this process runs the app."""

    vault_path: Path
    #: The demo says so on the screen, and shows this PIN.
    demo_pin: str = ""
    clock: Clock = utc_now
    sync_every_s: float = 60.0
    lock_after: LockAfter = field(default_factory=LockAfter)

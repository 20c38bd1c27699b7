"""How this process runs the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from mobile_app.locking import LockAfter
from mobile_app.ports.zone import unknown_offset
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
    #: How far the phone's own time is from UTC, where this process runs on the phone.
    phone_offset: Callable[[datetime], timedelta | None] = unknown_offset

"""How far this phone came with its hub, and what one run did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from sync.clock import WRONG_FROM
from sync.protocol import Change

#: Its name among the sealed values.
PROGRESS = "sync-progress"


class Progress(Struct, frozen=True, omit_defaults=True):
    """How far this phone came, kept in the vault. `copy_id` is the vault's of which this was written: a restored backup
    has another one. `recovery_key` is the one the recovery slot was made for. `leaving` are the citizens who left the
    caseload and of whom something is still here; `vanishing` is what the hub says is gone and has not left yet. `anew`:
    the hub went back to a backup, and everything is compared. `compared_at` is when both sides were last compared,
    `mended_at` when a difference last made this phone fetch everything anew, and `differs` that it is still there.
    `hub_ahead_s` is how far the hub's clock was ahead of the phone's at the last answer (sync.clock)."""

    incarnation: str
    next_n: int = 1
    lineage: str = ""
    landmark: str = ""
    cursor: int = 0
    durable_seq: int = 0
    last_success_at: datetime | None = None
    copy_id: str = ""
    recovery_key: bytes = b""
    leaving: tuple[str, ...] = ()
    vanishing: tuple[Change, ...] = ()
    anew: bool = False
    compared_at: datetime | None = None
    mended_at: datetime | None = None
    differs: bool = False
    hub_ahead_s: float = 0.0

    @property
    def wrong_by(self) -> timedelta:
        """How far the phone's clock was behind at the last answer (negative: ahead); zero where it is right enough."""
        behind = timedelta(seconds=self.hub_ahead_s)
        return behind if abs(behind) > WRONG_FROM else timedelta(0)


@dataclass(frozen=True)
class Report:
    """What one sync did."""

    sent: int
    received: int
    refused: int
    conflicts: int

    def __add__(self, more: Report) -> Report:
        return Report(
            self.sent + more.sent,
            self.received + more.received,
            self.refused + more.refused,
            self.conflicts + more.conflicts,
        )

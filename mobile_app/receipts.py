"""What the hub has of each record on this phone, in one honest word (SyncState)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from mobile_app.services import Desk
from storage import records
from storage.errors import StorageError
from storage.reading import SyncState
from storage.records import AnyRecord, ContactNote, Draft
from storage.row import Row, RowStatus
from sync.progress import PROGRESS, Progress

T = TypeVar("T")


#: Of every record, and nothing that anybody wrote.
_OF_THE_RECORD = frozenset({"id", "kind", "citizen_id", "created_at", "updated_at", "author"})


@dataclass(frozen=True)
class Item:
    """One record on the sync screen. `record` is none where it was deleted here; `unsent` are the fields that the hub
    refused, as JSON texts."""

    record_id: str
    record: AnyRecord | None
    state: SyncState
    reason: str = ""
    unsent: tuple[tuple[str, str], ...] = ()


class Receipts:
    def __init__(self, desk: Desk) -> None:
        """Blocks, as `refresh` does. All else asks the read model alone: the window's loop must not wait for a vault
        that waits for the phone's safe, which answers on that loop."""
        self._desk = desk
        self._reading = desk.vault.reading
        self._kept: dict[str, object] = {}
        self._kept_at: datetime | None = None
        self._progress: Progress | None = None
        #: Why the hub refused, and what, by record id.
        self._refusals: dict[str, str] = {}
        self._unsent: dict[str, tuple[tuple[str, str], ...]] = {}
        self.refresh()

    def refresh(self) -> None:
        """After a change, in the thread that made it."""
        vault = self._desk.vault
        with suppress(StorageError), vault.held():  # locked meanwhile: then nothing of it is shown any more
            self._progress = vault.get_sealed(PROGRESS, Progress)
            refused = [key for _, key, status in self._reading.outstanding() if status == RowStatus.REFUSED]
            rows = [row for key in refused if (row := vault.row(key)) is not None and row.refusal]
            self._refusals = {row.record_id: row.refusal.reason for row in rows if row.refusal}
            self._unsent = {row.record_id: _unsent(row) for row in rows}
        self.forget()

    def forget(self) -> None:
        """Everything is put together anew when it is asked for."""
        self._kept = {}

    def _keep(self, name: str, make: Callable[[], T]) -> T:
        """Made once a minute and change: several screens ask for the same."""
        minute = self._desk.now().replace(second=0, microsecond=0)
        if minute != self._kept_at:
            self._kept, self._kept_at = {}, minute
        kept = self._kept  # a search in another thread may see it replaced meanwhile
        if name not in kept:
            kept[name] = make()
        return kept[name]  # type: ignore[return-value]

    def progress(self) -> Progress | None:
        return self._progress

    def state_of(self, record_id: str) -> SyncState:
        return self._honest(self._reading.state_of(record_id, self._durable_seq))

    def states(self) -> Counter[SyncState]:
        """How many records are in each state."""
        return self._keep("states", self._states)

    def _states(self) -> Counter[SyncState]:
        counts: Counter[SyncState] = Counter()
        for state, count in self._reading.states(self._durable_seq).items():
            counts[self._honest(state)] += count
        return counts

    @property
    def _durable_seq(self) -> int:
        return self._progress.durable_seq if self._progress else 0

    def _honest(self, state: SyncState) -> SyncState:
        """Where there is no hub nothing waits for one."""
        no_hub = state == SyncState.WAITING and not self._desk.author
        return SyncState.ON_THIS_PHONE if no_hub else state

    def can_take_back(self, note: ContactNote) -> bool:
        return not self._reading.was_sent(note.id)

    def waiting_count(self) -> int:
        """How many records the hub does not have yet. Drafts are counted as notes to be finished, not here."""
        return sum(item.state in (SyncState.WAITING, SyncState.SENT) for item in self.outstanding())

    def refused_count(self) -> int:
        return sum(item.state == SyncState.REFUSED for item in self.outstanding())

    def refusal_of(self, record_id: str) -> str:
        """The hub's reason."""
        return self._refusals.get(record_id, "")

    def outstanding(self) -> list[Item]:
        return self._keep("outstanding", self._outstanding)

    def _outstanding(self) -> list[Item]:
        items = []
        for record, record_id, status in self._reading.outstanding():
            if isinstance(record, Draft) and status != RowStatus.REFUSED:
                continue
            items.append(
                Item(
                    record_id,
                    record,
                    SyncState(status.value),
                    self.refusal_of(record_id),
                    self._unsent.get(record_id, ()),
                )
            )
        return items

    def recent_records(self, count: int = 20) -> list[Item]:
        """The newest notes with the state of each."""
        month_ago = self._desk.now() - timedelta(days=30)
        notes = self._reading.notes_since(month_ago)[:count]
        return [Item(note.id, note, self.state_of(note.id)) for note in notes]


def _unsent(row: Row) -> tuple[tuple[str, str], ...]:
    """Where the record differs from what the hub has of it."""
    if not row.payload:
        return ()
    here, there = records.to_fields(row.payload), records.to_fields(row.shadow) if row.shadow else {}
    names = [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
    return tuple((name, msgspec.json.encode(here.get(name)).decode()) for name in names if name not in _OF_THE_RECORD)

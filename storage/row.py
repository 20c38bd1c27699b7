"""What is known of one record on this phone: its content, what the hub has of it, and where it stands between them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from storage.records import CitizenId, Fields, Line, RecordId

#: The word of a clean row that the hub's backup does not cover yet.
RECEIVED = "received"


class RowStatus(StrEnum):
    """CLEAN: as the hub has it. WAITING: to be sent. SENT: in a request whose answer has not come. REFUSED: the hub
    will not take it as it is."""

    CLEAN = "clean"
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


class Frozen(Struct, frozen=True, omit_defaults=True):
    """What was put into a request: sent again exactly so until it is answered."""

    base_version: int
    changes: Fields = {}
    delete: bool = False


class Refusal(Struct, frozen=True, omit_defaults=True):
    reason: Line
    detail: str = ""


class Row(Struct, frozen=True):
    """`payload` is canonical JSON, empty where the record was deleted here; `shadow` is what the hub has (its bytes,
    unknown fields included), empty where it has nothing. `safe` is what the hub's backup has of it (empty: nothing) as
    long as that is not the shadow; none where it is."""

    record_id: RecordId
    citizen_id: CitizenId
    payload: bytes
    shadow: bytes = b""
    hub_version: int = 0
    hub_seq: int = 0
    status: RowStatus = RowStatus.WAITING
    hold_until_ms: int = 0
    n: int | None = None
    frozen: Frozen | None = None
    refusal: Refusal | None = None
    safe: bytes | None = None

    @property
    def state(self) -> str | None:
        """Its word in the outbox; none where it has no place there."""
        if self.status != RowStatus.CLEAN:
            return self.status
        return None if self.safe is None else RECEIVED

    @property
    def was_sent(self) -> bool:
        """Whether the hub has, or may have, any version of it."""
        return self.hub_version > 0 or self.status in (RowStatus.SENT, RowStatus.REFUSED)


class Standing(Struct, frozen=True, gc=False):
    """Where a record stands between phone and hub."""

    status: RowStatus
    hub_version: int
    hub_seq: int


class Head(Struct, frozen=True, gc=False):
    """A readable record as the unlocking scan finds it."""

    record_id: RecordId
    citizen_id: CitizenId
    payload: bytes
    standing: Standing


class Unopened(NamedTuple):
    """What is known of a record that cannot be opened. `size_bytes` is its envelope's."""

    row_key: bytes
    key_id: bytes
    version: int
    size_bytes: int
    status: RowStatus

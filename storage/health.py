"""What the vault knows about its own state, as of the last unlock or check."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from storage.row import RowStatus


class Quarantined(Struct, frozen=True):
    """A record that cannot be opened, and what is known about it. It stays where it is."""

    row_key: bytes
    #: None where its key is not on the ring.
    citizen_id: str | None
    status: RowStatus
    #: Of its envelope, so in steps of the padding.
    size_bytes: int
    times_written: int


class Health(Struct, frozen=True):
    """`read_only`: the file is damaged, this is what is whole of it. `older_copy`: a newer state of this vault was
    seen. `changed_outside`: a record was taken out or put back by something else. `restored`: comes from a backup."""

    read_only: bool = False
    older_copy: bool = False
    changed_outside: bool = False
    restored: bool = False
    quarantined: tuple[Quarantined, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything that was ever saved here is here."""
        return not (self.read_only or self.older_copy or self.changed_outside or self.quarantined)


class Erasure(Struct, frozen=True):
    """That a citizen was shredded: when, and how many records. Nothing about whom."""

    at: datetime
    rows: int

"""What every row together should be: a keyed sum over row key, version and sync state of all records and
over the sealed values, and a count of writes.

A row that was taken out, put back or replaced by its own older state changes the sum (security-controls row 3). The
count tells an older copy of the whole file from the newest one that was seen (row 4). Pure.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable

from msgspec import Struct

_VERSION = struct.Struct(">Q")
_SUM_BYTES = 16
_MODULUS = 1 << 8 * _SUM_BYTES


class Tally(Struct, frozen=True):
    """`writes` grows by one with every transaction. `copy_id` is the copy of the vault it was written in."""

    copy_id: str
    writes: int = 0
    total: bytes = bytes(_SUM_BYTES)

    def of(self, total: int) -> Tally:
        """The same with another sum."""
        return Tally(self.copy_id, self.writes, (total % _MODULUS).to_bytes(_SUM_BYTES))

    def after(self, difference: int, copy_id: str) -> Tally:
        """The tally after one more transaction, which changed the sum by this."""
        return Tally(copy_id, self.writes + 1).of(int.from_bytes(self.total) + difference)


def shares(key: bytes) -> Callable[[bytes, int, str], int]:
    """One record's share of the sum, from row key, version and state. A changed cell may be of any type: no whole row
    has the share of such a one."""
    keyed, pack, number = hashlib.blake2b(key=key, digest_size=_SUM_BYTES), _VERSION.pack, int.from_bytes

    def share(row_key: bytes, version: int, state: str) -> int:
        try:
            content = row_key + pack(version) + state.encode()
        except (TypeError, AttributeError, struct.error):
            return 0
        digest = keyed.copy()
        digest.update(content)
        return number(digest.digest())

    return share

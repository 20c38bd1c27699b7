"""What every row together should be: a keyed sum over row key, version and state of all records, and a count of writes.

A row that was taken out, put back or replaced by its own older state changes the sum (security-controls row 3). The
count tells an older copy of the whole file from the newest one that was seen (row 4). Pure.
"""

from __future__ import annotations

import hashlib
import struct

from msgspec import Struct

_VERSION = struct.Struct(">Q")
_SUM_BYTES = 16
_MODULUS = 1 << 8 * _SUM_BYTES


class Tally(Struct, frozen=True):
    """`writes` grows by one with every transaction that touches a record."""

    writes: int = 0
    total: bytes = bytes(_SUM_BYTES)

    @classmethod
    def of(cls, writes: int, total: int) -> Tally:
        return cls(writes, (total % _MODULUS).to_bytes(_SUM_BYTES))

    def plus(self, difference: int) -> Tally:
        """The tally after one more transaction."""
        return Tally.of(self.writes + 1, int.from_bytes(self.total) + difference)


def item(key: bytes, row_key: bytes, version: int, state: str) -> int:
    """One record's share of the sum. A changed cell may be of any type: no whole row has the share of such a one."""
    try:
        content = row_key + _VERSION.pack(version) + state.encode()
    except (TypeError, AttributeError, struct.error):
        return 0
    return int.from_bytes(hashlib.blake2b(content, key=key, digest_size=_SUM_BYTES).digest())

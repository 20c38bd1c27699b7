"""Whether phone and hub hold the same: one hash over all that the hub has for this phone. Pure.

Versions alone would not tell: after a restore nobody was told of, the same number may stand for other words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

#: How often it is asked. What is missing is missed within the hour; ten thousand records take a moment on either side.
COMPARE_EVERY = timedelta(hours=1)
#: How often a difference makes the phone ask for everything again: a hub that always answers otherwise gets no more.
MEND_EVERY = timedelta(days=1)


def digest(held: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Of these records (id, the hub's version, the hub's bytes), in any order: 32 bytes."""
    return hashlib.sha256(b"".join(sorted(_item(*one) for one in held))).digest()


def is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """A clock that was set back does not put it off."""
    return last is None or abs(now - last) >= every


def _item(record_id: str, version: int, payload: bytes) -> bytes:
    return hashlib.sha256(b"\0".join((record_id.encode(), str(version).encode(), payload))).digest()

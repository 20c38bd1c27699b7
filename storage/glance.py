"""What the read model must know of a stored record before it decodes it. Pure."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from storage import records
from storage.records import NO_CITIZEN, AnyRecord, Instant


class Glance(Struct):
    """What places a note in time, without the rest of it. `kind` is "" for what is no record of a known shape."""

    kind: str
    citizen_id: str = NO_CITIZEN
    occurred_at: Instant | None = None
    retracts: str | None = None


_UNKNOWN = Glance(kind="")
_glances = msgspec.json.Decoder(Glance)


def at(payload: bytes) -> Glance:
    try:
        return _glances.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _UNKNOWN


def hides_letters(payload: bytes) -> bool:
    """Whether a scan of these bytes could overlook a letter, as it is written as an escape. Control characters are."""
    return 0x5C in payload and b"\\u" in payload  # one byte is found in no time, two take a microsecond


def decoded(payload: bytes) -> AnyRecord | None:
    """None where it was deleted here (empty), and for a kind or a shape unknown to this version."""
    try:
        return records.decode(payload) if payload else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

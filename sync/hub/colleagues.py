"""The consultants of a municipality as records that reach every phone of it: names, and whom a case can go to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from storage.records import COLLEAGUE_NAME_MAX_CHARS, HUB, Colleague, decode, encode, kind_of_class
from sync.hub.rows import Rows, take_numbers
from sync.hub.rules import Current


def introduce(rows: Rows, consultants: Iterable[tuple[str, str]], now: datetime) -> None:
    """Makes the records of these consultants (id, name), and new versions of those who are called otherwise now.
    Writes nothing where all are known so."""
    wanted = {consultant_id: _shown(name, consultant_id) for consultant_id, name in consultants}
    known = rows.read(wanted)
    new = [
        _version(known.get(consultant_id), consultant_id, name, now)
        for consultant_id, name in sorted(wanted.items())
        if _name_of(known.get(consultant_id)) != name
    ]
    if not new:
        return
    _, last = take_numbers(rows.connection, rows.municipality_id, len(new))
    first = last - len(new) + 1
    rows.write((replace(record, seq=seq) for seq, record in enumerate(new, first)), known)


def _shown(name: str, consultant_id: str) -> str:
    """A name as a phone can keep it."""
    return name[:COLLEAGUE_NAME_MAX_CHARS].strip() or consultant_id


def _name_of(current: Current | None) -> str:
    record = decode(current.payload) if current is not None and current.payload else None
    return record.name if isinstance(record, Colleague) else ""


def _version(current: Current | None, consultant_id: str, name: str, now: datetime) -> Current:
    record = Colleague(id=consultant_id, created_at=now, updated_at=now, author=HUB, name=name)
    return Current(
        record_id=consultant_id,
        kind=kind_of_class(Colleague),
        citizen_id=record.citizen_id,
        owner=HUB,
        version=(current.version if current else 0) + 1,
        seq=0,
        payload=encode(record),
    )

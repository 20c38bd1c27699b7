"""What a save makes of a row. Pure: rows in, rows out; the vault writes them."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from storage import records
from storage.errors import NoteIsFinal, RecordInvalid, TextNotStorable
from storage.records import CitizenId, RecordId
from storage.row import Row, RowStatus


def edited(row: Row | None, record: records.Record, hold_until_ms: int) -> Row:
    """The row after she saved this record. Fields this version does not know stay."""
    kind = records.kind_of(record)
    if row is not None and row.was_sent and kind in records.FINAL_KINDS:
        raise NoteIsFinal(record.id)
    try:
        payload = records.encode(record)
        records.decode(payload)
    except UnicodeEncodeError:
        raise TextNotStorable("the text holds half a character") from None
    except msgspec.ValidationError as error:  # what is not shown again would be lost to her
        raise RecordInvalid(str(error)) from None
    citizen_id = CitizenId(record.citizen_id)
    if row is None:
        return Row(RecordId(record.id), citizen_id, payload, hold_until_ms=hold_until_ms)
    if row.payload:
        known = set(type(record).__struct_fields__) | {"kind"}
        unknown = {name: value for name, value in records.to_fields(row.payload).items() if name not in known}
        payload = records.from_fields(unknown | records.to_fields(payload))
    status = RowStatus.SENT if row.status == RowStatus.SENT else RowStatus.WAITING
    return replace(
        row, citizen_id=citizen_id, payload=payload, status=status, hold_until_ms=hold_until_ms, refusal=None
    )


def must_be_told(row: Row | None) -> bool:
    """Whether the hub has, or may have, what is deleted here. A note that was sent is never deleted."""
    if row is None or not row.was_sent:
        return False
    if row.payload and records.to_fields(row.payload)["kind"] in records.FINAL_KINDS:
        raise NoteIsFinal(row.record_id)
    return row.status != RowStatus.REFUSED or row.hub_version > 0


def deleted(row: Row) -> Row:
    status = RowStatus.SENT if row.status == RowStatus.SENT else RowStatus.WAITING
    return replace(row, payload=b"", status=status, hold_until_ms=0, refusal=None)

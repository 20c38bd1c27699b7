"""What a row becomes once the hub has answered."""

from __future__ import annotations

import msgspec
import pytest

from storage import records
from storage.records import CitizenId, Fields, RecordId
from storage.rows import Row, RowStatus
from sync import plan
from sync.merge import Clash
from sync.protocol import REQUEST_MAX_BYTES, Change, Gone, Outcome, Reason, Status
from tests.vaults import NOON, note, reminder

BASE = records.to_fields(reminder())


def payload(**changes: object) -> bytes:
    return records.from_fields(records.patched(BASE, changes))


def clean(**changes: object) -> Row:
    """As the hub has it in version 1."""
    body = payload(**changes)
    return Row(RecordId("reminder-1"), CitizenId("citizen-1"), body, body, 1, 1, RowStatus.CLEAN)


def edited(**changes: object) -> Row:
    return msgspec.structs.replace(clean(), **{}) if False else _replace(clean(), payload=payload(**changes))


def _replace(row: Row, **values: object) -> Row:
    from dataclasses import replace

    return replace(row, **{"status": RowStatus.WAITING} | values)


def change(version: int = 2, gone: Gone | None = None, **changes: object) -> Change:
    body = msgspec.Raw(payload(**changes)) if gone is None else msgspec.Raw(b"")
    return Change(seq=version, record_id="reminder-1", version=version, payload=body, gone=gone)

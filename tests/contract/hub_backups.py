"""A hub with something of everything and its backup, and a backup's file bent by hand. A test module
takes the fixtures by import."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync.hub import backup, service
from sync.hub.backup_file import Writer
from sync.hub.sealing import Sealing
from sync.hub.settings import Hub
from tests.hubs import TOWN, Phone, citizen, note

CANARY = "Kanariefugl"


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[[], Phone]) -> Phone:
    """Two citizens, three notes and a deleted draft: numbers up to 8."""
    service.import_records(hub, TOWN, "Karen Holm", [citizen(given_name=CANARY), citizen(2)])
    phone = new_phone()
    author = phone.consultant_id
    phone.sync(*(phone.mutation(note(f"n{n}", author, text=f"{CANARY} {n}")) for n in (1, 2, 3)))
    times = {"created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z"}
    phone.sync(phone.mutation("d1", changes={"kind": "draft", "id": "d1", "text": CANARY, "author": author} | times))
    phone.sync(phone.mutation("d1", 1, delete=True), phone.mutation("x1", changes={"kind": CANARY}))
    return phone


@pytest.fixture
def made(hub: Hub, phone: Phone, tmp_path: Path) -> Path:
    """A verified backup."""
    backup.make(hub, tmp_path / "backup")
    return tmp_path / "backup"


def lines_of(path: Path) -> list[Any]:
    return [msgspec.json.decode(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def rows_of(path: Path, table: str) -> list[dict[str, Any]]:
    header, *rows, _ = lines_of(path)
    return [dict(zip(header["columns"][table], row[1:], strict=True)) for row in rows if row[0] == table]


def rewritten(path: Path, sealing: Sealing, change: Callable[[list[Any]], None], **end: Any) -> Path:
    """The file with its lines changed, under a digest that fits: what only the server key's holder can make."""
    *lines, last = lines_of(path)
    change(lines)
    file = io.BytesIO()
    writer = Writer(file)
    for line in lines:
        writer.line(msgspec.json.encode(line))
    digest = writer.digest()
    writer.last_line(
        msgspec.json.encode(last | {"sha256": digest.hex(), "mac": sealing.backup_mac(digest).hex()} | end)
    )
    path.write_bytes(file.getvalue())
    return path

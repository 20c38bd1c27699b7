"""A hub's backup: every table as it lies, sealed as it is, of one moment, in one file. See decision 0019.

The server key is not in it. What is read back is trusted only once the server key vouches for all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from sync.hub import durability
from sync.hub.access import new_lineage
from sync.hub.backup_file import End, Header, Writer, flush, new_file
from sync.hub.backup_reading import BackupRefusedError, Reading, Values, travelling
from sync.hub.database import revision, snapshot, writing
from sync.hub.durability import Mark
from sync.hub.settings import Hub
from sync.hub.tables import metadata, municipalities

#: A record has at most 768 KiB, so a batch at most 75 MiB; usual ones have a thousandth of that.
BATCH_ROWS = 100


@dataclass(frozen=True)
class Backup:
    """What a verified file holds: rows of each table, and which of its municipalities are of this hub's history."""

    header: Header
    rows: Mapping[str, int]
    ours: frozenset[str] = frozenset()


class NotCountedError(Exception):
    """The file is a verified backup, but the database took no note of it: what it covers is not durable yet."""


def make(hub: Hub, path: Path) -> Backup:
    """Writes a backup to `path`, reads it back, and only then counts what it covers as durable, while the hub goes on
    serving. Writes; the file is there whole and verified, or not at all. Raises BackupDamagedError where what is in
    the database does not open, OSError (FileExistsError: nothing is written over), NotCountedError."""
    with new_file(path) as (file, unfinished):
        _write(hub, file)
        flush(file)
        backup = _read(hub, unfinished)
    return _recorded(hub, backup)


def verify(hub: Hub, path: Path) -> Backup:
    """Reads a backup from end to end and opens every record in it. What it covers of this hub's history counts as
    durable from then on. Writes. Raises BackupDamagedError, BackupRefusedError, OSError, NotCountedError."""
    return _recorded(hub, _read(hub, path))


def restore(hub: Hub, path: Path) -> Backup:
    """Verifies the backup and puts it into the hub's database, which must be empty, in one transaction. Each history
    gets a new name, so that phones notice, and goes on behind the numbers that were taken. Writes. Raises
    BackupDamagedError, BackupRefusedError, OSError."""
    _require_empty(hub)
    backup = _read(hub, path)
    with path.open("rb") as file, writing(hub.engine) as connection:
        _check_empty(connection)
        reading = Reading(hub.sealing, file)
        for table, batch in _batches(reading.rows()):
            connection.execute(insert(table), [_restored(table, values, reading.header) for values in batch])
    return backup


# ---------------------------------------------------------------- writing
def _write(hub: Hub, file: BinaryIO) -> None:
    writer = Writer(file)
    with snapshot(hub.engine) as connection:
        writer.line(msgspec.json.encode(_header(hub, connection)))
        rows = {str(table.name): _write_table(connection, table, writer) for table in travelling()}
    digest = writer.digest()
    end = End(rows=rows, sha256=digest.hex(), mac=hub.sealing.backup_mac(digest).hex())
    writer.last_line(msgspec.json.encode(end))


def _header(hub: Hub, connection: Connection) -> Header:
    made_at = hub.now_s()
    return Header(
        revision=revision(connection),
        made_at=made_at,
        server_key=hub.sealing.key_name(),
        municipalities={row.id: Mark(row.lineage, row.seq) for row in connection.execute(select(municipalities))},
        columns={str(table.name): tuple(map(str, table.c.keys())) for table in travelling()},
    )


def _write_table(connection: Connection, table: Table, writer: Writer) -> int:
    count = 0
    for row in connection.execute(select(table), execution_options={"yield_per": BATCH_ROWS}):
        writer.line(msgspec.json.encode([str(table.name), *row]))
        count += 1
    return count


# ---------------------------------------------------------------- reading
def _read(hub: Hub, path: Path) -> Backup:
    with path.open("rb") as file:
        reading = Reading(hub.sealing, file)
        rows = Counter(table.name for table, _ in reading.rows())
    return Backup(reading.header, rows)


def _recorded(hub: Hub, backup: Backup) -> Backup:
    header = backup.header
    try:
        ours = durability.record(hub, header.municipalities, header.made_at)
    except SQLAlchemyError as error:
        raise NotCountedError from error
    return Backup(header, backup.rows, ours)


# ---------------------------------------------------------------- restoring
def _require_empty(hub: Hub) -> None:
    with snapshot(hub.engine) as connection:
        _check_empty(connection)


def _check_empty(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise BackupRefusedError(
                "This hub's database is not empty. A backup is restored into an empty one alone: nothing is put over "
                "what is there."
            )


def _batches(rows: Iterator[tuple[Table, Values]]) -> Iterator[tuple[Table, list[Values]]]:
    for table, of_table in groupby(rows, key=lambda row: row[0]):
        while batch := [values for _, values in islice(of_table, BATCH_ROWS)]:
            yield table, batch


def _restored(table: Table, values: Values, header: Header) -> dict[str, Any]:
    if table is not municipalities:
        return values
    return values | {"lineage": new_lineage(), "durable_seq": values["seq"], "durable_at": header.made_at}

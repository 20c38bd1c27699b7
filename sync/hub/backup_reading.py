"""Reading a backup back, row by row: each is checked before it is handed out, and all of them together at the end."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, BinaryIO, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Table

from storage.errors import CannotOpen
from sync.hub.backup_file import FORMAT, BackupDamagedError, End, Header, Reader
from sync.hub.sealing import Sealing
from sync.hub.tables import STAYS_HERE, citizen_keys, metadata, municipalities, records

#: Schemas whose rows can be read as rows of this one: what they lack may be NULL.
READABLE_REVISIONS = frozenset({"0003", "0004", "0005", "0006", "0007", "0008", "0009"})
Values = dict[str, Any]
_Read = TypeVar("_Read")


class BackupRefusedError(Exception):
    """The file may be whole, but it does not go with this hub; the message says why and what to do."""


class _Core(Struct, frozen=True):
    """What a record of any kind and version says of itself."""

    id: str
    kind: str
    citizen_id: str = ""


def travelling() -> tuple[Table, ...]:
    """The tables of a backup, in the order of their rows: what others refer to, or are opened by, comes first."""
    tables = [table for table in metadata.sorted_tables if STAYS_HERE not in table.info]
    return tuple(sorted(tables, key=lambda table: table is records))


class Reading:
    """One reading of a backup. In memory is one row at a time, and a data key for each citizen (0.3 KB each)."""

    def __init__(self, sealing: Sealing, file: BinaryIO) -> None:
        """Reads the header. Raises BackupDamagedError, BackupRefusedError."""
        self._sealing, self._reader = sealing, Reader(file)
        self._lines = self._reader.lines()
        self._counts: Counter[str] = Counter()
        self._keys: dict[tuple[str, str], bytes] = {}
        self.header = self._read_header()

    def rows(self) -> Iterator[tuple[Table, Values]]:
        """Every row. Only at the end it is known that none is missing and none was changed: whoever stores them does so
        in one transaction. Raises BackupDamagedError, BackupRefusedError."""
        tables = {table.name: table for table in travelling() if table.name in self.header.columns}
        for line in self._lines:
            name, *cells = self._decoded(line, list[Any]) or [""]
            table = tables.get(str(name))
            if table is None:
                raise self._damaged("it is a row of no table")
            yield table, self._checked(table, cells)
        self._check_end()

    def _checked(self, table: Table, cells: list[Any]) -> Values:
        columns = self.header.columns[table.name]
        values = dict(zip(columns, self._converted(cells, _row_type(table, columns)), strict=True))
        if check := _CHECKS.get(table.name):
            check(self, values)
        self._counts[table.name] += 1
        return values

    # ------------------------------------------------------------ the ends
    def _read_header(self) -> Header:
        try:
            header = msgspec.json.decode(next(self._lines, b""), type=Header)
        except (msgspec.MsgspecError, UnicodeDecodeError, BackupDamagedError) as error:
            raise BackupDamagedError(1, "this is no backup of a hub, or its beginning is damaged") from error
        for is_so, why in _refusals(header, self._sealing):
            if is_so:
                raise BackupRefusedError(why)
        known = {table.name: set(table.c.keys()) for table in travelling()}
        if not all(known.get(name, set()).issuperset(columns) for name, columns in header.columns.items()):
            raise self._damaged("it names columns that do not exist")
        return header

    def _check_end(self) -> None:
        digest = self._reader.digest()
        end = self._decoded(self._reader.last_line(), End)
        mac = self._sealing.backup_mac(digest).hex()
        counts = {name: self._counts[name] for name in self.header.columns}
        checks = (
            (end.rows != counts, "the file has other numbers of rows than were written"),
            (counts.get("municipalities") != len(self.header.municipalities), "a municipality is missing"),
            (end.sha256 != digest.hex(), "the digest does not fit: something before this line was changed"),
            (not hmac.compare_digest(end.mac, mac), "the server key does not vouch for it: somebody else made this"),
        )
        for is_so, what in checks:
            if is_so:
                raise self._damaged(what)

    # ------------------------------------------------------------ the rows
    def _check_municipality(self, values: Values) -> None:
        mark = self.header.municipalities.get(values["id"])
        if mark is None or (mark.lineage, mark.seq) != (values["lineage"], values["seq"]):
            raise self._damaged(f"municipality {values['id']} is not as the header has it")

    def _keep_key(self, values: Values) -> None:
        whose = (values["municipality_id"], values["owner_key"])
        try:
            self._keys[whose] = self._sealing.unwrap(values["wrapped"], *whose)
        except CannotOpen as error:
            raise self._damaged(f"the data key of {whose[1]} does not open") from error

    def _check_record(self, values: Values) -> None:
        record_id = values["record_id"]
        mark = self.header.municipalities.get(values["municipality_id"])
        if mark is None or values["seq"] > mark.seq:
            raise self._damaged(f"record {record_id} is later than the backup")
        if values["deleted"] != (values["payload"] is None):
            raise self._damaged(f"record {record_id} is neither there nor deleted")
        if values["payload"] is not None and self._opened(values) != _named(values):
            raise self._damaged(f"record {record_id} says that it is another")

    def _opened(self, values: Values) -> _Core:
        municipality_id, record_id = values["municipality_id"], values["record_id"]
        try:
            key = self._keys[municipality_id, values["citizen_id"] or values["owner"]]
            payload = self._sealing.open(key, values["payload"], municipality_id, record_id, values["version"])
        except (KeyError, CannotOpen) as error:
            raise self._damaged(f"record {record_id} does not open") from error
        return self._decoded(payload, _Core)

    def _decoded(self, line: bytes, kind: type[_Read]) -> _Read:
        try:
            return msgspec.json.decode(line, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._damaged("it is not what a hub writes") from error

    def _converted(self, cells: list[Any], types: Any) -> tuple[Any, ...]:
        try:
            row: tuple[Any, ...] = msgspec.convert(cells, types)
        except msgspec.MsgspecError as error:
            raise self._damaged("it is not what a hub writes") from error
        return row

    def _damaged(self, what: str) -> BackupDamagedError:
        return BackupDamagedError(self._reader.at, what)


_CHECKS: dict[str, Callable[[Reading, Values], None]] = {
    municipalities.name: Reading._check_municipality,
    citizen_keys.name: Reading._keep_key,
    records.name: Reading._check_record,
}


def _refusals(header: Header, sealing: Sealing) -> tuple[tuple[bool, str], ...]:
    return (
        (header.format != FORMAT, f"The file has format {header.format}; this version of Medgang reads {FORMAT}."),
        (
            header.revision not in READABLE_REVISIONS,
            f"The file is of schema {header.revision}; this version of Medgang reads "
            f"{', '.join(sorted(READABLE_REVISIONS))}. Restore it by the version that made it, and update then.",
        ),
        (
            header.server_key != sealing.key_name(),
            "The file was made under another server key, or its beginning is damaged. Put that key in its place: "
            "without it nothing here opens.",
        ),
    )


def _named(values: Values) -> _Core:
    return _Core(values["record_id"], values["kind"], values["citizen_id"])


@cache
def _row_type(table: Table, columns: tuple[str, ...]) -> Any:
    """Of the cells of a row: bytes travel as base64."""
    types = [table.c[name].type.python_type for name in columns]
    nullable = [table.c[name].nullable for name in columns]
    cells = tuple(kind | None if may_be_null else kind for kind, may_be_null in zip(types, nullable, strict=True))
    return tuple[cells]  # type: ignore[valid-type]

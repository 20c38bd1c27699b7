"""A caseload file (CSV or JSON) to records and back, and the demo caseload moved to today. The formats are described in
docs/caseload.md. Pure: bytes and `now` come in, nothing is written."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import inspect

from storage.records import (
    AftercareWindow,
    AnyRecord,
    Appointment,
    Citizen,
    ContactNote,
    Event,
    Fields,
    NetworkPerson,
    Pause,
    Reminder,
    ReminderAnswer,
    SmallStep,
    kind_of,
)
from sync.hub.caseload_demo import moved_to
from sync.hub.caseload_fields import CHECKS, OURS, ZONE, columns_of, value_of

FORMAT_VERSION = 1
#: A municipality of 2,000 citizens with 50 notes of 600 characters each is about 60 MB.
FILE_MAX_BYTES = 64 * 1024 * 1024
#: The lists of a citizen in the JSON file. Drafts, put-offs and conflicts are working state of a phone: not case data.
LISTS: dict[str, type[AnyRecord]] = {
    "network": NetworkPerson,
    "notes": ContactNote,
    "appointments": Appointment,
    "reminders": Reminder,
    "reminder_answers": ReminderAnswer,
    "pauses": Pause,
    "aftercare_windows": AftercareWindow,
    "events": Event,
    "small_steps": SmallStep,
}

_NAMESPACE = uuid.UUID("b0a1f6de-6f0c-5d7e-8c55-1f3f7d0d9a42")
_YES_NO = {"yes": True, "true": True, "1": True, "ja": True, "no": False, "false": False, "0": False, "nej": False}


@dataclass(frozen=True)
class RowError:
    """One thing to put right. `row`: in a CSV as a spreadsheet counts (the header is 1), in JSON the number of the
    citizen from 1; 0 is the file as a whole. `column`: the column, or a path such as "notes[2].occurred_at"."""

    row: int
    column: str
    message: str


class CaseloadInvalid(ValueError):
    """The file cannot be taken: `errors` holds everything that is wrong with it. Nothing was read."""

    def __init__(self, errors: tuple[RowError, ...]) -> None:
        first = errors[0]
        super().__init__(f"{len(errors)} errors; row {first.row}, {first.column or 'file'}: {first.message}")
        self.errors = errors


@dataclass(frozen=True)
class Caseload:
    """`demo_day` is the day a demo caseload was written for; real ones have none."""

    records: tuple[AnyRecord, ...]
    demo_day: date | None
    source: str


def read_caseload(name: str, data: bytes, *, now: datetime, author: str, municipality: str) -> Caseload:
    """The records in this file; `name` (.csv or .json) says which format it is.

    `now` (aware) and `author` are noted on every record where the file does not say otherwise. Ids come from
    municipality, case number, kind and ref or position: reading twice gives the same ids. Times in the file are local
    Danish time, in the records UTC. Raises CaseloadInvalid with all errors at once.
    """
    desk = _Desk(now, author, municipality)
    caseload = _read(name, data, desk)
    if desk.errors:
        raise CaseloadInvalid(tuple(sorted(desk.errors, key=lambda error: error.row)))
    return caseload


def write_caseload(records: Iterable[AnyRecord], *, source: str) -> bytes:
    """The JSON form of citizens and what belongs to them, with ids and times: `read_caseload` gives them back.

    Kinds outside `LISTS` are left out. Raises ValueError for a record whose citizen is not among the records.
    """
    everything = tuple(records)
    citizens = {c.id: _plain(c) for c in everything if isinstance(c, Citizen)}
    names = {kind: name for name, kind in LISTS.items()}
    for record in everything:
        if type(record) not in names:
            continue
        if record.citizen_id not in citizens:
            raise ValueError(f"the citizen of {kind_of(record)} {record.id} is not among the records")
        citizens[record.citizen_id].setdefault(names[type(record)], []).append(_plain(record))
    file = _File(format="medgang-caseload", version=FORMAT_VERSION, source=source, citizens=list(citizens.values()))
    return msgspec.json.format(msgspec.json.encode(file), indent=1)


def shifted(caseload: Caseload, today: date) -> Caseload:
    """The demo caseload as it looks when its demo day is `today`; on a Saturday or Sunday, the Monday after.

    `sync.hub.caseload_demo.moved_to` has the rule. Raises ValueError for a caseload without a demo day.
    """
    if caseload.demo_day is None:
        raise ValueError("only a caseload with a demo_day can be moved")
    day, records = moved_to(today, caseload.records, caseload.demo_day)
    return replace(caseload, demo_day=day, records=records)


# ---------------------------------------------------------------- reading
@dataclass(frozen=True)
class _Desk:
    """What one reading is given, and what it finds wrong."""

    now: datetime
    author: str
    municipality: str
    errors: list[RowError] = field(default_factory=list)

    def wrong(self, row: int, column: str, message: str) -> None:
        self.errors.append(RowError(row, column, message))

    def derived_id(self, case_number: object, kind: str, which: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, "\x1f".join((self.municipality, str(case_number), kind, which))))


@dataclass(frozen=True)
class _Entry:
    """One object of the file on its way to a record. `path` is "" for the citizen and "notes[2]." for a note."""

    row: int
    path: str
    type: type[AnyRecord]
    fields: Fields
    id: str
    citizen_id: str


class _File(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    format: Literal["medgang-caseload"]
    version: int
    citizens: list[Any]
    source: str = ""
    demo_day: date | None = None


_Items = list[tuple[int, Fields]]


def _read(name: str, data: bytes, desk: _Desk) -> Caseload:
    text = _text(data, desk)
    file = None
    items: _Items = []
    absent: frozenset[str] = frozenset()
    if name.lower().endswith(".json"):
        file = _json_file(text, desk)
        items = list(enumerate(file.citizens if file else (), 1))
    elif name.lower().endswith(".csv"):
        items, absent = _csv_items(text, desk)
    else:
        desk.wrong(0, "", "The name must end in .csv or .json: it says which format the file has.")
    records = _records(items, absent, desk)
    return Caseload(records, file.demo_day if file else None, file.source if file else name)


def _text(data: bytes, desk: _Desk) -> str:
    if len(data) > FILE_MAX_BYTES:
        desk.wrong(0, "", f"The file is larger than {FILE_MAX_BYTES // 2**20} MiB. Split it into smaller files.")
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = "It is probably Latin-1 (Windows-1252): save it again as UTF-8 (in Excel: CSV UTF-8)."
        desk.wrong(0, "", f"The file is not UTF-8. {hint}")
        return ""


def _json_file(text: str, desk: _Desk) -> _File | None:
    if desk.errors:
        return None
    try:
        file = msgspec.convert(msgspec.json.decode(text), _File)
    except (msgspec.MsgspecError, RecursionError) as error:
        desk.wrong(0, "", f"This is no Medgang caseload: {error}. Compare it with docs/caseload.md.")
        return None
    if file.version != FORMAT_VERSION:
        desk.wrong(0, "version", f"Version {file.version} is not known here. Update the hub, or export as version 1.")
        return None
    return file


def _csv_items(text: str, desk: _Desk) -> tuple[_Items, frozenset[str]]:
    """The rows as citizens, and the required columns that are absent (reported once, not again in every row)."""
    rows = _csv_rows(text, desk)
    if desk.errors:
        return [], frozenset()
    header, columns = rows[0], {c.name: c for c in columns_of(Citizen) if c.name not in OURS}
    for name in dict.fromkeys(n for n in header if header.count(n) > 1):
        desk.wrong(1, name, "This column is there twice. Keep one of them.")
    for name in (n for n in header if n not in columns):
        desk.wrong(1, name, f"This column is not known. Remove it, or rename it to one of: {', '.join(columns)}.")
    absent = frozenset(c.name for c in columns.values() if c.required and c.name not in header)
    for name in sorted(absent):
        desk.wrong(1, name, "This column is missing. Add it and fill it for every citizen.")
    items = []
    for number, cells in enumerate(rows[1:], 2):
        if any(cells) and len(cells) != len(header):
            counts = f"{len(cells)} cells where the header has {len(header)}"
            desk.wrong(number, "", f"{counts}. Put quotes around a cell that holds a separator.")
        elif any(cells):
            known = [(columns[n], cell) for n, cell in zip(header, cells, strict=True) if cell and n in columns]
            items.append((number, {c.name: _CELLS.get(type(c.kind), str)(cell) for c, cell in known}))
    return items, absent


def _csv_rows(text: str, desk: _Desk) -> list[list[str]]:
    if desk.errors:
        return []
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append([cell.strip() for cell in cells])
    except csv.Error as error:
        desk.wrong(len(rows) + 1, "", f'The row cannot be read ({error}). Check its quotes: " inside a cell is "".')
    if not desk.errors and not any(any(cells) for cells in rows[1:]):
        desk.wrong(0, "", "The file is empty. It needs a header row and one row for each citizen.")
    return rows


#: How a cell becomes the value JSON would have; what does not fit stays text, and its column refuses it.
_CELLS: dict[type[inspect.Type], Callable[[str], Any]] = {
    inspect.IntType: lambda cell: int(cell) if re.fullmatch(r"-?\d{1,9}", cell) else cell,
    inspect.BoolType: lambda cell: _YES_NO.get(cell.lower(), cell),
    inspect.VarTupleType: str.split,
}


# ---------------------------------------------------------------- from values to records
def _records(items: Iterable[tuple[int, Any]], absent: frozenset[str], desk: _Desk) -> tuple[AnyRecord, ...]:
    records: list[AnyRecord] = []
    entries: list[_Entry] = []
    for row, item in items:
        case = list(_entries(row, item, desk))
        refs = {e.id: e.id for e in case} | {str(ref): e.id for e in case if (ref := e.fields.get("ref"))}
        records += [r for e in case if (r := _record(e, refs, absent, desk)) is not None]
        entries += case
    desk.errors.extend(_doubles(entries))
    return tuple(records)


def _entries(row: int, item: object, desk: _Desk) -> Iterator[_Entry]:
    if not isinstance(item, dict):
        desk.wrong(row, "", "This citizen is no object. Write { ... } with the fields of docs/caseload.md.")
        return
    own = {name: value for name, value in item.items() if name not in LISTS}
    number = own.get("case_number", "")
    citizen_id = str(own.get("id") or desk.derived_id(number, "citizen", ""))
    yield _Entry(row, "", Citizen, own, citizen_id, citizen_id)
    for name, kind in LISTS.items():
        children = item.get(name, [])
        if not isinstance(children, list) or not all(isinstance(child, dict) for child in children):
            desk.wrong(row, name, "This is no list of objects. Write [ { ... }, { ... } ].")
            continue
        for position, child in enumerate(children, 1):
            derived = desk.derived_id(number, name, str(child.get("ref") or f"#{position}"))
            yield _Entry(row, f"{name}[{position}].", kind, child, str(child.get("id") or derived), citizen_id)


def _record(entry: _Entry, refs: dict[str, str], absent: frozenset[str], desk: _Desk) -> AnyRecord | None:
    stamped = {"id": entry.id, "created_at": desk.now, "updated_at": desk.now, "author": desk.author}
    given = stamped | entry.fields | {"citizen_id": entry.citizen_id}
    columns = columns_of(entry.type)
    errors_before = len(desk.errors)
    known = {c.name for c in columns if c.name != "citizen_id"} | {"ref"}
    for name in sorted(entry.fields.keys() - known):
        desk.wrong(entry.row, entry.path + name, "This field is not known here. Remove it, or see docs/caseload.md.")
    values = {}
    for column in (c for c in columns if c.name in given or (c.required and c.name not in absent)):
        try:
            values[column.name] = value_of(column, given.get(column.name, ""), refs)
        except ValueError as error:
            desk.wrong(entry.row, entry.path + column.name, str(error))
    if absent or len(desk.errors) > errors_before:
        return None
    record = entry.type(**values)
    for kind, name, is_wrong, message in CHECKS:
        if isinstance(record, kind) and is_wrong(record):
            desk.wrong(entry.row, entry.path + name, message)
    return record


def _doubles(entries: Iterable[_Entry]) -> Iterator[RowError]:
    seen: dict[tuple[str, int, str], int] = {}
    for entry in entries:
        of_file = ("id", "case_number") if entry.type is Citizen else ("id",)
        for name, scope in [(name, 0) for name in of_file] + [("ref", entry.row)]:
            key = (name, scope, str(entry.fields.get(name) or ""))
            if key[2] and key in seen:
                yield RowError(entry.row, entry.path + name, f"The same {name} is in row {seen[key]}. Change one.")
            seen.setdefault(key, entry.row)


# ---------------------------------------------------------------- writing
def _plain(record: AnyRecord) -> Fields:
    values = {c.name: (getattr(record, c.name), c.default) for c in columns_of(type(record))}
    return {n: _written(value) for n, (value, default) in values.items() if n != "citizen_id" and value != default}


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    local = value.astimezone(ZONE)
    repeated_hour = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return (local if repeated_hour else local.replace(tzinfo=None)).isoformat()

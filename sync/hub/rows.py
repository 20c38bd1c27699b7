"""The hub's record rows in batches: sealed on the way in, opened on the way out, always within the caseload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from storage.records import HUB, NO_CITIZEN, PRIVATE_KINDS
from sync.hub import landmarks
from sync.hub.database import OneOf, Prepared, insert_all
from sync.hub.rules import Actor, Current
from sync.hub.sealing import Sealing
from sync.hub.tables import caseload, citizen_keys, covered_cases, covers, departures, municipalities, records
from sync.protocol import NO_PAYLOAD, PAGE_MAX, PAGE_MAX_BYTES, Change, Gone


def take_numbers(connection: Connection, municipality_id: str, count: int) -> tuple[str, int]:
    """The lineage, and the last of `count` sequence numbers that are now this transaction's. Writes where count > 0:
    then every other writer of the municipality waits here, so that numbers become visible in their order."""
    row = (_TAKE if count else _COUNTER).run(connection, here=municipality_id, count=count).one()
    if count:
        landmarks.leave(connection, municipality_id, row.seq)
    return row.lineage, row.seq


def _counter() -> tuple[Prepared, Prepared]:
    """To read it, and to take numbers from it."""
    m = municipalities.c
    here = m.id == bindparam("here")
    taken = update(municipalities).where(here).values(seq=m.seq + bindparam("count", type_=BigInteger))
    return Prepared(select(m.lineage, m.seq).where(here)), Prepared(taken.returning(m.lineage, m.seq))


#: Statements are put together once: SQLAlchemy takes longer to make and compare one than SQLite to answer it.
_COUNTER, _TAKE = _counter()


def actor_of(connection: Connection, municipality_id: str, consultant_id: str) -> Actor:
    about = {"municipality_id": municipality_id, "consultant_id": consultant_id}
    covered = frozenset(_COVERED.run(connection, **about).scalars())
    return Actor(
        consultant_id,
        frozenset(_CITIZENS.run(connection, **about).scalars()) | covered,
        covered=covered,
        stands_in=frozenset(_STANDS_IN.run(connection, **about).scalars()),
    )


@dataclass(frozen=True)
class Leaving:
    """Cases that were hers until lately. `first_seq` is where what a device was not told yet begins."""

    citizens: frozenset[str] = frozenset()
    first_seq: int | None = None


def leaving_of(connection: Connection, municipality_id: str, consultant_id: str, cursor: int, since_s: int) -> Leaving:
    """What left after `since_s` (UTC seconds); untold is what stands behind this cursor."""
    about = {"municipality_id": municipality_id, "consultant_id": consultant_id, "since_s": since_s, "cursor": cursor}
    found = _LEFT.run(connection, **about).all()
    untold = [row.first_seq for row in found if row.first_seq is not None]
    return Leaving(frozenset(row.citizen_id for row in found), min(untold, default=None))


def _left() -> Select[Any]:
    """Whose cases left, and of each the first number of what is untold."""
    d = departures.c
    untold = func.min(case((d.seq > _CURSOR, d.seq))).label("first_seq")
    return select(d.citizen_id, untold).where(_departed(), d.left_at > bindparam("since_s")).group_by(d.citizen_id)


def keep_departures(connection: Connection, municipality_id: str, consultant_id: str, left: Sequence[Current]) -> None:
    """What a former consultant wrote on a case is told to her devices as the rest of it is. Writes."""
    d = departures.c
    for record in left:
        of_case = (d.municipality_id == municipality_id, d.consultant_id == consultant_id)
        at = connection.scalar(select(func.max(d.left_at)).where(*of_case, d.citizen_id == record.citizen_id))
        keep_departure(connection, municipality_id, consultant_id, record, left_at=at)


def keep_departure(
    connection: Connection, municipality_id: str, consultant_id: str, record: Current, *, left_at: int | None
) -> None:
    """Her devices are told that this record left, in place of what they were told of it before. Without a time they are
    told at once. Writes."""
    d = departures.c
    whose = {"municipality_id": municipality_id, "consultant_id": consultant_id, "record_id": record.record_id}
    connection.execute(delete(departures).where(*(d[name] == value for name, value in whose.items())))
    what = {"citizen_id": record.citizen_id, "version": record.version, "seq": record.seq, "left_at": left_at}
    connection.execute(insert(departures).values(**whose, **what))


@dataclass(frozen=True)
class SealedPage:
    """Rows as they were read in the transaction; `opened` needs the database no more."""

    rows: Sequence[Row[Any]]
    gone: Sequence[Row[Any]]
    keys: dict[str, bytes]
    cursor: int
    more: bool


@dataclass(frozen=True)
class Rows:
    """The rows of one municipality in one transaction."""

    connection: Connection
    sealing: Sealing
    municipality_id: str
    _keys: dict[str, bytes] = field(default_factory=dict)

    def read(self, record_ids: Iterable[str]) -> dict[str, Current]:
        """The records of these ids that the hub has, whosever they are."""
        if not (ids := sorted(set(record_ids))):
            return {}
        return self.opened(_RECORDS.run(self.connection, municipality_id=self.municipality_id, ids=ids).all())

    def opened(self, found: Sequence[Row[Any]]) -> dict[str, Current]:
        self._load_keys(row.citizen_id or row.owner for row in found)
        return {row.record_id: self._current(row) for row in found}

    def write(self, changed: Iterable[Current], known: Iterable[str]) -> None:
        """Stores these versions; `known` are the ids that have a row already."""
        changed, known = list(changed), set(known)
        self._load_keys(record.owner_key for record in changed)
        self._make_keys({record.owner_key for record in changed} - self._keys.keys())
        if new := [self._values(record) for record in changed if record.record_id not in known]:
            insert_all(self.connection, records, new)
        if old := [self._values(record) for record in changed if record.record_id in known]:
            here = (records.c.municipality_id == self.municipality_id, records.c.record_id == bindparam("b_record_id"))
            for values in old:
                values["b_record_id"] = values.pop("record_id")
            self.connection.execute(update(records).where(*here), old)

    def page(self, actor: Actor, cursor: int, counter: int, own_from: int | None = None) -> SealedPage:
        """The next page of what this actor may see after `cursor`. `counter` was read before: what is committed later
        has a higher number and is left to the next request, so the cursor may go to it when the page is the last. What
        has the numbers `own_from` and up the outcomes of this request have told already."""
        upto = counter if own_from is None else min(counter, own_from - 1)
        if cursor >= upto:
            return SealedPage((), (), self._keys, counter, more=False)
        about = self._about(actor) | {"cursor": cursor}
        last, more = self._page_end(about, cursor, upto)
        about["last"] = last
        rows, gone = _PAGE.run(self.connection, **about).all(), _PAGE_GONE.run(self.connection, **about).all()
        self._load_keys(row.citizen_id or row.owner for row in rows)
        return SealedPage(rows, gone, self._keys, last if more else counter, more)

    def seen_by(self, actor: Actor) -> Iterator[tuple[str, int, bytes]]:
        """Every record that this actor may see: id, version, payload."""
        for part in _SEEN.parts(self.connection, PAGE_MAX, **self._about(actor)):
            for record in self.opened(part).values():
                yield record.record_id, record.version, record.payload

    def last_seq(self, actor: Actor) -> int:
        """The highest number of what a device of this actor is told of, 0 where there is nothing."""
        return max(last.run(self.connection, **self._about(actor)).scalar() or 0 for last in (_LAST_SEEN, _LAST_GONE))

    def _about(self, actor: Actor) -> dict[str, Any]:
        return {"municipality_id": self.municipality_id, "consultant_id": actor.consultant_id}

    def _page_end(self, about: dict[str, Any], cursor: int, counter: int) -> tuple[int, bool]:
        """The last number of the page, and whether anything follows: bounded before any payload is read."""
        ahead = _SIZES.run(self.connection, **about, last=counter, most=PAGE_MAX + 1).all()
        total_bytes, last = 0, cursor
        for index, row in enumerate(ahead):
            total_bytes += row.size
            if index == PAGE_MAX or (index and total_bytes > PAGE_MAX_BYTES):
                return last, True
            last = row.seq
        return counter, False

    def _load_keys(self, owner_keys: Iterable[str]) -> None:
        if ids := sorted(set(owner_keys) - self._keys.keys()):
            for row in _KEYS.run(self.connection, municipality_id=self.municipality_id, ids=ids):
                self._keys[row.owner_key] = self.sealing.unwrap(row.wrapped, self.municipality_id, row.owner_key)

    def _make_keys(self, owner_keys: Iterable[str]) -> None:
        made = []
        for owner_key in sorted(owner_keys):
            self._keys[owner_key], wrapped = self.sealing.new_data_key(self.municipality_id, owner_key)
            made.append({"municipality_id": self.municipality_id, "owner_key": owner_key, "wrapped": wrapped})
        if made:
            insert_all(self.connection, citizen_keys, made)

    def _current(self, row: Row[Any]) -> Current:
        return Current(
            record_id=row.record_id,
            kind=row.kind,
            citizen_id=row.citizen_id,
            owner=row.owner,
            version=row.version,
            seq=row.seq,
            payload=_open(self.sealing, self._keys, row),
            deleted=bool(row.deleted),
        )

    def _values(self, record: Current) -> dict[str, Any]:
        key = self._keys[record.owner_key]
        about = (self.municipality_id, record.record_id, record.version)
        return {
            "municipality_id": self.municipality_id,
            "record_id": record.record_id,
            "kind": record.kind,
            "citizen_id": record.citizen_id,
            "owner": record.owner,
            "version": record.version,
            "seq": record.seq,
            "payload": None if record.deleted else self.sealing.seal(key, record.payload, *about),
            "deleted": record.deleted,
        }


def opened_changes(page: SealedPage, sealing: Sealing) -> tuple[Change, ...]:
    """The page as it travels, in sequence order. Reads no database: done after the transaction."""
    changes = [
        Change(
            seq=row.seq,
            record_id=row.record_id,
            version=row.version,
            payload=raw(_open(sealing, page.keys, row)),
            gone=Gone.DELETED if row.deleted else None,
        )
        for row in page.rows
    ]
    changes += [
        Change(seq=row.seq, record_id=row.record_id, version=row.version, gone=Gone.LEFT_CASELOAD) for row in page.gone
    ]
    return tuple(sorted(changes, key=lambda change: change.seq))


def raw(payload: bytes) -> msgspec.Raw:
    """The payload as it travels; a wiped one is left out of the message."""
    return msgspec.Raw(payload) if payload else NO_PAYLOAD


def citizens_of(municipality_id: str | BindParameter[Any], consultant_id: str | BindParameter[Any]) -> Any:
    c = caseload.c
    return select(c.citizen_id).where(c.municipality_id == municipality_id, c.consultant_id == consultant_id)


def covered_by(municipality_id: str | BindParameter[Any], consultant_id: str | BindParameter[Any]) -> Any:
    """The citizens whom she sees while she stands in (sync/hub/covering.py)."""
    c = covered_cases.c
    return select(c.citizen_id).where(c.municipality_id == municipality_id, c.consultant_id == consultant_id)


def covers_naming(municipality_id: BindParameter[Any], consultant_id: BindParameter[Any]) -> Any:
    """The covers of others in which she is to stand in: which days, and for whom."""
    c = covers.c
    return select(c.cover_id).where(c.municipality_id == municipality_id, c.colleague_id == consultant_id)


# ---------------------------------------------------------------- the statements
_MUNICIPALITY: BindParameter[Any] = bindparam("municipality_id")
_CONSULTANT: BindParameter[Any] = bindparam("consultant_id")
_CURSOR: BindParameter[Any] = bindparam("cursor")
_LAST: BindParameter[Any] = bindparam("last")


def is_private() -> ColumnElement[bool]:
    """A list that SQLAlchemy does not put together anew each time."""
    return records.c.kind.in_([literal(kind) for kind in sorted(PRIVATE_KINDS)])


def _visible() -> ColumnElement[bool]:
    """`rules.may_see` in SQL, so that a row outside the caseload never leaves the database."""
    r = records.c
    private = or_(is_private(), r.citizen_id == NO_CITIZEN)
    names_her = r.record_id.in_(covers_naming(_MUNICIPALITY, _CONSULTANT))
    hers = or_(r.owner == _CONSULTANT, r.owner == HUB, names_her)
    seen = union_all(citizens_of(_MUNICIPALITY, _CONSULTANT), covered_by(_MUNICIPALITY, _CONSULTANT))
    theirs = r.citizen_id.in_(seen)
    return and_(r.municipality_id == _MUNICIPALITY, or_(and_(private, hers), and_(~private, theirs)))


def _departed() -> ColumnElement[bool]:
    d = departures.c
    return and_(d.municipality_id == _MUNICIPALITY, d.consultant_id == _CONSULTANT)


def _page() -> tuple[Select[Any], Select[Any], Select[Any]]:
    """How large what follows is, and the two parts of a page."""
    r, d = records.c, departures.c
    sizes = union_all(
        select(r.seq, func.coalesce(func.length(r.payload), 0).label("size")).where(_visible()),
        select(d.seq, func.length(d.record_id)).where(_departed()),
    ).subquery()
    ahead = select(sizes).where(sizes.c.seq > _CURSOR, sizes.c.seq <= _LAST).order_by(sizes.c.seq)
    rows = select(records).where(_visible(), r.seq > _CURSOR, r.seq <= _LAST).order_by(r.seq)
    gone = select(departures).where(_departed(), d.seq > _CURSOR, d.seq <= _LAST).order_by(d.seq)
    return ahead.limit(bindparam("most")), rows, gone


def _last() -> tuple[Select[Any], Select[Any]]:
    """The highest numbers of what is there and of what left."""
    return select(func.max(records.c.seq)).where(_visible()), select(func.max(departures.c.seq)).where(_departed())


_CITIZENS = Prepared(citizens_of(_MUNICIPALITY, _CONSULTANT))
_COVERED = Prepared(covered_by(_MUNICIPALITY, _CONSULTANT))
_STANDS_IN = Prepared(covers_naming(_MUNICIPALITY, _CONSULTANT))
_LEFT = Prepared(_left())
_SIZES, _PAGE, _PAGE_GONE = map(Prepared, _page())
_SEEN = Prepared(select(records).where(_visible(), ~records.c.deleted))
_LAST_SEEN, _LAST_GONE = map(Prepared, _last())
_RECORDS = Prepared(
    select(records).where(records.c.municipality_id == _MUNICIPALITY, OneOf(records.c.record_id, "ids"))
)
_KEYS = Prepared(
    select(citizen_keys).where(citizen_keys.c.municipality_id == _MUNICIPALITY, OneOf(citizen_keys.c.owner_key, "ids"))
)


def _open(sealing: Sealing, keys: dict[str, bytes], row: Row[Any]) -> bytes:
    if row.payload is None:
        return b""
    return sealing.open(keys[row.citizen_id or row.owner], row.payload, row.municipality_id, row.record_id, row.version)

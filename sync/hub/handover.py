"""Whose case it is: handed over by a phone or at the office, closed, and what becomes of unfinished notes on it.

A case takes its records along under new numbers; the phones it leaves are told record by record (`departures`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, and_, bindparam, delete, exists, insert, or_, select, update

from storage import records as kinds
from storage.records import HUB, PRIVATE_KINDS, Citizen, Handover
from sync.hub.access import UnknownConsultantError, find_consultant
from sync.hub.closing import CITIZEN, WINDOW, aftercare_leaves_at, decides_anew, leaves_at, window_leaves_at
from sync.hub.database import writing
from sync.hub.rows import Rows, citizens_of, keep_departure, take_numbers
from sync.hub.rules import Current
from sync.hub.settings import Hub
from sync.hub.tables import caseload, consultants, departures, former_consultants, records
from sync.protocol import LEAVING_MAX_S, Mutation

HANDOVER = kinds.kind_of_class(Handover)


class UnknownCaseError(Exception):
    """The municipality has no citizen under this case number."""


class HersAlreadyError(Exception):
    """The case is this consultant's already."""


@dataclass(frozen=True)
class Cases:
    """The cases of one municipality in one transaction. `now_s` is the hub's time."""

    rows: Rows
    now_s: int

    @property
    def _connection(self) -> Connection:
        return self.rows.connection

    # ------------------------------------------------------------ moving one
    def give(self, citizen_id: str, consultant_id: str | None) -> None:
        """The case is this consultant's from now on, or nobody's. Writes: every record but drafts gets a new number, so
        that it travels to her devices, and those of the consultant before her are told to let go of it."""
        r, d, f = records.c, departures.c, former_consultants.c
        of_citizen = (r.municipality_id == self.rows.municipality_id, r.citizen_id == citizen_id)
        # The counter row first, as everybody does: from here on no other writer changes the citizen's records.
        take_numbers(self._connection, self.rows.municipality_id, 1)
        that_moves = select(r.record_id, r.version).where(*of_citizen, r.kind.not_in(PRIVATE_KINDS))
        moving = self._connection.execute(that_moves.order_by(r.seq)).all()
        _, last = take_numbers(self._connection, self.rows.municipality_id, len(moving))
        former = self._set_consultant(citizen_id, consultant_id)
        # A draft of hers that went to another stays gone.
        back = (d.municipality_id == self.rows.municipality_id, d.consultant_id == consultant_id)
        back_here = d.record_id.in_(select(r.record_id).where(*of_citizen, r.kind.not_in(PRIVATE_KINDS)))
        self._connection.execute(delete(departures).where(*back, d.citizen_id == citizen_id, back_here))
        gone = []
        for seq, row in enumerate(moving, last - len(moving) + 1):
            here = (r.municipality_id == self.rows.municipality_id, r.record_id == row.record_id)
            self._connection.execute(update(records).where(*here).values(seq=seq))
            gone.append({"record_id": row.record_id, "version": row.version, "seq": seq, "left_at": self.now_s})
        whose = {"municipality_id": self.rows.municipality_id, "citizen_id": citizen_id}
        if former not in (None, consultant_id):
            if gone:
                self._connection.execute(insert(departures), [whose | {"consultant_id": former} | row for row in gone])
            waits = {"consultant_id": former, "drafts_until": self.now_s + LEAVING_MAX_S}
            self._connection.execute(insert(former_consultants).values(whose | waits))
        mine = (f.municipality_id == self.rows.municipality_id, f.citizen_id == citizen_id)
        self._connection.execute(delete(former_consultants).where(*mine, f.consultant_id == consultant_id))

    def _set_consultant(self, citizen_id: str, consultant_id: str | None) -> str | None:
        """Whose case it was before, if anybody's. Who is given a closed course keeps it until it is closed anew; in
        aftercare it leaves as it would have left."""
        c = caseload.c
        here = (c.municipality_id == self.rows.municipality_id, c.citizen_id == citizen_id)
        former: str | None = self._connection.scalar(select(c.consultant_id).where(*here))
        self._connection.execute(delete(caseload).where(*here))
        if consultant_id is not None:
            until = aftercare_leaves_at(self.rows.read([citizen_id]).get(citizen_id))
            enter(self._connection, self.rows.municipality_id, citizen_id, consultant_id, leaves_at=until)
        return former

    # ------------------------------------------------------------ what an exchange brings
    def follow(self, was: Mapping[str, Current], written: Iterable[Current], moves: Sequence[Current]) -> None:
        """What was written means this for whose case it is. `was` are the records before, `moves` the handovers that
        were taken. Writes."""
        citizens_first = sorted(written, key=lambda record: record.kind != CITIZEN)
        for record in citizens_first:
            if record.kind in (CITIZEN, WINDOW) and decides_anew(was.get(record.record_id), record):
                self._note_course(record)
        for record in moves:
            self.give(record.citizen_id, kinds.to_fields(record.payload)["to"])

    def _note_course(self, now: Current) -> None:
        """A course that ends, or is taken up again; or a window that ends sooner or later than the half year. A window
        says nothing of a course that the hub does not know to have ended."""
        c = caseload.c
        here = and_(c.municipality_id == self.rows.municipality_id, c.citizen_id == now.citizen_id)
        until = leaves_at(now, self.now_s) if now.kind == CITIZEN else window_leaves_at(now)
        if now.kind == CITIZEN or until:
            known = here if now.kind == CITIZEN else and_(here, c.leaves_at > 0)
            self._connection.execute(update(caseload).where(known).values(leaves_at=until))

    # ------------------------------------------------------------ what time brings
    def pass_drafts_on(self, consultant_id: str) -> None:
        """Unfinished notes whose days are over go to whoever has the case: those of this consultant, and those that
        come to her. Exactly once, whoever asks first. Writes where any are due."""
        if not self._due_drafts(consultant_id):
            return
        take_numbers(self._connection, self.rows.municipality_id, 1)  # whoever was faster has done it
        f, r = former_consultants.c, records.c
        for citizen_id, former, to in self._due_drafts(consultant_id):
            hers = (r.citizen_id == citizen_id, r.owner == former, r.kind.in_(PRIVATE_KINDS), ~r.deleted)
            found = self._connection.execute(
                select(records).where(r.municipality_id == self.rows.municipality_id, *hers).order_by(r.seq)
            ).all()
            self._pass_on(list(self.rows.opened(found).values()), former, to)
            done = (f.municipality_id == self.rows.municipality_id, f.citizen_id == citizen_id)
            self._connection.execute(delete(former_consultants).where(*done, f.consultant_id == former))

    def _due_drafts(self, consultant_id: str) -> list[tuple[str, str, str]]:
        """Citizen, former consultant and the one of now."""
        found = self._connection.execute(_DUE_DRAFTS, self._about(consultant_id))
        return [(row.citizen_id, row.consultant_id, row.to) for row in found]

    def _about(self, consultant_id: str) -> dict[str, Any]:
        return {
            "municipality_id": self.rows.municipality_id,
            "consultant_id": consultant_id,
            "now_s": self.now_s,
        }

    def _pass_on(self, drafts: Sequence[Current], former: str, to: str) -> None:
        """They say who began them, and leave her devices at once: her days to finish them are over."""
        _, last = take_numbers(self._connection, self.rows.municipality_id, len(drafts))
        first = last - len(drafts) + 1
        passed = [_begun_by(former, replace(draft, owner=to, seq=seq)) for seq, draft in enumerate(drafts, first)]
        self.rows.write(passed, known=[draft.record_id for draft in passed])
        d = departures.c
        for draft in passed:
            here = (d.municipality_id == self.rows.municipality_id, d.record_id == draft.record_id)
            self._connection.execute(delete(departures).where(*here, d.consultant_id == to))
            keep_departure(self._connection, self.rows.municipality_id, former, draft, left_at=None)

    def let_go_of_closed(self, consultant_id: str, durable_seq: int) -> bool:
        """Courses that are closed leave her once all of them is safe: nothing above `durable_seq`, and no note that is
        still to be finished. Whether any did. Writes."""
        if not self._closed(consultant_id, durable_seq):
            return False
        take_numbers(self._connection, self.rows.municipality_id, 1)
        closed = self._closed(consultant_id, durable_seq)
        for citizen_id in closed:
            self.give(citizen_id, None)
        return bool(closed)

    def _closed(self, consultant_id: str, durable_seq: int) -> list[str]:
        asked = self._about(consultant_id) | {"durable_seq": durable_seq}
        return list(self._connection.scalars(_CLOSED, asked))


def _due_drafts() -> Select[Any]:
    f, c = former_consultants.c, caseload.c
    theirs = citizens_of(_MUNICIPALITY, _CONSULTANT)
    same_case = and_(c.municipality_id == f.municipality_id, c.citizen_id == f.citizen_id)
    return (
        select(f.citizen_id, f.consultant_id, c.consultant_id.label("to"))
        .join(caseload, same_case)
        .where(f.municipality_id == _MUNICIPALITY, f.drafts_until <= _NOW_S)
        .where(or_(f.consultant_id == _CONSULTANT, f.citizen_id.in_(theirs)))
        .order_by(f.citizen_id, f.drafts_until, f.consultant_id)
    )


def _closed() -> Select[Any]:
    c, r = caseload.c, records.c
    open_still = or_(r.seq > bindparam("durable_seq"), and_(r.kind.in_(PRIVATE_KINDS), ~r.deleted))
    of_citizen = (r.municipality_id == c.municipality_id, r.citizen_id == c.citizen_id)
    hers = (c.municipality_id == _MUNICIPALITY, c.consultant_id == _CONSULTANT)
    over = and_(c.leaves_at > 0, c.leaves_at <= _NOW_S)
    found = select(c.citizen_id).where(*hers, over, ~exists().where(*of_citizen, open_still))
    return found.order_by(c.citizen_id)


_MUNICIPALITY: BindParameter[Any] = bindparam("municipality_id")
_CONSULTANT: BindParameter[Any] = bindparam("consultant_id")
_NOW_S: BindParameter[Any] = bindparam("now_s")
#: Asked in every exchange, so put together once (sync/hub/rows.py).
_DUE_DRAFTS, _CLOSED = _due_drafts(), _closed()


def enter(connection: Connection, municipality_id: str, citizen_id: str, consultant_id: str, *, leaves_at: int) -> None:
    """A case that was nobody's. Writes."""
    values = {"municipality_id": municipality_id, "citizen_id": citizen_id, "consultant_id": consultant_id}
    connection.execute(insert(caseload).values(**values, leaves_at=leaves_at))


def colleagues_of(connection: Connection, municipality_id: str) -> frozenset[str]:
    c = consultants.c
    return frozenset(connection.scalars(select(c.id).where(c.municipality_id == municipality_id)))


def hands_over(mutations: Iterable[Mutation]) -> bool:
    """Whether any of them may be a handover."""
    return any(mutation.changes.get("kind") == HANDOVER for mutation in mutations)


def _begun_by(former: str, draft: Current) -> Current:
    """The next version: who began it stays, however often it is passed on."""
    fields = kinds.to_fields(draft.payload)
    payload = kinds.from_fields(fields | {"begun_by": fields.get("begun_by") or former})
    return replace(draft, version=draft.version + 1, payload=payload)


# ---------------------------------------------------------------- at the office
def hand_over(hub: Hub, municipality_id: str, case_number: str, to_name: str) -> Citizen:
    """Gives the case of this number to the consultant of this name, with a record that says so. Writes. Raises
    UnknownConsultantError, UnknownCaseError, HersAlreadyError."""
    with writing(hub.engine) as connection:
        to = find_consultant(connection, municipality_id, to_name)
        if to is None:
            raise UnknownConsultantError(to_name)
        rows = Rows(connection, hub.sealing, municipality_id)
        citizen = _of_number(rows, case_number)
        c = caseload.c
        here = (c.municipality_id == municipality_id, c.citizen_id == citizen.id)
        if connection.scalar(select(c.consultant_id).where(*here)) == to.id:
            raise HersAlreadyError
        _, seq = take_numbers(connection, municipality_id, 1)
        rows.write([_by_the_office(hub, citizen, to.id, seq)], known=())
        Cases(rows, hub.now_s()).give(citizen.id, to.id)
    return citizen


def _of_number(rows: Rows, case_number: str) -> Citizen:
    r = records.c
    here = (r.municipality_id == rows.municipality_id, r.kind == CITIZEN, ~r.deleted)
    found = rows.opened(rows.connection.execute(select(records).where(*here)).all())
    citizens = map(kinds.decode, (record.payload for record in found.values()))
    of_number = (one for one in citizens if isinstance(one, Citizen) and one.case_number == case_number)
    citizen = next(of_number, None)
    if citizen is None:
        raise UnknownCaseError(case_number)
    return citizen


def _by_the_office(hub: Hub, citizen: Citizen, to: str, seq: int) -> Current:
    now = hub.clock()
    record = Handover(
        id=kinds.new_id(now, os.urandom(10)),
        citizen_id=citizen.id,
        created_at=now,
        updated_at=now,
        author=HUB,
        to=to,
    )
    return Current(record.id, HANDOVER, citizen.id, to, 1, seq, kinds.encode(record))

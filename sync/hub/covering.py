"""Who sees a case beside whose it is: a colleague who stands in for some days. The owner stays.

`covers` holds what the records say, `covered_cases` what has begun. Nothing ticks: each exchange of somebody concerned
first makes the one follow from the other, by today's date. So whatever ends a cover (its last day, its owner, a
handover, a course that leaves) ends it in the same way, before anything is read for the colleague.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from storage.records import Cover, decode
from sync.hub.database import Prepared
from sync.hub.handover import Cases
from sync.hub.rows import Rows, citizens_of, take_numbers
from sync.hub.rules import COVER, Current
from sync.hub.tables import caseload, covered_cases, covers
from sync.protocol import COVERED_MAX, Covered

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
#: The last day of a cover that was deleted: before every day.
_NEVER = ""


def keep(rows: Rows, changed: Iterable[Current]) -> None:
    """What was written says who stands in for whom, and when. Writes."""
    c = covers.c
    for record in changed:
        if record.kind != COVER:
            continue
        here = (c.municipality_id == rows.municipality_id, c.cover_id == record.record_id)
        cover = decode(record.payload) if record.payload else None
        if not isinstance(cover, Cover):
            # Its row stays: by it the colleague is told that the cover is gone.
            rows.connection.execute(update(covers).where(*here).values(to_on=_NEVER))
            continue
        rows.connection.execute(delete(covers).where(*here))
        about = {"municipality_id": rows.municipality_id, "cover_id": cover.id, "consultant_id": record.owner}
        days = {"from_on": cover.from_on.isoformat(), "to_on": cover.to_on.isoformat()}
        rows.connection.execute(insert(covers).values(about | {"colleague_id": cover.colleague_id} | days))


def settle(cases: Cases, consultant_id: str, now: datetime) -> None:
    """Begins and ends what is due of this consultant's covers and of those in which she stands in. Writes where any
    is. Exactly once, whoever asks first."""
    connection, municipality_id = cases.rows.connection, cases.rows.municipality_id
    about = {
        "municipality_id": municipality_id,
        "consultant_id": consultant_id,
        "today": now.astimezone(COPENHAGEN).date().isoformat(),
    }
    if _DUE.run(connection, **about).first() is None:
        return
    take_numbers(connection, municipality_id, 1)  # whoever was faster has done it
    for row in _DUE.run(connection, **about).all():
        (_begin if row.begins else _end)(cases, row.citizen_id, row.colleague_id)


def _begin(cases: Cases, citizen_id: str, colleague_id: str) -> None:
    """All of the citizen but drafts travels to her devices."""
    values = {"municipality_id": cases.rows.municipality_id, "citizen_id": citizen_id, "consultant_id": colleague_id}
    cases.rows.connection.execute(insert(covered_cases).values(values))
    cases.let_in(citizen_id, colleague_id, cases.numbered(citizen_id))


def _end(cases: Cases, citizen_id: str, colleague_id: str) -> None:
    """As a case that is handed over leaves: what she has waiting is taken, then her devices let go. Where it became her
    own meanwhile it stays."""
    connection, municipality_id = cases.rows.connection, cases.rows.municipality_id
    s, c = covered_cases.c, caseload.c
    here = (s.municipality_id == municipality_id, s.citizen_id == citizen_id, s.consultant_id == colleague_id)
    connection.execute(delete(covered_cases).where(*here))
    whose = select(c.consultant_id).where(c.municipality_id == municipality_id, c.citizen_id == citizen_id)
    if connection.scalar(whose) != colleague_id:
        cases.tell_to_let_go(citizen_id, colleague_id, cases.numbered(citizen_id))


def covered_for(connection: Connection, municipality_id: str, consultant_id: str) -> tuple[Covered, ...]:
    """Whom she sees as a cover, and whose cases they are."""
    about = {"municipality_id": municipality_id, "consultant_id": consultant_id}
    found = _COVERED_FOR.run(connection, **about)
    return tuple(Covered(citizen_id=row.citizen_id, consultant_id=row.consultant_id) for row in found)


# ---------------------------------------------------------------- the statements
_MUNICIPALITY: BindParameter[Any] = bindparam("municipality_id")
_CONSULTANT: BindParameter[Any] = bindparam("consultant_id")
_TODAY: BindParameter[Any] = bindparam("today")


def _running() -> Select[Any]:
    """Which colleague sees which case today. From the caseload alone: who stands in passes nothing on."""
    v, c = covers.c, caseload.c
    theirs = (v.municipality_id == c.municipality_id) & (v.consultant_id == c.consultant_id)
    return (
        select(c.citizen_id, v.colleague_id)
        .join_from(caseload, covers, theirs)
        .where(v.municipality_id == _MUNICIPALITY, v.from_on <= _TODAY, v.to_on >= _TODAY)
        .where(v.colleague_id != c.consultant_id)
    )


def _due() -> Any:
    """What is to begin and has not, and what has begun and is over."""
    v, c, s = covers.c, caseload.c, covered_cases.c
    concern_her = or_(v.colleague_id == _CONSULTANT, v.consultant_id == _CONSULTANT)
    begun = exists().where(
        s.municipality_id == _MUNICIPALITY, s.citizen_id == c.citizen_id, s.consultant_id == v.colleague_id
    )
    begins = _running().where(concern_her, ~begun.correlate(caseload, covers)).distinct()
    runs = _running().where(c.citizen_id == s.citizen_id, v.colleague_id == s.consultant_id)
    hers = or_(s.consultant_id == _CONSULTANT, s.citizen_id.in_(citizens_of(_MUNICIPALITY, _CONSULTANT)))
    ends = select(s.citizen_id, s.consultant_id.label("colleague_id"), literal(0).label("begins")).where(
        s.municipality_id == _MUNICIPALITY, hers, ~runs.correlate(covered_cases).exists()
    )
    due = union_all(begins.add_columns(literal(1).label("begins")), ends).subquery()
    return select(due).order_by(due.c.begins, due.c.citizen_id, due.c.colleague_id)


def _covered_for() -> Select[Any]:
    s, c = covered_cases.c, caseload.c
    same_case = (c.municipality_id == s.municipality_id) & (c.citizen_id == s.citizen_id)
    return (
        select(s.citizen_id, c.consultant_id)
        .join_from(covered_cases, caseload, same_case)
        .where(s.municipality_id == _MUNICIPALITY, s.consultant_id == _CONSULTANT)
        .order_by(s.citizen_id)
        .limit(COVERED_MAX)
    )


#: Asked in every exchange, so put together once (sync/hub/rows.py).
_DUE, _COVERED_FOR = Prepared(_due()), Prepared(_covered_for())

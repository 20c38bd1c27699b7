"""What a hub of an earlier version does not know yet and no migration can tell it, because it lies sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from storage.records import HUB
from sync.hub.closing import leaves_at
from sync.hub.colleagues import introduce
from sync.hub.database import reading, writing
from sync.hub.rows import Rows, take_numbers
from sync.hub.sealing import Sealing
from sync.hub.tables import caseload, consultants, municipalities, records


def catch_up(engine: Engine, sealing: Sealing, now: datetime) -> None:
    """The names of consultants for every phone, and which courses are closed. Writes where anything is missing; a hub
    of this version takes one look."""
    with reading(engine) as connection:
        behind = [one for one in connection.scalars(select(municipalities.c.id)) if _is_behind(connection, one)]
    for municipality_id in behind:
        with writing(engine) as connection:
            take_numbers(connection, municipality_id, 1)  # another process that opens now waits here
            rows = Rows(connection, sealing, municipality_id)
            introduce(rows, _consultants(connection, municipality_id), now)
            _look_at_courses(rows, int(now.timestamp()))


def _is_behind(connection: Connection, municipality_id: str) -> bool:
    c, r = caseload.c, records.c
    unknown = select(c.citizen_id).where(c.municipality_id == municipality_id, c.leaves_at.is_(None)).limit(1)
    if connection.scalar(unknown) is not None:
        return True
    colleagues = select(r.record_id).where(r.municipality_id == municipality_id, r.owner == HUB)
    known = set(connection.scalars(colleagues))
    return any(consultant_id not in known for consultant_id, _ in _consultants(connection, municipality_id))


def _consultants(connection: Connection, municipality_id: str) -> list[tuple[str, str]]:
    c = consultants.c
    found = connection.execute(select(c.id, c.name).where(c.municipality_id == municipality_id))
    return [(row.id, row.name) for row in found]


def _look_at_courses(rows: Rows, now_s: int) -> None:
    c = caseload.c
    here = c.municipality_id == rows.municipality_id
    citizen_ids = list(rows.connection.scalars(select(c.citizen_id).where(here, c.leaves_at.is_(None))))
    for citizen_id, record in rows.read(citizen_ids).items():
        closed = {"leaves_at": leaves_at(record, now_s)}
        rows.connection.execute(update(caseload).where(here, c.citizen_id == citizen_id).values(closed))
    rows.connection.execute(update(caseload).where(here, c.leaves_at.is_(None)).values(leaves_at=0))

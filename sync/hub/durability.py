"""How far verified backups reach. Either no municipality has a `durable_seq`, because no backup of this hub was ever
made, or every one has: 0 as long as no backup knows it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import Connection, bindparam, func, select, update

from sync.hub.database import Prepared, reading, writing
from sync.hub.settings import Hub
from sync.hub.tables import municipalities

#: docs/hub-backup.md asks for a backup a night: seven that are missing in a row are no chance any more.
BACKUP_AGE_MAX_S = 7 * 24 * 3600
_DAY_S = 24 * 3600


class Mark(Struct, frozen=True):
    """A point in the history `lineage`: everything up to the number `seq`."""

    lineage: str
    seq: int


def reported_seq(connection: Connection, municipality_id: str, committed_seq: int) -> int:
    """What a phone may take for safe: as far as verified backups reach, or all that is committed where no backup was
    ever made."""
    durable_seq: int | None = _DURABLE_SEQ.run(connection, here=municipality_id).scalar()
    return committed_seq if durable_seq is None else durable_seq


_DURABLE_SEQ = Prepared(select(municipalities.c.durable_seq).where(municipalities.c.id == bindparam("here")))


def first_durable_seq(connection: Connection) -> int | None:
    """Of a municipality that is made now: 0 where the hub has backups, of which none knows it."""
    known = connection.scalar(select(func.count(municipalities.c.durable_seq)))
    return 0 if known else None


def record(hub: Hub, covered: Mapping[str, Mark], made_at: int) -> frozenset[str]:
    """Notes that a verified backup, made at `made_at` (UTC seconds), covers these municipalities up to their marks, and
    says which of them are of this hub's history. Never lowers a number. Writes."""
    m = municipalities.c
    with writing(hub.engine) as connection:
        rows = connection.execute(select(municipalities).order_by(m.id).with_for_update()).all()
        ours = {row.id: row for row in rows if row.id in covered and _is_past(row.lineage, row.seq, covered[row.id])}
        for municipality_id, row in ours.items():
            seq = covered[municipality_id].seq
            if (seq, made_at) > (-1 if row.durable_seq is None else row.durable_seq, row.durable_at or 0):
                here = update(municipalities).where(m.id == municipality_id)
                connection.execute(here.values(durable_seq=seq, durable_at=made_at))
        if ours:
            connection.execute(update(municipalities).where(m.durable_seq.is_(None)).values(durable_seq=0))
    return frozenset(ours)


def warning(hub: Hub) -> str:
    """What whoever runs the hub must know of its backups; empty where all is well."""
    m = municipalities.c
    with reading(hub.engine) as connection:
        made_at = connection.scalar(select(func.max(m.durable_at)))
    if made_at is None:
        return "No backup of this hub was ever made: what is committed counts as durable."
    age_s = hub.now_s() - made_at
    if age_s > BACKUP_AGE_MAX_S:
        return f"The newest verified backup is {age_s // _DAY_S} days old: what came later is in no backup."
    return ""


def _is_past(lineage: str, seq: int, mark: Mark) -> bool:
    """A database that is behind its own backup was set back: what it counts now is no longer that history."""
    return lineage == mark.lineage and seq >= mark.seq

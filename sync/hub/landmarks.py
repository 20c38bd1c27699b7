"""Names of moments in the hub's history. Each transaction that takes numbers leaves one; a phone keeps the newest that
it was told of. A hub that does not know it was put back to before it, whoever did it, even where its numbers have gone
past the phone's since."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert, select

from sync.hub.tables import landmarks


def leave(connection: Connection, municipality_id: str, seq: int) -> None:
    """Writes."""
    row = {"municipality_id": municipality_id, "seq": seq, "token": secrets.token_hex(8)}
    connection.execute(insert(landmarks).values(row))


def newest(connection: Connection, municipality_id: str) -> str:
    """Empty where none was left yet."""
    m = landmarks.c
    row = connection.execute(
        select(m.seq, m.token).where(m.municipality_id == municipality_id).order_by(m.seq.desc()).limit(1)
    ).first()
    return f"{row.seq}-{row.token}" if row else ""


def is_known(connection: Connection, municipality_id: str, landmark: str) -> bool:
    seq, _, token = landmark.partition("-")
    m = landmarks.c
    here = (m.municipality_id == municipality_id, m.seq == (int(seq) if seq.isdecimal() else None))
    return connection.scalar(select(m.token).where(*here)) == token

"""Names of moments in the hub's history. Each transaction that takes numbers leaves one; a phone keeps the newest that
it was told of. A hub that does not know it was put back to before it, whoever did it, even where its numbers have gone
past the phone's since."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, bindparam, select

from sync.hub.database import Prepared, insert_all
from sync.hub.tables import landmarks
from sync.protocol import NUMBER_MAX


def leave(connection: Connection, municipality_id: str, seq: int) -> None:
    """Writes."""
    row = {"municipality_id": municipality_id, "seq": seq, "token": secrets.token_hex(8)}
    insert_all(connection, landmarks, [row])


def newest(connection: Connection, municipality_id: str) -> str:
    """Empty where none was left yet."""
    row = _NEWEST.run(connection, here=municipality_id).first()
    return f"{row.seq}-{row.token}" if row else ""


def is_known(connection: Connection, municipality_id: str, landmark: str) -> bool:
    seq, _, token = landmark.partition("-")
    if not seq.isdecimal() or int(seq) > NUMBER_MAX:
        return False
    return bool(_TOKEN.run(connection, here=municipality_id, seq=int(seq)).scalar() == token)


_HERE = landmarks.c.municipality_id == bindparam("here")
_NEWEST = Prepared(select(landmarks.c.seq, landmarks.c.token).where(_HERE).order_by(landmarks.c.seq.desc()).limit(1))
_TOKEN = Prepared(select(landmarks.c.token).where(_HERE, landmarks.c.seq == bindparam("seq")))

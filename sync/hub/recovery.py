"""A forgotten PIN: the phone's question waits here for the helpdesk, and its answer for the phone. See decision 0014.

The hub holds the public half of a municipality's recovery key, and master keys only sealed to somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from storage.sealed import new_recovery_key, plain_code, recovery_code, rewrap
from sync.command import Verb
from sync.hub import access
from sync.hub.database import reading, writing
from sync.hub.problems import ProblemError
from sync.hub.sealing import create_key_file
from sync.hub.settings import Hub
from sync.hub.tables import consultants, devices, municipalities, recovery_requests
from sync.protocol import RECOVERY_ASKS_MAX, RECOVERY_TTL_S, ProblemCode, RecoveryAsk, RecoveryReply


@dataclass(frozen=True)
class Question:
    """What the helpdesk needs to know of one open request; `asked_at` is UTC."""

    code: str
    device_name: str
    consultant_name: str
    asked_at: datetime


class RecoveryKeyExistsError(Exception):
    """The municipality has a recovery key already."""


class UnknownCodeError(Exception):
    """No open request of this municipality has this code."""


def new_key(hub: Hub, municipality_id: str, out: Path, *, replace: bool = False) -> None:
    """Makes the municipality's recovery key: the public half stays here, the private one goes to the file `out` alone.
    Phones move to it at their next sync. Writes; both or neither. Raises RecoveryKeyExistsError, OSError
    (FileExistsError: nothing is written over)."""
    private_key, public_key = new_recovery_key()
    with writing(hub.engine) as connection:
        access.ensure_municipality(connection, municipality_id)
        if access.find_recovery_key(connection, municipality_id) and not replace:
            raise RecoveryKeyExistsError(municipality_id)
        here = update(municipalities).where(municipalities.c.id == municipality_id)
        connection.execute(here.values(recovery_public_key=public_key))
        create_key_file(out, private_key)


def ask(hub: Hub, request: RecoveryAsk) -> RecoveryReply:
    """Puts the phone's question in place of an earlier one of the device; asked again the same, hands the answer
    over to who may `take` it, and forgets both. Writes. Raises ProblemError(device_unknown, device_revoked, too_many).
    """
    r = recovery_requests.c
    with writing(hub.engine) as connection:
        device = _device(connection, request.device_id)
        _forget_old(connection, hub.now_s())
        here = (r.municipality_id == device.municipality_id, r.device_id == device.id)
        before = connection.execute(select(recovery_requests).where(*here)).first()
        asked = (request.public_key, request.wrapped)
        if before is None or (before.public_key, before.wrapped) != asked:
            connection.execute(delete(recovery_requests).where(*here))
            connection.execute(insert(recovery_requests).values(_values(request, device, before, hub.now_s())))
            return RecoveryReply()
        if not (request.take and before.answer):
            return RecoveryReply()
        connection.execute(delete(recovery_requests).where(*here))
        return RecoveryReply(answer=before.answer)


def open_questions(hub: Hub, municipality_id: str) -> tuple[Question, ...]:
    """Those without an answer, the oldest first."""
    with reading(hub.engine) as connection:
        rows = _open_rows(connection, municipality_id, hub.now_s())
    return tuple(_question(row) for row in rows if row.answer is None)


def answer(hub: Hub, municipality_id: str, code: str, private_key: bytes) -> Question:
    """Seals the phone's master key anew, to the phone alone, and leaves it for the phone. Writes. Raises
    UnknownCodeError, CannotOpen where the phone's vault was sealed to another recovery key, ValueError where what the
    phone sent is no key."""
    r = recovery_requests.c
    with writing(hub.engine) as connection:
        rows = _open_rows(connection, municipality_id, hub.now_s())
        found = [row for row in rows if plain_code(_question(row).code) == plain_code(code)]
        if len(found) != 1:  # two with one code: one of them was made to be taken for the other
            raise UnknownCodeError(code)
        sealed = rewrap(private_key, found[0].wrapped, found[0].public_key)
        here = (r.municipality_id == municipality_id, r.device_id == found[0].device_id)
        connection.execute(update(recovery_requests).where(*here).values(answer=sealed))
    return _question(found[0])


def _device(connection: Connection, device_id: str) -> Row[Any]:
    """The device, held until the transaction ends: its questions come one at a time, and never after its revoking."""
    # No id holds a NUL, which PostgreSQL takes for no text at all.
    wanted = devices.c.id == device_id.replace("\0", " ")
    device = connection.execute(select(devices).where(wanted).with_for_update()).first()
    if device is None:
        raise ProblemError(ProblemCode.DEVICE_UNKNOWN)
    # Of a phone that was handed in the notes are to be sent first, and perhaps nobody knows its PIN any more.
    if device.revoked_at is not None and device.command != Verb.HANDED_IN:
        raise ProblemError(ProblemCode.DEVICE_REVOKED)
    return device


def _forget_old(connection: Connection, now_s: int) -> None:
    connection.execute(delete(recovery_requests).where(recovery_requests.c.asked_at <= now_s - RECOVERY_TTL_S))


def _values(request: RecoveryAsk, device: Row[Any], before: Row[Any] | None, now_s: int) -> dict[str, Any]:
    asks = before.asks + 1 if before is not None else 1
    if asks > RECOVERY_ASKS_MAX:
        raise ProblemError(ProblemCode.TOO_MANY, f"{RECOVERY_ASKS_MAX} questions of this device are enough for a day")
    return {
        "municipality_id": device.municipality_id,
        "device_id": device.id,
        "public_key": request.public_key,
        "wrapped": request.wrapped,
        "asked_at": now_s,
        "asks": asks,
    }


def _open_rows(connection: Connection, municipality_id: str, now_s: int) -> list[Row[Any]]:
    r, d, c = recovery_requests.c, devices.c, consultants.c
    rows = connection.execute(
        select(recovery_requests, d.name.label("device_name"), c.name.label("consultant_name"))
        .join(devices, (d.municipality_id == r.municipality_id) & (d.id == r.device_id))
        .join(consultants, (c.municipality_id == d.municipality_id) & (c.id == d.consultant_id))
        .where(r.municipality_id == municipality_id, r.asked_at > now_s - RECOVERY_TTL_S)
        .order_by(r.asked_at, r.device_id)
    )
    return list(rows)


def _question(row: Row[Any]) -> Question:
    code = recovery_code(row.public_key, row.wrapped)
    return Question(code, row.device_name, row.consultant_name, datetime.fromtimestamp(row.asked_at, UTC))

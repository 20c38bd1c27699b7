"""A device that left its consultant's hands: which there are, shutting them out, and the command they fetch. See
decision 0025."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, or_, select, update

from sync import command
from sync.command import DeviceAsk, DeviceReply, Verb
from sync.hub.database import reading, writing
from sync.hub.problems import ProblemError
from sync.hub.settings import Hub
from sync.hub.tables import consultants, devices, recovery_requests
from sync.protocol import ProblemCode


@dataclass(frozen=True)
class KnownDevice:
    """Of one device what an office asks for. Instants are UTC, none where it has not happened: `revoked_at` since when
    it is shut out (by this `verb`, or by none), `told_at` when it fetched its command."""

    id: str
    consultant_name: str
    name: str
    enrolled_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None
    verb: Verb | None
    told_at: datetime | None


def known_devices(hub: Hub, municipality_id: str) -> tuple[KnownDevice, ...]:
    """All devices, by consultant, the newest of hers first."""
    d, c = devices.c, consultants.c
    with reading(hub.engine) as connection:
        rows = connection.execute(
            select(devices, c.name.label("consultant_name"))
            .join(consultants, (c.municipality_id == d.municipality_id) & (c.id == d.consultant_id))
            .where(d.municipality_id == municipality_id)
            .order_by(c.name, d.enrolled_at.desc(), d.id)
        ).all()
    return tuple(_known(row) for row in rows)


def revoke(
    hub: Hub, municipality_id: str, *, consultant_name: str = "", device_id: str = "", verb: Verb | None = None
) -> int:
    """Shuts out this device, or every device of this consultant that no verb was said about yet, from the next request
    on; with a verb it is told that when it asks. Writes; says how many devices it changed."""
    d, r = devices.c, recovery_requests.c
    with writing(hub.engine) as connection:
        wanted = [d.municipality_id == municipality_id, _whose(municipality_id, consultant_name, device_id)]
        ids = connection.scalars(select(d.id).where(*wanted, _changes(verb, one=bool(device_id)))).all()
        here = (d.municipality_id == municipality_id, d.id.in_(ids))
        said = {"revoked_at": hub.now_s(), "command": verb, "told_at": None}
        connection.execute(update(devices).where(*here).values(said))
        if verb != Verb.HANDED_IN:
            of_them = (r.municipality_id == municipality_id, r.device_id.in_(ids))
            connection.execute(delete(recovery_requests).where(*of_them))
    return len(ids)


def ask(hub: Hub, request: DeviceAsk) -> DeviceReply:
    """What was said about this device, signed. Writes when it is fetched for the first time. Raises
    ProblemError(device_unknown)."""
    # No id holds a NUL, which PostgreSQL takes for no text at all.
    wanted = devices.c.id == request.device_id.replace("\0", " ")
    with reading(hub.engine) as connection:
        device = connection.execute(select(devices).where(wanted)).first()
    if device is None:
        raise ProblemError(ProblemCode.DEVICE_UNKNOWN)
    if device.command is None:
        return DeviceReply()
    if device.told_at is None:
        with writing(hub.engine) as connection:
            _keep_told(connection, device, hub.now_s())
    key = hub.sealing.signing_key()
    return DeviceReply(command=command.signed(key, device.id, Verb(device.command), device.revoked_at))


def _whose(municipality_id: str, consultant_name: str, device_id: str) -> ColumnElement[bool]:
    if device_id:
        return devices.c.id == device_id
    c = consultants.c
    hers = select(c.id).where(c.municipality_id == municipality_id, c.name == consultant_name)
    return devices.c.consultant_id.in_(hers)


def _changes(verb: Verb | None, *, one: bool) -> ColumnElement[bool]:
    """What is said of one device may be mended; of all of somebody's it leaves alone what was said of one before."""
    d = devices.c
    if verb is None:
        return d.revoked_at.is_(None)
    return or_(d.command.is_(None), d.command != verb) if one else d.command.is_(None)


def _keep_told(connection: Connection, device: Row[Any], now_s: int) -> None:
    """Not where something else was said meanwhile."""
    d = devices.c
    as_told = (d.municipality_id == device.municipality_id, d.id == device.id, d.command == device.command)
    connection.execute(update(devices).where(*as_told).values(told_at=now_s))


def _known(row: Row[Any]) -> KnownDevice:
    return KnownDevice(
        id=row.id,
        consultant_name=row.consultant_name,
        name=row.name,
        enrolled_at=datetime.fromtimestamp(row.enrolled_at, UTC),
        seen_at=_moment(row.seen_at),
        revoked_at=_moment(row.revoked_at),
        verb=Verb(row.command) if row.command else None,
        told_at=_moment(row.told_at),
    )


def _moment(at_s: int | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC)

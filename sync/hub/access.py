"""Who may talk to the hub: consultants, their devices, the one-use codes that make a device known."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.sealed import CODE_ALPHABET, plain_code
from sync.command import Verb
from sync.hub.colleagues import introduce
from sync.hub.database import Prepared, reading, writing
from sync.hub.durability import first_durable_seq
from sync.hub.problems import ProblemError
from sync.hub.rows import Rows
from sync.hub.settings import Hub
from sync.hub.tables import consultants, devices, enrol_codes, municipalities, nonces
from sync.protocol import CLOCK_SKEW_MAX_S, ENROL_CODE_TTL_S, EnrolReply, EnrolRequest, ProblemCode
from sync.signing import key_from_text, key_text

CODE_CHARS = 10
SEEN_EVERY_S = 60
DEFAULT_MUNICIPALITY = "medgang"


class UnknownConsultantError(Exception):
    """The hub has no consultant of this name."""


@dataclass(frozen=True)
class Consultant:
    municipality_id: str
    id: str
    name: str


@dataclass(frozen=True)
class Device:
    municipality_id: str
    id: str
    consultant_id: str
    public_key: Ed25519PublicKey
    is_revoked: bool
    #: Revoked too, but what it has to say is still taken.
    is_handed_in: bool = False
    #: When it last signed a request, in Unix seconds; none before the first.
    seen_at: int | None = None

    @property
    def of_whom(self) -> tuple[str, str]:
        """Municipality and consultant."""
        return self.municipality_id, self.consultant_id


@dataclass(frozen=True)
class EnrolCode:
    """`text` is shown once (XXXXX-XXXXX) and kept nowhere; `expires_at` is UTC."""

    text: str
    expires_at: datetime
    consultant: Consultant


def ensure_consultant(hub: Hub, connection: Connection, municipality_id: str, name: str) -> Consultant:
    """The consultant of this name, made with her municipality where the hub does not know them yet; then every phone
    of it is told her name. Writes."""
    ensure_municipality(connection, municipality_id)
    if known := find_consultant(connection, municipality_id, name):
        return known
    made = Consultant(municipality_id, str(uuid.uuid4()), name)
    connection.execute(insert(consultants).values(municipality_id=municipality_id, id=made.id, name=name))
    introduce(Rows(connection, hub.sealing, municipality_id), [(made.id, name)], hub.clock())
    return made


def add_consultant(hub: Hub, municipality_id: str, name: str) -> Consultant:
    """As ensure_consultant, for one who has neither phone nor citizens yet. Writes."""
    with writing(hub.engine) as connection:
        return ensure_consultant(hub, connection, municipality_id, name)


def ensure_municipality(connection: Connection, municipality_id: str) -> None:
    """Makes it where the hub does not know it yet. Writes."""
    if find_lineage(connection, municipality_id) is None:
        new = {"id": municipality_id, "lineage": new_lineage(), "seq": 0, "durable_seq": first_durable_seq(connection)}
        connection.execute(insert(municipalities).values(new))


def new_lineage() -> str:
    """The name of a new history of sequence numbers."""
    return secrets.token_hex(8)


def find_consultant(connection: Connection, municipality_id: str, name: str) -> Consultant | None:
    c = consultants.c
    row = connection.execute(select(c.id).where(c.municipality_id == municipality_id, c.name == name)).first()
    return Consultant(municipality_id, row.id, name) if row else None


def find_lineage(connection: Connection, municipality_id: str) -> str | None:
    return _LINEAGE.run(connection, here=municipality_id).scalar()


_LINEAGE = Prepared(select(municipalities.c.lineage).where(municipalities.c.id == bindparam("here")))


def find_recovery_key(connection: Connection, municipality_id: str) -> bytes:
    """The public half of the municipality's recovery key, empty where it has none."""
    return _RECOVERY_KEY.run(connection, here=municipality_id).scalar() or b""


_RECOVERY_KEY = Prepared(select(municipalities.c.recovery_public_key).where(municipalities.c.id == bindparam("here")))


def new_enrol_code(hub: Hub, municipality_id: str, consultant_name: str) -> EnrolCode:
    """A one-use code for this consultant's next device, valid for 10 minutes. Writes; only its hash is stored."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARS))
    expires_at = hub.now_s() + ENROL_CODE_TTL_S
    with writing(hub.engine) as connection:
        consultant = ensure_consultant(hub, connection, municipality_id, consultant_name)
        connection.execute(
            insert(enrol_codes).values(
                municipality_id=municipality_id,
                code_sha256=_code_hash(code),
                consultant_id=consultant.id,
                expires_at=expires_at,
            )
        )
    shown = f"{code[: CODE_CHARS // 2]}-{code[CODE_CHARS // 2 :]}"
    return EnrolCode(shown, datetime.fromtimestamp(expires_at, UTC), consultant)


def enrol(hub: Hub, request: EnrolRequest) -> EnrolReply:
    """Makes the device known and uses the code up, in one transaction. The caller has verified that the request was
    signed by the key it brings. Raises ProblemError(enrol_code)."""
    device_id = str(uuid.uuid4())
    with writing(hub.engine) as connection:
        consultant = _use_code(connection, request.code, hub.now_s())
        connection.execute(
            insert(devices).values(
                municipality_id=consultant.municipality_id,
                id=device_id,
                consultant_id=consultant.id,
                public_key=request.public_key,
                name=request.device_name.replace("\0", ""),
                enrolled_at=hub.now_s(),
            )
        )
        lineage = find_lineage(connection, consultant.municipality_id)
        recovery_public_key = find_recovery_key(connection, consultant.municipality_id)
    return EnrolReply(
        device_id=device_id,
        consultant_id=consultant.id,
        consultant_name=consultant.name,
        municipality=consultant.municipality_id,
        lineage=lineage or "",
        hub_public_key=key_text(hub.sealing.signing_key().public_key()),
        hub_time=hub.clock(),
        recovery_public_key=recovery_public_key,
    )


def find_device(hub: Hub, device_id: str) -> Device:
    """The device of this id, revoked or not. Raises ProblemError(device_unknown)."""
    with reading(hub.engine) as connection:
        row = _DEVICE.run(connection, device_id=device_id).first()
    if row is None:
        raise ProblemError(ProblemCode.DEVICE_UNKNOWN)
    return Device(
        row.municipality_id,
        row.id,
        row.consultant_id,
        key_from_text(row.public_key),
        is_revoked=row.revoked_at is not None,
        is_handed_in=row.command == Verb.HANDED_IN,
        seen_at=row.seen_at,
    )


_DEVICE = Prepared(select(devices).where(devices.c.id == bindparam("device_id")))


def seen(connection: Connection, device: Device, now_s: int) -> None:
    """Keeps when the device was last here, to the minute. Writes where a minute has passed."""
    if device.seen_at is None or now_s - device.seen_at >= SEEN_EVERY_S:
        _SEEN.run(connection, here=device.municipality_id, device_id=device.id, now_s=now_s)


_SEEN = Prepared(
    update(devices)
    .where(devices.c.municipality_id == bindparam("here"), devices.c.id == bindparam("device_id"))
    .values(seen_at=bindparam("now_s"))
)


def use_nonce(connection: Connection, device: Device, nonce: str, now_s: int) -> None:
    """Remembers the nonce for as long as its signature could still be accepted, and forgets older ones. Writes.
    Raises ProblemError(replayed)."""
    _FORGET_NONCES.run(connection, here=device.municipality_id, now_s=now_s)
    new = {"municipality_id": device.municipality_id, "device_id": device.id, "nonce": nonce}
    try:
        _REMEMBER_NONCE.run(connection, **new, expires_at=now_s + 2 * CLOCK_SKEW_MAX_S)
    except IntegrityError as error:
        raise ProblemError(ProblemCode.REPLAYED) from error


_FORGET_NONCES = Prepared(
    delete(nonces).where(nonces.c.municipality_id == bindparam("here"), nonces.c.expires_at < bindparam("now_s"))
)
_REMEMBER_NONCE = Prepared(insert(nonces))


def _use_code(connection: Connection, code: str, now_s: int) -> Consultant:
    c = enrol_codes.c
    used = connection.execute(
        update(enrol_codes)
        .where(c.code_sha256 == _code_hash(code), c.used_at.is_(None), c.expires_at > now_s)
        .values(used_at=now_s)
        .returning(c.municipality_id, c.consultant_id)
    ).first()
    if used is None:
        raise ProblemError(ProblemCode.ENROL_CODE)
    hers = (consultants.c.municipality_id == used.municipality_id, consultants.c.id == used.consultant_id)
    name = connection.execute(select(consultants.c.name).where(*hers)).scalar_one()
    return Consultant(used.municipality_id, used.consultant_id, name)


def _code_hash(code: str) -> str:
    return hashlib.sha256(plain_code(code).encode()).hexdigest()

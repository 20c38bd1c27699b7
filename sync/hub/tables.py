"""The hub's tables. `municipality_id` leads every key, so that a large hub can be sharded by it.

Instants are UTC in whole seconds since 1970. What a consultant wrote lies sealed in `records.payload`; record id, kind
and citizen id are plain, because the caseload predicate needs them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Index, LargeBinary, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID_CHARS = 64
LINE_CHARS = 500
#: Mark of a table whose rows live for minutes and travel in no backup: a code that was used after the backup would
#: work a second time, and a nonce says nothing once its signature is too old.
STAYS_HERE = "stays here"


def _municipality() -> Column[str]:
    return Column("municipality_id", String(ID_CHARS), primary_key=True)


def _key(name: str) -> Column[str]:
    return Column(name, String(ID_CHARS), primary_key=True)


def _id(name: str) -> Column[str]:
    return Column(name, String(ID_CHARS), nullable=False)


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


#: `lineage` names this history of sequence numbers, `seq` is the last one taken: the counter row all writers queue at.
#: Of the recovery key the hub has the public half alone. `durable_seq` is how far verified backups reach, `durable_at`
#: when the newest of them was made: NULL everywhere where none ever was.
municipalities = Table(
    "municipalities",
    metadata,
    _key("id"),
    _id("lineage"),
    _number("seq"),
    Column("recovery_public_key", LargeBinary),
    _number("durable_seq", nullable=True),
    _number("durable_at", nullable=True),
)

consultants = Table(
    "consultants",
    metadata,
    _municipality(),
    _key("id"),
    Column("name", String(LINE_CHARS), nullable=False),
    ForeignKeyConstraint(["municipality_id"], ["municipalities.id"]),
    Index(None, "municipality_id", "name", unique=True),
)

#: `revoked_at` is when the device was shut out, or since when its `command` is what it is (sync.command.Verb; NULL: it
#: is shut out and nothing else). `seen_at` is when it last signed a request, to the minute; `told_at` when it fetched
#: its command.
devices = Table(
    "devices",
    metadata,
    _municipality(),
    _key("id"),
    _id("consultant_id"),
    Column("public_key", String(43), nullable=False),
    Column("name", String(LINE_CHARS), nullable=False),
    _number("enrolled_at"),
    _number("revoked_at", nullable=True),
    Column("command", String(16)),
    _number("seen_at", nullable=True),
    _number("told_at", nullable=True),
    ForeignKeyConstraint(["municipality_id", "consultant_id"], ["consultants.municipality_id", "consultants.id"]),
    # A request names only its device, so the municipality is found from it.
    Index(None, "id"),
)

enrol_codes = Table(
    "enrol_codes",
    metadata,
    _municipality(),
    _key("code_sha256"),
    _id("consultant_id"),
    _number("expires_at"),
    _number("used_at", nullable=True),
    ForeignKeyConstraint(["municipality_id", "consultant_id"], ["consultants.municipality_id", "consultants.id"]),
    Index(None, "code_sha256"),
    info={STAYS_HERE: True},
)

#: The open question of a device whose PIN is forgotten, and the helpdesk's answer. `asks` counts its questions since
#: the last one that was answered or grew too old.
recovery_requests = Table(
    "recovery_requests",
    metadata,
    _municipality(),
    _key("device_id"),
    Column("public_key", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    _number("asked_at"),
    _number("asks"),
    Column("answer", LargeBinary),
    ForeignKeyConstraint(["municipality_id", "device_id"], ["devices.municipality_id", "devices.id"]),
)

#: Whose case it is. `leaves_at` is when it may leave her at the earliest, because its course was closed: 0 where it
#: does not leave by itself, NULL where a hub of before did not look at that.
caseload = Table(
    "caseload",
    metadata,
    _municipality(),
    _key("citizen_id"),
    _id("consultant_id"),
    _number("leaves_at", nullable=True),
    ForeignKeyConstraint(["municipality_id", "consultant_id"], ["consultants.municipality_id", "consultants.id"]),
    Index(None, "municipality_id", "consultant_id"),
)

#: What left a consultant's caseload with its citizen: her devices are told, record by record, to let go of it. For some
#: days what she writes on the case is still taken.
departures = Table(
    "departures",
    metadata,
    _municipality(),
    _key("consultant_id"),
    _key("record_id"),
    _id("citizen_id"),
    _number("version"),
    _number("seq"),
    _number("left_at", nullable=True),
    Index(None, "municipality_id", "consultant_id", "seq"),
)

#: Who had a case until lately, and until when her unfinished notes on it wait for her. Then they go to whoever has it.
former_consultants = Table(
    "former_consultants",
    metadata,
    _municipality(),
    _key("citizen_id"),
    _key("consultant_id"),
    _number("drafts_until"),
    Index(None, "municipality_id", "consultant_id"),
)

#: Who stands in for whom, as the `cover` record of `consultant_id` says: all her cases, from one day to another
#: (inclusive, YYYY-MM-DD in Europe/Copenhagen). One that was taken back has no last day, and runs on none.
covers = Table(
    "covers",
    metadata,
    _municipality(),
    _key("cover_id"),
    _id("consultant_id"),
    _id("colleague_id"),
    Column("from_on", String(10), nullable=False),
    Column("to_on", String(10), nullable=False),
    ForeignKeyConstraint(["municipality_id", "consultant_id"], ["consultants.municipality_id", "consultants.id"]),
    ForeignKeyConstraint(["municipality_id", "colleague_id"], ["consultants.municipality_id", "consultants.id"]),
    Index(None, "municipality_id", "colleague_id"),
    Index(None, "municipality_id", "consultant_id"),
)

#: Cases that a colleague (`consultant_id`) sees beside whose they are, as long as she stands in.
covered_cases = Table(
    "covered_cases",
    metadata,
    _municipality(),
    _key("citizen_id"),
    _key("consultant_id"),
    ForeignKeyConstraint(["municipality_id", "consultant_id"], ["consultants.municipality_id", "consultants.id"]),
    Index(None, "municipality_id", "consultant_id"),
)

#: The data keys, wrapped by the server key. `owner_key` is a citizen's id, or a consultant's for her own records.
citizen_keys = Table(
    "citizen_keys",
    metadata,
    _municipality(),
    _key("owner_key"),
    Column("wrapped", LargeBinary, nullable=False),
)

records = Table(
    "records",
    metadata,
    _municipality(),
    _key("record_id"),
    _id("kind"),
    _id("citizen_id"),
    _id("owner"),
    _number("version"),
    _number("seq"),
    Column("payload", LargeBinary),
    Column("deleted", Boolean, nullable=False),
    Index(None, "municipality_id", "citizen_id", "seq"),
    # A page begins behind a cursor: what came before it is not looked at.
    Index(None, "municipality_id", "seq"),
)

#: What was answered to each mutation, so that a repeated one gets the same answer and makes no second version.
mutations = Table(
    "mutations",
    metadata,
    _municipality(),
    _key("device_id"),
    _key("incarnation"),
    Column("n", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("status", String(16), nullable=False),
    _number("version"),
    _number("seq"),
    Column("reason", String(32)),
    Column("detail", String(LINE_CHARS), nullable=False),
)

#: A name for each transaction that took numbers, `seq` being its last one.
landmarks = Table(
    "landmarks",
    metadata,
    _municipality(),
    Column("seq", BigInteger, primary_key=True),
    _id("token"),
)

nonces = Table(
    "nonces",
    metadata,
    _municipality(),
    _key("device_id"),
    _key("nonce"),
    _number("expires_at"),
    Index(None, "municipality_id", "expires_at"),
    info={STAYS_HERE: True},
)

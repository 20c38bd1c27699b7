"""The first schema of the hub."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _people()
    _caseload()
    _records()
    _requests()


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _line(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(500), nullable=False)


def _consultant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["municipality_id", "consultant_id"],
        ["consultants.municipality_id", "consultants.id"],
        name=f"fk_{table}_municipality_id_consultant_id",
    )


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)


def _people() -> None:
    op.create_table("municipalities", _key("id"), _key("lineage"), _number("seq"), _primary("municipalities", "id"))
    op.create_table(
        "consultants",
        _key("municipality_id"),
        _key("id"),
        _line("name"),
        _primary("consultants", "municipality_id", "id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name="fk_consultants_municipality_id"),
    )
    _index("consultants", "municipality_id", "name", unique=True)
    op.create_table(
        "devices",
        _key("municipality_id"),
        _key("id"),
        _key("consultant_id"),
        sa.Column("public_key", sa.String(43), nullable=False),
        _line("name"),
        _number("enrolled_at"),
        _number("revoked_at", nullable=True),
        _primary("devices", "municipality_id", "id"),
        _consultant("devices"),
    )
    _index("devices", "id")
    op.create_table(
        "enrol_codes",
        _key("municipality_id"),
        _key("code_sha256"),
        _key("consultant_id"),
        _number("expires_at"),
        _number("used_at", nullable=True),
        _primary("enrol_codes", "municipality_id", "code_sha256"),
        _consultant("enrol_codes"),
    )
    _index("enrol_codes", "code_sha256")


def _caseload() -> None:
    op.create_table(
        "caseload",
        _key("municipality_id"),
        _key("citizen_id"),
        _key("consultant_id"),
        _primary("caseload", "municipality_id", "citizen_id"),
        _consultant("caseload"),
    )
    _index("caseload", "municipality_id", "consultant_id")
    op.create_table(
        "departures",
        _key("municipality_id"),
        _key("consultant_id"),
        _key("record_id"),
        _key("citizen_id"),
        _number("version"),
        _number("seq"),
        _primary("departures", "municipality_id", "consultant_id", "record_id"),
    )
    _index("departures", "municipality_id", "consultant_id", "seq")


def _records() -> None:
    op.create_table(
        "citizen_keys",
        _key("municipality_id"),
        _key("owner_key"),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        _primary("citizen_keys", "municipality_id", "owner_key"),
    )
    op.create_table(
        "records",
        _key("municipality_id"),
        _key("record_id"),
        _key("kind"),
        _key("citizen_id"),
        _key("owner"),
        _number("version"),
        _number("seq"),
        sa.Column("payload", sa.LargeBinary, nullable=True),
        sa.Column("deleted", sa.Boolean, nullable=False),
        _primary("records", "municipality_id", "record_id"),
    )
    _index("records", "municipality_id", "citizen_id", "seq")
    _index("records", "municipality_id", "owner", "seq")


def _requests() -> None:
    op.create_table(
        "mutations",
        _key("municipality_id"),
        _key("device_id"),
        _key("incarnation"),
        _number("n"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        _number("version"),
        _number("seq"),
        sa.Column("reason", sa.String(32), nullable=True),
        _line("detail"),
        _primary("mutations", "municipality_id", "device_id", "incarnation", "n"),
    )
    op.create_table(
        "nonces",
        _key("municipality_id"),
        _key("device_id"),
        _key("nonce"),
        _number("expires_at"),
        _primary("nonces", "municipality_id", "device_id", "nonce"),
    )
    _index("nonces", "municipality_id", "expires_at")

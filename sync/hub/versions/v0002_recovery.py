"""Recovery of a forgotten PIN: the municipality's public key, and the open questions of devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("municipalities", sa.Column("recovery_public_key", sa.LargeBinary, nullable=True))
    op.create_table(
        "recovery_requests",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("asks", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("municipality_id", "device_id", name="pk_recovery_requests"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "device_id"],
            ["devices.municipality_id", "devices.id"],
            name="fk_recovery_requests_municipality_id_device_id",
        ),
    )

"""A name for every transaction that took numbers: a hub that does not know one that a phone knows was put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "landmarks",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "seq", name="pk_landmarks"),
    )

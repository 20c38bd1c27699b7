"""How far verified backups reach: NULL as long as none was ever made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("municipalities", sa.Column("durable_seq", sa.BigInteger, nullable=True))
    op.add_column("municipalities", sa.Column("durable_at", sa.BigInteger, nullable=True))

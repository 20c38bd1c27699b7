"""What was said about a device that left its consultant's hands, when it fetched that, and when it was last seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("devices", sa.Column("command", sa.String(16), nullable=True))
    op.add_column("devices", sa.Column("seen_at", sa.BigInteger, nullable=True))
    op.add_column("devices", sa.Column("told_at", sa.BigInteger, nullable=True))

"""When a case left: what was written before the phone was told is taken for some days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # What left before is told at once, as it was until now: NULL is no time.
    op.add_column("departures", sa.Column("left_at", sa.BigInteger, nullable=True))

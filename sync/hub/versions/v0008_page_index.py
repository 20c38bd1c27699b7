"""Pages by number: without an index of theirs each sync looked at every record of the municipality."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("ix_records_municipality_id_seq", "records", ["municipality_id", "seq"])
    op.drop_index("ix_records_municipality_id_owner_seq", "records")

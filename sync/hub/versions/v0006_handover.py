"""Cases that a person hands over, and cases that leave once their course is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # NULL: whether the course is closed lies sealed, so the hub looks when it opens (upgrading.py).
    op.add_column("caseload", sa.Column("leaves_at", sa.BigInteger, nullable=True))
    op.create_table(
        "former_consultants",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("citizen_id", sa.String(64), nullable=False),
        sa.Column("consultant_id", sa.String(64), nullable=False),
        sa.Column("drafts_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "citizen_id", "consultant_id", name="pk_former_consultants"),
    )
    op.create_index(
        "ix_former_consultants_municipality_id_consultant_id",
        "former_consultants",
        ["municipality_id", "consultant_id"],
    )
    # Cases that changed hands before: their drafts wait for the rest of the seven days.
    op.execute(
        """
        INSERT INTO former_consultants (municipality_id, citizen_id, consultant_id, drafts_until)
        SELECT d.municipality_id, d.citizen_id, d.consultant_id, COALESCE(MAX(d.left_at), 0) + 7 * 24 * 3600
        FROM departures d
        WHERE NOT EXISTS (
            SELECT 1 FROM caseload c
            WHERE c.municipality_id = d.municipality_id AND c.citizen_id = d.citizen_id
              AND c.consultant_id = d.consultant_id
        )
        GROUP BY d.municipality_id, d.citizen_id, d.consultant_id
        """
    )

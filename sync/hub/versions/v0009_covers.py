"""Colleagues who stand in for each other for some days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "covers",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("cover_id", sa.String(64), nullable=False),
        sa.Column("consultant_id", sa.String(64), nullable=False),
        sa.Column("colleague_id", sa.String(64), nullable=False),
        sa.Column("from_on", sa.String(10), nullable=False),
        sa.Column("to_on", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "cover_id", name="pk_covers"),
        _consultant("covers", "consultant_id"),
        _consultant("covers", "colleague_id"),
    )
    op.create_table(
        "covered_cases",
        sa.Column("municipality_id", sa.String(64), nullable=False),
        sa.Column("citizen_id", sa.String(64), nullable=False),
        sa.Column("consultant_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("municipality_id", "citizen_id", "consultant_id", name="pk_covered_cases"),
        _consultant("covered_cases", "consultant_id"),
    )
    for table, column in (("covers", "colleague_id"), ("covers", "consultant_id"), ("covered_cases", "consultant_id")):
        op.create_index(f"ix_{table}_municipality_id_{column}", table, ["municipality_id", column])


def _consultant(table: str, column: str) -> sa.ForeignKeyConstraint:
    here, there = ["municipality_id", column], ["consultants.municipality_id", "consultants.id"]
    return sa.ForeignKeyConstraint(here, there, name=f"fk_{table}_municipality_id_{column}_consultants")

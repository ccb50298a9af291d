"""Wellbeing: waves, counters without people, telephones of help."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7be15c0d94a3"
down_revision = "9a41c7e2d605"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "help_contacts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("for_children", sa.Boolean(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_contacts")),
    )
    op.create_table(
        "wellbeing_waves",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("instrument", sa.String(length=64), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_early", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wellbeing_waves")),
    )
    op.create_index(op.f("ix_wellbeing_waves_closes_on"), "wellbeing_waves", ["closes_on"])
    op.create_table(
        "wellbeing_counters",
        sa.Column("wave_id", BIG, nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["wellbeing_waves.id"], name=op.f("fk_wellbeing_counters_wave_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_id", "dimension", "value", "level", name=op.f("pk_wellbeing_counters")),
    )


def downgrade() -> None:
    op.drop_table("wellbeing_counters")
    op.drop_index(op.f("ix_wellbeing_waves_closes_on"), table_name="wellbeing_waves")
    op.drop_table("wellbeing_waves")
    op.drop_table("help_contacts")

"""Indicators: numbers of statistics, snapshots; facts taken back are found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c41f7ab2d903"
down_revision = "a3f70c5d2e91"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index(
        "ix_facts_voided_at",
        "facts",
        ["voided_at"],
        sqlite_where=sa.text("voided_at IS NOT NULL"),
        postgresql_where=sa.text("voided_at IS NOT NULL"),
    )
    op.create_table(
        "stat_figures",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("municipality_id", BIG, nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("document", sa.String(length=255), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("entered_by_id", BIG, nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_stat_figures_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people.id"], name=op.f("fk_stat_figures_entered_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stat_figures")),
    )
    op.create_index(op.f("ix_stat_figures_municipality_id"), "stat_figures", ["municipality_id"])
    op.create_index(op.f("ix_stat_figures_entered_by_id"), "stat_figures", ["entered_by_id"])
    op.create_index("ix_stat_figures_slug_place", "stat_figures", ["slug", "municipality_id", "first"])
    op.create_table(
        "indicator_snapshots",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("approved_by_id", BIG, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by_id", BIG, nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_indicator_snapshots_approved_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by_id"], ["people.id"], name=op.f("fk_indicator_snapshots_reopened_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_snapshots")),
    )
    op.create_index(op.f("ix_indicator_snapshots_approved_by_id"), "indicator_snapshots", ["approved_by_id"])
    op.create_index(op.f("ix_indicator_snapshots_reopened_by_id"), "indicator_snapshots", ["reopened_by_id"])
    op.create_table(
        "indicator_snapshot_lists",
        sa.Column("snapshot_id", BIG, nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["indicator_snapshots.id"],
            name=op.f("fk_indicator_snapshot_lists_snapshot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "indicator", name=op.f("pk_indicator_snapshot_lists")),
    )


def downgrade() -> None:
    op.drop_table("indicator_snapshot_lists")
    op.drop_table("indicator_snapshots")
    op.drop_table("stat_figures")
    op.drop_index(
        "ix_facts_voided_at",
        "facts",
        sqlite_where=sa.text("voided_at IS NOT NULL"),
        postgresql_where=sa.text("voided_at IS NOT NULL"),
    )

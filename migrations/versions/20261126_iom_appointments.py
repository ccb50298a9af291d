"""appointing methodists by order with undo; drafts of routes for many at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3c1d9f27ab84"
down_revision = "c40b7d2e5f16"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=False),
        sa.Column("over_cap", sa.Boolean(), nullable=False),
        sa.Column("leaving_id", _id(), nullable=True),
        sa.Column("made_by_id", _id(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["leaving_id"], ["people.id"], name=op.f("fk_appointments_leaving_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_appointments_made_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(
        "ix_appointments_untold",
        "appointments",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "appointment_moves",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("appointment_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("given_id", _id(), nullable=False),
        sa.Column("taken_id", _id(), nullable=True),
        sa.Column("taken_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_appointment_moves_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["given_id"], ["methodist_assignments.id"], name=op.f("fk_appointment_moves_given_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_appointment_moves_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["taken_id"], ["methodist_assignments.id"], name=op.f("fk_appointment_moves_taken_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_moves")),
    )
    op.create_index(op.f("ix_appointment_moves_appointment_id"), "appointment_moves", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_appointment_moves_person_id"), "appointment_moves", ["person_id"], unique=False)
    op.create_table(
        "draft_runs",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("variant", sa.String(length=16), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("made_by_id", _id(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", _id(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("without", sa.Integer(), nullable=False),
        sa.Column("had", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_draft_runs_made_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_runs")),
    )


def downgrade() -> None:
    op.drop_table("draft_runs")
    op.drop_table("appointment_moves")
    op.drop_table("appointments")

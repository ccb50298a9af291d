"""routes (ИОМ): steps, evidence, revisions, history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7e40c2b9d1a6"
down_revision = "9e2f4a6c1d70"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ioms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("reg_no", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("methodist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exit_attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.String(length=32),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=16), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("agreed_steps", sa.JSON(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reflections", sa.JSON(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["people.id"], name=op.f("fk_ioms_approved_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_ioms_attempt_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["exit_attempt_id"], ["attempts.id"], name=op.f("fk_ioms_exit_attempt_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["methodist_id"], ["people.id"], name=op.f("fk_ioms_methodist_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ioms_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ioms")),
        sa.UniqueConstraint("reg_no", name=op.f("uq_ioms_reg_no")),
    )
    op.create_index(op.f("ix_ioms_person_id"), "ioms", ["person_id"], unique=False)
    op.create_index("ix_ioms_state_methodist", "ioms", ["state", "methodist_id"], unique=False)
    op.create_index(
        "uq_ioms_open",
        "ioms",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "iom_deficits",
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_slug", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("pct", sa.Double(), nullable=True),
        sa.Column("sem", sa.Double(), nullable=True),
        sa.Column(
            "level",
            sa.String(length=32),
            nullable=True,
        ),
        sa.Column("after_pct", sa.Double(), nullable=True),
        sa.Column("after_sem", sa.Double(), nullable=True),
        sa.Column(
            "after_level",
            sa.String(length=32),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_iom_deficits_group_slug")),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_deficits_iom_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("iom_id", "group_slug", name=op.f("pk_iom_deficits")),
    )
    op.create_table(
        "iom_goals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_slug", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_iom_goals_group_slug")),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_goals_iom_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_goals")),
    )
    op.create_index(op.f("ix_iom_goals_iom_id"), "iom_goals", ["iom_id"], unique=False)
    op.create_table(
        "iom_revisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_revisions_iom_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["people.id"], name=op.f("fk_iom_revisions_proposed_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_revisions")),
        sa.UniqueConstraint("iom_id", "number", name=op.f("uq_iom_revisions_iom_id_number")),
    )
    op.create_table(
        "iom_steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column(
            "form",
            sa.String(length=32),
            nullable=False,
        ),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=32),
            nullable=False,
        ),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_type", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["people.id"], name=op.f("fk_iom_steps_accepted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_iom_steps_activity_id")),
        sa.ForeignKeyConstraint(["goal_id"], ["iom_goals.id"], name=op.f("fk_iom_steps_goal_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_steps_iom_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_steps")),
    )
    op.create_index(op.f("ix_iom_steps_activity_id"), "iom_steps", ["activity_id"], unique=False)
    op.create_index(op.f("ix_iom_steps_iom_id"), "iom_steps", ["iom_id"], unique=False)
    op.create_index("ix_iom_steps_state_due", "iom_steps", ["state", "due_on"], unique=False)
    op.create_table(
        "iom_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reviewed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_iom_evidence_file_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["people.id"], name=op.f("fk_iom_evidence_reviewed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["iom_steps.id"], name=op.f("fk_iom_evidence_step_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_evidence")),
    )
    op.create_index(op.f("ix_iom_evidence_step_id"), "iom_evidence", ["step_id"], unique=False)
    op.create_table(
        "iom_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_iom_moves_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_moves_iom_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["step_id"], ["iom_steps.id"], name=op.f("fk_iom_moves_step_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_moves")),
    )
    op.create_index(op.f("ix_iom_moves_iom_id"), "iom_moves", ["iom_id"], unique=False)
    op.create_table(
        "iom_notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("iom_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.String(length=32),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["iom_id"], ["ioms.id"], name=op.f("fk_iom_notices_iom_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["step_id"], ["iom_steps.id"], name=op.f("fk_iom_notices_step_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iom_notices")),
    )
    op.create_index(op.f("ix_iom_notices_iom_id"), "iom_notices", ["iom_id"], unique=False)
    op.create_index(
        "ix_iom_notices_waiting",
        "iom_notices",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_iom_notices_waiting",
        table_name="iom_notices",
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.drop_index(op.f("ix_iom_notices_iom_id"), table_name="iom_notices")
    op.drop_table("iom_notices")
    op.drop_index(op.f("ix_iom_moves_iom_id"), table_name="iom_moves")
    op.drop_table("iom_moves")
    op.drop_index(op.f("ix_iom_evidence_step_id"), table_name="iom_evidence")
    op.drop_table("iom_evidence")
    op.drop_index("ix_iom_steps_state_due", table_name="iom_steps")
    op.drop_index(op.f("ix_iom_steps_iom_id"), table_name="iom_steps")
    op.drop_index(op.f("ix_iom_steps_activity_id"), table_name="iom_steps")
    op.drop_table("iom_steps")
    op.drop_table("iom_revisions")
    op.drop_index(op.f("ix_iom_goals_iom_id"), table_name="iom_goals")
    op.drop_table("iom_goals")
    op.drop_table("iom_deficits")
    op.drop_index(
        "uq_ioms_open",
        table_name="ioms",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_ioms_state_methodist", table_name="ioms")
    op.drop_index(op.f("ix_ioms_person_id"), table_name="ioms")
    op.drop_table("ioms")

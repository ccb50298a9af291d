"""Programmes with cohorts, tasks between meetings, tutorials by free slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e6b10d5c93f7"
down_revision = "e2b75f08c6d4"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("members_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "programmes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("tasks_share", sa.Integer(), nullable=False),
        sa.Column("gives_certificate", sa.Boolean(), nullable=False),
        sa.Column("organiser", sa.String(255), nullable=False),
        sa.Column("activity_id", BIG, nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_programmes_activity_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
    )
    op.create_index("ix_programmes_activity_id", "programmes", ["activity_id"])
    op.create_table(
        "cohorts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("series_id", BIG, nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(16), nullable=True),
        sa.Column("leader_id", BIG, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_cohorts_programme_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["series_id"], ["event_series.id"], name=op.f("fk_cohorts_series_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["people.id"], name=op.f("fk_cohorts_leader_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.UniqueConstraint("series_id", name=op.f("uq_cohorts_series_id")),
        sa.UniqueConstraint("code", name=op.f("uq_cohorts_code")),
    )
    op.create_index("ix_cohorts_programme_id", "cohorts", ["programme_id"])
    op.create_index("ix_cohorts_leader_id", "cohorts", ["leader_id"])
    op.create_table(
        "cohort_members",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("cohort_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("how", sa.String(32), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=True),
        sa.Column("told", sa.String(32), nullable=True),
        sa.Column("number", sa.String(16), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("open_name", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_cohort_members_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_cohort_members_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_members")),
        sa.UniqueConstraint("cohort_id", "person_id", name=op.f("uq_cohort_members_cohort_id_person_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cohort_members_number")),
    )
    op.create_index("ix_cohort_members_person_state", "cohort_members", ["person_id", "state"])
    op.create_table(
        "cohort_tasks",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("cohort_id", BIG, nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_cohort_tasks_cohort_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_tasks")),
    )
    op.create_index("ix_cohort_tasks_cohort_id", "cohort_tasks", ["cohort_id"])
    op.create_table(
        "cohort_works",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["cohort_tasks.id"], name=op.f("fk_cohort_works_task_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_cohort_works_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_cohort_works_file_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_cohort_works_decided_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_works")),
        sa.UniqueConstraint("task_id", "person_id", name=op.f("uq_cohort_works_task_id_person_id")),
    )
    op.create_index("ix_cohort_works_state", "cohort_works", ["state", "sent_at"])
    op.create_index("ix_cohort_works_person_id", "cohort_works", ["person_id"])
    op.create_index("ix_cohort_works_file_id", "cohort_works", ["file_id"])
    op.create_index("ix_cohort_works_decided_by_id", "cohort_works", ["decided_by_id"])
    op.create_table(
        "tutorial_slots",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("methodist_id", BIG, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("booked_at", MOMENT, nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["methodist_id"], ["people.id"], name=op.f("fk_tutorial_slots_methodist_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_tutorial_slots_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tutorial_slots")),
        sa.UniqueConstraint("methodist_id", "starts_at", name=op.f("uq_tutorial_slots_methodist_id_starts_at")),
    )
    op.create_index("ix_tutorial_slots_state_starts", "tutorial_slots", ["state", "starts_at"])
    op.create_index("ix_tutorial_slots_person_id", "tutorial_slots", ["person_id"])
    op.create_index(
        "uq_tutorial_slots_person",
        "tutorial_slots",
        ["person_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("state = 'booked'"),
        postgresql_where=sa.text("state = 'booked'"),
    )


def downgrade() -> None:
    op.drop_table("tutorial_slots")
    op.drop_table("cohort_works")
    op.drop_table("cohort_tasks")
    op.drop_table("cohort_members")
    op.drop_table("cohorts")
    op.drop_table("programmes")
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("members_only")

"""catalogue of activities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3c1f7ab08d52"
down_revision = "5b8d2c71e0f3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("organiser", sa.String(length=255), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("in_register", sa.Boolean(), nullable=False),
        sa.Column("register_number", sa.String(length=64), nullable=False),
        sa.Column("register_until", sa.Date(), nullable=True),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["organisations.id"], name=op.f("fk_activities_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("code", name=op.f("uq_activities_code")),
        sa.UniqueConstraint("event_id", name=op.f("uq_activities_event_id")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index("ix_activities_active_sort", ["active", "sort", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_site_id"), ["site_id"], unique=False)

    op.create_table(
        "activity_groups",
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_slug", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_groups_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_activity_groups_group_slug")),
        sa.PrimaryKeyConstraint("activity_id", "group_slug", name=op.f("pk_activity_groups")),
    )
    with op.batch_alter_table("activity_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_groups_group_slug"), ["group_slug"], unique=False)

    op.create_table(
        "activity_requirements",
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("needs_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_requirements_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["needs_id"], ["activities.id"], name=op.f("fk_activity_requirements_needs_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "needs_id", name=op.f("pk_activity_requirements")),
    )
    with op.batch_alter_table("activity_requirements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_requirements_needs_id"), ["needs_id"], unique=False)

    op.create_table(
        "activity_subjects",
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_slug", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_subjects_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_activity_subjects_subject_slug")),
        sa.PrimaryKeyConstraint("activity_id", "subject_slug", name=op.f("pk_activity_subjects")),
    )
    with op.batch_alter_table("activity_subjects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_subjects_subject_slug"), ["subject_slug"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("activity_subjects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_subjects_subject_slug"))

    op.drop_table("activity_subjects")
    with op.batch_alter_table("activity_requirements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_requirements_needs_id"))

    op.drop_table("activity_requirements")
    with op.batch_alter_table("activity_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_groups_group_slug"))

    op.drop_table("activity_groups")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activities_site_id"))
        batch_op.drop_index(batch_op.f("ix_activities_kind"))
        batch_op.drop_index("ix_activities_active_sort")

    op.drop_table("activities")

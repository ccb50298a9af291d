"""tutors of learners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b95d6f2e4ca1"
down_revision = "a84c5e1d3b90"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tutor_assignments",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("cohort_id", _number, nullable=False),
        sa.Column("person_id", _number, nullable=False),
        sa.Column("tutor_id", _number, nullable=False),
        sa.Column("by_id", _number, nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_tutor_assignments_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_tutor_assignments_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_tutor_assignments_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tutor_id"], ["people.id"], name=op.f("fk_tutor_assignments_tutor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tutor_assignments")),
        sa.UniqueConstraint("cohort_id", "person_id", name=op.f("uq_tutor_assignments_cohort_id_person_id")),
    )
    with op.batch_alter_table("tutor_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tutor_assignments_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tutor_assignments_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tutor_assignments_tutor_id"), ["tutor_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tutor_assignments")

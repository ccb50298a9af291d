"""Programmes: a member heard that she is no longer counted as young."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c7d41f0b93ea"
down_revision = "c7d21f4b9e06"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cohort_members") as batch_op:
        batch_op.add_column(sa.Column("young_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cohort_members") as batch_op:
        batch_op.drop_column("young_told_at")

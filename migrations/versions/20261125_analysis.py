"""From how many persons an error of measurement was computed, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7c5e1f90ab44"
down_revision = "3d1a6b0c8e21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("version_groups") as batch_op:
        batch_op.add_column(sa.Column("sem_n", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sem_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("version_groups") as batch_op:
        batch_op.drop_column("sem_at")
        batch_op.drop_column("sem_n")

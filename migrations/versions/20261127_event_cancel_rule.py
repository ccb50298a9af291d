"""Events: how many hours before the beginning people are asked to cancel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7d20e5fa913"
down_revision = "a4e90d7c51b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("cancel_hours", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("cancel_hours")

"""Mentoring: what hinders a pair and whether it goes on, asked every half a year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e61f3ab80c94"
down_revision = "d9e2b80c47a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pair_answers") as batch_op:
        batch_op.add_column(sa.Column("hindrance", sa.String(32), nullable=True))
        batch_op.add_column(sa.Column("goes_on", sa.String(32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pair_answers") as batch_op:
        batch_op.drop_column("goes_on")
        batch_op.drop_column("hindrance")

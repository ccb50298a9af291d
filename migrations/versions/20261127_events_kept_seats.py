"""Events: seats kept for people whose ИОМ has the event, and the day they are given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a3c9e17d6b40"
down_revision = "c7d41f0b93ea"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("reserved", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("release_on", sa.Date(), nullable=True))
    with op.batch_alter_table("events") as batch_op:
        batch_op.alter_column("reserved", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("release_on")
        batch_op.drop_column("reserved")

"""When the link of a line of the catalogue was asked, and since when it does not open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e4a7159cd0b2"
down_revision = "5b8e02d6c1f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities") as batch_op:
        batch_op.add_column(sa.Column("link_checked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("link_broken_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("activities") as batch_op:
        batch_op.drop_column("link_broken_on")
        batch_op.drop_column("link_checked_on")

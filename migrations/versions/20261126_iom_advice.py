"""What the methodist advises after a route: the next one, nothing more, the methodical active."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5e0b93d7c2a8"
down_revision = "b7e3d90c1f28"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ioms") as batch_op:
        batch_op.add_column(sa.Column("advice", sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ioms") as batch_op:
        batch_op.drop_column("advice")

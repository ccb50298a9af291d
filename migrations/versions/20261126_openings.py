"""how often the link of a broadcast was opened: a number a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c1d7f40a92be"
down_revision = "b4e7a19c52d8"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "broadcast_openings",
        sa.Column("broadcast_id", _number, nullable=False),
        sa.Column("messenger", sa.String(length=32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_openings_broadcast_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "messenger", "on_day", name=op.f("pk_broadcast_openings")),
    )


def downgrade() -> None:
    op.drop_table("broadcast_openings")

"""receiving: events taken once, how far polling came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a5d1c07e9b32"
down_revision = "7e40c2b9d1a6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_events",
        sa.Column("messenger", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("messenger", "key", name=op.f("pk_received_events")),
    )
    op.create_index(op.f("ix_received_events_received_at"), "received_events", ["received_at"])
    op.create_table(
        "receiver_cursors",
        sa.Column("messenger", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("messenger", name=op.f("pk_receiver_cursors")),
    )


def downgrade() -> None:
    op.drop_table("receiver_cursors")
    op.drop_index(op.f("ix_received_events_received_at"), table_name="received_events")
    op.drop_table("received_events")

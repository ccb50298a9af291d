"""wire ids: names a messenger gives by itself, and when a received event was done with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c40b7d2e5f16"
down_revision = "a5d1c07e9b32"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wire_ids",
        sa.Column("messenger", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("wire", sa.String(length=255), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("messenger", "chat_id", "message_id", name=op.f("pk_wire_ids")),
    )
    op.create_index(op.f("ix_wire_ids_noted_at"), "wire_ids", ["noted_at"])
    with op.batch_alter_table("received_events") as batch:
        batch.add_column(sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("received_events") as batch:
        batch.drop_column("done_at")
    op.drop_index(op.f("ix_wire_ids_noted_at"), table_name="wire_ids")
    op.drop_table("wire_ids")

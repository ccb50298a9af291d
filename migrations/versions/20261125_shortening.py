"""Shortened tests: parameters of items, the switch of a version, the mark of an attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9e2f4a6c1d70"
down_revision = "3c1f7ab08d52"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("instrument_versions") as batch_op:
        batch_op.add_column(sa.Column("adaptive", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("shortening", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.add_column(sa.Column("adaptive", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "item_parameters",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("slope", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_parameters_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_parameters")),
    )


def downgrade() -> None:
    op.drop_table("item_parameters")
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.drop_column("adaptive")
    with op.batch_alter_table("instrument_versions") as batch_op:
        batch_op.drop_column("shortening")
        batch_op.drop_column("adaptive")

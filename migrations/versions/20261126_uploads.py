"""What a messenger calls our files is remembered by the process, not by a table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d81f4c0a7e93"
down_revision = "5e0b93d7c2a8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("file_copies")


def downgrade() -> None:
    op.create_table(
        "file_copies",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("messenger", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_file_copies_file_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", "messenger", name=op.f("pk_file_copies")),
    )

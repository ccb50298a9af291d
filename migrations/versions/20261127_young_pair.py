"""Mentoring: the mentee of a pair heard that she is no longer counted as young."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5b8e02d6c1f4"
down_revision = "a3c9e17d6b40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mentor_pairs", sa.Column("young_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("mentor_pairs", "young_told_at")

"""who asked to be reminded of a contest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a84c5e1d3b90"
down_revision = "f27b91d4ce60"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contest_reminders",
        sa.Column("person_id", _number, nullable=False),
        sa.Column("record_id", _number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contest_reminders_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["register_records.id"], name=op.f("fk_contest_reminders_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "record_id", name=op.f("pk_contest_reminders")),
    )
    with op.batch_alter_table("contest_reminders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_reminders_record_id"), ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("contest_reminders")

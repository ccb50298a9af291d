"""Events: e-mails of webinar logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b4e7a19c52d8"
down_revision = "b95d6f2e4ca1"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("event_log_rows") as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(255), nullable=False, server_default=""))
    op.create_table(
        "event_log_addresses",
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("learned_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_event_log_addresses_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_event_log_addresses")),
    )
    op.create_index("ix_event_log_addresses_person_id", "event_log_addresses", ["person_id"])


def downgrade() -> None:
    op.drop_table("event_log_addresses")
    with op.batch_alter_table("event_log_rows") as batch_op:
        batch_op.drop_column("email")

"""broadcasts, rubrics and what people chose to get."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7e3d90c1f28"
down_revision = "c4a81f0e7d25"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rubrics",
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("how_often", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_rubrics")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rubric_slug", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link_label", sa.String(length=40), nullable=False),
        sa.Column("link_url", sa.String(length=500), nullable=False),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unfolded_through", sa.BigInteger(), nullable=False),
        sa.Column("unfolded", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("created_by_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_broadcasts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_broadcasts_file_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_broadcasts_municipality_id")),
        sa.ForeignKeyConstraint(["rubric_slug"], ["rubrics.slug"], name=op.f("fk_broadcasts_rubric_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index("ix_broadcasts_state_starts", ["state", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcasts_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcasts_municipality_id"), ["municipality_id"], unique=False)
    op.create_table(
        "broadcast_recipients",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("broadcast_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("messenger", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outbox_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcasts.id"],
            name=op.f("fk_broadcast_recipients_broadcast_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_broadcast_recipients_outbox_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_broadcast_recipients_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_recipients")),
        sa.UniqueConstraint("broadcast_id", "person_id", name=op.f("uq_broadcast_recipients_broadcast_id_person_id")),
    )
    with op.batch_alter_table("broadcast_recipients", schema=None) as batch_op:
        batch_op.create_index("ix_broadcast_recipients_state", ["broadcast_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcast_recipients_outbox_id"), ["outbox_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcast_recipients_person_id"), ["person_id"], unique=False)
    op.create_table(
        "mailing_choices",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("topic", sa.String(length=48), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mailing_choices_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_choices")),
        sa.UniqueConstraint("person_id", "topic", name=op.f("uq_mailing_choices_person_id_topic")),
    )
    with op.batch_alter_table("mailing_choices", schema=None) as batch_op:
        batch_op.create_index("ix_mailing_choices_topic", ["topic", "is_on"], unique=False)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_kind", ["kind", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_kind")
    op.drop_table("mailing_choices")
    op.drop_table("broadcast_recipients")
    op.drop_table("broadcasts")
    op.drop_table("rubrics")

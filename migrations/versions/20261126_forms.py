"""forms with their replies; wishes for courses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "f27b91d4ce60"
down_revision = "e6b10d5c93f7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_wishes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_course_wishes_event_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_course_wishes_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_wishes")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_course_wishes_person_id_key")),
    )
    with op.batch_alter_table("course_wishes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_wishes_event_id"), ["event_id"], unique=False)
        batch_op.create_index("ix_course_wishes_key", ["key", "state"], unique=False)

    op.create_table(
        "forms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("occurrence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_forms_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["measure_occurrences.id"], name=op.f("fk_forms_occurrence_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms")),
    )
    with op.batch_alter_table("forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forms_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_forms_occurrence_id"), ["occurrence_id"], unique=False)

    op.create_table(
        "form_replies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("filled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["filled_by_id"], ["people.id"], name=op.f("fk_form_replies_filled_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_form_replies_form_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_form_replies_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_replies")),
        sa.UniqueConstraint("form_id", "subject_id", name=op.f("uq_form_replies_form_id_subject_id")),
    )
    with op.batch_alter_table("form_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_replies_filled_by_id"), ["filled_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_form_replies_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_form_replies_state", ["form_id", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("form_replies", schema=None) as batch_op:
        batch_op.drop_index("ix_form_replies_state")
        batch_op.drop_index(batch_op.f("ix_form_replies_person_id"))
        batch_op.drop_index(batch_op.f("ix_form_replies_filled_by_id"))

    op.drop_table("form_replies")
    with op.batch_alter_table("forms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_forms_occurrence_id"))
        batch_op.drop_index(batch_op.f("ix_forms_created_by_id"))

    op.drop_table("forms")
    with op.batch_alter_table("course_wishes", schema=None) as batch_op:
        batch_op.drop_index("ix_course_wishes_key")
        batch_op.drop_index(batch_op.f("ix_course_wishes_event_id"))

    op.drop_table("course_wishes")

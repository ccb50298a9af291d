"""Events: a short quiz after the session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c7d21f4b9e06"
down_revision = "e61f3ab80c94"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
NUMBERS = {"quiz_size": "0", "quiz_version": "0", "quiz_share": "60", "quiz_tries": "2", "quiz_hours": "24"}


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        for name, default in NUMBERS.items():
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=default))
    op.create_table(
        "event_quiz_questions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(255), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_quiz_questions_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_quiz_questions")),
        sa.UniqueConstraint("event_id", "place", name=op.f("uq_event_quiz_questions_event_id_place")),
    )
    op.create_table(
        "event_quiz_results",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_quiz_results_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_event_quiz_results_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_event_quiz_results")),
    )
    op.create_index("ix_event_quiz_results_person_id", "event_quiz_results", ["person_id"])
    # «After» is the fourth thing said of an event now; the third is the quiz.
    op.execute("UPDATE registrations SET reminded = 4 WHERE reminded = 3")


def downgrade() -> None:
    op.execute("UPDATE registrations SET reminded = 2 WHERE reminded = 3")
    op.execute("UPDATE registrations SET reminded = 3 WHERE reminded = 4")
    op.drop_table("event_quiz_results")
    op.drop_table("event_quiz_questions")
    with op.batch_alter_table("events") as batch_op:
        for name in NUMBERS:
            batch_op.drop_column(name)

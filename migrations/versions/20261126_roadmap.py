"""The roadmap: orders, measures, due days, evidence, questions, reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a9c4e17b52d0"
down_revision = "3c1d9f27ab84"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "roadmaps",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("runs_since", sa.Date(), nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_roadmaps_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_roadmaps_file_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmaps")),
    )
    op.create_index(op.f("ix_roadmaps_created_by_id"), "roadmaps", ["created_by_id"])
    op.create_index(op.f("ix_roadmaps_file_id"), "roadmaps", ["file_id"])
    op.create_table(
        "roadmap_sections",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("roadmap_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_roadmap_sections_roadmap_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_sections")),
        sa.UniqueConstraint("roadmap_id", "number", name=op.f("uq_roadmap_sections_roadmap_id_number")),
    )
    op.create_table(
        "measures",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("roadmap_id", BIG, nullable=False),
        sa.Column("section_id", BIG, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("deadline_own", sa.Text(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("read_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_kind", sa.String(length=32), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unfolded_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_measures_roadmap_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["roadmap_sections.id"], name=op.f("fk_measures_section_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("roadmap_id", "code", name=op.f("uq_measures_roadmap_id_code")),
    )
    op.create_index(op.f("ix_measures_section_id"), "measures", ["section_id"])
    op.create_index(op.f("ix_measures_unfolded_until"), "measures", ["unfolded_until"])
    op.create_table(
        "measure_bodies",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("body_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_measure_bodies_body_id")),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_measure_bodies_measure_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_bodies")),
        sa.UniqueConstraint("measure_id", "part", "name", name=op.f("uq_measure_bodies_measure_id_part_name")),
    )
    op.create_index(op.f("ix_measure_bodies_body_id"), "measure_bodies", ["body_id"])
    op.create_table(
        "measure_people",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_measure_people_measure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_measure_people_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_people")),
        sa.UniqueConstraint(
            "measure_id", "part", "person_id", name=op.f("uq_measure_people_measure_id_part_person_id")
        ),
    )
    op.create_index(op.f("ix_measure_people_person_id"), "measure_people", ["person_id"])
    op.create_table(
        "measure_occurrences",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Date(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("tentative", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", BIG, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", BIG, nullable=True),
        sa.Column("move_to", sa.Date(), nullable=True),
        sa.Column("move_reason", sa.Text(), nullable=False),
        sa.Column("move_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["people.id"], name=op.f("fk_measure_occurrences_closed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_measure_occurrences_measure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["move_by_id"], ["people.id"], name=op.f("fk_measure_occurrences_move_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["people.id"], name=op.f("fk_measure_occurrences_sent_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_occurrences")),
        sa.UniqueConstraint("measure_id", "kind", "key", name=op.f("uq_measure_occurrences_measure_id_kind_key")),
    )
    op.create_index(op.f("ix_measure_occurrences_closed_at"), "measure_occurrences", ["closed_at"])
    op.create_index(op.f("ix_measure_occurrences_closed_by_id"), "measure_occurrences", ["closed_by_id"])
    op.create_index(op.f("ix_measure_occurrences_move_by_id"), "measure_occurrences", ["move_by_id"])
    op.create_index(op.f("ix_measure_occurrences_sent_by_id"), "measure_occurrences", ["sent_by_id"])
    op.create_index(op.f("ix_measure_occurrences_state_due"), "measure_occurrences", ["state", "due"])
    op.create_index(op.f("ix_measure_occurrences_state_start"), "measure_occurrences", ["state", "start"])
    op.create_table(
        "measure_evidence",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("occurrence_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", BIG, nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_measure_evidence_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["people.id"], name=op.f("fk_measure_evidence_checked_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name=op.f("fk_measure_evidence_file_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["measure_occurrences.id"],
            name=op.f("fk_measure_evidence_occurrence_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_evidence")),
    )
    op.create_index(op.f("ix_measure_evidence_by_id"), "measure_evidence", ["by_id"])
    op.create_index(op.f("ix_measure_evidence_checked_by_id"), "measure_evidence", ["checked_by_id"])
    op.create_index(op.f("ix_measure_evidence_file_id"), "measure_evidence", ["file_id"])
    op.create_index(op.f("ix_measure_evidence_occurrence_id"), "measure_evidence", ["occurrence_id"])
    op.create_index(op.f("ix_measure_evidence_state_at"), "measure_evidence", ["state", "at"])
    op.create_table(
        "date_questions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("ask_on", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Date(), nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_date_questions_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_date_questions_measure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_date_questions_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_questions")),
    )
    op.create_index(op.f("ix_date_questions_answered_by_id"), "date_questions", ["answered_by_id"])
    op.create_index(op.f("ix_date_questions_measure_id"), "date_questions", ["measure_id"])
    op.create_index(op.f("ix_date_questions_person_id"), "date_questions", ["person_id"])
    op.create_index(op.f("ix_date_questions_state_ask_on"), "date_questions", ["state", "ask_on"])
    op.create_table(
        "roadmap_reminders",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("object_id", BIG, nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_roadmap_reminders_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_reminders")),
        sa.UniqueConstraint(
            "person_id",
            "about",
            "object_id",
            "stage",
            name=op.f("uq_roadmap_reminders_person_id_about_object_id_stage"),
        ),
    )
    op.create_index(op.f("ix_roadmap_reminders_object"), "roadmap_reminders", ["about", "object_id"])
    op.create_index(op.f("ix_roadmap_reminders_person_day"), "roadmap_reminders", ["person_id", "day"])
    op.create_table(
        "measure_events",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("measure_id", BIG, nullable=False),
        sa.Column("occurrence_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_measure_events_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measures.id"], name=op.f("fk_measure_events_measure_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["measure_occurrences.id"],
            name=op.f("fk_measure_events_occurrence_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_events")),
    )
    op.create_index(op.f("ix_measure_events_by_id"), "measure_events", ["by_id"])
    op.create_index(op.f("ix_measure_events_measure_at"), "measure_events", ["measure_id", "at"])
    op.create_index(op.f("ix_measure_events_occurrence_id"), "measure_events", ["occurrence_id"])


def downgrade() -> None:
    op.drop_table("measure_events")
    op.drop_table("roadmap_reminders")
    op.drop_table("date_questions")
    op.drop_table("measure_evidence")
    op.drop_table("measure_occurrences")
    op.drop_table("measure_people")
    op.drop_table("measure_bodies")
    op.drop_table("measures")
    op.drop_table("roadmap_sections")
    op.drop_table("roadmaps")

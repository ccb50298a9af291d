"""Mentoring: mentors and needs, runs of matching, pairs and their life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e2b75f08c6d4"
down_revision = "e41c7a95d0b3"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "match_runs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("municipality_id", BIG, nullable=True),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("going", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("mentees", sa.Integer(), nullable=False),
        sa.Column("mentors", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_match_runs_made_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_match_runs_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_runs")),
    )
    op.create_index(
        "uq_match_runs_going",
        "match_runs",
        ["going"],
        unique=True,
        sqlite_where=sa.text("going"),
        postgresql_where=sa.text("going"),
    )
    op.create_table(
        "mentee_needs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("shares", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("touched_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mentee_needs_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentee_needs")),
        sa.UniqueConstraint("person_id", name=op.f("uq_mentee_needs_person_id")),
    )
    op.create_index("ix_mentee_needs_open", "mentee_needs", ["closed_at", "touched_at"], unique=False)
    op.create_table(
        "mentor_profiles",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("strengths", sa.JSON(), nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("max_load", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mentor_profiles_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_profiles")),
        sa.UniqueConstraint("person_id", name=op.f("uq_mentor_profiles_person_id")),
    )
    op.create_table(
        "mentor_wishes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("wanted_id", BIG, nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mentor_wishes_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wanted_id"], ["people.id"], name=op.f("fk_mentor_wishes_wanted_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_wishes")),
        sa.UniqueConstraint("person_id", "wanted_id", "side", name=op.f("uq_mentor_wishes_person_id_wanted_id_side")),
    )
    op.create_index(op.f("ix_mentor_wishes_wanted_id"), "mentor_wishes", ["wanted_id"], unique=False)
    op.create_table(
        "match_left",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("obstacle", sa.String(length=32), nullable=False),
        sa.Column("best_id", BIG, nullable=True),
        sa.Column("best_score", sa.Double(), nullable=True),
        sa.Column("remote", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["best_id"], ["people.id"], name=op.f("fk_match_left_best_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_match_left_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["match_runs.id"], name=op.f("fk_match_left_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_left")),
        sa.UniqueConstraint("person_id", name=op.f("uq_match_left_person_id")),
    )
    op.create_index(op.f("ix_match_left_best_id"), "match_left", ["best_id"], unique=False)
    op.create_index(op.f("ix_match_left_run_id"), "match_left", ["run_id"], unique=False)
    op.create_table(
        "mentor_pairs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("mentor_id", BIG, nullable=False),
        sa.Column("mentee_id", BIG, nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BIG, nullable=True),
        sa.Column("municipality_id", BIG, nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.Column("left_by", sa.String(length=32), nullable=True),
        sa.Column("wants_other", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("nudged_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("answer_until", sa.Date(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_reason", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["mentee_id"], ["people.id"], name=op.f("fk_mentor_pairs_mentee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["people.id"], name=op.f("fk_mentor_pairs_mentor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_mentor_pairs_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_mentor_pairs_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["match_runs.id"], name=op.f("fk_mentor_pairs_run_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_pairs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mentor_pairs_mentee_id"), "mentor_pairs", ["mentee_id"], unique=False)
    op.create_index("ix_mentor_pairs_mentor", "mentor_pairs", ["mentor_id", "state"], unique=False)
    op.create_index(op.f("ix_mentor_pairs_municipality_id"), "mentor_pairs", ["municipality_id"], unique=False)
    op.create_index("ix_mentor_pairs_state", "mentor_pairs", ["state", "organisation_id"], unique=False)
    op.create_index(
        "uq_mentor_pairs_open",
        "mentor_pairs",
        ["mentee_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "mentor_meetings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_mentor_meetings_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_meetings")),
    )
    op.create_index("ix_mentor_meetings_pair", "mentor_meetings", ["pair_id", "state"], unique=False)
    op.create_table(
        "pair_answers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("half", sa.String(length=8), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("usefulness", sa.Integer(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_pair_answers_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_answers")),
        sa.UniqueConstraint("pair_id", "half", "side", name=op.f("uq_pair_answers_pair_id_half_side")),
    )
    op.create_table(
        "pair_consents",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("paper", sa.String(length=255), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_pair_consents_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_pair_consents_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_consents")),
        sa.UniqueConstraint("pair_id", "side", name=op.f("uq_pair_consents_pair_id_side")),
    )
    op.create_table(
        "pair_moves",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_pair_moves_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_pair_moves_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_moves")),
    )
    op.create_index(op.f("ix_pair_moves_pair_id"), "pair_moves", ["pair_id"], unique=False)
    op.create_table(
        "pair_notes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_pair_notes_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_pair_notes_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_notes")),
    )
    op.create_index(op.f("ix_pair_notes_pair_id"), "pair_notes", ["pair_id"], unique=False)
    op.create_table(
        "program_lines",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("group_slug", sa.String(length=32), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_program_lines_group_slug")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_program_lines_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_lines")),
    )
    op.create_index(op.f("ix_program_lines_pair_id"), "program_lines", ["pair_id"], unique=False)
    op.create_table(
        "mentor_notices",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("pair_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", BIG, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["mentor_meetings.id"], name=op.f("fk_mentor_notices_meeting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["mentor_pairs.id"], name=op.f("fk_mentor_notices_pair_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mentor_notices_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_notices")),
    )
    op.create_index(op.f("ix_mentor_notices_pair_id"), "mentor_notices", ["pair_id"], unique=False)
    op.create_index(
        "ix_mentor_notices_waiting",
        "mentor_notices",
        ["id"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_mentor_notices_waiting",
        table_name="mentor_notices",
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.drop_index(op.f("ix_mentor_notices_pair_id"), table_name="mentor_notices")
    op.drop_table("mentor_notices")
    op.drop_index(op.f("ix_program_lines_pair_id"), table_name="program_lines")
    op.drop_table("program_lines")
    op.drop_index(op.f("ix_pair_notes_pair_id"), table_name="pair_notes")
    op.drop_table("pair_notes")
    op.drop_index(op.f("ix_pair_moves_pair_id"), table_name="pair_moves")
    op.drop_table("pair_moves")
    op.drop_table("pair_consents")
    op.drop_table("pair_answers")
    op.drop_index("ix_mentor_meetings_pair", table_name="mentor_meetings")
    op.drop_table("mentor_meetings")
    op.drop_index(
        "uq_mentor_pairs_open",
        table_name="mentor_pairs",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_mentor_pairs_state", table_name="mentor_pairs")
    op.drop_index(op.f("ix_mentor_pairs_municipality_id"), table_name="mentor_pairs")
    op.drop_index("ix_mentor_pairs_mentor", table_name="mentor_pairs")
    op.drop_index(op.f("ix_mentor_pairs_mentee_id"), table_name="mentor_pairs")
    op.drop_table("mentor_pairs")
    op.drop_index(op.f("ix_match_left_run_id"), table_name="match_left")
    op.drop_index(op.f("ix_match_left_best_id"), table_name="match_left")
    op.drop_table("match_left")
    op.drop_index(op.f("ix_mentor_wishes_wanted_id"), table_name="mentor_wishes")
    op.drop_table("mentor_wishes")
    op.drop_table("mentor_profiles")
    op.drop_index("ix_mentee_needs_open", table_name="mentee_needs")
    op.drop_table("mentee_needs")
    op.drop_index(
        "uq_match_runs_going", table_name="match_runs", sqlite_where=sa.text("going"), postgresql_where=sa.text("going")
    )
    op.drop_table("match_runs")

"""Events: sign-up, attendance, certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c4a81f0e7d25"
down_revision = "a9c4e17b52d0"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "event_series",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("rule", sa.String(255), nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_event_series_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_series")),
    )
    op.create_index("ix_event_series_created_by_id", "event_series", ["created_by_id"])
    op.create_table(
        "events",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("series_id", BIG, nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("hours", sa.Double(), nullable=False),
        sa.Column("form", sa.String(32), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("organiser", sa.String(255), nullable=False),
        sa.Column("speakers", sa.String(255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("bring", sa.String(255), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("young_only", sa.Boolean(), nullable=False),
        sa.Column("managers_only", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("hold_hours", sa.Integer(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=True),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("log_share", sa.Integer(), nullable=False),
        sa.Column("materials", sa.String(500), nullable=False),
        sa.Column("recording", sa.String(500), nullable=False),
        sa.Column("gives_certificate", sa.Boolean(), nullable=False),
        sa.Column("certificates_at", MOMENT, nullable=True),
        sa.Column("order_no", sa.String(64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("project", sa.String(255), nullable=False),
        sa.Column("responsible_id", BIG, nullable=True),
        sa.Column("notice", sa.String(16), nullable=False),
        sa.Column("notice_no", sa.Integer(), nullable=False),
        sa.Column("was_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(32), nullable=False),
        sa.Column("word_turn", sa.Integer(), nullable=False),
        sa.Column("marking_closed_at", MOMENT, nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_events_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["people.id"], name=op.f("fk_events_responsible_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["event_series.id"], name=op.f("fk_events_series_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("code", name=op.f("uq_events_code")),
    )
    op.create_index("ix_events_created_by_id", "events", ["created_by_id"])
    op.create_index("ix_events_responsible_id", "events", ["responsible_id"])
    op.create_index("ix_events_series_id", "events", ["series_id"])
    op.create_index("ix_events_starts", "events", ["starts_at", "id"])
    op.create_index("ix_events_state_starts", "events", ["state", "starts_at", "id"])
    op.create_table(
        "event_groups",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("group_slug", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_groups_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_event_groups_group_slug")),
        sa.PrimaryKeyConstraint("event_id", "group_slug", name=op.f("pk_event_groups")),
    )
    op.create_index("ix_event_groups_group_slug", "event_groups", ["group_slug"])
    op.create_table(
        "event_subjects",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("subject_slug", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_subjects_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_event_subjects_subject_slug")),
        sa.PrimaryKeyConstraint("event_id", "subject_slug", name=op.f("pk_event_subjects")),
    )
    op.create_index("ix_event_subjects_subject_slug", "event_subjects", ["subject_slug"])
    op.create_table(
        "registrations",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=True),
        sa.Column("told_no", sa.Integer(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_registrations_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_registrations_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_registrations_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("token", name=op.f("uq_registrations_token")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_registrations_event_id_person_id")),
    )
    op.create_index("ix_registrations_by_id", "registrations", ["by_id"])
    op.create_index("ix_registrations_event_state", "registrations", ["event_id", "state", "queued_at", "id"])
    op.create_index("ix_registrations_person_state", "registrations", ["person_id", "state"])
    op.create_index("ix_registrations_state_held", "registrations", ["state", "held_until"])
    op.create_table(
        "attendances",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("confidence", sa.String(32), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.Column("voided_by_id", BIG, nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_attendances_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_attendances_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_attendances_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["people.id"], name=op.f("fk_attendances_voided_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
    )
    op.create_index("ix_attendances_by_id", "attendances", ["by_id"])
    op.create_index("ix_attendances_person", "attendances", ["person_id"])
    op.create_index("ix_attendances_voided_by_id", "attendances", ["voided_by_id"])
    op.create_index(
        "uq_attendances_standing",
        "attendances",
        ["event_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "event_feedback",
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_feedback_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_event_feedback_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_event_feedback")),
    )
    op.create_index("ix_event_feedback_person_id", "event_feedback", ["person_id"])
    op.create_table(
        "certificates",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("open_name", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_id", BIG, nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_certificates_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_certificates_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["people.id"], name=op.f("fk_certificates_revoked_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_certificates_event_id_person_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    op.create_index("ix_certificates_person_id", "certificates", ["person_id"])
    op.create_index("ix_certificates_revoked_by_id", "certificates", ["revoked_by_id"])
    op.create_table(
        "event_log_rows",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_log_rows_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log_rows")),
    )
    op.create_index("ix_event_log_rows_event_id", "event_log_rows", ["event_id"])


def downgrade() -> None:
    op.drop_table("event_log_rows")
    op.drop_table("certificates")
    op.drop_table("event_feedback")
    op.drop_table("attendances")
    op.drop_table("registrations")
    op.drop_table("event_subjects")
    op.drop_table("event_groups")
    op.drop_table("events")
    op.drop_table("event_series")

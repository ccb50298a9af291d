"""The line «ЦНППМ на связи»: questions, roster of duty, ready answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a3d95e07c4b1"
down_revision = "a9c4e17b52d0"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hotline_canned",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=32), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_canned")),
    )
    op.create_table(
        "duty_slots",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("methodist_id", BIG, nullable=False),
        sa.Column("substitute_id", BIG, nullable=True),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("announced_at", MOMENT, nullable=True),
        sa.Column("handed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["methodist_id"], ["people.id"], name=op.f("fk_duty_slots_methodist_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["people.id"], name=op.f("fk_duty_slots_substitute_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_slots")),
        sa.UniqueConstraint("methodist_id", "starts_at", name=op.f("uq_duty_slots_methodist_id_starts_at")),
    )
    op.create_index("ix_duty_slots_ends_at", "duty_slots", ["ends_at"], unique=False)
    op.create_index(op.f("ix_duty_slots_substitute_id"), "duty_slots", ["substitute_id"], unique=False)
    op.create_table(
        "hotline_tickets",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("messenger", sa.String(length=32), nullable=True),
        sa.Column("municipality_id", BIG, nullable=True),
        sa.Column("subject_slug", sa.String(length=32), nullable=True),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("complex_one", sa.Boolean(), nullable=False),
        sa.Column("methodist_id", BIG, nullable=True),
        sa.Column("promised_id", BIG, nullable=True),
        sa.Column("merged_into_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("resolve_by", MOMENT, nullable=True),
        sa.Column("warn_at", MOMENT, nullable=True),
        sa.Column("warned_at", MOMENT, nullable=True),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("first_answer_at", MOMENT, nullable=True),
        sa.Column("in_term", sa.Boolean(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=True),
        sa.Column("applied", sa.String(length=32), nullable=True),
        sa.Column("asked_applied_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_hotline_tickets_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["hotline_tickets.id"],
            name=op.f("fk_hotline_tickets_merged_into_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["methodist_id"], ["people.id"], name=op.f("fk_hotline_tickets_methodist_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_hotline_tickets_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["promised_id"], ["people.id"], name=op.f("fk_hotline_tickets_promised_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_hotline_tickets_subject_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_tickets")),
    )
    op.create_index("ix_hotline_tickets_asked", "hotline_tickets", ["asked_at", "theme"], unique=False)
    op.create_index("ix_hotline_tickets_author", "hotline_tickets", ["author_id", "state", "id"], unique=False)
    op.create_index("ix_hotline_tickets_holder", "hotline_tickets", ["methodist_id", "state", "due_at"], unique=False)
    op.create_index(op.f("ix_hotline_tickets_promised_id"), "hotline_tickets", ["promised_id"], unique=False)
    op.create_index("ix_hotline_tickets_queue", "hotline_tickets", ["state", "due_at", "id"], unique=False)
    op.create_index(
        "uq_hotline_tickets_draft",
        "hotline_tickets",
        ["author_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "duty_swaps",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("mine_id", BIG, nullable=False),
        sa.Column("theirs_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["mine_id"], ["duty_slots.id"], name=op.f("fk_duty_swaps_mine_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["theirs_id"], ["duty_slots.id"], name=op.f("fk_duty_swaps_theirs_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swaps")),
    )
    op.create_index(op.f("ix_duty_swaps_mine_id"), "duty_swaps", ["mine_id"], unique=False)
    op.create_index(op.f("ix_duty_swaps_theirs_id"), "duty_swaps", ["theirs_id"], unique=False)
    op.create_table(
        "hotline_entries",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("subject_slug", sa.String(length=32), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column("not_helped", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.id"], name=op.f("fk_hotline_entries_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_hotline_entries_subject_slug")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["hotline_tickets.id"], name=op.f("fk_hotline_entries_ticket_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_entries")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_hotline_entries_ticket_id")),
    )
    op.create_index(op.f("ix_hotline_entries_owner_id"), "hotline_entries", ["owner_id"], unique=False)
    op.create_index("ix_hotline_entries_state", "hotline_entries", ["state", "review_on"], unique=False)
    op.create_table(
        "hotline_events",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("to_id", BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["people.id"], name=op.f("fk_hotline_events_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["hotline_tickets.id"], name=op.f("fk_hotline_events_ticket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["people.id"], name=op.f("fk_hotline_events_to_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_events")),
    )
    op.create_index(op.f("ix_hotline_events_actor_id"), "hotline_events", ["actor_id"], unique=False)
    op.create_index(op.f("ix_hotline_events_ticket_id"), "hotline_events", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_hotline_events_to_id"), "hotline_events", ["to_id"], unique=False)
    op.create_table(
        "hotline_messages",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("whose", sa.String(length=32), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_hotline_messages_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["hotline_tickets.id"], name=op.f("fk_hotline_messages_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_messages")),
        sa.UniqueConstraint("source", name=op.f("uq_hotline_messages_source")),
    )
    op.create_index(op.f("ix_hotline_messages_author_id"), "hotline_messages", ["author_id"], unique=False)
    op.create_index(op.f("ix_hotline_messages_ticket_id"), "hotline_messages", ["ticket_id"], unique=False)
    op.create_table(
        "hotline_files",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_hotline_files_file_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["hotline_messages.id"], name=op.f("fk_hotline_files_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "file_id", name=op.f("pk_hotline_files")),
    )
    op.create_table(
        "hotline_message_versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["hotline_messages.id"],
            name=op.f("fk_hotline_message_versions_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_message_versions")),
    )
    op.create_index(
        op.f("ix_hotline_message_versions_message_id"), "hotline_message_versions", ["message_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_hotline_message_versions_message_id"), table_name="hotline_message_versions")
    op.drop_table("hotline_message_versions")
    op.drop_table("hotline_files")
    op.drop_index(op.f("ix_hotline_messages_ticket_id"), table_name="hotline_messages")
    op.drop_index(op.f("ix_hotline_messages_author_id"), table_name="hotline_messages")
    op.drop_table("hotline_messages")
    op.drop_index(op.f("ix_hotline_events_to_id"), table_name="hotline_events")
    op.drop_index(op.f("ix_hotline_events_ticket_id"), table_name="hotline_events")
    op.drop_index(op.f("ix_hotline_events_actor_id"), table_name="hotline_events")
    op.drop_table("hotline_events")
    op.drop_index("ix_hotline_entries_state", table_name="hotline_entries")
    op.drop_index(op.f("ix_hotline_entries_owner_id"), table_name="hotline_entries")
    op.drop_table("hotline_entries")
    op.drop_index(op.f("ix_duty_swaps_theirs_id"), table_name="duty_swaps")
    op.drop_index(op.f("ix_duty_swaps_mine_id"), table_name="duty_swaps")
    op.drop_table("duty_swaps")
    op.drop_index(
        "uq_hotline_tickets_draft",
        table_name="hotline_tickets",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_index("ix_hotline_tickets_queue", table_name="hotline_tickets")
    op.drop_index(op.f("ix_hotline_tickets_promised_id"), table_name="hotline_tickets")
    op.drop_index("ix_hotline_tickets_holder", table_name="hotline_tickets")
    op.drop_index("ix_hotline_tickets_author", table_name="hotline_tickets")
    op.drop_index("ix_hotline_tickets_asked", table_name="hotline_tickets")
    op.drop_table("hotline_tickets")
    op.drop_index(op.f("ix_duty_slots_substitute_id"), table_name="duty_slots")
    op.drop_index("ix_duty_slots_ends_at", table_name="duty_slots")
    op.drop_table("duty_slots")
    op.drop_table("hotline_canned")

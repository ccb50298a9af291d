"""Questions gathered on one theme and answered by one post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0c7d5e91ab36"
down_revision = "d81f4c0a7e93"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hotline_sessions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("methodist_id", ID, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["methodist_id"], ["people.id"], name=op.f("fk_hotline_sessions_methodist_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_hotline_sessions_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_sessions")),
    )
    op.create_index("ix_hotline_sessions_closes", "hotline_sessions", ["closes_at", "id"])
    op.create_index(op.f("ix_hotline_sessions_methodist_id"), "hotline_sessions", ["methodist_id"])
    op.create_index(op.f("ix_hotline_sessions_created_by_id"), "hotline_sessions", ["created_by_id"])
    with op.batch_alter_table("hotline_tickets") as batch_op:
        batch_op.add_column(sa.Column("session_id", ID, nullable=True))
        batch_op.create_index(op.f("ix_hotline_tickets_session_id"), ["session_id"])
        batch_op.create_foreign_key(
            op.f("fk_hotline_tickets_session_id"), "hotline_sessions", ["session_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("hotline_tickets") as batch_op:
        batch_op.drop_constraint(op.f("fk_hotline_tickets_session_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_hotline_tickets_session_id"))
        batch_op.drop_column("session_id")
    op.drop_table("hotline_sessions")

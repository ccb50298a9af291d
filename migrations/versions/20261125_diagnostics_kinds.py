"""Kinds of instruments: keys and points, cases and observations, experts, results from elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3d1a6b0c8e21"
down_revision = "fef550cd7ce3"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("instruments") as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("instrument_versions") as batch_op:
        batch_op.add_column(sa.Column("form", sa.String(length=8), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("time_limit", sa.Integer(), nullable=True))
    with op.batch_alter_table("items") as batch_op:
        batch_op.add_column(sa.Column("answer_key", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("max_points", sa.Double(), nullable=False, server_default="4"))
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.alter_column("messenger", existing_type=sa.String(length=32), nullable=True)
        batch_op.add_column(sa.Column("rater_id", BIG, nullable=True))
        batch_op.create_foreign_key(op.f("fk_attempts_rater_id"), "people", ["rater_id"], ["id"], ondelete="SET NULL")
        batch_op.create_index(op.f("ix_attempts_rater_id"), ["rater_id"])
    with op.batch_alter_table("answers") as batch_op:
        batch_op.add_column(sa.Column("given", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("points", sa.Double(), nullable=True))
    op.execute("UPDATE answers SET points = value - 1 WHERE value IS NOT NULL")
    op.create_table(
        "submissions",
        sa.Column("attempt_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_submissions_attempt_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_submissions_file_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_submissions")),
    )
    op.create_index(op.f("ix_submissions_file_id"), "submissions", ["file_id"])
    op.create_table(
        "expert_ratings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("expert", sa.String(length=120), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_expert_ratings_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_ratings")),
        sa.UniqueConstraint("item_id", "expert", name=op.f("uq_expert_ratings_item_id_expert")),
    )
    op.create_table(
        "external_imports",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("saved", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_external_imports_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_imports")),
    )
    op.create_index(op.f("ix_external_imports_by_id"), "external_imports", ["by_id"])
    op.create_index(op.f("ix_external_imports_digest"), "external_imports", ["digest"])
    op.create_table(
        "external_doubts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["external_imports.id"], name=op.f("fk_external_doubts_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_doubts")),
    )
    op.create_index(op.f("ix_external_doubts_import_id"), "external_doubts", ["import_id"])
    op.create_table(
        "external_results",
        sa.Column("attempt_id", BIG, nullable=False),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_external_results_attempt_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["external_imports.id"], name=op.f("fk_external_results_import_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_external_results")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_external_results_fingerprint")),
    )
    op.create_index(op.f("ix_external_results_import_id"), "external_results", ["import_id"])


def downgrade() -> None:
    for table in ("external_results", "external_doubts", "external_imports", "expert_ratings", "submissions"):
        op.drop_table(table)
    with op.batch_alter_table("answers") as batch_op:
        batch_op.drop_column("points")
        batch_op.drop_column("given")
    # The old schema knows neither a missing messenger nor attempts that wait for marks.
    op.execute("DELETE FROM answers WHERE attempt_id IN (SELECT id FROM attempts WHERE messenger IS NULL)")
    op.execute("DELETE FROM group_results WHERE attempt_id IN (SELECT id FROM attempts WHERE messenger IS NULL)")
    op.execute("DELETE FROM attempts WHERE messenger IS NULL")
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.drop_index(op.f("ix_attempts_rater_id"))
        batch_op.drop_constraint(op.f("fk_attempts_rater_id"), type_="foreignkey")
        batch_op.drop_column("rater_id")
        batch_op.alter_column("messenger", existing_type=sa.String(length=32), nullable=False)
    with op.batch_alter_table("items") as batch_op:
        batch_op.drop_column("max_points")
        batch_op.drop_column("answer_key")
    with op.batch_alter_table("instrument_versions") as batch_op:
        batch_op.drop_column("time_limit")
        batch_op.drop_column("form")
    with op.batch_alter_table("instruments") as batch_op:
        batch_op.drop_column("subject")

"""the bank of practices, its experts, «Навигатор» and its bookmarks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e41c7a95d0b3"
down_revision = "7be15c0d94a3"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "navigator_entries",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("object_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject_slug", sa.String(length=32), nullable=True),
        sa.Column("group_slug", sa.String(length=32), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_navigator_entries")),
        sa.UniqueConstraint("source", "object_id", name=op.f("uq_navigator_entries_source_object_id")),
    )
    with op.batch_alter_table("navigator_entries", schema=None) as batch_op:
        batch_op.create_index("ix_navigator_entries_group", ["group_slug", "kind"], unique=False)
        batch_op.create_index("ix_navigator_entries_kind", ["kind", "id"], unique=False)
        batch_op.create_index("ix_navigator_entries_subject", ["subject_slug", "kind"], unique=False)
    op.create_table(
        "navigator_bookmarks",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("object_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_navigator_bookmarks_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "source", "object_id", name=op.f("pk_navigator_bookmarks")),
    )
    op.create_table(
        "practices",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("subject_slug", sa.String(length=32), nullable=True),
        sa.Column("grades", sa.String(length=80), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("group_slug", sa.String(length=32), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("words_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", ID, nullable=True),
        sa.Column("municipality_id", ID, nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("published_why", sa.String(length=255), nullable=False),
        sa.Column("search", sa.String(length=255), nullable=False),
        sa.Column("certificate_no", sa.String(length=32), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=255), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_practices_author_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["group_slug"], ["competence_groups.slug"], name=op.f("fk_practices_group_slug")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name=op.f("fk_practices_municipality_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_practices_organisation_id")),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_practices_subject_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
        sa.UniqueConstraint("certificate_no", name=op.f("uq_practices_certificate_no")),
    )
    with op.batch_alter_table("practices", schema=None) as batch_op:
        batch_op.create_index("ix_practices_state", ["state", "published_at", "id"], unique=False)
        batch_op.create_index("ix_practices_author", ["author_id", "state"], unique=False)
        batch_op.create_index(
            "uq_practices_draft",
            ["author_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        for column in ("group_slug", "municipality_id", "organisation_id", "subject_slug"):
            batch_op.create_index(batch_op.f(f"ix_practices_{column}"), [column], unique=False)
    op.create_table(
        "practice_files",
        sa.Column("practice_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("doubt", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_practice_files_file_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_files_practice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("practice_id", "file_id", name=op.f("pk_practice_files")),
    )
    with op.batch_alter_table("practice_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_files_file_id"), ["file_id"], unique=False)
    op.create_table(
        "practice_reviews",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("practice_id", ID, nullable=False),
        sa.Column("expert_id", ID, nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("assigned_by_id", ID, nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["people.id"], name=op.f("fk_practice_reviews_assigned_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["people.id"], name=op.f("fk_practice_reviews_expert_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_reviews_practice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_reviews")),
        sa.UniqueConstraint(
            "practice_id", "expert_id", "round", name=op.f("uq_practice_reviews_practice_id_expert_id_round")
        ),
    )
    with op.batch_alter_table("practice_reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_reviews_assigned_by_id"), ["assigned_by_id"], unique=False)
        batch_op.create_index("ix_practice_reviews_expert", ["expert_id", "done_at"], unique=False)
    op.create_table(
        "practice_uses",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("practice_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_practice_uses_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_practice_uses_practice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_uses")),
        sa.UniqueConstraint("practice_id", "person_id", name=op.f("uq_practice_uses_practice_id_person_id")),
    )
    with op.batch_alter_table("practice_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_uses_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    for name in (
        "practice_uses", "practice_reviews", "practice_files", "practices", "navigator_bookmarks", "navigator_entries",
    ):  # fmt: skip
        op.drop_table(name)

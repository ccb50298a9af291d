"""registers of the region: records with history, who keeps them, tables on their way in; forms; wishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a3f70c5d2e91"
down_revision = "0c7d5e91ab36"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registers",
        sa.Column("slug", sa.String(length=14), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["people.id"], name=op.f("fk_registers_checked_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_registers_owner_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_registers")),
    )
    with op.batch_alter_table("registers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registers_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registers_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "register_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("register", sa.String(length=14), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_register_imports_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["files.id"], name=op.f("fk_register_imports_file_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_imports")),
    )
    with op.batch_alter_table("register_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_imports_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_imports_file_id"), ["file_id"], unique=False)

    op.create_table(
        "register_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("register", sa.String(length=14), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("municipality_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("link_broken_on", sa.Date(), nullable=True),
        sa.Column("link_checked_on", sa.Date(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_register_records_municipality_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_register_records_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_register_records_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_records")),
        sa.UniqueConstraint("register", "code", name=op.f("uq_register_records_register_code")),
    )
    with op.batch_alter_table("register_records", schema=None) as batch_op:
        batch_op.create_index("ix_register_records_ends", ["register", "ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_records_municipality_id"), ["municipality_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_records_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_records_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_register_records_print", ["register", "fingerprint"], unique=False)
        batch_op.create_index("ix_register_records_sort", ["register", "state", "sort", "id"], unique=False)

    op.create_table(
        "register_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_register_versions_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["register_records.id"], name=op.f("fk_register_versions_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_versions")),
    )
    with op.batch_alter_table("register_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_versions_by_id"), ["by_id"], unique=False)
        batch_op.create_index("ix_register_versions_record", ["record_id", "since", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_versions_since"), ["since"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("register_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_versions_since"))
        batch_op.drop_index("ix_register_versions_record")
        batch_op.drop_index(batch_op.f("ix_register_versions_by_id"))

    op.drop_table("register_versions")
    with op.batch_alter_table("register_records", schema=None) as batch_op:
        batch_op.drop_index("ix_register_records_sort")
        batch_op.drop_index("ix_register_records_print")
        batch_op.drop_index(batch_op.f("ix_register_records_person_id"))
        batch_op.drop_index(batch_op.f("ix_register_records_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_register_records_municipality_id"))
        batch_op.drop_index("ix_register_records_ends")

    op.drop_table("register_records")
    with op.batch_alter_table("register_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_imports_file_id"))
        batch_op.drop_index(batch_op.f("ix_register_imports_by_id"))

    op.drop_table("register_imports")
    with op.batch_alter_table("registers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registers_owner_id"))
        batch_op.drop_index(batch_op.f("ix_registers_checked_by_id"))

    op.drop_table("registers")

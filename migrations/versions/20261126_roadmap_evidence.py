"""Named formats, links of measures to indicators, snapshots of registers, bodies put right, the year before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9a41c7e2d605"
down_revision = "c41f7ab2d903"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "roadmap_formats",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("roadmap_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("period", sa.String(length=255), nullable=False),
        sa.Column("audience", sa.String(length=255), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_roadmap_formats_roadmap_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_formats")),
        sa.UniqueConstraint("roadmap_id", "title", name=op.f("uq_roadmap_formats_roadmap_id_title")),
    )
    with op.batch_alter_table("roadmaps") as batch_op:
        batch_op.add_column(sa.Column("grown_from_id", ID, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_roadmaps_grown_from_id"), "roadmaps", ["grown_from_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_roadmaps_grown_from_id"), ["grown_from_id"], unique=False)
    with op.batch_alter_table("measures") as batch_op:
        batch_op.add_column(sa.Column("indicators", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("register", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("bodies_own", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("measure_evidence") as batch_op:
        batch_op.add_column(sa.Column("snapshot", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("measure_evidence") as batch_op:
        batch_op.drop_column("snapshot")
    with op.batch_alter_table("measures") as batch_op:
        batch_op.drop_column("bodies_own")
        batch_op.drop_column("register")
        batch_op.drop_column("indicators")
    with op.batch_alter_table("roadmaps") as batch_op:
        batch_op.drop_index(batch_op.f("ix_roadmaps_grown_from_id"))
        batch_op.drop_constraint(op.f("fk_roadmaps_grown_from_id"), type_="foreignkey")
        batch_op.drop_column("grown_from_id")
    op.drop_table("roadmap_formats")

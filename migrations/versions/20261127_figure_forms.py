"""The form whose total a number of statistics is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "f6b3820ae17c"
down_revision = "e4a7159cd0b2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stat_figures") as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_index("ix_stat_figures_form_id", ["form_id"])
        batch_op.create_foreign_key("fk_stat_figures_form_id_forms", "forms", ["form_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    with op.batch_alter_table("stat_figures") as batch_op:
        batch_op.drop_constraint("fk_stat_figures_form_id_forms", type_="foreignkey")
        batch_op.drop_index("ix_stat_figures_form_id")
        batch_op.drop_column("form_id")

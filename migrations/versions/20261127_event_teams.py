"""Events: teams of a school sign up together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a4e90d7c51b8"
down_revision = "f6b3820ae17c"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDING = sa.text("dissolved_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("events") as batch_op:
        batch_op.add_column(sa.Column("team_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("team_to", sa.Integer(), nullable=True))
    op.create_table(
        "event_teams",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("organiser_id", BIG, nullable=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("dissolved_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_teams_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_event_teams_organisation_id")),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["people.id"], name=op.f("fk_event_teams_organiser_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_teams")),
    )
    op.create_index(
        "uq_event_teams_standing",
        "event_teams",
        ["event_id", "organisation_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_event_teams_event_id", "event_teams", ["event_id"])
    op.create_index("ix_event_teams_organisation_id", "event_teams", ["organisation_id"])
    op.create_index("ix_event_teams_organiser_id", "event_teams", ["organiser_id"])
    op.create_index("ix_event_teams_until", "event_teams", ["until"])
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.add_column(sa.Column("team_id", BIG, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_registrations_team_id"), "event_teams", ["team_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index("ix_registrations_team_id", ["team_id"])


def downgrade() -> None:
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.drop_index("ix_registrations_team_id")
        batch_op.drop_constraint(op.f("fk_registrations_team_id"), type_="foreignkey")
        batch_op.drop_column("team_id")
    op.drop_table("event_teams")
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_column("team_to")
        batch_op.drop_column("team_from")

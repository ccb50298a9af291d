"""Campaigns of diagnosis and their invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5b8d2c71e0f3"
down_revision = "7c5e1f90ab44"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("organiser", sa.String(length=255), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("unfolded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["instrument_versions.id"], name=op.f("fk_campaigns_version_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_campaigns_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_state_since", "campaigns", ["state", "since"])
    op.create_index(op.f("ix_campaigns_version_id"), "campaigns", ["version_id"])
    op.create_index(op.f("ix_campaigns_created_by_id"), "campaigns", ["created_by_id"])
    op.create_table(
        "campaign_invites",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("campaign_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BIG, nullable=True),
        sa.Column("municipality_id", BIG, nullable=True),
        sa.Column("position_slug", sa.String(length=32), nullable=True),
        sa.Column("subject_slug", sa.String(length=32), nullable=True),
        sa.Column("attempt_id", BIG, nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_invites_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_campaign_invites_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_campaign_invites_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name=op.f("fk_campaign_invites_municipality_id")
        ),
        sa.ForeignKeyConstraint(["position_slug"], ["positions.slug"], name=op.f("fk_campaign_invites_position_slug")),
        sa.ForeignKeyConstraint(["subject_slug"], ["subjects.slug"], name=op.f("fk_campaign_invites_subject_slug")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_campaign_invites_attempt_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_invites")),
        sa.UniqueConstraint("campaign_id", "person_id", name=op.f("uq_campaign_invites_campaign_id_person_id")),
    )
    op.create_index("ix_campaign_invites_campaign_state", "campaign_invites", ["campaign_id", "state"])
    for column in ("person_id", "organisation_id", "municipality_id", "attempt_id"):
        op.create_index(op.f(f"ix_campaign_invites_{column}"), "campaign_invites", [column])


def downgrade() -> None:
    op.drop_table("campaign_invites")
    op.drop_table("campaigns")

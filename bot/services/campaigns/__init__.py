"""Campaigns of diagnosis: a target group by rule, invitations, progress, results with small groups hidden."""

from bot.services.campaigns.progress import Cut, Progress, ProgressLine, Results, difficulties, progress, results
from bot.services.campaigns.running import (
    Invitation,
    accept,
    close,
    current,
    decline,
    due,
    invitation,
    next_step,
    remind_due,
    remind_tomorrow,
    unfold,
)
from bot.services.campaigns.staff import (
    CampaignLine,
    Choice,
    Draft,
    card,
    choices,
    create,
    finish,
    launch,
    listing,
    version_state,
)
from bot.services.campaigns.targets import Target, count

__all__ = [
    "CampaignLine", "Choice", "Cut", "Draft", "Invitation", "Progress", "ProgressLine", "Results", "Target", "accept",
    "card", "choices", "close", "count", "create", "current", "decline", "difficulties", "due", "finish",
    "invitation", "launch", "listing", "next_step", "progress", "remind_due", "remind_tomorrow", "results", "unfold",
    "version_state",
]  # fmt: skip

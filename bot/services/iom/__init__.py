"""ИОМ: drafting, agreeing, following, closing; ``close_by`` is how other subjects close a step."""

from bot.services.iom import (
    agreeing,
    appointing,
    closing,
    composing,
    desk,
    drafting,
    following,
    reach,
    revising,
    staff,
    telling,
    views,
)
from bot.services.iom.closing import took_exit
from bot.services.iom.following import Source, close_by
from bot.services.iom.next import next_step
from bot.services.iom.views import Asked, Deficit, Route, StepView, load, mine

__all__ = [
    "Asked", "Deficit", "Route", "Source", "StepView", "agreeing", "appointing", "close_by", "closing", "composing",
    "desk", "drafting", "following", "load", "mine", "next_step", "reach", "revising", "staff", "telling",
    "took_exit", "views",
]  # fmt: skip

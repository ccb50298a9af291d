"""Forms: making and sending them out, filling them in, totals, reminders."""

from bot.services.forms.filling import Filling, ReplyLine, mine, open_reply, put, send
from bot.services.forms.making import FormCard, FormDraft, FormLine, card, close, create, listing, opened, terms
from bot.services.forms.nearest import next_step, urgent_step, waiting_count
from bot.services.forms.reminding import Waiting, tell, waiting

__all__ = [
    "Filling", "FormCard", "FormDraft", "FormLine", "ReplyLine", "Waiting", "card", "close", "create", "listing",
    "mine", "next_step", "open_reply", "opened", "put", "send", "tell", "terms", "urgent_step", "waiting",
    "waiting_count",
]  # fmt: skip

"""Forms: making and sending them out, filling them in, totals, reminders."""

from bot.services.forms.filling import Filling, ReplyLine, mine, open_reply, put, send
from bot.services.forms.making import FormCard, FormDraft, FormLine, card, close, create, listing, opened, terms
from bot.services.forms.reminding import Waiting, tell, waiting

__all__ = [
    "Filling", "FormCard", "FormDraft", "FormLine", "ReplyLine", "Waiting", "card", "close", "create", "listing",
    "mine", "open_reply", "opened", "put", "send", "tell", "terms", "waiting",
]  # fmt: skip

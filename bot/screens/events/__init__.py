"""Events in the chat (conversation.md §3.7), room by room."""

from bot.screens.events.being import (
    certificate,
    claimed,
    code,
    grade,
    grade_words,
    here,
    recording,
    thanks,
    unmarked,
    unseen,
)
from bot.screens.events.finding import card, empty, mine, month, more, share, suiting
from bot.screens.events.quiz import question, quiz, quiz_done, quiz_offer
from bot.screens.events.signing import calendar_file, clash, full, load, signed, unsigned, waiting
from bot.screens.events.telling import cancelled, moved, nobody, offer, passed, proposed, soon, tomorrow, will
from bot.screens.events.wording import When

__all__ = [
    "When",
    "calendar_file",
    "cancelled",
    "card",
    "certificate",
    "claimed",
    "clash",
    "code",
    "empty",
    "full",
    "grade",
    "grade_words",
    "here",
    "load",
    "mine",
    "month",
    "more",
    "moved",
    "nobody",
    "offer",
    "passed",
    "proposed",
    "question",
    "quiz",
    "quiz_done",
    "quiz_offer",
    "recording",
    "share",
    "signed",
    "soon",
    "suiting",
    "thanks",
    "tomorrow",
    "unmarked",
    "unseen",
    "unsigned",
    "waiting",
    "will",
]

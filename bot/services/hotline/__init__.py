"""«ЦНППМ на связи»: questions, duty, roster, ready answers (domain.md §6)."""

from bot.services.hotline import asking, desk, digest, duty, faq, register, roster, sessions, timers
from bot.services.hotline.ticket import Notice, NoticeKind, Piece, Speak, hours_of_week, promise, set_hours

__all__ = [
    "Notice",
    "NoticeKind",
    "Piece",
    "Speak",
    "asking",
    "desk",
    "digest",
    "duty",
    "faq",
    "hours_of_week",
    "promise",
    "register",
    "roster",
    "sessions",
    "set_hours",
    "timers",
]

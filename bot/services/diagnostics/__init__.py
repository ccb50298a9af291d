"""Self-diagnosis: instruments as data, the questionnaire, results, what others may see."""

from bot.services.diagnostics.authoring import list_instruments, load_instruments, preview
from bot.services.diagnostics.content import Content, Group, Item, content_of, forget_contents, published
from bot.services.diagnostics.results import (
    Comparison,
    GroupResult,
    Result,
    answers_of,
    compare,
    history,
    latest,
    own_result,
    results_of,
)
from bot.services.diagnostics.taking import (
    OFFICIAL_EVERY,
    Start,
    Step,
    abandon,
    answer,
    back,
    do_not_remind,
    finish,
    go_to,
    next_step,
    open_attempt,
    record_finished,
    remind_tomorrow,
    review,
    start,
    start_offer,
    state_of,
    to_first_gap,
)

__all__ = [
    "OFFICIAL_EVERY", "Comparison", "Content", "Group", "GroupResult", "Item", "Result", "Start", "Step", "abandon",
    "answer", "answers_of", "back", "compare", "content_of", "do_not_remind", "finish", "forget_contents", "go_to",
    "history", "latest", "list_instruments", "load_instruments", "next_step", "open_attempt", "own_result", "preview",
    "published", "record_finished", "remind_tomorrow", "results_of", "review", "start", "start_offer", "state_of",
    "to_first_gap",
]  # fmt: skip

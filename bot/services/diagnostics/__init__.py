"""Diagnosis: instruments as data, questionnaires, tests, marking, results, what others may see."""

from bot.services.diagnostics import drafts, editing, external, marking, sheets
from bot.services.diagnostics.authoring import list_instruments, load_instruments, preview
from bot.services.diagnostics.content import Content, Group, Item, content_of, forget_contents, forms_of, published
from bot.services.diagnostics.finishing import close, finish, record_finished
from bot.services.diagnostics.results import (
    Comparison,
    GroupResult,
    Result,
    answers_of,
    changes_between,
    compare,
    history,
    latest,
    own_result,
    results_of,
)
from bot.services.diagnostics.source import InstrumentFile, InstrumentRefused
from bot.services.diagnostics.standing import Both, Standing, both, last_official
from bot.services.diagnostics.taking import (
    OFFICIAL_EVERY,
    Start,
    Step,
    abandon,
    answer,
    back,
    closes_at,
    do_not_remind,
    go_to,
    next_step,
    open_attempt,
    remind_tomorrow,
    review,
    start,
    start_offer,
    state_of,
    to_first_gap,
)
from bot.services.diagnostics.tasks import (
    TaskLine,
    choose,
    close_late,
    confirm,
    given_now,
    offers,
    pick,
    skip,
    told_of,
)

__all__ = [
    "OFFICIAL_EVERY", "Both", "Comparison", "Content", "Group", "GroupResult", "InstrumentFile", "InstrumentRefused",
    "Item", "Result", "Standing", "Start", "Step", "TaskLine", "abandon", "answer", "answers_of", "back", "both",
    "changes_between", "choose", "close", "close_late", "closes_at", "compare", "confirm", "content_of",
    "do_not_remind", "drafts", "editing", "external", "finish", "forget_contents", "forms_of", "given_now", "go_to",
    "history", "last_official", "latest", "list_instruments", "load_instruments", "marking", "next_step", "offers",
    "open_attempt", "own_result", "pick", "preview", "published", "record_finished", "remind_tomorrow", "results_of",
    "review", "sheets", "skip", "start", "start_offer", "state_of", "to_first_gap", "told_of",
]  # fmt: skip

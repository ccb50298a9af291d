"""The letter to a keeper: which registers want a look and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.screens.menu import menu_row
from bot.services.registers import Due
from bot.ui.screen import Screen, rows

LISTED = 6


def review(t: Translator, due: Sequence[Due]) -> Screen:
    """One letter about all of her registers; no names of people in it."""
    lines = [_line(t, one) for one in due[:LISTED]]
    if len(due) > LISTED:
        lines.append(t("registers-review.more", n=len(due) - LISTED))
    text = t.screen("registers-review", n=len(due), lines=SafeHtml("\n".join(lines)))
    return Screen(text, rows(menu_row(t))).kept()


def _line(t: Translator, due: Due) -> str:
    date = date_ru(due.review_on) if due.review_on else ""
    said = [t.html(f"registers-review.{due.freshness.value}", register=due.kind.title, date=date)]
    if due.ending:
        said.append(t("registers-review.ending", n=due.ending))
    if due.broken:
        said.append(t("registers-review.broken", n=due.broken))
    return "; ".join(said)

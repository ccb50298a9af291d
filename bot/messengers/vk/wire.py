"""Words and buttons in VK's shape: format_data, keyboards, payloads."""

from __future__ import annotations

import json
from typing import Any

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.messengers.markup import Words

BUTTONS = 10
PER_ROW = 5
ROWS = 6
LABEL = 40

Rows = list[list[dict[str, Any]]]


def format_data(words: Words) -> str | None:
    """How the words look; VK counts UTF-16 units as Telegram does."""
    if not words.marks:
        return None
    items = [
        {"type": m.kind, "offset": m.offset, "length": m.length} | ({"url": m.url} if m.url else {})
        for m in words.marks
    ]
    return dumped({"version": 1, "items": items})


def rows_of(markup: Any) -> Rows:
    """Buttons as ``sent_messages`` keeps them: Bot API fields."""
    if not isinstance(markup, InlineKeyboardMarkup):
        return []
    return [[_kept(button) for button in row] for row in markup.inline_keyboard]


def markup_of(rows: Rows) -> InlineKeyboardMarkup | None:
    """Remembered buttons as handlers know them."""
    return InlineKeyboardMarkup.model_validate({"inline_keyboard": rows}) if rows else None


def portions(rows: Rows) -> list[Rows]:
    """Buttons in keyboards VK takes, in order; more than one only where a screen broke its limits."""
    made: list[Rows] = []
    current: Rows = []
    for row in rows:
        for start in range(0, len(row), PER_ROW):
            part = row[start : start + PER_ROW]
            if current and (len(current) == ROWS or sum(map(len, current)) + len(part) > BUTTONS):
                made.append(current)
                current = []
            current.append(part)
    return [*made, current] if current or not made else made


def keyboard(rows: Rows, *, inline: bool = True) -> str:
    """One keyboard. Empty buttons take it away, which an edit must say aloud.

    Clients that know no inline keyboard get one below the input field, of text buttons with the same payload.
    """
    buttons = [[_button(button, inline=inline) for button in row] for row in rows]
    if inline:
        return dumped({"inline": True, "buttons": buttons})
    return dumped({"one_time": False, "buttons": buttons})


def action_of(payload: Any) -> str:
    """What a button of ours carried, from an object or its text; empty for anything else."""
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return ""
    action = payload.get("d") if isinstance(payload, dict) else None
    return action if isinstance(action, str) else ""


def dumped(value: Any) -> str:
    """JSON as short as it gets: VK counts its signs."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kept(button: InlineKeyboardButton) -> dict[str, Any]:
    kept = {"text": button.text, "url": button.url, "callback_data": button.callback_data, "style": button.style}
    return {name: value for name, value in kept.items() if value}


def _button(button: dict[str, Any], *, inline: bool) -> dict[str, Any]:
    text: str = button["text"]
    label = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    if url := button.get("url"):
        return {"action": {"type": "open_link", "link": url, "label": label}}
    payload = dumped({"d": button.get("callback_data", "")})
    return {
        "action": {"type": "callback" if inline else "text", "label": label, "payload": payload},
        "color": "primary" if button.get("style") == "primary" else "secondary",
    }

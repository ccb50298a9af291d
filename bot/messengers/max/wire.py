"""Ids, words, buttons and files in MAX's shape."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from bot.messengers.markup import Mark, Words
from bot.models.people import Messenger
from bot.rules.chat_ids import MAX_GROUPS, SPAN, decoded

BUTTONS = 210
ROWS = 30
LABEL = 128
PAYLOAD = 1024

PER_ROW = 7
PER_ROW_WITH_LINK = 3
"""Buttons in a row; fewer where one of them is a link or asks for a contact."""

WHOLE = {1: LABEL, 2: 10, 3: 5, 4: 3}
WHOLE_OF_MANY = 2
"""Signs of a label a person sees, by the number of buttons in its row. A lone label has the whole row."""

KEYBOARD = "inline_keyboard"
NARROW = ("link", "request_contact")

Rows = list[list[dict[str, Any]]]

_mid = re.compile(r"mid\.([0-9a-f]{16})([0-9a-f]{16})")
_TAGS = {"bold": "b", "italic": "i", "underline": "u", "url": "a"}


# --- ids ----------------------------------------------------------------------------------------------


def mid_of(chat: int, seq: int) -> str:
    """The name of a message: its chat and its place there, each as 64 bits in two's complement."""
    return f"mid.{chat & 0xFFFFFFFFFFFFFFFF:016x}{seq & 0xFFFFFFFFFFFFFFFF:016x}"


def parts_of(mid: str) -> tuple[int, int] | None:
    """(chat, seq) of a name; None for a name of another kind."""
    found = _mid.fullmatch(mid)
    return (_signed(found[1]), _signed(found[2])) if found else None


def target(chat_id: int) -> dict[str, str]:
    """Whom a message goes to; ValueError for a chat of another messenger."""
    if MAX_GROUPS < chat_id < MAX_GROUPS + SPAN:
        return {"chat_id": str(MAX_GROUPS - chat_id)}
    return {"user_id": str(decoded(Messenger.max, chat_id))}


def _signed(digits: str) -> int:
    number = int(digits, 16)
    return number - (1 << 64) if number >> 63 else number


# --- words --------------------------------------------------------------------------------------------


def marked(words: Words) -> str:
    """The words as HTML of b, i, u, a: every tag closed, overlapping ones closed and opened again."""
    if not words.marks:
        return html.escape(words.text, quote=False)
    raw = words.text.encode("utf-16-le", "surrogatepass")
    edges = sorted({0, len(raw) // 2, *(m.offset for m in words.marks), *(m.offset + m.length for m in words.marks)})
    parts: list[str] = []
    opened: list[Mark] = []
    for start, end in zip(edges, [*edges[1:], edges[-1]], strict=True):
        going = [mark for mark in opened if mark.offset + mark.length > start]
        kept = next((i for i, mark in enumerate(opened) if mark.offset + mark.length <= start), len(opened))
        parts += [f"</{_TAGS[mark.kind]}>" for mark in reversed(opened[kept:])]
        fresh = [*going[kept:], *(mark for mark in words.marks if mark.offset == start)]
        parts += [_opening(mark) for mark in fresh]
        opened = [*opened[:kept], *fresh]
        parts.append(html.escape(raw[start * 2 : end * 2].decode("utf-16-le", "surrogatepass"), quote=False))
    return "".join(parts)


def _opening(mark: Mark) -> str:
    return f'<a href="{html.escape(mark.url)}">' if mark.kind == "url" else f"<{_TAGS[mark.kind]}>"


# --- buttons ------------------------------------------------------------------------------------------


def rows_of(markup: Any) -> Rows:
    """Buttons as ``sent_messages`` keeps them. A keyboard below the field becomes buttons that say their words."""
    if isinstance(markup, InlineKeyboardMarkup):
        return [[_kept(button) for button in row] for row in markup.inline_keyboard]
    if isinstance(markup, ReplyKeyboardMarkup):
        return [[_spoken(button) for button in row] for row in markup.keyboard]
    return []


def keyboard(rows: Rows) -> dict[str, Any]:
    """Buttons as an attachment; rows are split where MAX would cut a label, never merged."""
    return {"type": KEYBOARD, "payload": {"buttons": [part for row in rows for part in _whole(row)]}}


def fits(rows: Rows) -> bool:
    """True when MAX takes so many buttons."""
    return len(keyboard(rows)["payload"]["buttons"]) <= ROWS and sum(map(len, rows)) <= BUTTONS


def _whole(row: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    buttons = [_button(button) for button in row]
    longest = max((len(button["text"]) for button in buttons), default=0)
    most = PER_ROW_WITH_LINK if any(button["type"] in NARROW for button in buttons) else PER_ROW
    width = next(
        (n for n in range(min(most, len(row)), 1, -1) if longest <= WHOLE.get(n, WHOLE_OF_MANY)),
        1,
    )
    return (buttons[start : start + width] for start in range(0, len(buttons), width))


def _button(button: dict[str, Any]) -> dict[str, Any]:
    text: str = button["text"]
    label = text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"
    if url := button.get("url"):
        return {"type": "link", "text": label, "url": url}
    if button.get("request_contact"):
        return {"type": "request_contact", "text": label}
    if action := button.get("callback_data"):
        return {"type": "callback", "text": label, "payload": action}
    return {"type": "message", "text": label}


def _kept(button: InlineKeyboardButton) -> dict[str, Any]:
    kept = {"text": button.text, "url": button.url, "callback_data": button.callback_data, "style": button.style}
    return {name: value for name, value in kept.items() if value}


def _spoken(button: KeyboardButton) -> dict[str, Any]:
    return {"text": button.text, "request_contact": True} if button.request_contact else {"text": button.text}


def markup_of(attachments: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The buttons of a message as Bot API markup; only those that are pressed or opened."""
    for attachment in attachments:
        if attachment.get("type") == KEYBOARD:
            made = [
                [known for button in row if (known := _known(button)) is not None]
                for row in attachment["payload"]["buttons"]
            ]
            return {"inline_keyboard": [row for row in made if row]}
    return None


def _known(button: dict[str, Any]) -> dict[str, Any] | None:
    if button.get("type") == "callback" and button.get("payload"):
        return {"text": button["text"], "callback_data": button["payload"]}
    if button.get("type") == "link" and button.get("url"):
        return {"text": button["text"], "url": button["url"]}
    return None


# --- files --------------------------------------------------------------------------------------------


def media_of(attachments: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an edit must say again so that it stays: files by their tokens, without the buttons."""
    made = []
    for attachment in attachments:
        token = (attachment.get("payload") or {}).get("token")
        if attachment.get("type") != KEYBOARD and token:
            made.append({"type": attachment["type"], "payload": {"token": token}})
    return made


def file_id(kind: str, payload: dict[str, Any]) -> str:
    """Our id of a file: what it is, its token, and the address it came with."""
    return f"{kind}|{payload.get('token') or ''}|{payload.get('url') or ''}"


def file_of(made: str) -> tuple[str, str, str]:
    """(kind, token, address) of an id of ours; empty parts for anything else."""
    kind, _, rest = made.partition("|")
    token, _, url = rest.partition("|")
    return kind, token, url

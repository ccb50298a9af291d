"""A screen is a value: text and rows of buttons, drawn for VK's ten buttons (docs/decisions/0002)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

KEPT = "="
"""First sign of an action whose message must stay in the chat (receipts, results)."""


@dataclass(frozen=True, slots=True)
class Button:
    """A press (``action``, ASCII, ≤ 64 bytes, ``subject:verb:id``) or a link (``url``)."""

    label: str
    action: str = ""
    url: str = ""
    primary: bool = False


Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or document that goes with a screen; the words say the same."""

    name: str
    content: bytes
    media_type: str

    @property
    def is_picture(self) -> bool:
        """Shown in the chat rather than offered as a file."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees. ``text`` is HTML of b, i, u, a only; ``keep`` is never edited away."""

    text: str
    rows: tuple[Row, ...] = ()
    keep: bool = False
    toast: str = ""
    attachment: Attachment | None = None

    def kept(self) -> Screen:
        """The same screen, as a message that stays."""
        rows = tuple(tuple(_kept(button) for button in row) for row in self.rows)
        return replace(self, keep=True, rows=rows)

    def above(self, line: str) -> Screen:
        """The same screen under a line of explanation."""
        return replace(self, text=f"{line}\n\n{self.text}")

    def as_json(self) -> dict[str, Any]:
        """For the outbox (without attachment: files go by id)."""
        return {
            "text": self.text,
            "rows": [[[b.label, b.action, b.url, b.primary] for b in row] for row in self.rows],
            "keep": self.keep,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Screen:
        """Back from the outbox."""
        rows = tuple(tuple(Button(*button) for button in row) for row in raw["rows"])
        return cls(raw["text"], rows, keep=raw["keep"])


def rows(*lines: Row | list[Button] | Button | None) -> tuple[Row, ...]:
    """Rows of buttons; a lone button is a row, ``None`` and empty rows are left out."""
    made: list[Row] = []
    for line in lines:
        if line is None or line == []:
            continue
        made.append((line,) if isinstance(line, Button) else tuple(line))
    return tuple(made)


def cut(text: str, length: int) -> str:
    """At most ``length`` characters, cut at a word, with «…»."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    space = head.rfind(" ")
    return (head[:space] if space >= length // 2 else head).rstrip(" ,.;:—-") + "…"


def _kept(button: Button) -> Button:
    if not button.action or button.action.startswith(KEPT):
        return button
    return replace(button, action=KEPT + button.action)

"""How a screen will look in each messenger, made by the same code that sends it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.messengers import telegram, web
from bot.messengers.base import Limits
from bot.messengers.max import session as max_session
from bot.messengers.max import wire as max_wire
from bot.messengers.vk import session as vk_session
from bot.messengers.vk import wire as vk_wire
from bot.models import Messenger
from bot.ui.pieces import length, pieces
from bot.ui.screen import Screen
from bot.ui.show import keyboard

LIMITS: dict[Messenger, Limits] = {
    Messenger.max: max_session.LIMITS,
    Messenger.vk: vk_session.LIMITS,
    Messenger.telegram: telegram.LIMITS,
    Messenger.web: web.LIMITS,
}

Labels = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One messenger: its messages as HTML of b, i, u, a; labels as they are cut; what differs there."""

    messenger: Messenger
    messages: tuple[str, ...]
    buttons: Labels
    signs: int
    most: int
    # The file comes as a message of its own, because the words are too long to be its caption.
    file_apart: bool
    # Labels that are shown cut.
    cut: tuple[str, ...]


def looks(screen: Screen, *, with_file: bool = False) -> list[Look]:
    """Every messenger, whether it is on here or not."""
    return [_look(messenger, limits, screen, with_file) for messenger, limits in LIMITS.items()]


def _look(messenger: Messenger, limits: Limits, screen: Screen, with_file: bool) -> Look:
    labels = _labels(messenger, limits, screen)
    shown = {label for row in labels for label in row}
    return Look(
        messenger,
        tuple(pieces(screen.text, limits.text)),
        labels,
        length(screen.text),
        limits.text,
        with_file and len(screen.text) > limits.caption,
        tuple(button.label for row in screen.rows for button in row if button.label not in shown),
    )


def _labels(messenger: Messenger, limits: Limits, screen: Screen) -> Labels:
    markup = keyboard(screen.rows, limits.per_row)
    if markup is None:
        return ()
    match messenger:
        case Messenger.vk:
            made = [json.loads(vk_wire.keyboard(part)) for part in vk_wire.portions(vk_wire.rows_of(markup))]
            return _rows([b["action"]["label"] for b in row] for part in made for row in part["buttons"])
        case Messenger.max:
            rows = max_wire.keyboard(max_wire.rows_of(markup))["payload"]["buttons"]
            return _rows([button["text"] for button in row] for row in rows)
    return _rows([button.text for button in row] for row in markup.inline_keyboard)


def _rows(rows: Iterable[list[str]]) -> Labels:
    return tuple(tuple(row) for row in rows)

"""What stands last in each chat: enough to edit it, or to understand a typed label."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.ui.screen import Row


@dataclass(slots=True)
class Tail:
    """The last message of a chat and the buttons last shown there."""

    message_id: int
    rows: tuple[Row, ...] = ()
    shown_id: int = 0


class Tails:
    """Bounded memory of one process; after a restart a chat is simply unknown for a while."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._tails: OrderedDict[int, Tail] = OrderedDict()

    def heard(self, chat_id: int, message_id: int) -> None:
        """The person wrote: ours is no longer the last."""
        tail = self._of(chat_id)
        tail.message_id = max(tail.message_id, message_id)

    def shown(self, chat_id: int, message_id: int, rows: tuple[Row, ...]) -> None:
        """We showed (sent or edited) a message with these buttons."""
        tail = self._of(chat_id)
        tail.message_id = max(tail.message_id, message_id)
        tail.shown_id = message_id
        tail.rows = rows

    def is_last(self, chat_id: int, message_id: int) -> bool:
        """True when nothing newer is known in the chat."""
        tail = self._tails.get(chat_id)
        return tail is None or message_id >= tail.message_id

    def rows(self, chat_id: int) -> tuple[Row, ...]:
        """The buttons last shown in the chat."""
        tail = self._tails.get(chat_id)
        return tail.rows if tail else ()

    def _of(self, chat_id: int) -> Tail:
        tail = self._tails.get(chat_id)
        if tail is None:
            tail = self._tails[chat_id] = Tail(0)
            if len(self._tails) > self._size:
                self._tails.popitem(last=False)
        else:
            self._tails.move_to_end(chat_id)
        return tail

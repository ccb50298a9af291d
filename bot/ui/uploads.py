"""What a messenger already has of our files: uploaded once, then named by the messenger's own id."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256

from aiogram.types import Message

from bot.ui.screen import Attachment

Key = tuple[bytes, str, bool]


class Uploads:
    """Bounded memory of one process; what is not known is uploaded again."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._ids: OrderedDict[Key, str] = OrderedDict()

    def find(self, attachment: Attachment) -> str | None:
        """The messenger's id of a file with this content, name and look."""
        return self._ids.get(_key(attachment))

    def keep(self, attachment: Attachment, message: Message) -> None:
        """A file went out with this message."""
        things = [message.photo[-1]] if message.photo else [message.document] if message.document else []
        for thing in things:
            self._ids[_key(attachment)] = thing.file_id
            while len(self._ids) > self._size:
                self._ids.popitem(last=False)

    def forget(self, attachment: Attachment) -> None:
        """The messenger no longer has it."""
        self._ids.pop(_key(attachment), None)


def _key(attachment: Attachment) -> Key:
    return sha256(attachment.content).digest(), attachment.name, attachment.is_picture

"""What was received: events by the messenger's own name for them, and how far polling came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base
from bot.models.people import Messenger


class ReceivedEvent(Base):
    """An event that was taken once; the same one delivered again is passed over for a day."""

    __tablename__ = "received_events"

    messenger: Mapped[Messenger] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    # Until then the event is taken over by whoever gets it again after a while.
    done_at: Mapped[datetime | None]


class ReceiverCursor(Base):
    """How far a messenger's events have been handled, so that a restart goes on from there."""

    __tablename__ = "receiver_cursors"

    messenger: Mapped[Messenger] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    updated_at: Mapped[datetime]


class WireId(Base):
    """A messenger's own name of a chat (``message_id`` 0) or a message, where it does not follow from ours.

    Of a chat of VK it says that its client draws no buttons under messages.
    """

    __tablename__ = "wire_ids"

    messenger: Mapped[Messenger] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    wire: Mapped[str] = mapped_column(String(255))
    noted_at: Mapped[datetime] = mapped_column(index=True)

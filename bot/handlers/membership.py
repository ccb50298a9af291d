"""A person closed the chat or came back."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.types import ChatMemberUpdated

from bot.db import Database
from bot.services import identities
from bot.services.identities import Caller

router = Router(name="membership")


@router.my_chat_member()
async def chat_closed_or_opened(event: ChatMemberUpdated, caller: Caller, db: Database, now: datetime) -> None:
    """Remembered, so that delivery looks for another channel."""
    closed = event.new_chat_member.status in {"kicked", "left"}
    async with db.begin() as session:
        await identities.mark_blocked(session, caller.messenger, event.from_user.id, now if closed else None)

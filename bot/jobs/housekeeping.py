"""Nightly: what has had its time goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from aiogram.exceptions import AiogramError
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.models import (
    CodeTries,
    DialogState,
    LinkCode,
    Messenger,
    Outbox,
    OutboxState,
    ReceivedEvent,
    SentMessage,
    SigninLink,
    StaffSession,
    WebMessage,
    WireId,
)
from bot.models.base import Base
from bot.screens import profile as screens
from bot.services import diagnostics, files, leaving
from bot.ui.show import send

log = structlog.get_logger()

KEPT: tuple[tuple[type[Base], InstrumentedAttribute[datetime], timedelta], ...] = (
    (LinkCode, LinkCode.expires_at, timedelta(days=1)),
    (CodeTries, CodeTries.updated_at, timedelta(days=1)),
    (SigninLink, SigninLink.expires_at, timedelta(days=1)),
    (StaffSession, StaffSession.expires_at, timedelta(days=1)),
    (DialogState, DialogState.updated_at, timedelta(days=30)),
    (ReceivedEvent, ReceivedEvent.received_at, timedelta(days=1)),
    (SentMessage, SentMessage.sent_at, timedelta(days=30)),
    (WireId, WireId.noted_at, timedelta(days=180)),
    (WebMessage, WebMessage.sent_at, timedelta(days=180)),
)
"""Table, the moment it is measured by, how long a row stays after it."""

OUTBOX_KEPT = timedelta(days=180)
SETTLED = (OutboxState.sent, OutboxState.expired, OutboxState.blocked, OutboxState.failed, OutboxState.unknown)


async def tidy(db: Database, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Drop expired codes, sessions, files and old lines; rows gone by table."""
    gone: dict[str, int] = {}
    for table, moment, kept in KEPT:
        async with db.begin() as session:
            gone[table.__tablename__] = await _drop(session, table, moment, now - kept)
    async with db.begin() as session:
        old = delete(Outbox).where(Outbox.state.in_(SETTLED), Outbox.created_at < now - OUTBOX_KEPT)
        gone["outbox"] = len((await session.execute(old.returning(Outbox.id))).all())
    async with db.begin() as session:
        gone["files"] = await files.drop_expired(session, now=now)
    async with db.read() as session:
        gone["blobs"] = await files.sweep(session, settings, now=now)
    log.info("tidied", **{name: number for name, number in gone.items() if number})
    return gone


async def close_tests(db: Database, settings: Settings, *, now: datetime) -> int:
    """Close tests whose time is over and whose people have left; how many."""
    async with db.begin() as session:
        return await diagnostics.close_late(session, now=now, on=local_date(now, settings.zone))


async def delete_people(
    db: Database, texts: Texts, bots: Mapping[Messenger, MessengerBot], settings: Settings, *, now: datetime
) -> int:
    """Carry out the deletions whose thirty days are over, and tell each person once; how many."""
    count = 0
    while True:
        async with db.read() as session:
            due = await leaving.due(session, now=now)
        if not due:
            return count
        for person_id in due:
            async with db.begin() as session:
                gone = await leaving.carry_out(session, person_id, now=now)
            if gone is None:
                continue
            count += 1
            today = local_date(now, settings.zone)
            screen = screens.deleted(texts.translator(gone.locale), gone.number, today)
            for messenger, chat_id in gone.chats:
                if messenger in bots:
                    try:
                        await send(bots[messenger], chat_id, screen)
                        break
                    except AiogramError as failure:
                        log.warning("not-delivered", messenger=messenger.value, error=type(failure).__name__)


async def _drop(
    session: AsyncSession, table: type[Base], moment: InstrumentedAttribute[datetime], before: datetime
) -> int:
    key = next(iter(table.__table__.primary_key))
    return len((await session.execute(delete(table).where(moment < before).returning(key))).all())

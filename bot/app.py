"""build_dispatcher(): storage, isolation, middlewares, routers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiogram import Dispatcher

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.fsm import DatabaseStorage, isolation_for
from bot.handlers import build_router
from bot.i18n import Texts
from bot.middlewares.crisis import CrisisCard
from bot.middlewares.identity import Identity
from bot.middlewares.info_wall import InfoWall
from bot.middlewares.presses import DoubleTaps, TypedLabels
from bot.middlewares.throttling import Throttling
from bot.middlewares.tracing import Tracing
from bot.middlewares.unread import Unread
from bot.services import campaigns, diagnostics, events, forms, iom, menu, roadmap
from bot.services.identities import Directory


def build_dispatcher(
    db: Database, settings: Settings, texts: Texts, *, now: Callable[[], datetime] = utcnow
) -> Dispatcher:
    """One dispatcher for all messengers of the process."""
    dispatcher = Dispatcher(
        storage=DatabaseStorage(db, now=now),
        events_isolation=isolation_for(db),
        db=db,
        settings=settings,
        texts=texts,
        zone=settings.zone,
        # Where messengers that may carry everything are opened; each receiver adds its own.
        links={},
    )
    dispatcher["root"] = dispatcher
    directory = Directory(db)
    dispatcher["directory"] = directory
    dispatcher.update.outer_middleware(Tracing())
    dispatcher.update.outer_middleware(Unread(db))
    dispatcher.update.outer_middleware(Identity(directory, texts, now=now))
    wall = InfoWall(dispatcher["links"])
    crisis = CrisisCard(db)
    dispatcher.message.outer_middleware(crisis)
    dispatcher.edited_message.outer_middleware(crisis)
    dispatcher.message.outer_middleware(Throttling())
    dispatcher.message.outer_middleware(wall)
    dispatcher.callback_query.outer_middleware(wall)
    dispatcher.message.outer_middleware(TypedLabels())
    dispatcher.callback_query.outer_middleware(DoubleTaps())
    dispatcher.include_router(build_router())
    menu.offer(
        forms.urgent_step, events.next_step, roadmap.next_step, iom.next_step, campaigns.next_step, forms.next_step,
        diagnostics.next_step,
    )  # fmt: skip
    return dispatcher

"""Registers by themselves: keepers are told what wants a look, links are asked whether they open."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.screens import registers as screens
from bot.services.catalogue import links as catalogue_links
from bot.services.links import Asked
from bot.services.practices import links as practice_links
from bot.services.registers import Due, keeping
from bot.services.registers import links as register_links
from bot.ui.screen import Screen

log = structlog.get_logger()

AT_ONCE = 4
TIMEOUT = aiohttp.ClientTimeout(total=15)
GONE = (404, 410)
"""Answers that say the page is not there; others (a busy server, a closed door) say nothing of the link."""

Ask = Callable[[str], Awaitable[bool | None]]
"""True: opens; False: is not there; None: nobody knows, the network or the server was silent."""


async def remind(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """A letter to each keeper who has something to look at, once a week; how many were written."""
    today = local_date(now, settings.zone)
    async with db.read() as session:
        due = await keeping.due(session, today=today)

    def speak(locale: str, mine: Sequence[Due]) -> Screen:
        return screens.review(texts.translator(locale), mine)

    written = 0
    for _, some in groupby(sorted(due, key=lambda one: one.owner_id), key=lambda one: one.owner_id):
        async with db.begin() as session:
            written += await keeping.tell(session, list(some), speak, now=now, today=today)
    return written


async def check_links(db: Database, settings: Settings, *, now: datetime, ask: Ask | None = None) -> int:
    """Ask the links whose turn it is, mark those that are not there; how many are not.

    When nothing at all answers, the network is closed to us: nothing is marked.
    """
    today = local_date(now, settings.zone)
    broken = 0
    for name, source in (("registers", register_links), ("practices", practice_links), ("catalogue", catalogue_links)):
        async with db.read() as session:
            due = await source.due(session, today=today)
        if not due:
            continue
        if ask is None:
            async with aiohttp.ClientSession(timeout=TIMEOUT, headers={"User-Agent": "marshrut"}) as client:
                answers = await _all(due, partial(opens, client))
        else:
            answers = await _all(due, ask)
        known = {number: answer for number, answer in answers.items() if answer is not None}
        if not known:
            log.info("links-no-network", of=name, asked=len(due))
            continue
        async with db.begin() as session:
            found = await source.settle(session, known, today=today)
        log.info("links", of=name, asked=len(due), known=len(known), broken=found)
        broken += found
    return broken


async def _all(due: Sequence[Asked], ask: Ask) -> dict[int, bool | None]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(asked: Asked) -> tuple[int, bool | None]:
        async with gate:
            return asked.record_id, await ask(asked.url)

    return dict(await asyncio.gather(*(one(asked) for asked in due)))


async def opens(client: aiohttp.ClientSession, url: str) -> bool | None:
    """Whether a page is there. Addresses inside one's own network are never asked."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not await _is_outside(host):
            return None
        async with client.head(url, allow_redirects=False) as answer:
            status = answer.status
        if status in (403, 405, 501):
            async with client.get(url, allow_redirects=False) as answer:
                status = answer.status
    except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
        return None
    if status in GONE:
        return False
    return True if status < 400 else None


async def _is_outside(host: str) -> bool:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return bool(found) and all(ipaddress.ip_address(info[4][0]).is_global for info in found)

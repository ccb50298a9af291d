"""``doctor``: what is wrong with this installation, in words, and what to do about it."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from bot.clock import utcnow
from bot.commands.common import put_json, read_settings
from bot.config import ROOT, Settings, is_demonstration

if TYPE_CHECKING:
    from bot.messengers.vk.client import VkClient
    from bot.services.doctor import Check

SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}

SECONDS = 10
"""How long a messenger or the site may take to answer."""

VK_SECRET = 50
"""Signs VK takes for a secret of the Callback API."""

MAX_SECRET = re.compile(r"[A-Za-z0-9_-]{5,256}")
"""What MAX takes for a secret of a subscription."""


@click.command(help="Проверить установку и сказать словами, что не так. Код 1, если что-то не работает")
@click.option("--json", "as_json", is_flag=True, help="[{name, state: ok|warn|bad, words}]")
def command(as_json: bool) -> None:
    from bot.i18n import Texts
    from bot.services.doctor import State

    settings = read_settings()
    checks = asyncio.run(examine(settings, now=utcnow(), demonstration=is_demonstration()))
    t = Texts(ROOT / "locales").translator()
    if as_json:
        put_json([{"name": c.name, "state": c.state, "words": t(c.key, **c.args)} for c in checks])
    else:
        for check in checks:
            click.echo(f"{SIGNS[check.state]} {t(f'doctor-{check.name}.title')}: {t(check.key, **check.args)}")
    sys.exit(int(any(check.state is State.bad for check in checks)))


async def examine(settings: Settings, *, now: datetime, demonstration: bool) -> list[Check]:
    """Every check: what services can see, then each messenger over its own network."""
    from bot.services import doctor

    inside, *messengers = await asyncio.gather(
        doctor.examine(settings, now=now, demonstration=demonstration),
        web(settings),
        telegram(settings),
        vk(settings),
        max_(settings),
    )
    return [*inside, *messengers]


async def web(settings: Settings) -> Check:
    """Does the web chat answer at the address people open?"""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    from bot.services.doctor import Check, State

    url = settings.public_url
    if urlsplit(url).scheme not in ("http", "https"):
        return Check("web", State.bad, "doctor-web.silent", {"url": url})
    try:
        async with (
            ClientSession(timeout=ClientTimeout(SECONDS)) as session,
            session.get(f"{url}/healthz", allow_redirects=False) as answer,
        ):
            status, body = answer.status, await answer.text()
    except (ClientError, OSError, ValueError):
        return Check("web", State.warn, "doctor-web.silent", {"url": url})
    if status == 200 and '"ok"' in body:
        return Check("web", State.ok, "doctor-web.good", {"url": url})
    return Check("web", State.bad, "doctor-web.strange", {"url": url, "status": str(status)})


async def telegram(settings: Settings) -> Check:
    """Is the token good, and is the server within reach at all?"""
    from bot.services.doctor import Check, State

    own = settings.telegram
    if not own.token:
        return Check("telegram", State.ok, "doctor-telegram.off")
    number, colon, rest = own.token.partition(":")
    if not (number.isdecimal() and colon and rest):
        return Check("telegram", State.bad, "doctor-telegram.malformed")
    from aiogram.exceptions import (
        TelegramNetworkError,
        TelegramNotFound,
        TelegramRetryAfter,
        TelegramUnauthorizedError,
    )
    from aiogram.methods import GetMe

    from bot.messengers.telegram import telegram_bot

    try:
        bot = telegram_bot(own)
    except (RuntimeError, ValueError) as failure:
        return Check("telegram", State.bad, "doctor-telegram.proxy", {"reason": str(failure)})
    try:
        me = await bot(GetMe(), request_timeout=SECONDS)
    except (TelegramUnauthorizedError, TelegramNotFound):
        return Check("telegram", State.bad, "doctor-telegram.refused")
    except TelegramRetryAfter as failure:
        return Check("telegram", State.warn, "doctor-telegram.busy", {"seconds": failure.retry_after})
    except (TelegramNetworkError, OSError):
        return Check("telegram", State.bad, "doctor-telegram.unreachable", {"address": own.api_base})
    # Whatever the wire or a proxy comes up with: the doctor speaks on.
    except Exception as failure:
        args = {"address": own.api_base, "error": type(failure).__name__}
        return Check("telegram", State.bad, "doctor-telegram.strange", args)
    finally:
        await bot.session.close()
    return Check("telegram", State.ok, "doctor-telegram.good", {"name": f"@{me.username}"})


async def vk(settings: Settings) -> Check:
    """Is the key good, and do events find their way to us?"""
    from bot.services.doctor import Check, State

    own = settings.vk
    if not own.token:
        return Check("vk", State.ok, "doctor-vk.off")
    if own.group_id <= 0:
        return Check("vk", State.bad, "doctor-vk.no-group")
    if len(own.secret) > VK_SECRET:
        return Check("vk", State.bad, "doctor-vk.secret")
    from aiogram.exceptions import (
        TelegramBadRequest,
        TelegramNetworkError,
        TelegramRetryAfter,
        TelegramUnauthorizedError,
    )
    from aiogram.methods import GetMe

    from bot.config import Receive
    from bot.messengers.vk.client import VkClient

    client = VkClient(own)
    try:
        if own.receive is Receive.webhook:
            return await _vk_delivery(client, settings)
        server = "groups.getLongPollServer"
        await client.call(GetMe(), server, {"group_id": own.group_id}, timeout=SECONDS)
    except TelegramUnauthorizedError:
        return Check("vk", State.bad, "doctor-vk.refused")
    except TelegramBadRequest as failure:
        return Check("vk", State.bad, "doctor-vk.closed", {"reason": failure.message})
    except TelegramRetryAfter as failure:
        return Check("vk", State.warn, "doctor-vk.busy", {"seconds": failure.retry_after})
    except (TelegramNetworkError, OSError):
        return Check("vk", State.bad, "doctor-vk.unreachable", {"address": own.api_base})
    except Exception as failure:  # As with Telegram: the doctor speaks on.
        args = {"address": own.api_base, "error": type(failure).__name__}
        return Check("vk", State.bad, "doctor-vk.strange", args)
    finally:
        await client.close()
    return Check("vk", State.ok, "doctor-vk.good", {"number": str(own.group_id)})


async def _vk_delivery(client: VkClient, settings: Settings) -> Check:
    """Does the community deliver to our address? A key without the right to see that may still be good."""
    from aiogram.exceptions import TelegramBadRequest
    from aiogram.methods import GetMe

    from bot.messengers.vk.receiver import PATH, servers
    from bot.services.doctor import Check, State

    own, url = settings.vk, f"{settings.public_url}{PATH}"
    words = {"number": str(own.group_id), "url": url}
    if not settings.web.public_url:
        return Check("vk", State.bad, "doctor-vk.no-address")
    try:
        found = await servers(client, own.group_id, timeout=SECONDS)
    except TelegramBadRequest:
        if not own.confirmation:
            raise
        await client.call(GetMe(), "groups.getById", {}, timeout=SECONDS)
        return Check("vk", State.ok, "doctor-vk.by-hand", words)
    status = next((str(one.get("status")) for one in found if one.get("url") == url), None)
    if status is None:
        return Check("vk", State.warn, "doctor-vk.not-delivered", words)
    if status == "failed":
        return Check("vk", State.warn, "doctor-vk.failed", words)
    return Check("vk", State.ok, "doctor-vk.delivered", words)


async def max_(settings: Settings) -> Check:
    """Is MAX within reach and trusted, is the token good, and do events find their way to us?"""
    from bot.services.doctor import Check, State

    own = settings.max
    if not own.token:
        return Check("max", State.ok, "doctor-max.off")
    if own.secret and not MAX_SECRET.fullmatch(own.secret):
        return Check("max", State.bad, "doctor-max.secret")
    from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramUnauthorizedError
    from aiogram.methods import GetMe

    from bot.messengers.max.client import MaxClient, tls_context
    from bot.messengers.max.receiver import subscriptions

    try:
        tls_context(own)
    except OSError as failure:
        args = {"path": own.ca_file, "reason": failure.strerror or type(failure).__name__}
        return Check("max", State.bad, "doctor-max.ca-file", args)
    client = MaxClient(own)
    try:
        me = await client.call(GetMe(), "GET", "/me", timeout=SECONDS)
        found = await subscriptions(client, timeout=SECONDS)
    except TelegramUnauthorizedError:
        return Check("max", State.bad, "doctor-max.refused")
    except TelegramRetryAfter as failure:
        return Check("max", State.warn, "doctor-max.busy", {"seconds": failure.retry_after})
    except TelegramNetworkError as failure:
        distrust = failure.message.startswith(("ClientConnectorCertificate", "ClientConnectorSSL"))
        key = "certificate" if distrust else "unreachable"
        return Check("max", State.bad, f"doctor-max.{key}", {"address": own.api_base})
    except Exception as failure:  # As with Telegram: the doctor speaks on.
        return Check("max", State.bad, "doctor-max.strange", {"address": own.api_base, "error": type(failure).__name__})
    finally:
        await client.close()
    return _max_events(settings, str(me.get("username") or me.get("first_name") or "MAX"), found)


def _max_events(settings: Settings, name: str, found: list[str]) -> Check:
    """Where MAX delivers events, against where the settings want them."""
    from bot.config import Receive
    from bot.services.doctor import Check, State

    url = f"{settings.public_url}/hooks/max"
    if settings.max.receive is Receive.polling:
        if found:
            return Check("max", State.warn, "doctor-max.delivered-elsewhere", {"name": name, "url": found[0]})
        return Check("max", State.warn, "doctor-max.polling", {"name": name})
    if not url.startswith("https://") or urlsplit(url).port not in (None, 443):
        return Check("max", State.bad, "doctor-max.webhook", {"url": settings.public_url})
    if url not in found:
        return Check("max", State.warn, "doctor-max.not-subscribed", {"name": name, "url": url})
    return Check("max", State.ok, "doctor-max.good", {"name": name})

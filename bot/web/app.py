"""build_web(): chat, files, webhooks, health and the admin on one port."""

from __future__ import annotations

from pathlib import Path

from aiogram import Dispatcher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.base import MessengerBot
from bot.messengers.receiver import hook_routes
from bot.models import Messenger
from bot.web.broadcasts import BroadcastLinks
from bot.web.chat import FILE_LIMIT, Chat
from bot.web.events import EventPages
from bot.web.health import health_routes
from bot.web.practices import PracticePages
from bot.web.registers import RegisterPages
from bot.web.rubrics import RubricPages
from bot.web.security import BodyLimit, SafeHeaders
from bot.web.wellbeing import WellbeingPage

STATIC = Path(__file__).parent / "static"
USUAL_BODY = 2 * 2**20


def build_web(
    db: Database,
    settings: Settings,
    texts: Texts,
    dispatcher: Dispatcher,
    bots: dict[Messenger, MessengerBot],
    admin: ASGIApp | None = None,
) -> Starlette:
    """The web application; ``app.state.chat`` lets its readers go when the process stops."""
    chat = Chat(db, settings, texts, dispatcher, bots[Messenger.web])
    routes: list[BaseRoute] = [
        *chat.routes(),
        *EventPages(db, settings, texts).routes(),
        *PracticePages(db, settings, texts).routes(),
        *RegisterPages(db, settings, texts).routes(),
        *WellbeingPage(db, settings, texts).routes(),
        *RubricPages(db, settings, texts).routes(),
        *BroadcastLinks(db, settings, texts).routes(),
        *health_routes(db),
        *hook_routes(dispatcher, bots, settings),
        Route("/robots.txt", _robots),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    if admin is not None:
        routes.append(Mount("/admin", admin))
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SafeHeaders, https=settings.public_url.startswith("https:")),
            Middleware(
                BodyLimit,
                usual=USUAL_BODY,
                of_path={"/chat/say": FILE_LIMIT + USUAL_BODY, "/admin/": FILE_LIMIT},
            ),
            Middleware(GZipMiddleware, minimum_size=1024),
        ],
    )
    app.state.chat = chat
    return app


async def _robots(_request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")

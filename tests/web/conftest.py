"""The web application of a test, with browsers that are only cookie jars."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from starlette.applications import Starlette

from bot.app import build_dispatcher
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers import build_messengers
from bot.web.app import build_web
from tests.fakes.web import WebTalk


@pytest.fixture
def web(db: Database, settings: Settings, texts: Texts) -> Starlette:
    return build_web(db, settings, texts, build_dispatcher(db, settings, texts), build_messengers(db, settings))


@pytest.fixture
async def browser(web: Starlette) -> AsyncIterator[Callable[[], WebTalk]]:
    opened: list[WebTalk] = []

    def make() -> WebTalk:
        opened.append(WebTalk(web))
        return opened[-1]

    yield make
    for talk in opened:
        await talk.close()

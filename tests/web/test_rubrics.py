"""The open archive of rubrics: what went to the whole region, nothing that waits, stopped or stays in a district."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Broadcast, BroadcastKind, BroadcastState, Rubric
from bot.web.rubrics import RubricPages
from tests.factories import NOW, make_municipality


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


def post(title: str, **more: Any) -> Broadcast:
    given: dict[str, Any] = {
        "kind": BroadcastKind.rubric, "rubric_slug": "tips", "body": "Первая строка\n\nВторая <i>строка</i>",
        "state": BroadcastState.done, "starts_at": NOW - timedelta(days=1), "expires_at": NOW, "created_at": NOW,
        **more,
    }  # fmt: skip
    return Broadcast(title=title, **given)


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_the_archive(db: Database, settings: Settings, texts: Texts, where: str) -> None:
    async with db.begin() as session:
        place = await make_municipality(session)
        session.add(Rubric(slug="tips", title="#шпаргалка", about="Приёмы на урок", how_often="по вторникам", place=1))
        await session.flush()
        session.add_all(post(f"Выпуск {n:02}", starts_at=NOW - timedelta(days=30 - n)) for n in range(16))
        session.add_all(
            [
                post("Ждёт", state=BroadcastState.scheduled, starts_at=NOW + timedelta(days=1)),
                post("Черновик", state=BroadcastState.draft),
                post("Остановлен", state=BroadcastState.stopped),
                post("Районный", municipality_id=place.id),
                post("Рассылка", kind=BroadcastKind.news, rubric_slug=None),
            ]
        )
    app = Starlette(routes=RubricPages(db, settings, texts, clock=lambda: NOW).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        listing = words(await client.get("/rubrics"))
        assert "#шпаргалка" in listing
        assert "Выпусков: 16" in listing
        answer = await client.get("/rubrics/tips")
        text = words(answer)
        assert "Выпуск 15" in text
        assert "Выпуск 00" not in text
        assert "<i>" not in answer.text
        assert "Вторая <i>строка</i>" in text
        for hidden in ("Ждёт", "Черновик", "Остановлен", "Районный", "Рассылка"):
            assert hidden not in text, hidden
        assert "Выпуск 00" in words(await client.get("/rubrics/tips?page=1"))
        assert "Выпусков пока нет" in words(await client.get("/rubrics/tips?page=900"))
        assert (await client.get("/rubrics/nothing")).status_code == 404

"""Open pages of the bank and of «Навигатор»: what everybody sees, and what nobody does."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import ConsentKind, Messenger, Practice, PracticeFile, PracticeState
from bot.services import consents, files
from bot.services.documents import author_certificate
from bot.services.navigator import keeping
from bot.services.practices import entry, looking
from bot.web.events import EventPages
from bot.web.practices import SEARCHES_PER_MINUTE, PracticePages
from tests.factories import NOW, make_event, make_person

SITE = "http://127.0.0.1:8080"
NUMBER = "26-ABCDE-FGHJK"


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def site(db: Database, settings: Settings, texts: Texts) -> AsyncIterator[httpx.AsyncClient]:
    pages = PracticePages(db, settings, texts, clock=lambda: NOW).routes()
    app = Starlette(routes=[*pages, *EventPages(db, settings, texts, clock=lambda: NOW).routes()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        yield client


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


async def a_practice(db: Database, settings: Settings, **given: object) -> Practice:
    """A published one with a file, whose author agreed to her name."""
    blob = await files.put(settings, b"plan")
    async with db.begin() as session:
        person = await make_person(session, "Кашина Вера Львовна")
        await consents.give(session, person.id, ConsentKind.publish, messenger=Messenger.web, now=NOW)
        values = {
            "title": "Карта <ошибок>", "actions": "Коды на полях.", "outcome": "Ошибок меньше.", "named": True,
            "state": PracticeState.published, "published_at": NOW, "reviewed": True, "certificate_no": NUMBER,
            "subject_slug": "math", "grades": "5–6", "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip
        row = Practice(author_id=person.id, **{**values, **given})
        session.add(row)
        await session.flush()
        stored = await files.add(
            session, blob, name="план урока.txt", media_type="text/plain", owner_id=person.id, purpose="practice",
            now=NOW,
        )  # fmt: skip
        session.add(PracticeFile(practice_id=row.id, file_id=stored.id))
        await session.flush()
        await entry.refresh(session, row)
    return row


async def test_a_published_practice_is_everybodys(db: Database, settings: Settings, site: httpx.AsyncClient) -> None:
    row = await a_practice(db, settings)
    page = await site.get(f"/practices/{row.id}")
    assert "Карта <ошибок>" in words(page)
    assert "<ошибок>" not in page.text
    assert "Кашина Вера Львовна" in words(page)
    assert "Карта <ошибок>" in words(await site.get("/practices"))
    assert "Карта <ошибок>" in words(await site.get("/practices", params={"q": "ошыбок поле", "subject": "math"}))
    assert "Карта <ошибок>" not in words(await site.get("/practices", params={"subject": "physics"}))
    link = re.search(r'href="(/practices/\d+/files/\d+)"', page.text)
    assert link is not None
    got = await site.get(link[1])
    assert got.content == b"plan"
    assert got.headers["content-disposition"].startswith("attachment")
    async with db.begin() as session:
        await consents.withdraw(session, row.author_id, ConsentKind.publish, now=NOW)
    assert "Кашина" not in words(await site.get(f"/practices/{row.id}"))
    assert "Кашина" not in words(await site.get("/practices"))


@pytest.mark.parametrize("state", [one for one in PracticeState if one is not PracticeState.published])
async def test_what_is_not_published_is_nobodys(
    db: Database, settings: Settings, site: httpx.AsyncClient, state: PracticeState
) -> None:
    row = await a_practice(db, settings, state=state)
    assert (await site.get(f"/practices/{row.id}")).status_code == 404
    assert (await site.get(f"/practices/{row.id}/files/1")).status_code == 404
    assert "Карта" not in words(await site.get("/practices"))
    assert "Карта" not in words(await site.get("/navigator", params={"q": "карта"}))


async def test_one_box_over_everything(db: Database, settings: Settings, site: httpx.AsyncClient) -> None:
    await a_practice(db, settings)
    async with db.begin() as session:
        event = await make_event(session, "Вебинар о картах ошибок")
    assert await keeping.refresh(db, today=NOW.date()) == 1
    assert await keeping.refresh(db, today=NOW.date()) == 0
    page = await site.get("/navigator", params={"q": "карта ошибок"})
    assert "Нашлось 2 записи" in words(page)
    assert f"/?start=nav_event-{event.id}" in html.unescape(page.text)
    only = words(await site.get("/navigator", params={"q": "карта ошибок", "kind": "event"}))
    assert "Вебинар о картах ошибок" in only
    assert "Карта <ошибок>" not in only
    assert "Ничего не нашлось" in words(await site.get("/navigator", params={"q": "синхрофазотрон"}))
    for odd in ({"page": "-1"}, {"page": "9" * 30}, {"kind": "x", "subject": "'", "topic": "\\"}, {"q": "%_' \""}):
        assert (await site.get("/navigator", params=odd)).status_code == 200
    for _ in range(SEARCHES_PER_MINUTE):
        last = await site.get("/navigator", params={"q": "карта"})
    assert last.status_code == 429


async def test_the_authors_certificate_is_checked_by_its_number(
    db: Database, settings: Settings, texts: Texts, site: httpx.AsyncClient
) -> None:
    row = await a_practice(db, settings, title="Карта ошибок")
    page = words(await site.get(f"/check/{NUMBER.lower()}"))
    assert "Сертификат автора" in page
    assert "Прошла экспертизу" in page
    assert "Кашина" not in page
    async with db.read() as session:
        paper = await looking.own_paper(session, row.author_id, row.id)
    pdf = author_certificate.pdf(texts.translator(), paper, check_url=f"{SITE}/check/{NUMBER}")
    assert pdf.startswith(b"%PDF")
    import io

    import pdfplumber

    with pdfplumber.open(io.BytesIO(pdf)) as book:
        (sheet,) = book.pages
        text = (sheet.extract_text() or "").replace("\n", " ")
    assert "Сертификат автора" in text
    assert NUMBER in text
    assert "Кашина Вера Львовна" in text
    async with db.begin() as session:
        (await session.get_one(Practice, row.id)).state = PracticeState.withdrawn
    assert "снята с публикации" in words(await site.get(f"/check/{NUMBER}"))

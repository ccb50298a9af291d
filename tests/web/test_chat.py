"""The web chat: cookies, resume, files both ways, and what a stranger cannot do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.messengers.web import chat_of, web_bot
from bot.models import Identity, Messenger, ReturnPhrase, StoredFile, WebVisitor
from bot.services import files, return_phrase, web_chat
from bot.ui.screen import Attachment, Button, Screen, rows
from bot.ui.show import send
from bot.web.chat import Visitor
from tests.factories import NOW, make_event, make_person
from tests.fakes.web import WebTalk

Browser = Callable[[], WebTalk]


async def visitors(db: Database) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(WebVisitor)) or 0


async def newest_visitor(db: Database) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.max(WebVisitor.id))) or 0


async def test_a_visit_leaves_nothing_until_something_is_said(browser: Browser, db: Database) -> None:
    talk = browser()
    assert "Начать разговор" in await talk.reloads()
    assert await visitors(db) == 0
    await talk.says("/start")
    assert talk.sees("Здравствуйте. Это «Маршрут»")
    assert await visitors(db) == 1


async def test_a_reload_shows_the_same_chat(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    await talk.says("привет & <b>пока</b>")
    page = await talk.reloads()
    assert "привет &amp; &lt;b&gt;пока&lt;/b&gt;" in page
    assert "Не получилось понять" in page
    assert "Начать разговор" not in page


async def test_a_link_is_followed_by_one_who_was_here_before(browser: Browser, db: Database) -> None:
    """«Записаться» of the open calendar, the picture on a presenter's screen: also for those who have a chat."""
    async with db.begin() as session:
        event = await make_event(session, starts_at=utcnow() + timedelta(days=3))
    talk = browser()
    await talk.says("/start")
    assert 'action="/chat/begin"' not in await talk.reloads()
    page = (await talk.http.get("/", params={"start": f"event_{event.id}"})).text
    assert f'<input type="hidden" name="start" value="event_{event.id}">' in page
    answer = await talk.http.post("/chat/begin", data={"start": f"event_{event.id}"})
    assert answer.status_code == 303
    assert event.title in await talk.reloads()
    assert await visitors(db) == 1


async def test_a_press_edits_its_message_in_place(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    before = len(talk.messages)
    await talk.presses("Сначала осмотреться")
    assert talk.sees("Без регистрации")
    assert len(talk.messages) == before


async def test_without_scripts_a_form_leads_back_to_the_page(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    answer = await talk.http.post("/chat/say", data={"text": "помощь"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert "Чем помочь?" in await talk.reloads()


async def test_the_same_form_twice_is_said_once(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    for _ in range(2):
        await talk.http.post("/chat/say", data={"text": "помощь", "nonce": "one"})
    assert (await talk.reloads()).count(">помощь<") == 1


async def test_a_foreign_page_cannot_speak_for_a_person(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = await talk.http.post("/chat/say", data={"text": "меню"}, headers=headers)
        assert answer.status_code == 403
        assert "чужой страницы" in answer.text


async def test_a_forged_cookie_is_nobody(browser: Browser, db: Database) -> None:
    talk, other = browser(), browser()
    await talk.says("/start")
    signed = talk.http.cookies["chat"]
    other.http.cookies.set("chat", signed[:-1] + ("0" if signed[-1] != "0" else "1"))
    assert "Начать разговор" in await other.reloads()


async def test_every_page_is_locked_down(browser: Browser) -> None:
    talk = browser()
    answer = await talk.http.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in answer.text
    assert ' style="' not in answer.text


async def test_the_cookie_is_out_of_reach_of_scripts(browser: Browser) -> None:
    answer = await browser().http.post("/chat/begin", data={"start": ""})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_files_go_both_ways_and_only_to_their_people(
    browser: Browser, web: Starlette, db: Database, settings: Settings
) -> None:
    talk, stranger = browser(), browser()
    await talk.says("/start")
    await talk.sends_file("../план урока.pdf", b"%PDF-1.7 plan")
    assert talk.sees("нужен текст")
    async with db.read() as session:
        received = (await session.scalars(select(StoredFile))).one()
    assert received.name == "план урока.pdf"
    assert (await talk.http.get(f"/files/{received.id}")).content == b"%PDF-1.7 plan"

    bot = web_bot(db, settings)
    visitor = await newest_visitor(db)
    await send(bot, chat_of(visitor), Screen("Справка", attachment=Attachment("spravka.docx", b"PK", "x/y")))
    answer = await talk.http.get("/chat/messages", params={"after": talk.revision})
    talk.take(answer.json())
    assert talk.screen.file == {
        "kind": "document",
        "url": f"/files/{received.id + 1}",
        "name": "spravka.docx 1\u00a0КБ",
    }
    answer = await talk.http.get(f"/files/{received.id + 1}")
    assert answer.content == b"PK"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]

    await stranger.says("/start")
    for number in (received.id, received.id + 1, 999):
        answer = await stranger.http.get(f"/files/{number}")
        assert answer.status_code == 404
        assert "Здесь ничего нет" in answer.text


async def test_a_picture_is_shown_with_words(browser: Browser, db: Database, settings: Settings) -> None:
    talk = browser()
    await talk.says("/start")
    picture = Attachment("profile.png", b"\x89PNG", "image/png")
    screen = Screen("<b>Ваш профиль</b>\n\nМетодические", rows(Button("Меню", "menu:home")), attachment=picture)
    await send(web_bot(db, settings), chat_of(await newest_visitor(db)), screen)
    page = await talk.reloads()
    assert 'alt="Ваш профиль"' in page


async def test_a_file_above_the_limit_is_refused_before_it_is_read(web: Starlette, browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    answer = await talk.http.post(
        "/chat/say", content=b"x", headers={"Content-Length": str(60 * 2**20), "Content-Type": "multipart/form-data"}
    )
    assert answer.status_code == 413


async def test_a_reader_resumes_where_it_stopped(browser: Browser, web: Starlette, db: Database) -> None:
    """What was missed comes first, then what happens next; nothing comes twice."""
    talk = browser()
    await talk.says("/start")
    seen = talk.revision
    await talk.says("помощь")
    visitor = await newest_visitor(db)
    stream = web.state.chat._stream(_Connected(), Visitor(visitor, chat_of(visitor)), seen)
    assert (await anext(stream)).startswith("retry")
    missed = _event(await anext(stream))
    assert [line["own"] for line in missed["lines"]] == [True, False]
    following = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    assert not following.done()
    await talk.says("меню")
    assert all(line["revision"] > missed["revision"] for line in _event(await following)["lines"])
    web.state.chat.wakes.close()
    assert [event async for event in stream if "data:" in event] == []


async def test_a_phrase_brings_the_profile_to_another_browser(
    browser: Browser, db: Database, settings: Settings
) -> None:
    first, second = browser(), browser()
    await first.says("/start")
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.web: chat_of(await _newest(session))})
    await first.presses("Сначала осмотреться")
    await first.says("профиль")
    await first.presses("Другой мессенджер")
    await first.presses("Фраза для входа")
    await first.presses("Создать фразу")
    phrase = first.text.split("\n\n")[1]
    assert len(phrase.split()) == 4
    await first.presses("Готово, сохранено")
    assert phrase not in await first.reloads()

    await second.says("/start")
    await second.presses("У меня есть профиль")
    await second.presses("Есть фраза для входа")
    await second.says("бабушка дедушка внучка жучка")
    assert second.sees("Фраза не подошла")
    await second.says(f"  {phrase.upper()}!  ")
    assert second.sees("Мария Петровна, ваши диагностика, ИОМ и записи теперь и здесь")
    async with db.read() as session:
        assert (await session.scalar(select(func.count()).select_from(Identity))) == 2
        kept = (await session.scalars(select(ReturnPhrase))).one()
    assert kept.used_at is not None
    assert phrase.split()[0] not in kept.phrase_hash


async def test_five_wrong_phrases_close_the_input(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    await talk.presses("У меня есть профиль")
    await talk.presses("Есть фраза для входа")
    for number in range(5):
        await talk.says(f"не та фраза номер {'абвгд'[number]}")
    await talk.says("и ещё одна попытка")
    assert talk.sees("ввод закрыт на час")


async def test_a_new_phrase_ends_the_one_before(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        old = await return_phrase.replace(session, person.id, secret=settings.secret, now=NOW)
        new = await return_phrase.replace(session, person.id, secret=settings.secret, now=NOW)
        assert await return_phrase.enter(session, old, secret=settings.secret, now=NOW) is None
        assert await return_phrase.enter(session, new, secret=settings.secret, now=NOW) == person.id
        await return_phrase.revoke(session, person.id, now=NOW)
        assert await return_phrase.enter(session, new, secret=settings.secret, now=NOW) is None


async def test_expired_files_go_with_their_blobs(db: Database, settings: Settings) -> None:
    blob = await files.put(settings, b"gone tomorrow")
    async with db.begin() as session:
        await files.add(
            session, blob, name="a.txt", media_type="text/plain", owner_id=None, purpose="t", now=NOW,
            expires_at=NOW + timedelta(days=1),
        )  # fmt: skip
    path = files.blob_path(settings.files.dir, blob.sha256)
    late = NOW + timedelta(days=400)
    async with db.begin() as session:
        assert await files.drop_expired(session, now=NOW) == 0
        assert await files.drop_expired(session, now=late) == 1
        assert path.exists()
        assert await files.sweep(session, settings, now=late) == 1
    assert not path.exists()


async def test_revisions_grow_with_every_change(db: Database) -> None:
    async with db.begin() as session:
        visitor, _ = await web_chat.new_visitor(session, now=NOW)
        first = await web_chat.add(session, visitor, "раз", now=NOW)
        second = await web_chat.add(session, visitor, "два", now=NOW)
        assert first is not None
        await web_chat.change(session, visitor, first, text="раз!")
        found = await web_chat.changes(session, visitor, 0)
        assert [(line.id, line.text, line.revision) for line in found] == [(second, "два", 2), (first, "раз!", 3)]
        assert await web_chat.add(session, 999, "никому", now=NOW) is None


async def test_those_who_watch_see_health_and_numbers(browser: Browser) -> None:
    talk = browser()
    await talk.says("/start")
    assert (await talk.http.get("/healthz")).json() == {"status": "ok"}
    assert "marshrut_updates_total" in (await talk.http.get("/metrics")).text


def _event(raw: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw.partition("data: ")[2])
    return found


async def _newest(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(WebVisitor.id))) or 0


class _Connected(Request):
    def __init__(self) -> None:
        super().__init__({"type": "http", "headers": []})

    async def is_disconnected(self) -> bool:
        return False

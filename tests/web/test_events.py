"""Open pages: the calendar, its feed, the check of a certificate, the personal way into a room."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import icalendar
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Certificate, EventState, Registration, Role, ScopeKind
from bot.rules.events import certificate_number
from bot.services.access import Grant, Scope
from bot.services.documents import certificate as papers
from bot.services.events import after, attending, signing
from bot.web.events import CHECKS_PER_MINUTE, EventPages
from tests.factories import NOW, make_event, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
SITE = "http://127.0.0.1:8080"


class Moment:
    """The time of the pages."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def site(db: Database, settings: Settings, texts: Texts) -> AsyncIterator[tuple[httpx.AsyncClient, Moment]]:
    clock = Moment()
    app = Starlette(routes=EventPages(db, settings, texts, clock=clock).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        yield client, clock


Site = tuple[httpx.AsyncClient, Moment]


def words(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


async def test_the_calendar_of_the_region(db: Database, site: Site) -> None:
    client, _ = site
    assert "Мероприятий впереди пока нет" in words(await client.get("/events"))
    async with db.begin() as session:
        await make_event(session, "Вебинар <о чтении>", seats=1)
        await make_event(session, "Встреча молодых", young_only=True, starts_at=NOW + timedelta(days=8))
        await make_event(session, "Границы и силы", tags=["выгорание"], starts_at=NOW + timedelta(days=9))
        await make_event(session, "Черновик", state=EventState.draft)
        await make_event(session, "Отменённое", state=EventState.cancelled)
        await make_event(session, "Прошлое", starts_at=NOW - timedelta(days=1))
    answer = await client.get("/events")
    text = words(answer)
    assert "Впереди: 3 события" in text
    assert "Вебинар <о чтении>" in text
    assert "<о чтении>" not in answer.text
    for hidden in ("Черновик", "Отменённое", "Прошлое", "room.example"):
        assert hidden not in text
    assert "Впереди: 1 событие" in words(await client.get("/events?show=burnout"))
    assert "Встреча молодых" in words(await client.get("/events?show=young"))
    assert (await client.get("/events?show=nonsense")).status_code == 200


async def test_the_feed(db: Database, site: Site) -> None:
    async with db.begin() as session:
        event = await make_event(session)
    answer = await site[0].get("/events.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    (one,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert one["summary"] == event.title
    assert str(one["url"]).endswith(f"/?start=event_{event.id}")
    assert "room.example" not in answer.text


async def issued(db: Database) -> tuple[int, int, str]:
    async with db.begin() as session:
        event = await make_event(session, starts_at=NOW - timedelta(days=1), gives_certificate=True)
        person = await make_person(session, "Шевченко Елена Викторовна")
        await attending.mark_by_hand(session, HEAD, event.id, [person.id], reason="Подпись", now=NOW)
        await after.issue(session, event.id, now=NOW, today=NOW.date())
        number = (await session.scalars(select(Certificate.number))).one()
    return event.id, person.id, number


async def test_a_certificate_is_checked(db: Database, site: Site) -> None:
    client, _ = site
    event_id, person_id, number = await issued(db)
    text = words(await client.get(f"/check/{number}"))
    assert "Сертификат действителен" in text
    assert "Ше*** Е. В." in text
    assert "Шевченко" not in text
    assert "Это не документ о повышении квалификации" in text
    assert "Сертификат действителен" in words(await client.get("/check", params={"number": number.lower()}))
    assert "Номер напечатан на сертификате" in words(await client.get("/check"))
    async with db.begin() as session:
        await after.revoke(session, HEAD, event_id, person_id, reason="Выдан по ошибке", now=NOW)
    text = words(await client.get(f"/check/{number}"))
    assert "Отозван 24.11.2026" in text
    assert "Выдан по ошибке" in text
    async with db.begin() as session:
        assert await after.issue_again(session, HEAD, event_id, person_id, now=NOW) == number
    assert "Сертификат действителен" in words(await client.get(f"/check/{number}"))


async def test_numbers_are_not_guessed(db: Database, site: Site) -> None:
    client, _ = site
    statuses = []
    for n in range(CHECKS_PER_MINUTE + 5):
        statuses.append((await client.get(f"/check/{certificate_number(2026, n)}")).status_code)
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert len({certificate_number(2026, n * 977) for n in range(1000)}) == 1000


@pytest.mark.parametrize("typed", ["'; drop table", "../../etc", "26-", "%00", "№" * 200])
async def test_nonsense_is_no_number(site: Site, typed: str) -> None:
    answer = await site[0].get("/check", params={"number": typed})
    assert answer.status_code == 404
    assert "Такого номера нет" in words(answer)


async def test_the_personal_way_in(db: Database, site: Site) -> None:
    client, clock = site
    async with db.begin() as session:
        event = await make_event(session)
        person = await make_person(session)
        await signing.sign_up(session, person.id, event.id, now=NOW)
        token = (await session.scalars(select(Registration.token))).one()
    answer = await client.get(f"/e/{token}")
    assert "Вход откроется за час" in words(answer)
    assert (await client.post(f"/e/{token}", headers={"Origin": SITE})).status_code == 404
    clock.now = event.starts_at - timedelta(minutes=10)
    answer = await client.get(f"/e/{token}")
    assert "Войти" in words(answer)
    assert "room.example" not in answer.text, "a messenger that looks at links learns nothing"
    async with db.read() as session:
        assert (await session.scalars(select(Registration.joined_at))).one() is None
    answer = await client.post(f"/e/{token}", headers={"Origin": SITE})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://room.example/1")
    assert (await client.post(f"/e/{token}", headers={"Origin": "https://evil.example"})).status_code == 404
    async with db.begin() as session:
        assert (await session.scalars(select(Registration.joined_at))).one() == clock.now
        await signing.leave(session, person.id, event.id, now=clock.now)
    assert (await client.get(f"/e/{token}")).status_code == 404
    assert (await client.get("/e/nobody")).status_code == 404


async def test_a_certificate_says_what_it_may(db: Database, texts: Texts) -> None:
    import pdfplumber

    event_id, person_id, number = await issued(db)
    async with db.read() as session:
        paper = await after.own_paper(session, person_id, event_id)
    import io

    content = papers.pdf(texts.translator(), paper, check_url=f"https://marshrut.example/check/{number}")
    with pdfplumber.open(io.BytesIO(content)) as document:
        (page,) = document.pages
        text = " ".join((page.extract_text() or "").replace("\u00a0", " ").split())
        assert len(page.images) == 1
    assert "Сертификат участника" in text
    assert "Шевченко Елена Викторовна" in text
    assert number in text
    assert "продолжительность мероприятия 1,5 ч" in text
    assert "Не является документом об образовании" in text
    for word in ("удостоверение", "повышени", "присвоен"):
        assert word not in text.lower()

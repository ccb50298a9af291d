"""Wellbeing in the admin: telephones, waves, what of a closed wave is seen, prevention by attendance."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import docx
import openpyxl
import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Texts
from bot.jobs import wellbeing as job
from bot.models import HelpContact, Outbox, Role, ScopeKind
from bot.rules.wellbeing import Level
from bot.services import wellbeing
from bot.services.access import Grant, Scope
from bot.services.events import attending
from bot.services.wellbeing import coverage, instruments
from tests.admin.conftest import Clock, SignIn
from tests.factories import NOW, make_event, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
TODAY = NOW.date()


@pytest.fixture
def in_region() -> bool:
    return True


async def test_telephones_open_and_close_the_check(db: Database, sign_in: SignIn, clock: Clock) -> None:
    browser = await sign_in(None, Role.centre_head)
    await browser.opens("/wellbeing")
    assert browser.sees("Опрос закрыт", "проверке телефонов больше 180 дней", "ещё никто не проверил")
    async with db.read() as session:
        ids = list(await session.scalars(select(HelpContact.id).order_by(HelpContact.id)))
    for number in ids:
        await browser.sends(f"/wellbeing/contacts/{number}/checked")
    assert browser.sees("Проверка записана", "Опрос открыт")
    line = {"phone": "8 (4812) 11-22-33", "title": "Линия региона"}
    await browser.sends("/wellbeing/contacts", **line, checked_on="2026-01-10")
    assert browser.sees("Телефон сохранён", "Линия региона", "Опрос закрыт")
    async with db.read() as session:
        new = (await session.scalars(select(HelpContact).where(HelpContact.title == "Линия региона"))).one()
    await browser.opens("/wellbeing", edit=new.id)
    assert 'value="8 (4812) 11-22-33"' in browser.last.text
    today = f"{clock.now.date()}"
    await browser.sends(f"/wellbeing/contacts/{new.id}", phone="8 (4812) 11-22-33", title="Линия", checked_on=today)
    assert browser.sees("Опрос открыт")
    await browser.sends(f"/wellbeing/contacts/{new.id}", phone="8 (4812) 99-99-99", title="Линия", checked_on=today)
    assert browser.sees("ещё никто не проверил", "Опрос закрыт"), "another number was checked, not this one"
    await browser.sends(f"/wellbeing/contacts/{new.id}/remove")
    assert browser.sees("Телефон убран", "Опрос открыт")
    assert await browser.sends("/wellbeing/contacts", phone="12", title="", checked_on="") == 422
    assert await browser.sends("/wellbeing/contacts", phone="нет", title="Имя") == 422
    tomorrow = f"{clock.now.date() + timedelta(days=2)}"
    assert await browser.sends("/wellbeing/contacts", phone="8 800", title="Имя", checked_on=tomorrow) == 422
    assert browser.sees("Проверка не может быть завтрашней")
    assert await browser.sends(f"/wellbeing/contacts/{new.id}/checked") == 404
    async with db.begin() as session:
        assert await wellbeing.contacts.load(session) == 0, "what was removed does not come back with the pack"


async def test_a_wave_from_its_opening_to_its_papers(
    db: Database, settings: Settings, sign_in: SignIn, clock: Clock
) -> None:
    browser, analyst = await sign_in(None, Role.centre_staff), await sign_in(None, Role.analyst)
    days = {"opens_on": f"{TODAY}", "closes_on": f"{TODAY + timedelta(days=14)}", "instrument": "express-1"}
    assert await browser.sends("/wellbeing/waves", title="Осень", **days) == 422
    assert browser.sees("Сначала проверьте телефоны помощи")
    async with db.begin() as session:
        for contact in await session.scalars(select(HelpContact)):
            contact.checked_on = TODAY
    await browser.sends("/wellbeing/waves", title="Осень", **days)
    assert browser.sees("Волна назначена", "Идёт волна «Осень»", "после окончания")
    assert await browser.sends("/wellbeing/waves", title="Ещё", **days) == 422
    assert browser.sees("уже идёт другая волна")
    for wrong in ({"closes_on": "2026-01-01"}, {"opens_on": "никогда"}, {"closes_on": "2029-01-01"}):
        assert await browser.sends("/wellbeing/waves", title="Ещё", **{**days, **wrong}) == 422
    assert await browser.sends("/wellbeing/waves", title="Ещё", **{**days, "instrument": "mbi-1"}) == 422
    assert await analyst.sends("/wellbeing/waves", title="Ещё", **days) == 403
    async with db.begin() as session:
        wave = (await wellbeing.waves.listing(session, HEAD))[0]
        places = (await wellbeing.waves.choices(session, wave.id))["place"]
        for level, number in ((Level.low, 24), (Level.mid, 18), (Level.high, 12)):
            for n in range(number):
                chosen = {"place": places[n % 2], "stage": "basic"}
                assert await wellbeing.waves.count(session, wave.id, chosen=chosen, level=level, today=TODAY)
        for _ in range(4):
            chosen = {"place": places[5], "stage": "primary"}
            await wellbeing.waves.count(session, wave.id, chosen=chosen, level=Level.low, today=TODAY)
        with pytest.raises(UserError, match="wellbeing-wave-open"):
            await wellbeing.waves.report(session, HEAD, wave.id, today=TODAY)
    assert await browser.opens(f"/wellbeing/waves/{wave.id}") == 422
    assert browser.sees("чисел не видит никто")
    assert await browser.opens(f"/wellbeing/waves/{wave.id}.docx") == 422
    await browser.sends(f"/wellbeing/waves/{wave.id}/close")
    assert browser.sees("Волна закончена", "закончилась")
    assert await browser.sends(f"/wellbeing/waves/{wave.id}/close") == 422
    async with db.begin() as session:
        assert not await wellbeing.waves.count(session, wave.id, chosen={}, level=Level.low, today=TODAY)
    assert await analyst.opens(f"/wellbeing/waves/{wave.id}") == 200
    assert analyst.sees("Это не выборка: один человек может ответить несколько раз", "мало ответов", "58", "28 (50 %)")
    await analyst.opens(f"/wellbeing/waves/{wave.id}.docx")
    paper = docx.Document(io.BytesIO(analyst.last.content))
    assert [table.rows[0].cells[0].text for table in paper.tables] == ["Волна", "Муниципалитет", "С кем работают"]
    assert "дефицит" not in " ".join(paragraph.text for paragraph in paper.paragraphs), "this is no diagnosis of gaps"
    words = "\n".join(p.text for p in paper.paragraphs).replace("\u00a0", " ")
    assert "один человек может ответить несколько раз" in words
    cells = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in paper.tables[1].rows]
    assert ["мало ответов"] * 4 in [row[1:] for row in cells]
    assert "4" not in {cell for row in cells for cell in row}
    await analyst.opens(f"/wellbeing/waves/{wave.id}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(analyst.last.content)).active
    assert sheet is not None
    numbers = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, int | float)]
    assert 58 in numbers
    assert min(numbers) >= 10
    teacher = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, 1)
    assert await teacher.opens("/wellbeing") == 403
    assert await teacher.opens(f"/wellbeing/waves/{wave.id}") == 403


async def test_a_planned_wave_goes(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    async with db.begin() as session:
        for contact in await session.scalars(select(HelpContact)):
            contact.checked_on = TODAY
    first, last = TODAY + timedelta(days=30), TODAY + timedelta(days=40)
    await browser.sends(
        "/wellbeing/waves", title="Зима", opens_on=f"{first}", closes_on=f"{last}", instrument="express-1"
    )
    assert browser.sees("Зима", "впереди", "Волны сейчас нет")
    async with db.read() as session:
        (wave,) = await wellbeing.waves.listing(session, HEAD)
    await browser.sends(f"/wellbeing/waves/{wave.id}/close")
    assert browser.sees("Волн ещё не было")


async def test_prevention_is_counted_from_attendance(db: Database, settings: Settings, sign_in: SignIn) -> None:
    async with db.begin() as session:
        tagged = await make_event(session, "Границы", tags=["выгорание"], starts_at=NOW - timedelta(days=3))
        again = await make_event(session, "Силы", tags=["выгорание", "школа"], starts_at=NOW - timedelta(days=2))
        other = await make_event(session, "Критерии", starts_at=NOW - timedelta(days=1))
        people = [await make_person(session) for _ in range(3)]
        for event, whom in ((tagged, people[:2]), (again, people[:1]), (other, people)):
            ids = [person.id for person in whom]
            await attending.mark_by_hand(session, HEAD, event.id, ids, reason="была", now=NOW)
    async with db.read() as session:
        first = TODAY.replace(month=1, day=1)
        found = await coverage.of_period(session, HEAD, first, TODAY, zone=settings.zone)
        assert (found.events, found.people, found.attendances) == (2, 2, 3)
        last_year = await coverage.of_period(
            session, HEAD, first - timedelta(days=365), first - timedelta(days=1), zone=settings.zone
        )
        assert (last_year.events, last_year.people) == (0, 0)
    browser = await sign_in(None, Role.analyst)
    await browser.opens("/wellbeing")
    assert browser.sees("Участников 2", "Посещений 3", "Мероприятий 2")


async def test_the_staff_hear_in_time(db: Database, texts: Texts, settings: Settings, sign_in: SignIn) -> None:
    await sign_in(None, Role.centre_head)
    await sign_in(None, Role.methodist)
    assert await job.telephones(db, texts, settings, now=NOW) == 1
    assert await job.telephones(db, texts, settings, now=NOW) == 0, "once a week"
    async with db.begin() as session:
        told = (await session.scalars(select(Outbox))).one()
        assert "Опрос самочувствия закрыт" in told.screen["text"].replace("\u00a0", " ")
        for contact in await session.scalars(select(HelpContact)):
            contact.checked_on = TODAY
    for days, number in ((0, 0), (100, 0), (170, 1), (171, 0), (190, 1)):
        assert await job.telephones(db, texts, settings, now=NOW + timedelta(days=days)) == number, days


LICENCES = {
    "": "kind",
    "licence: {kind: free}": "kind",
    "licence: own": "kind",
    "licence: {kind: own}": "",
    "licence: {kind: public_domain}": "source",
    "licence: {kind: public_domain, source: 'https://example.org'}": "",
    "licence: {kind: cc_by, source: 'https://example.org'}": "attribution",
    "licence: {kind: permission, document: ' '}": "document",
    "licence: {kind: permission, document: '№ 4 от 01.09.2026'}": "",
}


@pytest.mark.parametrize("licence", LICENCES)
def test_a_questionnaire_without_its_licence_is_not_opened(tmp_path: Path, licence: str) -> None:
    (tmp_path / "cbi-1.yaml").write_text(
        f"slug: cbi\nversion: 1\ntitle: CBI\noptions: [нет, да]\nborders: [40, 60]\nitems:\n- {{text: А}}\n{licence}\n",
        encoding="utf-8",
    )
    found = instruments.all_of(tmp_path)["cbi-1"]
    assert (found.missing, found.usable) == (LICENCES[licence], not LICENCES[licence])


def test_ours_is_shipped_and_open() -> None:
    ours = instruments.default()
    assert (ours.code, len(ours.items), ours.scale.most, ours.scale.borders) == ("express-1", 8, 4, (40, 60))
    assert sorted(ours.scale.turned) == [2, 5, 6]
    for wrong in ("mbi-1", "", "../express-1"):
        with pytest.raises(UserError, match="wellbeing-locked"):
            instruments.usable(wrong)

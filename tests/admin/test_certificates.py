"""Certificates as one archive: begun, watched, opened again; only for whom it was made; never half of one."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pdfplumber
import pytest
from sqlalchemy import select

from admin.pages import certificates as page
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Certificate, Change, Role, ScopeKind
from bot.services import certificates, exports
from bot.services.access import Grant, Scope
from bot.services.certificates import Of
from bot.services.documents import certificate as papers
from bot.services.events import after, signing
from tests.admin.conftest import Clock, SignIn
from tests.factories import NOW, make_event, make_organisation, make_person

NAMES = ("Иванова Мария Петровна", f"Петрова-{'Длинная' * 15} Анна/Аня Львовна", "Сидорова Вера Ивановна")


def words(content: bytes) -> str:
    """What a page of PDF says."""
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return pdf.pages[0].extract_text()


async def held(db: Database, sign_in: SignIn) -> int:
    """An event with three certificates; the third was taken back."""
    async with db.begin() as session:
        place = await make_organisation(session)
        event = await make_event(session, starts_at=NOW - timedelta(hours=2), gives_certificate=True)
        people = [(await make_person(session, name, organisation=place)).id for name in NAMES]
        session.add_all(signing.new_row(event.id, person, now=NOW) for person in people)
    centre = await sign_in(None, Role.centre_staff)
    await centre.opens(f"/events/{event.id}")
    assert not centre.sees("Сертификаты архивом"), "nothing is issued yet"
    await centre.sends(f"/events/{event.id}/mark", person=people, how="manual", reason="Подписи в листе")
    async with db.begin() as session:
        await after.issue(session, event.id, now=NOW, today=NOW.date())
    await centre.sends(f"/events/{event.id}/mark", person=[people[2]], how="revoke", reason="Ошибка в имени")
    return event.id


async def test_one_archive_of_all_that_stand(db: Database, sign_in: SignIn, clock: Clock) -> None:
    number = await held(db, sign_in)
    centre = await sign_in(None, Role.centre_staff)
    await centre.opens(f"/events/{number}")
    assert centre.sees("Сертификаты архивом")
    await centre.opens(f"/events/{number}/archive")
    assert centre.sees("Готовы к выгрузке 2 сертификата")
    assert await centre.sends(f"/events/{number}/archive") == 200
    await page._aside.settled()
    await centre.opens(f"/events/{number}/archive")
    assert centre.sees(f"certificates-event-{number}.zip")
    async with db.read() as session:
        known = dict((await session.execute(select(Certificate.number, Certificate.revoked_at.is_(None)))).all())
        assert (await session.scalars(select(Change.action))).all().count("certificates-archive") == 1
    link = centre.last.text.split(f"/admin/events/{number}/archive/")[1].split('"')[0]
    assert await centre.opens(f"/events/{number}/archive/{link}") == 200
    with ZipFile(io.BytesIO(centre.last.content)) as archive:
        assert archive.testzip() is None
        read = {name: words(archive.read(name)) for name in archive.namelist()}
    standing = {one for one, stands in known.items() if stands}
    assert {name.split(" – ")[0] for name in read} == {name.replace("/", "-")[:80] for name in NAMES[:2]}
    assert {name.split(" – ")[1].removesuffix(".pdf") for name in read} == standing
    for name, text in read.items():
        assert name.split(" – ")[1].removesuffix(".pdf") in text
    assert any(NAMES[0] in text for text in read.values())

    # Whoever may see the event does not get what was made for another; a coordinator makes none.
    other = await sign_in(None, Role.centre_head)
    assert await other.opens(f"/events/{number}/archive/{link}") == 404
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, 1)
    assert await coordinator.opens(f"/events/{number}/archive") == 403
    assert await centre.opens("/events/999/archive") == 404
    clock.passes(hours=7)
    assert await centre.opens(f"/events/{number}/archive/{link}") == 200


async def test_what_was_cut_off_leaves_no_half(
    db: Database, sign_in: SignIn, settings: Settings, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await held(db, sign_in)
    async with db.begin() as session:
        head = await make_person(session)
    scope = Scope(head.id, (Grant(Role.centre_head, ScopeKind.region),))
    async with db.begin() as session:
        made = await certificates.batch(session, scope, Of.event, number, today=NOW.date())
        await certificates.begin(session, scope, made, now=NOW)
    monkeypatch.setattr(certificates, "PORTION", 1)
    drawn = []

    def stops(*args: object, **more: object) -> bytes:
        drawn.append(args)
        if len(drawn) > 1:
            raise OSError("the disk is full")
        return b"%PDF-1.4"

    monkeypatch.setattr(papers, "pdf", stops)
    with pytest.raises(OSError, match="disk"):
        await certificates.run(db, settings, scope, made, texts.translator(), name="a.zip", clock=lambda: NOW)
    async with db.read() as session:
        left = await exports.standing(session, made.errand(scope), now=NOW)
        assert left is not None
        assert left.failed
        assert await exports.ready(session, made.errand(scope), now=NOW) == []
    assert not [one for one in settings.files.dir.rglob("*") if one.is_file()]

    # A killed process says nothing at all: after a while it may be begun again.
    async with db.begin() as session:
        await certificates.begin(session, scope, made, now=NOW)
    later = NOW + exports.STALE + timedelta(seconds=1)
    async with db.begin() as session:
        await certificates.begin(session, scope, made, now=later)

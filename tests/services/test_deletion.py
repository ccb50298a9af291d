"""Leaving for good: after thirty days no name, contact or word of the person is left anywhere."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs.housekeeping import delete_people
from bot.messengers.web import chat_of
from bot.models import (
    Attempt,
    Base,
    Change,
    CodeTries,
    Consent,
    ConsentKind,
    DialogState,
    Fact,
    FactKind,
    Identity,
    MessageClass,
    Messenger,
    Outbox,
    Person,
    PersonState,
    PrivacyRequest,
    Role,
    SentMessage,
    View,
    WebMessage,
    WebVisitor,
)
from bot.services import codes, consents, facts, leaving, outbox, people, return_phrase
from bot.ui.screen import Screen
from tests.conftest import NewcomerOn
from tests.factories import NOW, give_role, make_organisation, make_person

TELEGRAM_ID, PHONE = 7_000_000_123, "+7 900 123-45-67"
LATER = NOW + leaving.DELETE_AFTER
TRACES = ("Редкослав", "редкослав", "Аграфен", "аграфен", "Панкрать", "панкрать", str(TELEGRAM_ID), PHONE)


@pytest.fixture
def in_region() -> bool:
    return True


async def lived(db: Database, settings: Settings) -> Person:
    """A person who did everything the product knows, on two messengers."""
    async with db.begin() as session:
        visitor = WebVisitor(token_hash="t", created_at=NOW, seen_at=NOW)
        session.add(visitor)
        await session.flush()
        web_id = chat_of(visitor.id)
        place = await make_organisation(session)
        person = await make_person(
            session,
            "Редкославова Аграфена Панкратьевна",
            organisation=place,
            accounts={Messenger.telegram: TELEGRAM_ID, Messenger.web: web_id},
        )
        await people.index(session, person)
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger.web, now=NOW)
        await facts.add(
            session, person.id, FactKind.diagnosed, occurred_on=NOW.date(), source=("attempt", 1), now=NOW,
            evidence={"by": person.full_name},
        )  # fmt: skip
        await return_phrase.replace(session, person.id, secret=settings.secret, now=NOW)
        await give_role(session, person, Role.mentor)
        said = Screen(f"<b>{person.full_name}</b>")
        await outbox.say(session, person.id, said, message_class=MessageClass.for_you, kind="x", dedupe="x", now=NOW)
        await session.execute(update(Outbox).values(state="sent", chat_id=TELEGRAM_ID))
        colleague = await make_person(session, "Коллегина Вера Львовна")
        session.add_all([
            DialogState(
                bot_id=1, chat_id=TELEGRAM_ID, user_id=TELEGRAM_ID, state="x", data={"name": person.full_name},
                updated_at=NOW,
            ),
            SentMessage(
                messenger=Messenger.telegram, chat_id=TELEGRAM_ID, message_id=1, text=person.full_name, sent_at=NOW
            ),
            WebMessage(visitor_id=visitor.id, revision=1, from_person=True, text=f"звоните {PHONE}", sent_at=NOW),
            CodeTries(place=codes.place_of("link", "telegram", TELEGRAM_ID), wrong=1, updated_at=NOW),
            PrivacyRequest(person_id=person.id, kind="look", text=person.full_name, created_at=NOW, due_at=NOW),
            View(at=NOW, viewer_id=person.id, person_id=colleague.id, what="results"),
            View(at=NOW, viewer_id=colleague.id, person_id=person.id, what="results"),
        ])  # fmt: skip
    return person


async def everything(db: Database) -> str:
    """Every value of every row of every table, as text."""
    lines: list[str] = []
    async with db.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                values = {name: str(value) for name, value in row.items()}
                lines.append(f"{table.name} {json.dumps(values, ensure_ascii=False)}")
    return "\n".join(lines)


async def go(db: Database, person_id: int) -> leaving.Gone | None:
    async with db.begin() as session:
        await leaving.ask(session, person_id, now=NOW)
    async with db.begin() as session:
        return await leaving.carry_out(session, person_id, now=LATER)


async def test_no_trace_is_left(db: Database, settings: Settings) -> None:
    person = await lived(db, settings)
    before = await everything(db)
    for trace in ("Редкослав", "редкослав", str(TELEGRAM_ID), PHONE, person.key):
        assert trace in before, f"the test must be able to fail: {trace}"
    await go(db, person.id)
    after = await everything(db)
    for trace in (*TRACES, person.key):
        lines = [line for line in after.splitlines() if trace in line]
        assert not lines, lines
    async with db.read() as session:
        for table in (Consent, Identity, Outbox, Attempt, DialogState, SentMessage, WebMessage, CodeTries):
            assert list(await session.scalars(select(table))) == [], table.__tablename__
        assert len(list(await session.scalars(select(Person)))) == 1, "a colleague is not touched"


async def test_facts_keep_date_kind_and_place(db: Database, settings: Settings) -> None:
    person = await lived(db, settings)
    async with db.read() as session:
        before = (await session.scalars(select(Fact))).one()
    await go(db, person.id)
    async with db.read() as session:
        after = (await session.scalars(select(Fact))).one()
    kept = ("kind", "occurred_on", "recorded_at", "organisation_id", "municipality_id", "source_type", "voided_at")
    assert all(getattr(before, name) == getattr(after, name) for name in kept)
    assert after.organisation_id is not None
    assert after.evidence == {}
    assert after.person_key != before.person_key


async def test_the_record_of_it_names_nobody(db: Database, settings: Settings) -> None:
    person = await lived(db, settings)
    gone = await go(db, person.id)
    assert gone is not None
    async with db.read() as session:
        record = await session.get_one(Change, gone.number)
    assert (record.action, record.actor_id, record.entity_id) == ("deleted", None, 0)


async def test_not_a_day_too_early(db: Database, settings: Settings) -> None:
    person = await lived(db, settings)
    async with db.begin() as session:
        until = await leaving.ask(session, person.id, now=NOW)
        assert until == LATER
        assert await leaving.due(session, now=until - timedelta(seconds=1)) == []
        assert await leaving.carry_out(session, person.id, now=until - timedelta(seconds=1)) is None
        assert await leaving.due(session, now=until) == [person.id]


async def test_who_changed_her_mind_stays(db: Database, settings: Settings) -> None:
    person = await lived(db, settings)
    async with db.begin() as session:
        await leaving.ask(session, person.id, now=NOW)
        assert await leaving.change_mind(session, person.id, now=NOW)
        assert not await leaving.change_mind(session, person.id, now=NOW)
        assert await leaving.due(session, now=LATER) == []
        assert await leaving.carry_out(session, person.id, now=LATER) is None
        assert (await session.get_one(Person, person.id)).state is PersonState.active


async def test_the_night_job_tells_once_and_the_chat_begins_anew(
    db: Database, settings: Settings, texts: Texts, newcomer_on: NewcomerOn
) -> None:
    talk = await newcomer_on("telegram")
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger.telegram: talk.user_id})
    await talk.says("/menu")
    assert talk.sees("Мария Петровна")
    await talk.press_action("people:delete-now")
    async with db.begin() as session:
        await session.execute(update(Person).values(delete_after=NOW))
    bots = {Messenger.telegram: talk.bot}  # type: ignore[attr-defined]
    assert await delete_people(db, texts, bots, settings, now=LATER) == 1
    assert talk.sees("Ваши данные удалены")
    assert talk.sees("Запись об удалении № ")
    assert talk.buttons == ["Познакомиться"]
    assert await delete_people(db, texts, bots, settings, now=LATER) == 0
    await talk.presses("Познакомиться")
    assert talk.sees("Согласие 1 из 2")
    async with db.read() as session:
        assert await session.get(Person, person.id) is None

"""kill -9 in the middle of a broadcast: sent + blocked + unknown = queued, and nobody gets a message twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.models import (
    BroadcastKind,
    BroadcastRecipient,
    Consent,
    ConsentKind,
    ConsentText,
    Identity,
    MessageClass,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    Role,
    ScopeKind,
)
from bot.rules.chat_ids import coded, decoded
from bot.services import broadcasts, outbox
from bot.services.access import Grant, Scope
from bot.services.broadcasts.running import PORTION
from bot.ui.screen import Screen
from tests.factories import NOW, make_organisation, make_person
from tests.fakes.max import FakeMax
from tests.fakes.telegram import FakeTelegram
from tests.fakes.vk import FakeVk
from tests.process import started

PEOPLE = 240
BLOCKED = (3, 77, 140)
REFUSED = [f"test:{number}" for number in BLOCKED]
KILLS = 5
MANY = 6_000
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


async def states(db: Database) -> Counter[OutboxState]:
    async with db.read() as session:
        rows = await session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))
        return Counter({OutboxState(state): number for state, number in rows})


@asynccontextmanager
async def served(messenger: Messenger) -> AsyncIterator[FakeTelegram | FakeVk | FakeMax]:
    match messenger:
        case Messenger.vk:
            async with FakeVk() as vk:
                yield vk
        case Messenger.max:
            async with FakeMax() as max_:
                yield max_
        case _:
            async with FakeTelegram() as telegram:
                yield telegram


@pytest.mark.parametrize("messenger", [Messenger.telegram, Messenger.vk, Messenger.max])
async def test_a_killed_broadcast_goes_on_and_doubles_nothing(
    db: Database, settings: Settings, messenger: Messenger
) -> None:
    async with served(messenger) as server:
        await broadcast(db, server, messenger)
        server.blocked.update(BLOCKED)
        server.delay = 0.02
        for _ in range(KILLS):
            async with started("jobs", settings, server) as process, asyncio.timeout(120):
                goal = len(server.calls) + random.randint(10, 35)
                while len(server.calls) < goal:
                    await asyncio.sleep(0.002)
                await process.kill()
        assert (await states(db))[OutboxState.queued]
        async with started("jobs", settings, server) as process:
            async with asyncio.timeout(120):
                while (left := await states(db))[OutboxState.queued] or left[OutboxState.sending]:
                    await asyncio.sleep(0.02)
            process.terminate()
            assert await process.wait() == 0
        found = await states(db)
        async with db.read() as session:
            refused = list(await session.scalars(select(Outbox.state).where(Outbox.dedupe.in_(REFUSED))))
        # A refusal that was on its way at a kill is unknown where the platform does not know our numbers.
        allowed = {OutboxState.blocked} if messenger is Messenger.vk else {OutboxState.blocked, OutboxState.unknown}
        assert len(refused) == len(BLOCKED)
        assert set(refused) <= allowed
        assert found[OutboxState.sent] + found[OutboxState.blocked] + found[OutboxState.unknown] == PEOPLE
        # At most what was on its way at each kill; VK knows our numbers, so there it is simply sent again.
        assert found[OutboxState.unknown] <= (0 if messenger is Messenger.vk else 8 * KILLS)
        times = Counter(message.text for chat in server.chats.values() for message in chat)
        assert max(times.values()) == 1
        async with db.read() as session:
            sent = set(await session.scalars(select(Outbox.chat_id).where(Outbox.state == OutboxState.sent)))
        assert all(server.chats[decoded(messenger, chat_id)] for chat_id in sent if chat_id is not None)
        assert sum(times.values()) >= len(sent)


async def broadcast(db: Database, server: FakeTelegram | FakeVk | FakeMax, messenger: Messenger) -> None:
    """One message to everybody, in the outbox."""
    async with db.begin() as session:
        school = await make_organisation(session)
        for number in range(1, PEOPLE + 1):
            server.meet(number)
            accounts = {messenger: coded(messenger, number)}
            person = await make_person(session, organisation=school, accounts=accounts)
            await outbox.say(
                session,
                person.id,
                Screen(f"№ {number}"),
                message_class=MessageClass.answer,
                kind="test",
                dedupe=f"test:{number}",
                now=utcnow(),
            )


async def test_a_broadcast_killed_while_it_is_written_goes_on_where_it_was(
    db: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    """The list of people is written in portions; a portion is there wholly or not at all."""
    async with db.begin() as session:
        await session.execute(
            insert(Person),
            [
                {
                    "id": number, "key": f"k{number}", "last_name": "А", "first_name": "Б", "registered_at": NOW,
                    "created_at": NOW,
                }
                for number in range(1, MANY + 1)
            ],
        )  # fmt: skip
        session.add(
            ConsentText(id=1, kind=ConsentKind.news, version=99, title="", text="", content_hash="", published_at=NOW)
        )
        await session.flush()
        consent = {"kind": ConsentKind.news, "text_id": 1, "messenger": Messenger.telegram, "given_at": NOW}
        account = {"messenger": Messenger.telegram, "linked_at": NOW}
        people = range(1, MANY + 1)
        await session.execute(insert(Consent), [{"person_id": n, **consent} for n in people])
        await session.execute(
            insert(Identity), [{"person_id": n, "user_id": n, "chat_id": n, **account} for n in people]
        )
        said = broadcasts.Draft(
            BroadcastKind.news, "Новость", "Текст", utcnow() - timedelta(minutes=1), utcnow() + timedelta(days=14), {}
        )
        number = await broadcasts.create(session, HEAD, said, now=utcnow())
        await broadcasts.launch(session, HEAD, number, now=utcnow())

    async def written() -> int:
        async with db.read() as session:
            return await session.scalar(select(func.count()).select_from(BroadcastRecipient)) or 0

    async def is_unfolded() -> bool:
        async with db.read() as session:
            return (await broadcasts.card(session, HEAD, number)).unfolded

    seen = []
    for kills in range(3):
        async with started("broadcasts", settings, telegram) as process, asyncio.timeout(60):
            while await written() < PORTION * (kills + 1) and not await is_unfolded():
                await asyncio.sleep(0.001)
            await process.kill()
        seen.append(await written())
    assert 0 < seen[0] < MANY, "it was killed in the middle"
    assert all(found % PORTION == 0 for found in seen)
    async with started("broadcasts", settings, telegram) as process, asyncio.timeout(60):
        while not await is_unfolded():
            await asyncio.sleep(0.01)
        process.terminate()
        await process.wait()
    async with db.read() as session:
        told = Counter(await session.scalars(select(Outbox.person_id)))
        known = Counter(await session.scalars(select(BroadcastRecipient.person_id)))
    assert told == known == Counter(people)

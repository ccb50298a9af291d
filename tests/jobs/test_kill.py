"""kill -9 in the middle of a broadcast: sent + blocked + unknown = queued, and nobody gets a message twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from sqlalchemy import func, select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.models import MessageClass, Messenger, Outbox, OutboxState
from bot.services import outbox
from bot.ui.screen import Screen
from tests.factories import make_organisation, make_person
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.process import kill, started

PEOPLE = 240
KILLS = 5


async def states(db: Database) -> Counter[OutboxState]:
    async with db.read() as session:
        rows = await session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))
        return Counter({OutboxState(state): number for state, number in rows})


async def test_a_killed_broadcast_goes_on_and_doubles_nothing(
    db: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    async with db.begin() as session:
        school = await make_organisation(session)
        for number in range(1, PEOPLE + 1):
            telegram.meet(number)
            person = await make_person(session, organisation=school, accounts={Messenger.telegram: number})
            await outbox.say(
                session,
                person.id,
                Screen(f"№ {number}"),
                message_class=MessageClass.answer,
                kind="test",
                dedupe=f"test:{number}",
                now=utcnow(),
            )
    telegram.blocked.update({3, 77, 140})
    telegram.delay = 0.02
    for _ in range(KILLS):
        async with started("jobs", settings, TOKEN, telegram.url) as process, asyncio.timeout(120):
            goal = len(telegram.calls) + random.randint(10, 35)
            while len(telegram.calls) < goal:
                await asyncio.sleep(0.002)
            await kill(process)
    assert (await states(db))[OutboxState.queued]
    async with started("jobs", settings, TOKEN, telegram.url) as process:
        async with asyncio.timeout(120):
            while (left := await states(db))[OutboxState.queued] or left[OutboxState.sending]:
                await asyncio.sleep(0.02)
        process.terminate()
        assert await process.wait() == 0
    found = await states(db)
    assert found[OutboxState.blocked] == 3
    assert found[OutboxState.sent] + found[OutboxState.blocked] + found[OutboxState.unknown] == PEOPLE
    # At most what was on its way at each kill.
    assert found[OutboxState.unknown] <= 8 * KILLS
    times = Counter(message.text for chat in telegram.chats.values() for message in chat)
    assert max(times.values()) == 1
    async with db.read() as session:
        sent = set(await session.scalars(select(Outbox.chat_id).where(Outbox.state == OutboxState.sent)))
    assert all(telegram.chats[chat_id] for chat_id in sent if chat_id is not None)
    assert sum(times.values()) >= len(sent)

"""A reply that may not have arrived waits for the person's next screen."""

from __future__ import annotations

from bot.clock import utcnow
from bot.db import Database
from bot.models import MessageClass, Messenger, Outbox, OutboxState
from bot.services import outbox
from bot.ui.screen import Screen
from tests.chat import Talk
from tests.factories import make_person


async def test_it_is_shown_once_after_the_next_screen(talk: Talk, db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
        for state, message_class in (
            (OutboxState.unknown, MessageClass.for_you),
            (OutboxState.blocked, MessageClass.for_you),
            (OutboxState.unknown, MessageClass.news),
            (OutboxState.sent, MessageClass.for_you),
        ):
            await outbox.say(
                session,
                person.id,
                Screen(f"{message_class} {state}"),
                message_class=message_class,
                kind="test",
                dedupe=f"{message_class}:{state}",
                now=utcnow(),
            )
        for row in [await session.get_one(Outbox, number) for number in range(1, 5)]:
            row.state = OutboxState(row.dedupe.partition(":")[2])
    await talk.says("/menu")
    assert talk.saw("Меню")
    await talk.says("/menu")
    shown = [message.plain for message in talk.messages if "могло не дойти" in message.plain]
    assert [text.rpartition("\n")[2] for text in shown] == ["for_you unknown", "for_you blocked"]
    async with db.read() as session:
        seen = [(await session.get_one(Outbox, number)).seen_at is not None for number in range(1, 5)]
    assert seen == [True, True, False, False]

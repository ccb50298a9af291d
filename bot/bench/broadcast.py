"""A broadcast to 10 000 at the messenger's own pace, and a dialogue that goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any, cast
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from sqlalchemy import func, insert, select

from bot.bench.clock import VirtualClock
from bot.bench.rows import Row, memory_mb, percentile
from bot.bench.world import InstantSession, World, world
from bot.jobs.outbox import Delivery, RealClock
from bot.messengers.base import MessengerBot
from bot.messengers.telegram import LIMITS
from bot.models import MessageClass, Messenger, Outbox, OutboxState
from bot.ui.screen import Screen

PEOPLE = 10_000
ON_THE_WALL = 600
WARM = 1_000
"""Messages after which memory is looked at the first time."""

PER_SECOND = 30.0
"""Where the platform begins to refuse: above the pace we keep, as Telegram does."""

PRESSES = 200
MEMORY_MB = 40.0
NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Moscow"))


class StrictSession(InstantSession):
    """Refuses what is above 30 in any second, or above one a second in a chat, and remembers who got what."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self.monotonic = monotonic
        self.got: Counter[int] = Counter()
        self.refused = 0
        self.memory: float | None = None
        self._lately: deque[float] = deque()
        self._last: dict[int, float] = {}

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        if isinstance(method, SendMessage):
            now, chat = self.monotonic(), int(cast(int, method.chat_id))
            while self._lately and self._lately[0] <= now - 1:
                self._lately.popleft()
            if len(self._lately) >= PER_SECOND or now - self._last.get(chat, -9.0) < 0.5:
                self.refused += 1
                raise TelegramRetryAfter(method, "Too Many Requests: retry after 3", retry_after=3)
            self._lately.append(now)
            self._last[chat] = now
            self.got[chat] += 1
            if self.got.total() == WARM:
                self.memory = memory_mb()
        return await super().make_request(bot, method, timeout)


async def measure() -> list[Row]:
    """Share of the allowed pace, refusals, memory; 600 on the wall clock beside a dialogue."""
    return [*await _virtual(), *await _wall()]


async def _virtual() -> list[Row]:
    async with world(PEOPLE) as ours:
        clock = VirtualClock(NOON)
        session = StrictSession(clock.monotonic)
        await _queue(ours, PEOPLE, clock.now())
        delivery = _delivery(ours, session, clock)
        await _until_sent(ours, delivery)
        spent = clock.monotonic()
        grown = memory_mb() - (session.memory or 0.0)
        sent = await _sent(ours)
        allowed = ours.settings.delivery.telegram.per_second
    share = PEOPLE / spent / allowed
    return [
        Row(
            "broadcast", round(PEOPLE / spent, 2), "messages/s", peer=allowed, ratio=round(share, 3),
            goal="≥ 95 % разрешённого темпа", kept=share >= 0.95,
        ),
        Row("broadcast-429", float(session.refused), "refusals", goal="ни одного отказа", kept=session.refused == 0),
        Row(
            "broadcast-truth", float(sent), "messages", peer=float(PEOPLE), ratio=sent / PEOPLE,
            goal="каждому одно сообщение",
            kept=sent == len(session.got) == session.got.total() == PEOPLE,
        ),
        Row(
            "broadcast-memory", round(grown, 1), "MB",
            goal=f"≤ {MEMORY_MB:.0f} МБ после первой тысячи", kept=grown <= MEMORY_MB,
        ),
    ]  # fmt: skip


async def _wall() -> list[Row]:
    """The same on the wall clock: the pace is kept and the dialogue does not feel it."""
    async with world(1_000) as ours:
        await ours.run([ours.press(person, 0) for person in range(PRESSES)])
        idle = await _answers(ours, 1)
        clock = RealClock()
        session = StrictSession(clock.monotonic)
        await _queue(ours, ON_THE_WALL, clock.now())
        running = asyncio.create_task(_until_sent(ours, _delivery(ours, session, clock)))
        started = perf_counter()
        await asyncio.sleep(1)
        busy = await _answers(ours, 2)
        await running
        spent = perf_counter() - started
        allowed = ours.settings.delivery.telegram.per_second
    share = ON_THE_WALL / spent / allowed
    before, during = percentile(idle, 0.99), percentile(busy, 0.99)
    return [
        Row(
            "broadcast-wall", round(ON_THE_WALL / spent, 2), "messages/s", peer=allowed, ratio=round(share, 3),
            goal="≥ 95 % разрешённого темпа без отказов", kept=share >= 0.95 and session.refused == 0,
        ),
        Row(
            "broadcast-p99", round(during, 1), "ms", peer=round(before, 1), ratio=round(during / before, 2),
            runs=len(busy), max=round(max(busy), 1), goal="ответ в диалоге ≤ 2 × без рассылки",
            kept=during <= 2 * before,
        ),
    ]  # fmt: skip


async def _answers(ours: World, item: int) -> list[float]:
    """Time of each answer in ms, presses coming 50 ms apart as from people."""
    waits: list[float] = []
    for person in range(PRESSES):
        raw = ours.press(person, item)
        started = perf_counter()
        await ours.feed(raw)
        waits.append((perf_counter() - started) * 1000)
        await asyncio.sleep(0.05)
    return waits


def _delivery(ours: World, session: StrictSession, clock: Any) -> Delivery:
    # Quiet hours are not what is measured: the run may fall on any hour of any day.
    bot = MessengerBot(Messenger.telegram, 1, session, limits=LIMITS)
    return Delivery(ours.db, ours.settings, {Messenger.telegram: bot}, clock=clock)


async def _queue(ours: World, count: int, now: datetime) -> None:
    screen = Screen("Новости центра").as_json()
    for start in range(0, count, 1_000):
        async with ours.db.begin() as session:
            await session.execute(
                insert(Outbox),
                [
                    {
                        # An answer waits for no hour; the pace is the same for every class.
                        "person_id": person, "message_class": MessageClass.answer, "kind": "bench",
                        "dedupe": f"bench:{person}", "screen": screen, "not_before": now, "created_at": now,
                    }
                    for person in ours.people[start : min(start + 1_000, count)]
                ],
            )  # fmt: skip


async def _until_sent(ours: World, delivery: Delivery) -> None:
    """Rounds until nothing is queued, as the jobs would run them."""
    await delivery.recover()
    while True:
        await delivery.run_due()
        async with ours.db.read() as session:
            queued = select(Outbox.id).where(Outbox.state == OutboxState.queued).limit(1)
            if await session.scalar(queued) is None:
                return


async def _sent(ours: World) -> int:
    async with ours.db.read() as session:
        return await session.scalar(select(func.count()).where(Outbox.state == OutboxState.sent)) or 0

"""Events by themselves: offers and their time, notices to all, reminders, the end, certificates in portions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts, Translator
from bot.models import EventState, MessageClass, RegistrationState
from bot.screens import events as screens
from bot.screens.events import teams as team_screens
from bot.screens.events.wording import When
from bot.services import delivery, outbox
from bot.services.documents.certificate import hours as hours_of_paper
from bot.services.events import after, telling
from bot.services.events.telling import Told
from bot.ui.screen import Screen

log = structlog.get_logger()

Speak = Callable[[Translator, Told], Screen]
Due = Callable[[AsyncSession], Awaitable[Sequence[Told]]]


async def run(db: Database, texts: Texts, settings: Settings, *, now: datetime) -> int:
    """What is due now; how many messages were written."""
    job = _Run(db, texts, settings, now)
    written = await job.lists() + await job.reminders() + await job.end() + await job.certificates()
    if written:
        log.info("events", written=written)
    return written


class _Run:
    """One run: each portion is a transaction of its own."""

    def __init__(self, db: Database, texts: Texts, settings: Settings, now: datetime) -> None:
        self.db, self.texts, self.settings, self.now = db, texts, settings, now
        self.when = When(now, settings.zone)

    async def lists(self) -> int:
        """Offers that lapsed, seats that came free, new offers and proposals, changes of time, lists that close."""
        async with self.db.read() as session:
            lapsing = await telling.lapsing(session, now=self.now)
        written = 0
        for event_id in lapsing:
            async with self.db.begin() as session:
                told = await telling.lapsed(session, event_id, now=self.now)
                written += await self._write(session, told, self._passed, MessageClass.own_clock)
        async with self.db.read() as session:
            fillable = await telling.with_seats(session, now=self.now)
        for event_id in fillable:
            async with self.db.begin() as session:
                await telling.seated(session, event_id, now=self.now)
        async with self.db.read() as session:
            quiet = await delivery.hours_of(session, self.settings, now=self.now)
        written += await self._all(
            lambda session: telling.offers(session, quiet, now=self.now), self._offer, MessageClass.own_clock
        )
        written += await self._all(telling.notices, self._notice, MessageClass.own_clock)
        written += await self._teams()
        return written + await self._all(
            lambda session: telling.begun(session, now=self.now),
            lambda t, told: screens.nobody(t, told.card.line),
            MessageClass.own_clock,
        )

    async def _teams(self) -> int:
        """Teams whose organiser is gone, members of those that are no more, terms that are over."""
        async with self.db.read() as session:
            orphans = await telling.orphans(session)
        for event_id, team_id in orphans:
            async with self.db.begin() as session:
                await telling.adopted(session, event_id, team_id, now=self.now)
        written = await self._all(
            lambda session: telling.teams_gone(session, now=self.now),
            lambda t, told: team_screens.team_gone(t, told.card.line, self.when),
            MessageClass.own_clock,
        )
        # Not by night: the term is an evening, and the answer has a morning.
        return written + await self._all(
            lambda session: telling.short_teams(session, now=self.now),
            lambda t, told: team_screens.team_short(t, told.card, self.when),
            MessageClass.for_you,
        )

    async def reminders(self) -> int:
        """The day before, the hour before."""
        written = await self._all(
            lambda session: telling.hour_before(session, now=self.now), self._soon, MessageClass.own_clock
        )
        return written + await self._all(
            lambda session: telling.day_before(session, now=self.now),
            lambda t, told: screens.tomorrow(t, told.card, self.when),
            MessageClass.own_clock,
        )

    async def end(self) -> int:
        """Events that are over, and what is asked after."""
        written = 0
        async with self.db.begin() as session:
            await telling.over(session, now=self.now)
        written += await self._all(
            lambda session: telling.quizzes(session, now=self.now), self._quiz, MessageClass.own_clock
        )
        while True:
            async with self.db.begin() as session:
                there, missing = await telling.after(session, now=self.now)
                written += await self._write(
                    session, there, lambda t, told: screens.grade(t, told.card.line), MessageClass.nudge
                )
                written += await self._write(session, missing, self._unmarked, MessageClass.nudge)
            if not there and not missing:
                return written

    async def certificates(self) -> int:
        """The next portions; each person hears of hers."""
        written = 0
        async with self.db.read() as session:
            wished = await after.wished(session)
        for event_id in wished:
            while True:
                async with self.db.begin() as session:
                    people = await after.issue(
                        session, event_id, now=self.now, today=local_date(self.now, self.settings.zone)
                    )
                    for person_id in people:
                        written += await self._certificate(session, person_id, event_id)
                if not people:
                    break
        return written

    async def _certificate(self, session: AsyncSession, person_id: int, event_id: int) -> int:
        paper = await after.own_paper(session, person_id, event_id)
        t = self.texts.translator()
        screen = screens.certificate(
            t,
            paper.line,
            number=paper.number,
            hours=hours_of_paper(paper.hours),
            masked=paper.masked,
            materials=paper.materials,
        )
        return await outbox.say(
            session,
            person_id,
            screen,
            message_class=MessageClass.for_you,
            kind="event-certificate",
            dedupe=f"event:{event_id}:certificate:{person_id}",
            now=self.now,
        )

    async def _all(self, due: Due, speak: Speak, message_class: MessageClass) -> int:
        written = 0
        while True:
            async with self.db.begin() as session:
                told = await due(session)
                written += await self._write(session, told, speak, message_class)
            if not told:
                return written

    async def _write(
        self, session: AsyncSession, told: Sequence[Told], speak: Speak, message_class: MessageClass
    ) -> int:
        written = 0
        for one in told:
            # What has a clock of its own is no use after the end: late is worse than at night.
            clock = message_class is MessageClass.own_clock and one.card.line.ends_at > self.now
            quiz = one.card.quiz if message_class is MessageClass.own_clock and not clock else None
            written += await outbox.say(
                session,
                one.person_id,
                speak(self.texts.translator(one.locale), one),
                message_class=message_class,
                kind=f"event:{one.card.line.id}" if message_class is MessageClass.nudge else "event",
                dedupe=one.key,
                now=self.now,
                expires_at=one.card.line.ends_at if clock else quiz.until if quiz else None,
            )
        return written

    def _offer(self, t: Translator, told: Told) -> Screen:
        until = told.until or told.card.line.starts_at
        if told.state is RegistrationState.invited:
            return screens.proposed(t, told.card.line, self.when, until=until, reason=told.reason)
        return screens.offer(t, told.card.line, self.when, until=until)

    def _passed(self, t: Translator, told: Told) -> Screen:
        return screens.passed(t, told.card.line, self.when, until=told.until or self.now)

    def _notice(self, t: Translator, told: Told) -> Screen:
        line = told.card.line
        if line.state is EventState.cancelled:
            return screens.cancelled(t, line, self.when, reason=told.reason)
        return screens.moved(t, line, self.when, was=told.until or line.starts_at)

    def _soon(self, t: Translator, told: Told) -> Screen:
        room = f"{self.settings.public_url}/e/{told.token}" if told.card.has_link else ""
        return screens.soon(t, told.card, self.when, room=room)

    def _quiz(self, t: Translator, told: Told) -> Screen:
        return screens.quiz_offer(t, told.card, self.when)

    def _unmarked(self, t: Translator, told: Told) -> Screen:
        return screens.unmarked(t, told.card.line, self.when, recording=bool(told.card.recording), quiz=told.card.quiz)

"""Whom a broadcast reaches, how it pauses and stops, what a week has room for, and that nobody oversteps."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import local_date
from bot.config import Policy, Settings, TelegramSettings
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Texts
from bot.jobs import broadcasts as job
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.messengers.telegram import telegram_bot
from bot.models import (
    Attempt,
    AttemptState,
    Attendance,
    AttendanceMethod,
    BroadcastKind,
    BroadcastRecipient,
    BroadcastState,
    Confidence,
    ConsentKind,
    Employment,
    EventState,
    Identity,
    InstrumentVersion,
    MessageClass,
    Messenger,
    Municipality,
    Outbox,
    OutboxState,
    Person,
    PersonState,
    Purpose,
    RecipientState,
    Registration,
    RegistrationState,
    Role,
    Rubric,
    ScopeKind,
)
from bot.screens import broadcasts as screens
from bot.services import broadcasts, consents
from bot.services.access import NOBODY, Grant, Scope
from bot.services.broadcasts import TERMS, Circle, Draft, Post
from bot.ui.screen import Screen
from tests.factories import NOW, make_event, make_municipality, make_organisation, make_person
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.jobs.clock import VirtualClock

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
ALL = tuple(Messenger)
DAY = NOW.replace(hour=12)
"""Tuesday, 15:00 in Moscow: within the window of news."""


@pytest.fixture
def in_region() -> bool:
    return True


def draft(**values: Any) -> Draft:
    usual: dict[str, Any] = {
        "kind": BroadcastKind.news, "title": "Новость", "body": "Текст.", "starts_at": DAY,
        "expires_at": DAY + timedelta(days=14), "segment": {},
    }  # fmt: skip
    return Draft(**(usual | values))


async def agreed(session: Any, name: str = "Иванова Мария Петровна", *, news: bool = True, **values: Any) -> Person:
    person = await make_person(session, name, **values)
    if news:
        await consents.give(session, person.id, ConsentKind.news, messenger=Messenger.web, now=NOW)
    return person


async def counted(db: Database, segment: dict[str, list[str]], **values: Any) -> int:
    async with db.read() as session:
        found = await broadcasts.count(session, Circle(BroadcastKind.news, segment=segment, **values), ALL, now=DAY)
    return found.reached


# --- segments ----------------------------------------------------------------------------------------------


async def test_every_term_chooses_whom_it_says(db: Database) -> None:
    async with db.begin() as session:
        town, other = await make_municipality(session, "Ельня"), await make_municipality(session, "Рудня")
        school = await make_organisation(session, municipality=town)
        poor = await make_organisation(session, municipality=other)
        poor.flags = ["low_results"]
        anna = await agreed(
            session, "Анна А", organisation=school, subjects=("physics",), birth_year=2001, teach_since_year=2026,
            accounts={Messenger.max: 1},
        )  # fmt: skip
        boris = await agreed(
            session, "Борис Б", organisation=poor, position="director", subjects=(), birth_year=1970,
            accounts={Messenger.vk: 2},
        )  # fmt: skip
        version = await session.scalar(select(InstrumentVersion.id).limit(1))
        for person, state in ((anna, AttemptState.open), (boris, AttemptState.finished)):
            session.add(
                Attempt(
                    person_id=person.id, version_id=version, purpose=Purpose.trial, audience="teacher", state=state,
                    started_at=NOW, touched_at=NOW,
                )
            )  # fmt: skip
        held = await make_event(session, state=EventState.held)
        coming = await make_event(session, state=EventState.open)
        for person, event in ((anna, held), (boris, held), (anna, coming)):
            session.add(
                Registration(
                    event_id=event.id, person_id=person.id, state=RegistrationState.signed,
                    token=f"{event.id}-{person.id}", created_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
        session.add(
            Attendance(
                event_id=held.id, person_id=boris.id, method=AttendanceMethod.sheet, confidence=Confidence.high, at=NOW
            )
        )  # fmt: skip
    both = [str(held.id), str(coming.id)]
    cases: dict[str, tuple[list[str], int, int]] = {
        # term: values, Anna, Boris
        "municipality": ([str(town.id)], 1, 0),
        "subject": (["physics"], 1, 0),
        "position": (["director"], 0, 1),
        "channel": (["max"], 1, 0),
        "young": (["yes"], 1, 0),
        "new": (["yes"], 1, 0),
        "low_results": (["yes"], 0, 1),
        "leader": (["yes"], 0, 1),
        "diagnosed": (["yes"], 0, 1),
        "undiagnosed": (["yes"], 1, 0),
        "open_attempt": (["yes"], 1, 0),
        "has_iom": (["yes"], 0, 0),
        "no_iom": (["yes"], 1, 1),
        "signed_up": ([str(coming.id)], 1, 0),
        "attended": (both, 0, 1),
        "missed": (both, 1, 0),
    }
    assert set(cases) == set(TERMS), "a new term gets its case here"
    for term, (values, hers, his) in cases.items():
        assert await counted(db, {term: values}) == hers + his, term
        if term == "channel":
            continue
        assert await counted(db, {term: values, "channel": ["max"]}) == hers, term
        assert await counted(db, {term: values, "channel": ["vk"]}) == his, term
    assert await counted(db, {}) == 2
    assert await counted(db, {"municipality": [str(town.id), str(other.id)]}) == 2, "values of a term are «or»"
    assert await counted(db, {"term of a later version": ["yes"]}) == 0, "and never widen the circle"


async def test_count_says_who_gets_it_and_who_does_not(db: Database) -> None:
    async with db.begin() as session:
        await agreed(session, "Анна А", accounts={Messenger.max: 1})
        two = await agreed(session, "Борис Б", accounts={Messenger.vk: 2, Messenger.web: 3})
        busy = await agreed(session, "Вера В", accounts={Messenger.max: 4})
        await agreed(session, "Глеб Г", news=False, accounts={Messenger.max: 5})
        off = await agreed(session, "Дина Д", accounts={Messenger.max: 6})
        await agreed(session, "Егор Е")
        (await agreed(session, "Жанна Ж", accounts={Messenger.max: 7})).state = PersonState.deleting
        (await agreed(session, "Зоя З", accounts={Messenger.max: 8})).registered_at = None
        await broadcasts.switch_kind(session, off.id, BroadcastKind.news, is_on=False, now=NOW)
        # A second job that is the main one too must not count her twice.
        school = await make_organisation(session)
        session.add(Employment(person_id=two.id, organisation_id=school.id, position_slug="teacher", since=NOW.date()))
        for day in range(3):
            session.add(
                Outbox(
                    person_id=busy.id, message_class=MessageClass.nudge, kind=f"k{day}", dedupe=f"d{day}", screen={},
                    not_before=NOW, created_at=NOW, state=OutboxState.sent, sent_at=DAY - timedelta(days=day + 1),
                )
            )  # fmt: skip
    async with db.read() as session:
        found = await broadcasts.count(session, Circle(BroadcastKind.news), ALL, now=DAY)
        others = await broadcasts.count(session, Circle(BroadcastKind.events), [Messenger.web], now=DAY)
    assert found.by_messenger == ((Messenger.max, 2), (Messenger.vk, 1))
    assert (found.reached, found.no_channel, found.refused, found.crowded) == (3, 1, 2, 1)
    assert (others.by_messenger, others.no_channel) == (((Messenger.web, 1),), 4)


# --- who may ------------------------------------------------------------------------------------------------


async def test_a_coordinator_reaches_her_district_only(db: Database, settings: Settings, texts: Texts) -> None:
    async with db.begin() as session:
        mine, other = await make_municipality(session, "Ельня"), await make_municipality(session, "Рудня")
        for place, account in ((mine, 1), (other, 2)):
            school = await make_organisation(session, municipality=place)
            await agreed(session, f"Человек {place.name}", organisation=school, accounts={Messenger.web: account})
        local = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, mine.id),))
        whole = await broadcasts.create(session, HEAD, draft(), now=NOW)
        with pytest.raises(UserError):
            await broadcasts.create(session, local, draft(municipality_id=other.id), now=NOW)
        hers = await broadcasts.create(
            session, local, draft(segment={"municipality": [str(other.id), str(mine.id)]}), now=NOW
        )
        await broadcasts.launch(session, local, hers, now=DAY)
        for act in (broadcasts.launch, broadcasts.pause, broadcasts.stop, broadcasts.drop):
            with pytest.raises(NotFound):
                await act(session, local, whole, now=DAY)
        with pytest.raises(NotFound):
            await broadcasts.card(session, local, whole)
        assert [line.id for line in await broadcasts.listing(session, local)] == [hers]
        assert {line.id for line in await broadcasts.listing(session, HEAD)} == {whole, hers}
    await job.run(db, texts, settings, now=DAY)
    async with db.read() as session:
        names = list(
            await session.scalars(
                select(Person.first_name).join(BroadcastRecipient, BroadcastRecipient.person_id == Person.id)
            )
        )
    assert names == ["Ельня"]


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.centre_head, Role.centre_staff, Role.municipal_coordinator)]
)
async def test_nobody_else_sends(db: Database, role: Role) -> None:
    scope = Scope(1, (Grant(role, ScopeKind.region),))
    async with db.begin() as session:
        number = await broadcasts.create(session, HEAD, draft(), now=NOW)
        for who in (scope, NOBODY, Scope(1, (Grant(Role.municipal_coordinator, ScopeKind.organisation, 1),))):
            with pytest.raises(NotAllowed):
                await broadcasts.create(session, who, draft(), now=NOW)
            with pytest.raises(NotAllowed):
                await broadcasts.launch(session, who, number, now=NOW)
            with pytest.raises(NotAllowed):
                await broadcasts.card(session, who, number)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"title": " "}, "title"),
        ({"title": "о" * 61}, "title"),
        ({"body": ""}, "body"),
        ({"body": "о" * 851}, "body"),
        ({"link_url": "javascript:alert(1)"}, "link"),
        ({"link_url": "https://a.example/b c"}, "link"),
        ({"link_label": "о" * 21, "link_url": "https://a.example"}, "label"),
        ({"expires_at": DAY}, "dates"),
        ({"expires_at": DAY + timedelta(days=90)}, "dates"),
        ({"kind": BroadcastKind.rubric}, "rubric"),
        ({"kind": BroadcastKind.rubric, "rubric": "nobody-s"}, "rubric"),
        ({"rubric": "shpargalka"}, "rubric"),
    ],
)
async def test_a_draft_that_cannot_be_sent(db: Database, wrong: dict[str, Any], key: str) -> None:
    async with db.begin() as session:
        with pytest.raises(UserError) as refusal:
            await broadcasts.create(session, HEAD, draft(**wrong), now=NOW)
    assert refusal.value.key == f"admin-broadcast-{key}"


# --- delivery ------------------------------------------------------------------------------------------------


class Office:
    """A broadcast, its people in Telegram, and the delivery at work; time moves by hand."""

    def __init__(
        self, db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram, bot: MessengerBot
    ) -> None:
        self.db, self.settings, self.texts, self.telegram = db, settings, texts, telegram
        self.clock = VirtualClock(DAY)
        self.delivery = Delivery(db, settings, {Messenger.telegram: bot}, clock=self.clock)
        settings.telegram.token = TOKEN

    async def people(self, count: int, **values: Any) -> list[int]:
        made = []
        async with self.db.begin() as session:
            school = await make_organisation(session)
            for number in range(1, count + 1):
                self.telegram.meet(number)
                person = await agreed(session, organisation=school, accounts={Messenger.telegram: number}, **values)
                made.append(person.id)
        return made

    async def launch(self, **values: Any) -> int:
        async with self.db.begin() as session:
            moment = self.clock.now()
            more = {"starts_at": moment, "expires_at": moment + timedelta(days=14)} | values
            number = await broadcasts.create(session, HEAD, draft(**more), now=moment)
            await broadcasts.launch(session, HEAD, number, now=moment)
        return number

    async def act(self, act: Any, number: int) -> None:
        async with self.db.begin() as session:
            await act(session, HEAD, number, now=self.clock.now())

    async def work(self) -> None:
        await job.run(self.db, self.texts, self.settings, now=self.clock.now())

    async def deliver(self) -> None:
        await self.work()
        await self.delivery.run_due()
        await self.work()

    async def counts(self, number: int) -> dict[str, int]:
        async with self.db.read() as session:
            line = await broadcasts.card(session, HEAD, number)
            found = await broadcasts.progress(session, line)
        return {state.value: n for state, n in found.by_state.items()}

    async def state(self, number: int) -> BroadcastState:
        async with self.db.read() as session:
            return (await broadcasts.card(session, HEAD, number)).state

    def got(self, number: int) -> list[str]:
        return [m.plain.partition("\n")[0] for m in self.telegram.chats[number] if not m.from_person]


@pytest.fixture
async def office(db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram) -> AsyncIterator[Office]:
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    yield Office(db, settings, texts, telegram, bot)
    await bot.session.close()


async def test_each_gets_one_message_and_the_report_knows(office: Office) -> None:
    await office.people(5)
    office.telegram.blocked.add(3)
    number = await office.launch()
    await office.work()
    assert await office.counts(number) == {"waiting": 5}
    await office.work()
    await office.deliver()
    await office.deliver()
    assert await office.counts(number) == {"delivered": 4, "blocked": 1}
    assert await office.state(number) is BroadcastState.done
    assert [office.got(n) for n in (1, 2, 4, 5)] == [["Новость"]] * 4
    async with office.db.read() as session:
        line = await broadcasts.card(session, HEAD, number)
        blocked, more = await broadcasts.recipients(session, line, state=RecipientState.blocked)
        rows = list(await session.scalars(select(BroadcastRecipient.state)))
    assert (len(blocked), more) == (1, False)
    assert Counter(rows) == {RecipientState.delivered: 4, RecipientState.blocked: 1}, "kept when the outbox is tidied"


async def test_it_waits_for_its_hour_and_for_the_window_of_news(office: Office) -> None:
    await office.people(1)
    number = await office.launch(starts_at=DAY + timedelta(hours=20))
    await office.deliver()
    assert await office.state(number) is BroadcastState.scheduled
    office.clock.go_to(DAY + timedelta(hours=20))
    await office.deliver()
    assert await office.counts(number) == {"waiting": 1}, "11 in the morning: news come from 14 on"
    assert office.got(1) == []
    office.clock.go_to(DAY + timedelta(hours=23, minutes=1))
    await office.deliver()
    assert office.got(1) == ["Новость"]


async def test_pause_resume_and_stop(office: Office) -> None:
    await office.people(6)
    number = await office.launch()
    await office.work()
    await office.act(broadcasts.pause, number)
    await office.deliver()
    assert await office.counts(number) == {"waiting": 6}
    assert await office.state(number) is BroadcastState.paused
    await office.act(broadcasts.resume, number)
    await office.act(broadcasts.resume, number)
    async with office.db.begin() as session:
        await session.execute(update(Outbox).where(Outbox.person_id > 3).values(not_before=DAY + timedelta(days=1)))
    await office.deliver()
    await office.act(broadcasts.stop, number)
    await office.act(broadcasts.stop, number)
    office.clock.go_to(DAY + timedelta(days=1))
    await office.deliver()
    found = await office.counts(number)
    assert found["delivered"] + found["stopped"] == 6
    assert found["stopped"] >= 3
    assert await office.state(number) is BroadcastState.stopped
    assert sum(len(office.got(n)) for n in range(1, 7)) == found["delivered"]
    await office.act(broadcasts.resume, number)
    assert await office.state(number) is BroadcastState.stopped, "for good"


async def test_a_pause_in_the_middle_of_writing_goes_on_where_it_was(office: Office) -> None:
    await office.people(7)
    number = await office.launch()

    def speak(locale: str, said: Post) -> Screen:
        return screens.post(office.texts.translator(locale), said)

    async def portion() -> int:
        async with office.db.begin() as session:
            await broadcasts.begin_due(session, now=DAY)
            return await broadcasts.unfold(session, number, speak, [Messenger.telegram], now=DAY, portion=3)

    assert await portion() == 3
    await office.act(broadcasts.pause, number)
    assert await portion() == 0
    await office.act(broadcasts.resume, number)
    assert [await portion(), await portion(), await portion(), await portion()] == [3, 1, 0, 0]
    await office.deliver()
    assert await office.counts(number) == {"delivered": 7}
    assert all(office.got(n) == ["Новость"] for n in range(1, 8))


async def test_a_week_has_room_for_three_and_subscriptions_stand_outside(office: Office) -> None:
    (person,) = await office.people(1)
    async with office.db.begin() as session:
        await broadcasts.switch_rubric(session, person, "shpargalka", is_on=True, now=DAY)
    numbers = [await office.launch(title=f"Новость {n}") for n in range(4)]
    for day in range(7):
        office.clock.go_to(DAY + timedelta(days=day))
        await office.deliver()
    assert office.got(1) == ["Новость 0", "Новость 1", "Новость 2"], "one a day, three a week"
    assert await office.counts(numbers[3]) == {"waiting": 1}
    for title in ("Раз", "Два"):
        await office.launch(title=title, kind=BroadcastKind.rubric, rubric="shpargalka")
    await office.deliver()
    assert office.got(1)[3:] == ["#шпаргалка: Раз", "#шпаргалка: Два"], "a bundle of a day comes together"
    office.clock.go_to(DAY + timedelta(days=6, hours=2))
    await office.launch(title="Три", kind=BroadcastKind.rubric, rubric="shpargalka")
    await office.deliver()
    assert len(office.got(1)) == 5, "what is written later waits for the next day"
    for day in range(7, 10):
        office.clock.go_to(DAY + timedelta(days=day))
        await office.deliver()
    assert sorted(office.got(1)[5:]) == ["#шпаргалка: Три", "Новость 3"]


async def test_what_finds_no_room_before_the_last_day_is_dropped(office: Office) -> None:
    await office.people(
        1,
    )
    async with office.db.begin() as session:
        await session.execute(update(Person).values(writing_window="answers"))
    number = await office.launch()
    await office.deliver()
    await office.deliver()
    assert await office.counts(number) == {"dropped": 1}
    assert office.got(1) == []


async def test_a_test_comes_to_every_messenger_one_has(office: Office, settings: Settings) -> None:
    (me, _) = await office.people(2)
    async with office.db.begin() as session:
        session.add(Identity(person_id=me, messenger=Messenger.web, user_id=77, chat_id=77, linked_at=NOW))
        number = await broadcasts.create(session, HEAD, draft(), now=DAY)

    def speak(locale: str, said: Post) -> Screen:
        return screens.post(office.texts.translator(locale), said)

    scope = Scope(me, HEAD.grants)
    async with office.db.begin() as session:
        where = await broadcasts.test(session, scope, number, speak, ALL, locale="ru", now=DAY)
        again = await broadcasts.test(session, scope, number, speak, ALL, locale="ru", now=DAY)
    assert where == again == [Messenger.telegram, Messenger.web]
    office.clock.go_to(DAY + timedelta(hours=11))
    await office.delivery.run_due()
    async with office.db.read() as session:
        rows = list(await session.scalars(select(Outbox).order_by(Outbox.id)))
    assert {row.message_class for row in rows} == {MessageClass.answer}
    assert await office.counts(number) == {}, "nobody else hears of it"
    with pytest.raises(UserError):
        async with office.db.begin() as session:
            await broadcasts.test(session, HEAD, number, speak, ALL, locale="ru", now=DAY)


async def test_news_go_where_nothing_personal_may(
    office: Office, db: Database, settings: Settings, telegram: FakeTelegram
) -> None:
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url, policy=Policy.info))
    office.delivery = Delivery(db, settings, {Messenger.telegram: bot}, clock=office.clock)
    await office.people(1)
    await office.launch()
    await office.work()
    await office.deliver()
    assert office.got(1) == ["Новость"]
    await bot.session.close()


async def test_who_is_leaving_is_left_out(office: Office) -> None:
    from bot.services import leaving

    (person, _) = await office.people(2)
    number = await office.launch()
    await office.work()
    async with office.db.begin() as session:
        await leaving.ask(session, person, now=DAY)
    await office.deliver()
    await office.deliver()
    assert await office.counts(number) == {"delivered": 1, "unsubscribed": 1}
    assert await office.state(number) is BroadcastState.done


async def test_the_pack_brings_rubrics(db: Database) -> None:
    async with db.read() as session:
        titles = list(await session.scalars(select(Rubric.title).order_by(Rubric.place)))
        towns = await session.scalar(select(Municipality.id).limit(1))
    assert titles[:2] == ["#наш_актив", "#шпаргалка"]
    assert towns is not None
    assert local_date(datetime(2026, 11, 24, 22, tzinfo=NOW.tzinfo), Settings().zone).day == 25

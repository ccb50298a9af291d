"""An invitation to a diagnosis: it comes, is accepted, put off or declined, and is over some day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.clock import now_in
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import campaigns as job
from bot.models import (
    Attempt,
    Campaign,
    CampaignInvite,
    CampaignState,
    InviteState,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    Purpose,
)
from bot.services import campaigns, diagnostics
from bot.services.access import Grant, Scope
from bot.services.campaigns import Draft, Target
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import make_organisation, make_person

from bot.models import Role, ScopeKind  # isort: skip

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
Launch = Callable[..., Awaitable[int]]


@pytest.fixture
def now(settings: Settings) -> datetime:
    return now_in(settings.zone)


@pytest.fixture
def launch(db: Database, settings: Settings, texts: Texts, now: datetime) -> Launch:
    """A running campaign about the teachers' questionnaire, its first invitations written."""

    async def make(days: int = 20, *, target: Target | None = None) -> int:
        async with db.begin() as session:
            content = await diagnostics.published(session, "teacher")
            assert content is not None
            draft = Draft(
                "Осень", content.version_id, "Центр", now.date(), now.date() + timedelta(days), target or Target()
            )
            number = await campaigns.create(session, HEAD, draft, now=now)
            await campaigns.launch(session, HEAD, number, now=now)
        await job.run(db, texts, settings, now=now)
        return number

    return make


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    talk = await newcomer()
    async with db.begin() as session:
        await diagnostics.load_instruments(
            session, ROOT / "data" / "instruments", now=datetime(2026, 1, 1).astimezone()
        )
        await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    return talk


async def invites(db: Database) -> list[CampaignInvite]:
    async with db.read() as session:
        return list(await session.scalars(select(CampaignInvite).order_by(CampaignInvite.id)))


async def waiting(db: Database) -> list[Outbox]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox).where(Outbox.kind.like("campaign:%")).order_by(Outbox.id))
        return [row for row in rows if row.state is OutboxState.queued]


async def ends(db: Database, day: date) -> None:
    async with db.begin() as session:
        await session.execute(update(Campaign).values(since=day - timedelta(days=30), until=day))


async def test_it_is_accepted_from_the_menu_and_taken_to_the_end(
    teacher: Talk, db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    number = await launch()
    (row,) = await waiting(db)
    assert "Приглашает Центр" in row.screen["text"]
    assert [label for line in row.screen["rows"] for label, *_ in line] == [
        "Начать", "Напомнить завтра", "Не буду участвовать",
    ]  # fmt: skip
    await teacher.says("/menu")
    assert teacher.sees("приглашение на самодиагностику")
    await teacher.presses("Открыть приглашение")
    assert teacher.sees("1 из 30.")
    assert await waiting(db) == [], "she is there: nothing more to invite her to"
    for _ in range(30):
        await teacher.presses("Самостоятельно")
    await teacher.presses("Узнать результат")
    async with db.read() as session:
        attempt = (await session.scalars(select(Attempt))).one()
        assert attempt.purpose is Purpose.campaign
        line = await campaigns.card(session, HEAD, number)
        found = await campaigns.progress(session, HEAD, line, today=now.date())
    assert (found.total.group, found.total.invited, found.total.finished) == (1, 1, 1)
    (invite,) = await invites(db)
    assert (invite.state, invite.attempt_id) == (InviteState.accepted, attempt.id)
    await job.run(db, texts, settings, now=now + timedelta(days=18))
    assert await waiting(db) == [], "who has finished is not reminded"


async def test_a_refusal_is_silent_for_good_and_the_door_stays_open(
    teacher: Talk, db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    await launch()
    (invite,) = await invites(db)
    await teacher.says("/menu")
    await teacher.press_action(f"diagnostics:join-not:{invite.id}")
    assert teacher.sees("Хорошо, не напоминаю")
    assert await waiting(db) == []
    await job.run(db, texts, settings, now=now + timedelta(days=18))
    assert await waiting(db) == []
    await teacher.says("/menu")
    assert not teacher.sees("приглашение на самодиагностику")
    await teacher.presses("Диагностика")
    await teacher.presses("По приглашению")
    assert teacher.sees("Приглашение на самодиагностику")
    await teacher.presses("Начать")
    assert teacher.sees("1 из 30.")


async def test_tomorrow_is_tomorrow_and_one_reminder_comes_near_the_end(
    teacher: Talk, db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    await launch()
    (invite,) = await invites(db)
    await teacher.says("/menu")
    await teacher.press_action(f"diagnostics:join-later:{invite.id}")
    assert teacher.sees("Хорошо, напомню завтра")
    first, asked = await waiting(db)
    assert timedelta(hours=23) < asked.not_before - first.created_at < timedelta(hours=25)
    for day in (16, 17, 18, 19):
        await job.run(db, texts, settings, now=now + timedelta(days=day))
    reminders = [row for row in await waiting(db) if row.kind.endswith(":reminder")]
    assert len(reminders) == 1


async def test_after_the_last_day_one_may_finish_for_oneself(
    teacher: Talk, db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    await launch()
    (invite,) = await invites(db)
    await ends(db, now.date() - timedelta(days=1))
    await job.run(db, texts, settings, now=now)
    async with db.read() as session:
        assert (await session.scalars(select(Campaign.state))).one() is CampaignState.closed
    assert await waiting(db) == []
    await teacher.says("/menu")
    await teacher.press_action(f"diagnostics:join:{invite.id}")
    assert teacher.sees("Срок приглашения прошёл")
    await teacher.presses("Закончить для себя")
    assert teacher.sees("Как отвечать")


async def test_an_attempt_for_oneself_stays_ones_own(teacher: Talk, db: Database, launch: Launch) -> None:
    await launch()
    (invite,) = await invites(db)
    await teacher.says("/menu")
    await teacher.press_action("diagnostics:start-own:")
    await teacher.presses("По образцу")
    await teacher.press_action(f"diagnostics:join:{invite.id}")
    assert teacher.sees("Сначала закончите попытку «для себя»")
    assert teacher.sees("2 из 30.")
    for _ in range(29):
        await teacher.presses("Самостоятельно")
    await teacher.presses("Узнать результат")
    await teacher.press_action(f"diagnostics:join:{invite.id}")
    assert teacher.sees("1 из 30.")
    async with db.read() as session:
        purposes = list(await session.scalars(select(Attempt.purpose).order_by(Attempt.id)))
    assert purposes == [Purpose.trial, Purpose.campaign]


async def test_what_is_open_at_the_end_becomes_ones_own(
    teacher: Talk, db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    await launch()
    (invite,) = await invites(db)
    await teacher.says("/menu")
    await teacher.press_action(f"diagnostics:join:{invite.id}")
    await teacher.presses("По образцу")
    await ends(db, now.date() - timedelta(days=1))
    await job.run(db, texts, settings, now=now)
    for _ in range(29):
        await teacher.presses("Самостоятельно")
    await teacher.presses("Узнать результат")
    async with db.read() as session:
        attempt = (await session.scalars(select(Attempt))).one()
        assert attempt.purpose is Purpose.trial
        line = await campaigns.card(session, HEAD, invite.campaign_id)
        found = await campaigns.progress(session, HEAD, line, today=now.date())
    assert found.total.finished == 0, "after the last day nothing counts"


async def test_an_invitation_to_a_test_says_so(
    teacher: Talk, db: Database, settings: Settings, texts: Texts, now: datetime
) -> None:
    async with db.begin() as session:
        version = next(c.version_id for c in await campaigns.choices(session) if "математике" in c.title)
        draft = Draft("Тест", version, "Центр", now.date(), now.date() + timedelta(20), Target())
        number = await campaigns.create(session, HEAD, draft, now=now)
        await campaigns.launch(session, HEAD, number, now=now)
    await job.run(db, texts, settings, now=now)
    (row,) = await waiting(db)
    assert "Приглашение на тест" in row.screen["text"]
    assert "10 заданий" in row.screen["text"]
    assert "самодиагностик" not in row.screen["text"]
    await teacher.says("/menu")
    assert teacher.sees("приглашение на тест")
    await teacher.presses("Открыть приглашение")
    assert teacher.sees("1 из 10.")


async def test_nobody_answers_anothers_invitation(
    teacher: Talk, newcomer: Newcomer, db: Database, launch: Launch
) -> None:
    await launch()
    (invite,) = await invites(db)
    other = await newcomer()
    async with db.begin() as session:
        await make_person(session, "Другая Анна Ильинична", accounts={Messenger(other.messenger): other.user_id})
    await other.says("/menu")
    for action in ("join", "join-later", "join-not", "invited"):
        await other.press_action(f"diagnostics:{action}:{invite.id}")
        assert not other.sees("1 из 30.")
    assert [one.state for one in await invites(db)] == [InviteState.invited]


async def test_who_took_it_lately_is_not_asked_again_and_who_never_came_waits(
    db: Database, launch: Launch, settings: Settings, texts: Texts, now: datetime
) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=now)
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        took = await make_person(session, "Прошедшая Анна Ильинична")
        await diagnostics.record_finished(
            session, took.id, content, {item.id: 3 for item in content.items}, purpose=Purpose.official,
            started_at=now - timedelta(days=5), finished_at=now - timedelta(days=5), messenger=Messenger.web,
        )  # fmt: skip
        absent = await make_person(session, "Незнакомая Анна Ильинична")
        absent.registered_at = None
    await launch()
    states = {one.person_id: one.state for one in await invites(db)}
    assert states == {took.id: InviteState.earlier, absent.id: InviteState.absent}
    assert await waiting(db) == []
    async with db.begin() as session:
        await session.execute(update(Person).where(Person.id == absent.id).values(registered_at=now))
    await job.run(db, texts, settings, now=now + timedelta(hours=1))
    assert len(await waiting(db)) == 1
    await job.run(db, texts, settings, now=now + timedelta(hours=2))
    assert len(await waiting(db)) == 1, "one invitation, whatever the number of looks"


async def test_the_target_group_is_a_rule(db: Database, now: datetime) -> None:
    today = date(2026, 11, 24)
    async with db.begin() as session:
        weak = await make_organisation(session, "Школа № 7")
        weak.flags = ["rural", "low_results"]
        plain = await make_organisation(session, "Школа № 8")

        async def aged(name: str, birth: int, since: int) -> Person:
            return await make_person(session, name, organisation=plain, birth_year=birth, teach_since_year=since)

        people = {
            "young": await aged("А Б В", 1998, 2024),
            "old hand": await make_person(session, "Г Д Е", organisation=weak, subjects=("physics",)),
            "new": await aged("Ж З И", 1970, 2026),
            "third year": await make_person(
                session, "К Л М", organisation=plain, birth_year=1991, teach_since_year=2023
            ),
            "fourth year": await make_person(
                session, "Н О П", organisation=plain, birth_year=1992, teach_since_year=2022
            ),
        }
    names = {person.id: name for name, person in people.items()}
    cases: list[tuple[Target, set[str]]] = [
        (Target(), set(people)),
        (Target(subjects=("physics",)), {"old hand"}),
        (Target(low_results=True), {"old hand"}),
        (Target(young=True), {"young"}),
        (Target(new=True), {"new"}),
        (Target(municipalities=(plain.municipality_id,)), {"young", "new", "third year", "fourth year"}),
        (Target(positions=("leader",)), set()),
    ]
    async with db.read() as session:
        from bot.services.campaigns.targets import Limits, people_of

        for target, expected in cases:
            rows = await session.execute(people_of(target, "teacher", on=today, young=Limits()))
            assert {names[row.id] for row in rows} == expected, target
            size, _ = await campaigns.count(session, target, "teacher", on=today)
            assert size == len(expected)
        rows = await session.execute(people_of(Target(young=True), "teacher", on=date(2026, 9, 1), young=Limits()))
        assert {names[row.id] for row in rows} == {"young", "third year"}, "the third year ends on its day"


async def test_a_large_group_is_invited_in_portions(
    db: Database, settings: Settings, texts: Texts, launch: Launch, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=now)
        school = await make_organisation(session)
        for number in range(23):
            await make_person(session, f"Номер{number} А Б", organisation=school)
    monkeypatch.setattr(campaigns.unfold, "__kwdefaults__", {"portion": 5})
    await launch()
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(CampaignInvite)) == 23
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 23

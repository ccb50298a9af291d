"""«Навигатор»: one box over every kind, what helps with deficits and the route, links that open in every messenger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.models import (
    Activity,
    ActivityForm,
    ActivityGroup,
    ActivityKind,
    ActivitySubject,
    Attempt,
    AttemptState,
    CompetenceGroup,
    DeficitLevel,
    Event,
    FaqEntry,
    FaqState,
    GroupResult,
    Iom,
    IomBasis,
    IomDeficit,
    IomState,
    Messenger,
    Purpose,
    TicketTheme,
    VersionGroup,
)
from bot.services import registers
from bot.services.navigator import finding, keeping
from bot.services.navigator.finding import Filters
from bot.services.registers import Draft
from tests.chat import MaxTalk, Talk, VkTalk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import make_event
from tests.handlers.test_contests import STAFF
from tests.handlers.test_programmes import known
from tests.web.test_practices import a_practice

SEVEN = {"answer", "practice", "material", "programme", "event", "community", "contest"}


def line(kind: ActivityKind, title: str, group: str, *subjects: str) -> Activity:
    return Activity(
        kind=kind, title=title, form=ActivityForm.distance, hours=2, sort=title.casefold(), created_at=utcnow(),
        updated_at=utcnow(), groups=[ActivityGroup(group_slug=group)],
        subjects=[ActivitySubject(subject_slug=slug) for slug in subjects],
    )  # fmt: skip


async def groups_of_a_version(db: Database) -> tuple[int, list[tuple[int, str]]]:
    """(version, (row, slug) of its groups): what a diagnosis speaks of."""
    async with db.read() as session:
        version = await session.scalar(
            select(VersionGroup.version_id)
            .join(CompetenceGroup, CompetenceGroup.slug == VersionGroup.slug)
            .group_by(VersionGroup.version_id)
            .order_by(func.count().desc(), VersionGroup.version_id)
            .limit(1)
        )
        rows = await session.execute(
            select(VersionGroup.id, VersionGroup.slug)
            .join(CompetenceGroup, CompetenceGroup.slug == VersionGroup.slug)
            .where(VersionGroup.version_id == version)
            .order_by(VersionGroup.id)
        )
        return int(version or 0), [(number, slug) for number, slug in rows]


async def everything(db: Database, settings: Settings, group: str) -> date:
    """One of each kind, all of them about the same."""
    today = local_date(utcnow(), settings.zone)
    await a_practice(db, settings, title="Оценивание без страха", group_slug=group)
    async with db.begin() as session:
        session.add(
            FaqEntry(
                theme=TicketTheme.exams, question="Нужно ли оценивание в первом классе?", answer="Нет.",
                state=FaqState.published, created_at=utcnow(), published_at=utcnow(), subject_slug="math",
                review_on=today + timedelta(days=90),
            )
        )  # fmt: skip
        session.add(line(ActivityKind.self_study, "Оценивание: что почитать", group))
        session.add(line(ActivityKind.dpp_other, "Курс «Оценивание на уроке»", group, "math"))
        session.add(line(ActivityKind.masterclass, "Мастер-класс по чтению", group))
        starts = utcnow() + timedelta(days=5)
        await make_event(session, "Вебинар про оценивание", starts_at=starts)
        for slug, title, values in (
            ("communities", "Клуб «Оценивание»", {"type": "community", "subject": "Математика"}),
            ("contests", "Конкурс «Оценивание года»", {"level": "regional"}),
        ):
            await registers.save(session, STAFF, slug, Draft(title, values), now=utcnow(), today=today)
    await keeping.refresh(db, today=today)
    return today


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_one_box_finds_all_seven(db: Database, settings: Settings, where: str) -> None:
    _, groups = await groups_of_a_version(db)
    group = groups[0][1]
    today = await everything(db, settings, group)
    async with db.read() as session:
        found = await finding.find(session, "оценивание", today=today, size=20)
        assert {hit.kind for hit in found.hits} == SEVEN
        for kind in SEVEN:
            only = await finding.find(session, "оценивания", Filters(kind=kind), today=today, size=20)
            assert [hit.kind for hit in only.hits] == [kind]
        by_topic = await finding.find(session, "оценивание", Filters(group=group), today=today, size=20)
        assert {hit.kind for hit in by_topic.hits} == {"practice", "material", "programme"}
        by_subject = await finding.find(session, "оценивание", Filters(subject="math"), today=today, size=20)
        assert {hit.kind for hit in by_subject.hits} >= {"answer", "practice", "programme", "community"}
        assert "event" not in {hit.kind for hit in by_subject.hits}
        topic = await finding.find(session, "", Filters(group=group), today=today, size=20)
        assert topic.total == 4, "a topic is opened without words"
        (masterclass,) = (await finding.find(session, "мастер-класс", today=today)).hits
        assert masterclass.kind == "event", "a line of the catalogue one comes to at an hour"


async def test_what_helps_comes_from_deficits_and_from_the_route(
    db: Database, settings: Settings, newcomer_on: NewcomerOn
) -> None:
    version, groups = await groups_of_a_version(db)
    (weak_id, weak), (strong_id, strong), (_, routed) = groups[:3]
    async with db.begin() as session:
        session.add(line(ActivityKind.self_study, "Про слабое", weak))
        session.add(line(ActivityKind.self_study, "Про сильное", strong))
        session.add(line(ActivityKind.dpp_other, "Про шаг ИОМ", routed))
        session.add(line(ActivityKind.dpp_other, "Про слабое для химии", weak, "chemistry"))
    await keeping.refresh(db, today=local_date(utcnow(), settings.zone))
    talk: Talk = await newcomer_on("web")
    hers = await known(talk, db)
    await talk.press_action("navigator:home")
    await talk.presses("По моим точкам роста")
    assert talk.sees("диагностик"), "nothing is known yet, and the way to know is shown"
    assert not talk.sees("Про слабое")

    async with db.begin() as session:
        today = utcnow().date()
        route = Iom(
            person_id=hers, basis=IomBasis.request, state=IomState.active, starts_on=today,
            ends_on=today + timedelta(days=90), created_at=utcnow(),
        )  # fmt: skip
        session.add(route)
        await session.flush()
        session.add(IomDeficit(iom_id=route.id, group_slug=routed, title="Шаг"))
    await talk.says("/menu")
    await talk.press_action("navigator:growth:0")
    assert talk.sees("Про шаг ИОМ")
    assert not talk.sees("Про слабое")

    async with db.begin() as session:
        attempt = Attempt(
            person_id=hers, version_id=version, purpose=Purpose.official, state=AttemptState.finished,
            audience="teacher", started_at=utcnow(), touched_at=utcnow(), finished_at=utcnow(),
        )  # fmt: skip
        session.add(attempt)
        await session.flush()
        for number, level in ((weak_id, DeficitLevel.high), (strong_id, DeficitLevel.minimal)):
            session.add(
                GroupResult(
                    attempt_id=attempt.id, group_id=number, pct=50.0, deficit_level=level, answered=5, total=5,
                    is_deficit=level is DeficitLevel.high,
                )
            )  # fmt: skip
    await talk.says("/menu")
    await talk.press_action("navigator:growth:0")
    assert talk.sees("Про шаг ИОМ")
    assert talk.sees("Про слабое")
    assert not talk.sees("Про сильное")
    assert not talk.sees("для химии"), "another subject is not hers"
    async with db.begin() as session:
        (await session.get_one(Iom, route.id)).closed_at = utcnow()
    await talk.says("/menu")
    await talk.press_action("navigator:growth:0")
    assert talk.sees("Про слабое")
    assert not talk.sees("Про шаг ИОМ"), "a closed route asks for nothing"


async def an_event(db: Database, settings: Settings) -> int:
    starts = utcnow() + timedelta(days=5)
    async with db.begin() as session:
        event: Event = await make_event(session, "Вебинар про оценивание", starts_at=starts)
    await keeping.refresh(db, today=local_date(utcnow(), settings.zone))
    return event.id


async def test_a_shared_link_opens_the_same_in_every_messenger(
    db: Database, settings: Settings, newcomer: Newcomer
) -> None:
    """As the messenger itself says it: ``ref`` of VK, ``payload`` of MAX, «/start …» of Telegram and the page."""
    number = await an_event(db, settings)
    guest = await newcomer()
    if isinstance(guest, VkTalk | MaxTalk):
        await guest.starts(f"nav_event-{number}")
    else:
        await guest.says(f"/start nav_event-{number}")
    assert guest.sees("Вебинар про оценивание")
    assert "Поделиться" in guest.buttons


async def test_words_for_a_colleague_hold_an_address_for_each(
    db: Database, settings: Settings, newcomer_on: NewcomerOn
) -> None:
    number = await an_event(db, settings)
    talk = await newcomer_on("telegram")
    await known(talk, db)
    settings.web.public_url = "https://marshrut.example"
    talk.dispatcher["links"].update(  # type: ignore[attr-defined]
        {
            Messenger.telegram: "https://t.me/marshrut_bot",
            Messenger.vk: "https://vk.me/club1",
            Messenger.max: "https://max.ru/marshrut_bot",
        }
    )
    await talk.press_action(f"navigator:share:event:{number}")
    word = f"nav_event-{number}"
    for address in (
        f"https://t.me/marshrut_bot?start={word}", f"https://vk.me/club1?ref={word}",
        f"https://max.ru/marshrut_bot?start={word}", f"https://marshrut.example/?start={word}",
    ):  # fmt: skip
        assert talk.sees(address), address
    await talk.press_action(f"navigator:save:event:{number}")
    await talk.press_action("navigator:saved:0")
    assert talk.sees("Вебинар про оценивание")

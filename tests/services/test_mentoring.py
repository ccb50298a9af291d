"""Mentoring from a need to an order: matching, review, consents of both, the employer, races, bad input."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import UserError
from bot.models import (
    Fact,
    FactKind,
    MatchLeft,
    MatchRun,
    MenteeNeed,
    MentorNotice,
    MentorPair,
    Organisation,
    PairConsent,
    PairKind,
    PairState,
    Role,
    RunState,
    ScopeKind,
    Side,
    Standing,
)
from bot.services.access import Grant, Scope
from bot.services.mentoring import matching, pairs, profiles
from bot.services.mentoring.profiles import MentorCard, NeedCard
from tests.factories import NOW, make_organisation, make_person

TODAY = date(2026, 11, 24)
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture(params=["sqlite", pytest.param("both@postgres", marks=pytest.mark.postgres)])
def on_both(request: pytest.FixtureRequest, db: Database) -> Database:
    """The same on SQLite and on PostgreSQL."""
    return db


async def mentor(
    db: Database,
    name: str = "Опытная Анна Львовна",
    *,
    organisation: Organisation | None = None,
    load: int = 2,
    subjects: tuple[str, ...] = ("math",),
    strengths: tuple[str, ...] = ("method",),
    **more: Any,
) -> int:
    person_more = {key: more.pop(key) for key in ("position", "teach_since_year", "birth_year") if key in more}
    async with db.begin() as session:
        person = await make_person(session, name, organisation=organisation, subjects=subjects, **person_more)
        await profiles.save_profile(
            session, person.id,
            MentorCard(strengths, max_load=load, standing=Standing.highest, parts=("after",), **more),
            now=NOW, today=TODAY,
        )  # fmt: skip
    return person.id


async def mentee(
    db: Database,
    name: str = "Новикова Ольга Игоревна",
    *,
    organisation: Organisation | None = None,
    subjects: tuple[str, ...] = ("math",),
    topics: tuple[str, ...] = ("method",),
    **more: Any,
) -> int:
    person_more: dict[str, Any] = {"birth_year": 2000, "teach_since_year": 2025}
    person_more |= {key: more.pop(key) for key in ("position", "teach_since_year", "birth_year") if key in more}
    async with db.begin() as session:
        person = await make_person(session, name, organisation=organisation, subjects=subjects, **person_more)
        await profiles.save_need(session, person.id, NeedCard(topics, parts=("after",), **more), now=NOW, today=TODAY)
    return person.id


async def school(db: Database, name: str = "Школа № 1") -> Organisation:
    async with db.begin() as session:
        return await make_organisation(session, name)


async def matched(db: Database, **more: Any) -> MatchRun:
    return await matching.run(db, HEAD, now=NOW, today=TODAY, **more)


async def pair_of(db: Database, mentee_id: int) -> MentorPair | None:
    async with db.read() as session:
        return await session.scalar(
            select(MentorPair).where(MentorPair.mentee_id == mentee_id).order_by(MentorPair.id.desc()).limit(1)
        )


async def offered(db: Database, mentee_id: int) -> int:
    pair = await pair_of(db, mentee_id)
    assert pair is not None
    async with db.begin() as session:
        told, held = await pairs.publish(session, HEAD, [pair.id], now=NOW, today=TODAY)
    assert (told, held) == ([pair.id], [])
    return pair.id


async def agreed(db: Database, *people: int, pair_id: int) -> PairState:
    state = PairState.consent_wait
    for person_id in people:
        async with db.begin() as session:
            state = await pairs.agree(session, person_id, pair_id, now=NOW, today=TODAY)
    return state


async def ordered(db: Database, pair_id: int, on: date = TODAY) -> Any:
    async with db.begin() as session:
        return await pairs.order(session, HEAD, [pair_id], no="17-н", on=on, now=NOW, today=TODAY)


async def test_from_a_need_to_an_order(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    run = await matched(db)
    assert (run.state, run.pairs, run.unmatched, run.late, run.going) == (RunState.done, 1, 0, 0, False)
    pair_id = await offered(db, olga)
    assert await agreed(db, anna, pair_id=pair_id) is PairState.consent_wait
    done, held = await ordered(db, pair_id)
    assert (done, held[0].why) == ([], "mentoring-held.no_consent"), "no order before both have agreed"
    assert await agreed(db, olga, pair_id=pair_id) is PairState.to_order
    done, held = await ordered(db, pair_id)
    assert (done, held) == ([pair_id], [])
    pair = await pair_of(db, olga)
    assert pair is not None
    assert (pair.state, pair.order_no, pair.since, pair.until) == (
        PairState.active, "17-н", TODAY, date(2027, 11, 24),
    )  # fmt: skip
    async with db.read() as session:
        assert await session.scalar(select(func.count()).where(Fact.kind == FactKind.paired)) == 2
        words = await pairs.consents_of(session, pair_id) if db.is_sqlite else {}
        need = await session.scalar(select(MenteeNeed.closed_at).where(MenteeNeed.person_id == olga))
    assert need == NOW
    assert not words or words[Side.employer].paper == "17-н", "the order is the employer's own word"


async def test_a_score_is_kept_with_the_terms_it_was_made_of(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place, topics=("method", "digital"))
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    assert {line["criterion"]: (line["term"], line["points"]) for line in pair.lines} == {
        "subject": ("same", 25), "deficits": ("covered", 12.5), "proximity": ("organisation", 15),
        "slots": ("hours", 10), "wish": ("none", 3), "status": ("highest", 8), "load": ("free", 5),
    }  # fmt: skip
    assert pair.score == pytest.approx(sum(line["points"] for line in pair.lines))


@pytest.mark.parametrize(
    ("formats", "kind"), [(("in_person", "remote"), PairKind.one_to_one), (("remote",), PairKind.virtual)]
)
async def test_the_kind_of_a_pair_follows_how_the_two_meet(
    db: Database, formats: tuple[str, ...], kind: PairKind
) -> None:
    place = await school(db)
    await mentor(db, organisation=place, formats=formats)
    olga = await mentee(db, organisation=place)
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    assert pair.kind is kind


async def test_a_decline_touches_nobody_else(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    for name in ("Первая Анна Львовна", "Вторая Вера Львовна"):
        await mentor(db, name, organisation=place, load=1)
    one, two = await mentee(db, organisation=place), await mentee(db, "Юнов Пётр Ильич", organisation=place)
    third = await mentee(db, "Третьяк Инна Ильинична", organisation=place)
    run = await matched(db)
    assert (run.pairs, run.unmatched) == (2, 1)
    got = {number: await pair_of(db, number) for number in (one, two, third)}
    left = next(number for number, pair in got.items() if pair is None)
    refuser, keeper = (number for number, pair in got.items() if pair is not None)
    refused, kept = await offered(db, refuser), await offered(db, keeper)
    async with db.begin() as session:
        await pairs.decline(session, refuser, refused, now=NOW)
    assert await matching.rematch(db, now=NOW, today=TODAY) == 1
    still = await pair_of(db, keeper)
    assert still is not None
    assert (still.id, still.state) == (kept, PairState.consent_wait)
    async with db.read() as session:
        waiting = await session.scalar(
            select(MentorPair.mentee_id).where(MentorPair.state == PairState.proposed, MentorPair.closed_at.is_(None))
        )
        reasons = dict((await session.execute(select(MatchLeft.person_id, MatchLeft.reason))).all())
    assert waiting == left, "the place that became free goes to whoever waited for it"
    assert refuser in reasons
    assert await matching.rematch(db, now=NOW, today=TODAY) == 0, "once"


async def test_a_second_matching_waits_for_the_first(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    await mentor(db, organisation=place)
    await mentee(db, organisation=place)
    results = await asyncio.gather(matched(db), matched(db), return_exceptions=True)
    done = [one for one in results if isinstance(one, MatchRun)]
    refused = [one for one in results if isinstance(one, UserError)]
    assert len(done) + len(refused) == 2
    assert done
    assert {one.key for one in refused} <= {"mentoring-run-going"}
    async with db.read() as session:
        open_pairs = await session.scalar(select(func.count()).where(MentorPair.closed_at.is_(None)))
    assert open_pairs == 1


async def test_two_coordinators_give_the_last_place_once(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1)
    two = [await mentee(db, name, organisation=place) for name in ("Первов Пётр Ильич", "Второв Олег Ильич")]

    async def propose(mentee_id: int) -> int:
        async with db.begin() as session:
            return await matching.propose(session, HEAD, mentee_id, anna, now=NOW, today=TODAY)

    results = await asyncio.gather(*(propose(number) for number in two), return_exceptions=True)
    assert sum(isinstance(one, int) for one in results) == 1
    assert [one.key for one in results if isinstance(one, UserError)] == ["mentoring-obstacle.load"]


async def test_both_agree_at_once(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    states = await asyncio.gather(agreed(db, anna, pair_id=pair_id), agreed(db, olga, pair_id=pair_id))
    assert sorted(states) == [PairState.consent_wait, PairState.to_order]
    async with db.read() as session:
        told = select(func.count()).where(MentorNotice.pair_id == pair_id, MentorNotice.kind == "agreed")
        assert await session.scalar(told) == 2, "each is told once"


async def test_an_order_and_a_withdrawal_at_once(on_both: Database) -> None:
    """Whoever comes first, the pair is not half made: it is refused, or it works and ends by the rules of leaving."""
    db = on_both
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, olga, pair_id=pair_id)

    async def withdraw() -> None:
        async with db.begin() as session:
            await profiles.withdraw_profile(session, anna, now=NOW, today=TODAY)

    (done, held), _ = await asyncio.gather(ordered(db, pair_id), withdraw())
    pair = await pair_of(db, olga)
    assert pair is not None
    if done:
        assert (pair.state, pair.leaves_on) == (PairState.active, date(2026, 11, 27))
    else:
        assert held
        assert (pair.state, pair.order_no, pair.closed_reason) == (PairState.refused, "", "withdrawn")


async def test_two_coordinators_publish_the_same(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None

    async def publish() -> tuple[list[int], list[str]]:
        async with db.begin() as session:
            told, held = await pairs.publish(session, HEAD, [pair.id], now=NOW, today=TODAY)
        return told, [one.why for one in held]

    results = await asyncio.gather(publish(), publish())
    assert sorted(results) == [([], ["mentoring-held.moved_on"]), ([pair.id], [])]
    async with db.read() as session:
        assert await session.scalar(select(func.count()).where(PairConsent.pair_id == pair.id)) == 2


async def test_a_matching_that_was_cut_off_blocks_nobody(db: Database) -> None:
    async with db.begin() as session:
        await matching.begin(session, HEAD, now=NOW - timedelta(hours=1))
    async with db.begin() as session:
        run_id = await matching.begin(session, HEAD, now=NOW)
    async with db.read() as session:
        states = dict((await session.execute(select(MatchRun.id, MatchRun.state))).all())
    assert states.pop(run_id) is RunState.reading
    assert list(states.values()) == [RunState.failed]


async def test_another_matching_keeps_what_people_were_told(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=3)
    one, two = await mentee(db, organisation=place), await mentee(db, "Юнов Пётр Ильич", organisation=place)
    await matched(db)
    told = await offered(db, one)
    before = await pair_of(db, two)
    run = await matched(db)
    after, kept = await pair_of(db, two), await pair_of(db, one)
    assert before is not None
    assert after is not None
    assert kept is not None
    assert (kept.id, kept.state) == (told, PairState.consent_wait)
    assert after.id != before.id
    assert run.pairs == 1

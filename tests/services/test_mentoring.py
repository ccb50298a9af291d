"""Mentoring from a need to an order: matching, review, consents of both, the employer, races, bad input."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    Fact,
    FactKind,
    MatchLeft,
    MatchRun,
    MenteeNeed,
    MentorNotice,
    MentorPair,
    MentorProfile,
    NeedBasis,
    Organisation,
    PairConsent,
    PairForm,
    PairKind,
    PairState,
    Person,
    Role,
    RunState,
    ScopeKind,
    Side,
    Standing,
)
from bot.services.access import Grant, Scope
from bot.services.mentoring import common, leaving, matching, pairs, profiles, views
from bot.services.mentoring.profiles import MentorCard, NeedCard
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person

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


# --- what must not happen ----------------------------------------------------------------------------


async def test_the_line_manager_is_never_proposed(db: Database) -> None:
    place = await school(db)
    boss = await mentor(db, "Главный Иван Ильич", organisation=place, position="director", subjects=())
    olga = await mentee(db, organisation=place)
    async with db.begin() as session:
        row = await session.scalar(select(MentorProfile).where(MentorProfile.person_id == boss))
        assert row is not None
        row.forms = [PairForm.peer.value, PairForm.superior.value]
    run = await matched(db)
    assert (run.pairs, run.unmatched) == (0, 1)
    async with db.begin() as session:
        with pytest.raises(UserError) as refused:
            await matching.propose(session, HEAD, olga, boss, now=NOW, today=TODAY)
        assert refused.value.key == "mentoring-obstacle.superior"
    async with db.begin() as session:
        await profiles.save_need(session, olga, NeedCard(("method",), form=PairForm.superior), now=NOW, today=TODAY)
    assert (await matched(db)).pairs == 1, "in the form руководитель–педагог it is what is wanted"


async def test_a_mentor_without_free_places(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=1)
    await mentee(db, organisation=place)
    await mentee(db, "Юнов Пётр Ильич", organisation=place)
    run = await matched(db)
    async with db.read() as session:
        left = (await session.scalars(select(MatchLeft))).one()
    assert (run.pairs, run.unmatched, left.reason) == (1, 1, "places_taken")


async def test_a_place_taken_while_it_was_computed_is_left_out(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1)
    one, two = await mentee(db, organisation=place), await mentee(db, "Юнов Пётр Ильич", organisation=place)
    found = await matching.compute(db, today=TODAY)
    (planned,) = [pair.mentee for pair in found.plan.pairs]
    other = two if planned == one else one
    async with db.begin() as session:
        pair_id = await matching.propose(session, HEAD, other, anna, now=NOW, today=TODAY)
        await pairs.publish(session, HEAD, [pair_id], now=NOW, today=TODAY)
        run_id = await matching.begin(session, HEAD, now=NOW)
    run = await matching.finish(db, run_id, now=NOW, today=TODAY, found=found)
    assert (run.pairs, run.late) == (0, 1)
    assert await pair_of(db, planned) is None


async def test_a_mentor_who_withdrew(db: Database) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place, load=3)
    active, waiting, planned = [
        await mentee(db, f"{name} Пётр Ильич", organisation=place) for name in ("Первов", "Второв", "Третьев")
    ]
    await matched(db)
    works = await offered(db, active)
    await agreed(db, anna, active, pair_id=works)
    await ordered(db, works)
    told = await offered(db, waiting)
    async with db.begin() as session:
        await profiles.withdraw_profile(session, anna, now=NOW, today=TODAY)
    lasting, gone, unseen = [await pair_of(db, number) for number in (active, waiting, planned)]
    assert lasting is not None
    assert gone is not None
    assert unseen is not None
    assert (lasting.state, lasting.leaves_on) == (PairState.active, date(2026, 11, 27)), "three working days"
    assert (gone.state, gone.closed_reason, unseen.state) == (PairState.refused, "withdrawn", PairState.refused)
    async with db.begin() as session:
        with pytest.raises(UserError):
            await pairs.agree(session, waiting, told, now=NOW, today=TODAY)
    assert (await matched(db)).pairs == 0


async def test_a_mentor_withdraws_between_review_and_publication(db: Database) -> None:
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    async with db.begin() as session:
        row = await profiles.profile_of(session, anna)
        assert row is not None
        row.agreed_at = None
        told, held = await pairs.publish(session, HEAD, [pair.id], now=NOW, today=TODAY)
    assert (told, [one.why for one in held]) == ([], ["mentoring-held.consent"])


async def test_young_no_longer(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    later = date(2030, 1, 10)
    run = await matching.run(db, HEAD, now=NOW, today=later)
    async with db.read() as session:
        left = (await session.scalars(select(MatchLeft))).one()
    assert (run.pairs, left.person_id, left.reason) == (0, olga, "grown")
    async with db.begin() as session:
        await profiles.save_need(session, olga, NeedCard(("method",), basis=NeedBasis.own), now=NOW, today=later)
    assert (await matching.run(db, HEAD, now=NOW, today=later)).pairs == 1, "another basis is enough"


async def test_who_has_grown_between_review_and_publication_is_held_back(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    async with db.begin() as session:
        told, held = await pairs.publish(session, HEAD, [pair.id], now=NOW, today=date(2030, 1, 10))
    assert (told, [one.why for one in held]) == ([], ["mentoring-held.grown"])
    again = await pair_of(db, olga)
    assert again is not None
    assert (again.state, again.published_at) == (PairState.proposed, None)


async def test_the_standing_of_a_mentor(db: Database) -> None:
    """domain.md §5.3: педагог-наставник, педагог-методист and a methodist of the region's active are the best."""
    found = []
    for category, role in (("mentor", None), ("methodist", None), ("highest", None), ("", Role.methodist), ("", None)):
        async with db.begin() as session:
            person = await make_person(session, "Опытная Анна Львовна")
            person.category = category
            if role is not None:
                await give_role(session, person, role)
            await profiles.save_profile(session, person.id, MentorCard(("method",)), now=NOW, today=TODAY)
            row = await profiles.profile_of(session, person.id)
            found.append(row.standing if row else None)
    assert found == [Standing.mentor, Standing.mentor, Standing.highest, Standing.mentor, Standing.none]


async def test_limits_are_the_region_s(db: Database) -> None:
    async with db.begin() as session:
        for wrong in ({"most": 4}, {"most": 0}, {"least": -1}):
            with pytest.raises(UserError):
                await common.set_options(session, HEAD, weights={"subject": 25}, enough=45, **wrong)
        await common.set_options(session, HEAD, weights={"subject": 25}, enough=45, most=2, least=5)
    async with db.begin() as session:
        person = await make_person(session, teach_since_year=2022)
        with pytest.raises(UserError) as refused:
            await profiles.save_profile(session, person.id, MentorCard(("method",)), now=NOW, today=TODAY)
    assert (refused.value.key, refused.value.args_for_text) == ("mentoring-too-early", {"least": 5})
    anna = await mentor(db, load=3)
    async with db.read() as session:
        row = await profiles.profile_of(session, anna)
    assert row is not None
    assert row.max_load == 2


async def test_one_who_teaches_and_learns(db: Database) -> None:
    place = await school(db)
    both = await mentor(db, organisation=place)
    async with db.begin() as session:
        await profiles.save_need(session, both, NeedCard(("digital",)), now=NOW, today=TODAY)
    assert (await matched(db)).pairs == 0, "nobody is her own mentor"
    other = await mentor(db, "Цифрова Инна Львовна", organisation=place, strengths=("digital",))
    assert (await matched(db)).pairs == 1
    pair = await pair_of(db, both)
    assert pair is not None
    assert pair.mentor_id == other


async def test_a_school_without_anybody(db: Database) -> None:
    await mentee(db, organisation=await school(db, "Малая школа"))
    run = await matched(db)
    async with db.read() as session:
        left = (await session.scalars(select(MatchLeft))).one()
    assert (run.pairs, run.unmatched, left.reason, left.obstacle) == (0, 1, "nobody", "")


async def test_a_beginner_is_no_mentor_yet(db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session, teach_since_year=2025)
        with pytest.raises(UserError) as refused:
            await profiles.save_profile(session, person.id, MentorCard(("method",)), now=NOW, today=TODAY)
    assert refused.value.key == "mentoring-too-early"


async def test_the_load_has_a_hard_cap(db: Database) -> None:
    anna = await mentor(db, load=50)
    async with db.read() as session:
        row = await profiles.profile_of(session, anna)
    assert row is not None
    assert row.max_load == 3


async def test_an_order_needs_a_number_and_a_sensible_term(db: Database) -> None:
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, olga, pair_id=pair_id)
    for no, until, key in (
        (" ", None, "mentoring-order-no"),
        ("1", TODAY + timedelta(days=30), "mentoring-order-term"),
        ("1", TODAY + timedelta(days=2000), "mentoring-order-term"),
    ):
        async with db.begin() as session:
            with pytest.raises(UserError) as refused:
                await pairs.order(session, HEAD, [pair_id], no=no, on=TODAY, until=until, now=NOW, today=TODAY)
        assert refused.value.key == key
    pair = await pair_of(db, olga)
    assert pair is not None
    assert pair.state is PairState.to_order


async def test_an_offer_nobody_answers_ends(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await matched(db)
    await offered(db, olga)
    week = TODAY + pairs.ANSWER_WITHIN
    async with db.begin() as session:
        assert await pairs.lapse(session, now=NOW, today=week) == 0
        assert await pairs.lapse(session, now=NOW, today=week + timedelta(days=1)) == 1
    assert await matching.rematch(db, now=NOW, today=TODAY) == 1, "silence is no refusal for ever"


# --- who may -----------------------------------------------------------------------------------------


async def test_a_coordinator_reaches_her_own_district_only(db: Database) -> None:
    async with db.begin() as session:
        near, far = await make_municipality(session, "Ближний"), await make_municipality(session, "Дальний")
        here = await make_organisation(session, "Школа здесь", municipality=near)
        there = await make_organisation(session, "Школа там", municipality=far)
    await mentor(db, organisation=here)
    await mentor(db, "Другая Вера Львовна", organisation=there)
    olga, petr = await mentee(db, organisation=here), await mentee(db, "Юнов Пётр Ильич", organisation=there)
    scope = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.municipality, near.id),))
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await matching.begin(session, scope, now=NOW)
    run = await matching.run(db, scope, municipality_id=near.id, now=NOW, today=TODAY)
    assert run.pairs == 1
    assert await pair_of(db, petr) is None
    await matched(db)
    other = await pair_of(db, petr)
    mine = await pair_of(db, olga)
    assert other is not None
    assert mine is not None
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await pairs.publish(session, scope, [other.id], now=NOW, today=TODAY)
    async with db.begin() as session:
        assert (await pairs.publish(session, scope, [mine.id], now=NOW, today=TODAY))[0] == [mine.id]
    async with db.read() as session:
        board, count = await views.board(session, scope, today=TODAY)
        assert ([card.mentee.id for card in board], count) == ([olga], 1)
        with pytest.raises(NotAllowed):
            await views.staff_card(session, scope, other.id, today=TODAY)


async def test_a_curator_sees_pairs_only_when_people_know(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await matched(db)
    scope = Scope(None, (Grant(Role.curator, ScopeKind.organisation, place.id),))
    async with db.read() as session:
        assert await views.board(session, scope, today=TODAY) == ([], 0)
    pair_id = await offered(db, olga)
    async with db.read() as session:
        assert (await views.board(session, scope, today=TODAY))[1] == 1
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await pairs.publish(session, scope, [pair_id], now=NOW, today=TODAY)
        await pairs.employer_agrees(session, scope, pair_id, paper="№ 4", now=NOW, today=TODAY)
    async with db.read() as session:
        (card,), _ = await views.board(session, scope, today=TODAY)
    assert (card.agreed, card.papers) == (frozenset({Side.employer}), {Side.employer: "№ 4"})


async def test_candidates_say_why_and_why_not(db: Database) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place)
    boss = await mentor(db, "Главный Иван Ильич", organisation=place, position="director", subjects=())
    olga = await mentee(db, organisation=place)
    async with db.begin() as session:
        row = await profiles.profile_of(session, boss)
        assert row is not None
        row.forms = [PairForm.peer.value]
    async with db.read() as session:
        allowed, forbidden = await matching.candidates(session, HEAD, olga, today=TODAY)
    assert [one.who.id for one in allowed] == [anna]
    assert [(one.who.id, one.obstacle and one.obstacle.value) for one in forbidden] == [(boss, "superior")]


async def test_more_mentors_cover_more(db: Database) -> None:
    place = await school(db)
    for name in ("Первов", "Второв", "Третьев"):
        await mentee(db, f"{name} Пётр Ильич", organisation=place)
    found = await matching.what_if(db, HEAD, municipality_id=place.municipality_id, subject="math", more=1, today=TODAY)
    assert (found.now, found.then, found.needing) == (0, 3, 3)


async def test_the_base_of_mentors(db: Database) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1, formats=("remote",), statement="Люблю вопросы")
    olga = await mentee(db, organisation=place)
    async with db.read() as session:
        rows, count = await profiles.base(session, HEAD, today=TODAY, free_only=True)
    assert ([row.who.id for row in rows], count, rows[0].remote, rows[0].taken) == ([anna], 1, True, 0)
    await matched(db)
    assert await pair_of(db, olga) is not None
    async with db.read() as session:
        assert await profiles.base(session, HEAD, today=TODAY, free_only=True) == ([], 0)
        assert (await profiles.base(session, HEAD, today=TODAY))[0][0].taken == 1


async def test_leaving_takes_three_working_days_and_can_be_taken_back(db: Database) -> None:
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, olga, pair_id=pair_id)
    await ordered(db, pair_id)
    friday = date(2026, 11, 27)
    async with db.begin() as session:
        day = await leaving.leave(session, olga, pair_id, wants_other=True, now=NOW, today=friday)
    assert day == date(2026, 12, 2), "Saturday and Sunday do not count"
    async with db.begin() as session:
        with pytest.raises(UserError):
            await leaving.stay(session, anna, pair_id)
        await leaving.stay(session, olga, pair_id)
        await leaving.leave(session, olga, pair_id, wants_other=True, now=NOW, today=friday)
        assert await leaving.due(session, now=NOW, today=date(2026, 12, 1)) == 0
        assert await leaving.due(session, now=NOW, today=day) == 1
    pair = await pair_of(db, olga)
    assert pair is not None
    assert (pair.state, pair.closed_reason) == (PairState.broken, "change")
    assert (await matched(db)).pairs == 0, "the two are not proposed to each other again"
    other = await mentor(db, "Другая Вера Львовна", organisation=place)
    assert (await matched(db)).pairs == 1
    after = await pair_of(db, olga)
    assert after is not None
    assert after.mentor_id == other


async def test_a_diagnosis_counts_only_with_permission(db: Database) -> None:
    from bot.services.mentoring import loading
    from tests.services.mentoring_parts import diagnosed

    place = await school(db)
    olga = await mentee(db, organisation=place, topics=("method",))
    async with db.begin() as session:
        await diagnosed(session, olga, {"digital": 20.0})
    async with db.read() as session:
        assert (await loading.pool(session, today=TODAY)).mentees[0].deficits == {"method": 2.0}
    async with db.begin() as session:
        await profiles.share(session, olga, shares=True, now=NOW)
    async with db.read() as session:
        assert set((await loading.pool(session, today=TODAY)).mentees[0].deficits) == {"method", "digital"}


async def test_weights_are_the_region_s(db: Database) -> None:
    async with db.begin() as session:
        with pytest.raises(UserError):
            await common.set_options(session, HEAD, weights={"subject": -1}, enough=45)
        await common.set_options(session, HEAD, weights={"subject": 60}, enough=30)
        options = await common.options(session)
        assert await session.get(Person, 1) is None
    assert (options.weights.subject, options.weights.deficits, options.enough) == (60, 25, 30)

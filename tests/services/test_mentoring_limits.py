"""What stops a pair, and what a mentor, a coordinator and a region may: limits, reach, leaving, permission, weights."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    MatchLeft,
    MentorProfile,
    NeedBasis,
    PairForm,
    PairState,
    Person,
    Role,
    ScopeKind,
    Side,
    Standing,
)
from bot.services.access import Grant, Scope
from bot.services.mentoring import common, leaving, matching, pairs, profiles, views
from bot.services.mentoring.profiles import MentorCard, NeedCard
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person
from tests.services.test_mentoring import (
    HEAD,
    TODAY,
    agreed,
    matched,
    mentee,
    mentor,
    offered,
    on_both,
    ordered,
    pair_of,
    school,
)

__all__ = ["on_both"]


@pytest.fixture
def in_region() -> bool:
    return True


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

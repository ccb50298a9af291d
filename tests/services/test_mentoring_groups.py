"""Groups and the shape of a proposal: places apart from pairs, filters that hold, what the order says."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import Change, MentorPair, PairForm, PairKind, PairState, Role, ScopeKind
from bot.services.access import Grant, Scope
from bot.services.mentoring import common, matching, pairs, profiles
from tests.factories import NOW
from tests.services.test_mentoring import HEAD, TODAY, matched, mentee, mentor, on_both, pair_of, school

__all__ = ["on_both"]


@pytest.fixture
def in_region() -> bool:
    return True


async def grouped(db: Database, mentee_id: int, mentor_id: int) -> int:
    async with db.begin() as session:
        return await matching.propose(session, HEAD, mentee_id, mentor_id, grouped=True, now=NOW, today=TODAY)


async def shaped(db: Database, mentee_id: int, form: PairForm, kind: PairKind) -> None:
    pair = await pair_of(db, mentee_id)
    assert pair is not None
    async with db.begin() as session:
        await matching.reshape(session, HEAD, pair.id, form=form, kind=kind, now=NOW, today=TODAY)


async def test_a_group_stands_beside_the_pairs_of_a_full_mentor(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1)
    await mentee(db, organisation=place)
    await matched(db)
    two = [await mentee(db, name, organisation=place) for name in ("Юнов Пётр Ильич", "Яров Олег Ильич")]
    async with db.read() as session:
        allowed, _ = await matching.candidates(session, HEAD, two[0], today=TODAY)
    assert [(one.who.id, one.group) for one in allowed] == [(anna, 5)]
    first = await grouped(db, two[0], anna)
    async with db.begin() as session:
        told, held = await pairs.publish(session, HEAD, [first], now=NOW, today=TODAY)
    assert (told, held[0].why) == ([], "mentoring-held.group_small"), "a group begins with two"
    second = await grouped(db, two[1], anna)
    async with db.begin() as session:
        told, held = await pairs.publish(session, HEAD, [first, second], now=NOW, today=TODAY)
    assert (told, held) == ([first, second], [])
    async with db.read() as session:
        load = (await common.loads(session, [anna]))[anna]
        rows, _ = await profiles.base(session, HEAD, today=TODAY)
    assert (load.pairs, load.group) == (1, 2)
    assert (rows[0].taken, rows[0].group) == (1, 2)
    run = await matched(db)
    assert run.pairs == 1, "the group takes no place of a pair"
    pair = await pair_of(db, two[0])
    assert pair is not None
    assert (pair.id, pair.kind, pair.state) == (first, PairKind.group, PairState.consent_wait)


async def test_a_group_put_together_outlives_another_matching(db: Database) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1)
    olga = await mentee(db, organisation=place)
    number = await grouped(db, olga, anna)
    run = await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    assert (run.mentees, pair.id) == (0, number)


async def test_two_coordinators_give_the_last_place_of_a_group_once(on_both: Database) -> None:
    db = on_both
    place = await school(db)
    anna = await mentor(db, organisation=place)
    async with db.begin() as session:
        options = await common.options(session)
        await common.set_options(
            session, Scope(None, (Grant(Role.tech_admin, ScopeKind.region), Grant(Role.centre_head, ScopeKind.region))),
            weights={"subject": 25.0}, enough=options.enough, group=2,
        )  # fmt: skip
    names = ("Первов Пётр Ильич", "Второв Олег Ильич", "Третьяк Ян Ильич")
    one, two, three = [await mentee(db, name, organisation=place) for name in names]
    await grouped(db, one, anna)
    results = await asyncio.gather(grouped(db, two, anna), grouped(db, three, anna), return_exceptions=True)
    assert sum(isinstance(found, int) for found in results) == 1
    assert [found.key for found in results if isinstance(found, UserError)] == ["mentoring-obstacle.group"]


async def test_a_proposal_takes_another_form_and_kind(db: Database) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1, forms=("peer", "partner"))
    olga = await mentee(db, organisation=place)
    await matched(db)
    await shaped(db, olga, PairForm.partner, PairKind.short)
    pair = await pair_of(db, olga)
    assert pair is not None
    assert (pair.form, pair.kind) == (PairForm.partner, PairKind.short)
    with pytest.raises(UserError) as refused:
        await shaped(db, olga, PairForm.university, PairKind.short)
    assert refused.value.key == "mentoring-obstacle.stage", "the mentor never offered this form"
    with pytest.raises(UserError) as refused:
        await shaped(db, olga, PairForm.leaders, PairKind.short)
    assert refused.value.key == "mentoring-leaders-only"
    await shaped(db, olga, PairForm.peer, PairKind.group)
    young = await mentee(db, "Юнов Пётр Ильич", organisation=place)
    async with db.begin() as session:
        await matching.propose(session, HEAD, young, anna, now=NOW, today=TODAY)
    with pytest.raises(UserError) as refused:
        await shaped(db, olga, PairForm.peer, PairKind.one_to_one)
    assert refused.value.key == "mentoring-obstacle.load", "out of the group there is no place left"
    pair = await pair_of(db, olga)
    assert pair is not None
    load = next(line for line in pair.lines if line["criterion"] == "load")
    assert (pair.kind, load["points"]) == (PairKind.group, 5), "the score is that of a free group"
    async with db.read() as session:
        changes = await session.scalars(select(Change.after).where(Change.action == "reshaped").order_by(Change.id))
        assert [one["kind"] for one in changes] == ["short", "group"]


async def test_after_publication_the_shape_stands(db: Database) -> None:
    place = await school(db)
    await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await matched(db)
    pair = await pair_of(db, olga)
    assert pair is not None
    nobody = Scope(None, (Grant(Role.teacher, ScopeKind.region),))
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await matching.reshape(
                session, nobody, pair.id, form=PairForm.peer, kind=PairKind.short, now=NOW, today=TODAY
            )
        await pairs.publish(session, HEAD, [pair.id], now=NOW, today=TODAY)
    with pytest.raises(UserError) as refused:
        await shaped(db, olga, PairForm.peer, PairKind.short)
    assert refused.value.key == "mentoring-moved-on"
    async with db.read() as session:
        assert (await session.get_one(MentorPair, pair.id)).kind is PairKind.one_to_one

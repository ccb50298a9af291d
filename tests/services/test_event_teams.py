"""Teams of a school by their service: who may be called, all or nothing, leaving, the term, what staff see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from bot.db import Database
from bot.errors import NotFound, UserError
from bot.models import (
    Employment,
    Event,
    EventTeam,
    Organisation,
    Person,
    PersonState,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
)
from bot.rules.event_teams import LEAST, Size
from bot.rules.quiet_hours import Hours
from bot.services import merging
from bot.services.access import NOBODY, Grant, Scope
from bot.services.events import keeping, lists, reading, signing, team_rows, teams, telling
from bot.services.events.signing import Result
from tests.factories import NOW, make_event, make_organisation, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
BEGIN = NOW + timedelta(days=20)
NAMES = ("Андреева Анна Петровна", "Белова Вера Ильинична", "Волкова Галина Олеговна", "Громова Дарья Юрьевна")


async def school(db: Database, *names: str, **event: Any) -> tuple[int, list[int], int]:
    """A team event for three to five, people of one school, the school."""
    async with db.begin() as session:
        given = {"team_from": 3, "team_to": 5, "starts_at": BEGIN, **event}
        made = await make_event(session, "Силы и границы", **given)
        place = await make_organisation(session)
        ids = [(await make_person(session, name, organisation=place)).id for name in names or NAMES]
    return made.id, ids, place.id


async def gathered(db: Database, event_id: int, ids: list[int]) -> teams.TeamView:
    async with db.begin() as session:
        return await teams.gather(session, ids[0], event_id, ids[1:], now=NOW)


async def states(db: Database, event_id: int) -> dict[int, RegistrationState]:
    async with db.read() as session:
        rows = await session.execute(
            select(Registration.person_id, Registration.state).where(Registration.event_id == event_id)
        )
        return dict(rows.all())


async def team_of(db: Database, event_id: int) -> EventTeam:
    async with db.read() as session:
        return (await session.scalars(select(EventTeam).where(EventTeam.event_id == event_id))).one()


async def offers_told(db: Database, *, at: Any = NOW) -> None:
    async with db.begin() as session:
        await telling.offers(session, Hours(time(21), time(8), ZoneInfo("Europe/Moscow")), now=at)


async def test_the_organiser_is_signed_and_the_others_are_asked(db: Database) -> None:
    event_id, ids, _ = await school(db)
    view = await gathered(db, event_id, ids)
    assert (view.confirmed, view.pending, view.mine, view.within) == (1, 3, True, True)
    assert await states(db, event_id) == {
        ids[0]: RegistrationState.signed, **dict.fromkeys(ids[1:], RegistrationState.invited),
    }  # fmt: skip
    async with db.begin() as session:
        assert (await signing.sign_up(session, ids[1], event_id, now=NOW)).result is Result.signed
        await signing.leave(session, ids[2], event_id, now=NOW)
        card = await reading.card(session, event_id, ids[1])
        assert card.team is not None
        assert (card.team.confirmed, card.team.pending, card.team.mine) == (2, 1, False)
        assert (await reading.card(session, event_id, ids[2])).team is None
        seen = await teams.look(session, ids[1], event_id, now=NOW)
        assert (seen.organiser, seen.members, seen.mine) == ("Анна Петровна", (), False)
        hers = await teams.look(session, ids[0], event_id, now=NOW)
        signed = [(one.name, one.signed) for one in hers.members]
    assert signed == [(NAMES[0], True), (NAMES[1], True), (NAMES[3], False)]


async def test_nobody_signs_up_alone(db: Database) -> None:
    event_id, ids, _ = await school(db)
    async with db.begin() as session:
        assert (await signing.sign_up(session, ids[0], event_id, now=NOW)).result is Result.team
        assert (await signing.sign_up(session, ids[0], event_id, now=NOW, sure=True)).result is Result.team
        assert (await signing.wait(session, ids[0], event_id, now=NOW)).result is Result.team
        with pytest.raises(UserError) as refused:
            await lists.enrol(session, HEAD, event_id, ids, now=NOW)
    assert refused.value.key == "events-team-enrol"
    assert await states(db, event_id) == {}


async def test_only_confirmed_people_who_work_there_now(db: Database) -> None:
    event_id, ids, place = await school(db)
    async with db.begin() as session:
        home = await session.get_one(Organisation, place)
        left = await make_person(session, "Жукова Ева", organisation=home)
        job = (await session.scalars(select(Employment).where(Employment.person_id == left.id))).one()
        job.until = date(2026, 11, 1)
        await make_person(session, "Зимина Ида", organisation=home, confirmed=False)
        archived = await make_person(session, "Ильина Кира", organisation=home)
        archived.state = PersonState.archived
        stranger = await make_person(session, "Лебедева Майя")
        # Two jobs in one school are one line.
        session.add(
            Employment(
                person_id=ids[1], organisation_id=place, position_slug="teacher", is_main=False, since=date(2024, 9, 1)
            )
        )
        wrong = [left.id, archived.id, stranger.id]
    async with db.read() as session:
        page = await teams.colleagues(session, ids[0], event_id, now=NOW)
        assert [one.name for one in page.people] == list(NAMES[1:])
        assert (page.total, page.within) == (3, 1)
        found = await teams.colleagues(session, ids[0], event_id, query="вера бел", now=NOW)
        assert [one.name for one in found.people] == [NAMES[1]]
        assert (await teams.colleagues(session, ids[0], event_id, query="жукова", now=NOW)).people == ()
        assert (await teams.colleagues(session, ids[0], event_id, number=99, now=NOW)).number == 0
    for one in wrong:
        with pytest.raises(UserError) as refused:
            await gathered(db, event_id, [*ids[:2], one])
        assert refused.value.key == "events-team-changed"
        # Nor may she gather a team of this school herself.
        if one != stranger.id:
            with pytest.raises(UserError):
                await gathered(db, event_id, [one, *ids[:2]])
    async with db.begin() as session:
        nobody = await make_person(session, "Новикова Ольга", confirmed=False)
    with pytest.raises(UserError) as refused:
        await gathered(db, event_id, [nobody.id, *ids])
    assert refused.value.key == "events-team-no-school"
    assert await states(db, event_id) == {}


@pytest.mark.parametrize(
    ("seats", "chosen", "key"),
    [(None, 1, "events-team-few"), (5, 5, "events-team-many"), (3, 3, "events-team-no-seats")],
)
async def test_all_or_nothing(db: Database, seats: int | None, chosen: int, key: str) -> None:
    names = [f"Учитель {n}" for n in range(6)]
    event_id, ids, _ = await school(db, *names, seats=seats)
    with pytest.raises(UserError) as refused:
        await gathered(db, event_id, ids[: chosen + 1])
    assert refused.value.key == key
    assert await states(db, event_id) == {}
    async with db.read() as session:
        assert (await session.scalars(select(EventTeam))).all() == []


async def test_the_plan_says_the_size_and_what_she_has_at_that_time(db: Database) -> None:
    event_id, ids, _ = await school(db)
    async with db.begin() as session:
        other = await make_event(session, "Другой вебинар", starts_at=BEGIN)
        await signing.sign_up(session, ids[0], other.id, now=NOW)
        few = await teams.plan(session, ids[0], event_id, ids[1:2], now=NOW)
        assert (few.total, few.size) == (2, Size.few)
        assert few.clash is not None
        assert few.clash.title == "Другой вебинар"
        assert (await teams.plan(session, ids[0], event_id, ids[1:], now=NOW)).size is Size.right
    await gathered(db, event_id, ids[:3])
    async with db.begin() as session:
        more = await teams.plan(session, ids[0], event_id, ids[1:], now=NOW)
        assert ([one.id for one in more.people], more.total, more.size) == ([ids[3]], 4, Size.right)
        assert more.clash is None


async def test_the_second_organiser_hears_who_gathers(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids[:3])
    with pytest.raises(UserError) as refused:
        await gathered(db, event_id, [ids[3], ids[1], ids[2]])
    assert (refused.value.key, refused.value.args_for_text["name"]) == ("events-team.taken", "Анна Петровна")


async def test_who_said_no_is_not_asked_again_until_she_asks_herself(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    await offers_told(db)
    async with db.begin() as session:
        await signing.leave(session, ids[1], event_id, now=NOW)
        held = (await reading.place_of(session, event_id, ids[2])).held_until  # type: ignore[union-attr]
        assert held is not None
        await signing.lapse(session, event_id, now=held)
    assert set((await states(db, event_id)).values()) == {RegistrationState.signed, RegistrationState.declined}
    async with db.read() as session:
        page = await teams.colleagues(session, ids[0], event_id, now=NOW)
    assert [one.id for one in page.people] == ids[2:], "the two whose time ran out, not the one who said no"
    async with db.begin() as session:
        assert (await signing.sign_up(session, ids[1], event_id, now=NOW)).result is Result.team
        page = await teams.colleagues(session, ids[0], event_id, now=NOW)
    assert [one.id for one in page.people] == ids[1:]
    assert (await gathered(db, event_id, ids)).pending == 3


async def test_an_invitation_waits_no_longer_than_the_term(db: Database) -> None:
    event_id, ids, _ = await school(db, starts_at=NOW + timedelta(days=4))
    await gathered(db, event_id, ids)
    await offers_told(db)
    until = (await team_of(db, event_id)).until
    assert until < NOW + signing.INVITED_FOR
    async with db.read() as session:
        rows = await session.scalars(select(Registration).where(Registration.state == RegistrationState.invited))
        assert {row.held_until for row in rows} == {until}
    late = until + timedelta(hours=1)
    async with db.begin() as session:
        extra = await make_person(session, "Яшина Юлия", organisation=await session.get_one(
            Organisation, (await session.scalars(select(EventTeam.organisation_id))).one()
        ))  # fmt: skip
        await teams.gather(session, ids[0], event_id, [extra.id], now=late)
    await offers_told(db, at=late)
    async with db.read() as session:
        row = await reading.place_of(session, event_id, extra.id)
    assert row is not None
    assert row.held_until is not None
    assert row.held_until >= late + LEAST, "called after the term: there is still time to answer"


async def test_the_organiser_goes_and_the_next_who_agreed_gathers(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    async with db.begin() as session:
        await signing.sign_up(session, ids[2], event_id, now=NOW + timedelta(minutes=1))
        await signing.sign_up(session, ids[1], event_id, now=NOW + timedelta(minutes=2))
        await signing.leave(session, ids[0], event_id, now=NOW + timedelta(minutes=3))
    assert (await team_of(db, event_id)).organiser_id == ids[2]
    async with db.begin() as session:
        await signing.leave(session, ids[2], event_id, now=NOW + timedelta(minutes=4))
        await signing.leave(session, ids[1], event_id, now=NOW + timedelta(minutes=5))
        told = await telling.teams_gone(session, now=NOW + timedelta(minutes=6))
    assert [one.person_id for one in told] == [ids[3]], "who still thought hears of it"
    async with db.read() as session:
        assert (await session.scalars(select(EventTeam))).all() == []
        numbers = (await reading.numbers_of(session, [event_id]))[event_id]
    assert numbers.held == 0
    # And another team may be gathered.
    assert (await gathered(db, event_id, [ids[1], ids[0], ids[3]])).pending == 2


async def test_a_dissolved_team_frees_its_places_and_tells_each_once(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    async with db.begin() as session:
        with pytest.raises(NotFound):
            await teams.dissolve(session, ids[1], event_id, now=NOW)
        await signing.sign_up(session, ids[1], event_id, now=NOW)
        await teams.dissolve(session, ids[0], event_id, now=NOW)
    assert set((await states(db, event_id)).values()) == {RegistrationState.cancelled}
    # Before the others are told the school gathers again: one of them only gets the new invitation.
    assert (await gathered(db, event_id, [ids[3], ids[2], ids[0]])).pending == 2
    async with db.begin() as session:
        assert [one.person_id for one in await telling.teams_gone(session, now=NOW)] == [ids[1]]
        assert await telling.teams_gone(session, now=NOW) == []
    assert (await team_of(db, event_id)).organiser_id == ids[3]


async def test_the_term_is_told_once_and_only_when_too_few_agreed(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    until = (await team_of(db, event_id)).until
    async with db.begin() as session:
        await signing.sign_up(session, ids[1], event_id, now=NOW)
        assert await telling.short_teams(session, now=until - timedelta(minutes=1)) == []
    async with db.begin() as session:
        (told,) = await telling.short_teams(session, now=until)
        assert told.person_id == ids[0]
        assert told.card.team is not None
        assert told.card.team.confirmed == 2
    async with db.begin() as session:
        assert await telling.short_teams(session, now=until + timedelta(hours=1)) == []
        assert set((await states(db, event_id)).values()) >= {RegistrationState.signed}, "nobody is thrown out"


async def test_enough_at_the_term_and_too_few_later(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    until = (await team_of(db, event_id)).until
    async with db.begin() as session:
        for one in ids[1:3]:
            await signing.sign_up(session, one, event_id, now=NOW)
        assert await telling.short_teams(session, now=until) == []
        await signing.leave(session, ids[1], event_id, now=until + timedelta(hours=1))
        assert [one.person_id for one in await telling.short_teams(session, now=until + timedelta(hours=2))] == [ids[0]]


async def test_another_time_is_another_term(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    before = (await team_of(db, event_id)).until
    async with db.begin() as session:
        later = BEGIN + timedelta(days=7)
        await keeping.move(session, HEAD, event_id, starts_at=later, ends_at=later + timedelta(hours=2), now=NOW)
    assert (await team_of(db, event_id)).until == before + timedelta(days=7)
    async with db.begin() as session:
        draft = await keeping.draft_of(session, event_id)
        closes = NOW + timedelta(days=3)
        await keeping.save(session, HEAD, replace(draft, closes_at=closes), event_id=event_id, now=NOW)
    assert (await team_of(db, event_id)).until == closes


async def test_what_a_form_may_say(db: Database) -> None:
    event_id, ids, _ = await school(db)
    async with db.begin() as session:
        draft = await keeping.draft_of(session, event_id)
        wrongs: tuple[dict[str, Any], ...] = ({"team_from": 1}, {"team_from": None}, {"team_to": 2}, {"seats": 4})
        for wrong in wrongs:
            with pytest.raises(UserError) as refused:
                await keeping.save(session, HEAD, replace(draft, **wrong), event_id=event_id, now=NOW)
            assert refused.value.key == "events-wrong-team"
        alone = replace(draft, team_from=None, team_to=None)
        await keeping.save(session, HEAD, alone, event_id=event_id, now=NOW)
        await keeping.save(session, HEAD, draft, event_id=event_id, now=NOW)
    await gathered(db, event_id, ids)
    async with db.begin() as session:
        with pytest.raises(UserError) as refused:
            await keeping.save(session, HEAD, alone, event_id=event_id, now=NOW)
        assert refused.value.key == "events-team-registered"
        await keeping.save(session, HEAD, replace(draft, team_to=6), event_id=event_id, now=NOW)


async def test_staff_see_teams_of_their_reach(db: Database) -> None:
    event_id, ids, place = await school(db)
    await gathered(db, event_id, ids)
    async with db.read() as session:
        (row,) = await teams.of_event(session, HEAD, event_id, today=NOW.date())
        assert (row.organisation, row.organiser, row.confirmed, row.pending) == ("Гимназия № 4", NAMES[0], 1, 3)
        mine = Scope(None, (Grant(Role.school_head, ScopeKind.organisation, place),))
        other = Scope(None, (Grant(Role.school_head, ScopeKind.organisation, place + 999),))
        assert len(await teams.of_event(session, mine, event_id, today=NOW.date())) == 1
        assert await teams.of_event(session, other, event_id, today=NOW.date()) == []
        with pytest.raises(UserError):
            await teams.of_event(session, NOBODY, event_id, today=NOW.date())
        assert {one.team for one in await lists.people(session, HEAD, event_id, today=NOW.date())} == {"Гимназия № 4"}


async def test_a_deleted_organiser_leaves_the_team_to_the_next(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    async with db.begin() as session:
        await signing.sign_up(session, ids[1], event_id, now=NOW)
        await session.execute(delete(Person).where(Person.id == ids[0]))
    async with db.read() as session:
        orphans = await telling.orphans(session)
    assert [event for event, _ in orphans] == [event_id]
    async with db.begin() as session:
        for event, team in orphans:
            await telling.adopted(session, event, team, now=NOW)
        assert await telling.orphans(session) == []
    assert (await team_of(db, event_id)).organiser_id == ids[1]


async def test_two_profiles_made_one_keep_the_place_in_the_team(db: Database) -> None:
    event_id, ids, _ = await school(db)
    await gathered(db, event_id, ids)
    async with db.begin() as session:
        twin = await make_person(session, NAMES[0])
        session.add(
            Registration(
                event_id=event_id, person_id=twin.id, state=RegistrationState.cancelled, token="x", created_at=NOW,
                changed_at=NOW,
            )
        )  # fmt: skip
        await session.flush()
        await merging.unite(session, HEAD, twin.id, ids[0], now=NOW)
    team = await team_of(db, event_id)
    assert team.organiser_id == twin.id
    async with db.read() as session:
        assert await telling.orphans(session) == []
        own = await reading.place_of(session, event_id, twin.id)
    assert own is not None
    assert (own.state, own.team_id) == (RegistrationState.signed, team.id)


async def test_a_manager_event_calls_managers_only(db: Database) -> None:
    event_id, ids, _ = await school(db, positions=["director"])
    with pytest.raises(UserError) as refused:
        await gathered(db, event_id, ids)
    assert refused.value.key == "events-team-not-for"
    async with db.read() as session:
        assert await team_rows.standing(session, event_id, 1) is None
        assert (await session.scalars(select(Event.team_from))).all() == [3]

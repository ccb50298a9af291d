"""Rows of the demonstration's people: profiles, work, accounts, consents, roles, methodists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    BodyMembership,
    BodyPost,
    Consent,
    ConsentKind,
    ConsentText,
    Employment,
    EmploymentSubject,
    Identity,
    Messenger,
    MethodistAssignment,
    Organisation,
    Person,
    Role,
    RoleAssignment,
    ScopeKind,
    WebVisitor,
)
from bot.rules.words import folded
from bot.services import search
from bot.services.demo.cast import Character, Workplace

WEB_IDS = 5 * 10**15
"""First coded id of the web chat (messengers/base.py)."""

LOAD = 60
"""Teachers of one methodist in the demonstration (the limit of the domain is 250)."""


async def add(
    session: AsyncSession, rng: Random, cast: Sequence[Character], *, start: datetime, now: datetime
) -> list[int]:
    """Profiles with work, a web account and consents; the ids in the order given."""
    rows = [_person(rng, character, start, now) for character in cast]
    session.add_all(rows)
    await session.flush()
    jobs = [_job(character, row, start) for character, row in zip(cast, rows, strict=True)]
    session.add_all(jobs)
    here = [row for row in rows if row.registered_at is not None]
    # Nobody knows a cookie whose hash this is.
    visitors = [
        WebVisitor(token_hash=f"{rng.getrandbits(256):064x}", created_at=row.registered_at, seen_at=row.registered_at)
        for row in here
    ]
    session.add_all(visitors)
    await session.flush()
    taught = [
        {"employment_id": job.id, "subject_slug": slug}
        for character, job in zip(cast, jobs, strict=True)
        for slug in character.subjects
    ]
    if taught:
        await session.execute(insert(EmploymentSubject), taught)
    session.add_all(
        Identity(
            person_id=row.id,
            messenger=Messenger.web,
            user_id=WEB_IDS + visitor.id,
            chat_id=WEB_IDS + visitor.id,
            linked_at=row.registered_at,
            last_seen_at=row.registered_at,
        )
        for row, visitor in zip(here, visitors, strict=True)
    )
    await _consents(session, rng, here)
    await search.index_many(session, "person", {row.id: row.full_name for row in rows}, trigrams_too=False)
    await session.flush()
    return [row.id for row in rows]


async def confirm(session: AsyncSession, cast: Sequence[Character], ids: Sequence[int]) -> None:
    """Those who came by themselves were confirmed by the coordinator or the curator."""
    by_role = {character.role: number for character, number in zip(cast, ids, strict=True) if character.role}
    school = next(character.organisation_id for character in cast if character.role == Role.curator)
    for how, role in (("curator", Role.curator), ("coordinator", Role.municipal_coordinator)):
        chosen = [
            number
            for character, number in zip(cast, ids, strict=True)
            if character.confirmed
            and character.import_key is None
            and (character.organisation_id == school) is (role is Role.curator)
            and character.role != role
        ]
        for begin in range(0, len(chosen), 500):
            await session.execute(
                update(Person)
                .where(Person.id.in_(chosen[begin : begin + 500]))
                .values(confirmed_by_id=by_role[role.value], confirmed_how=how)
            )


async def give_role(
    session: AsyncSession,
    character: Character,
    person_id: int,
    home: Workplace,
    body_id: int | None,
    *,
    since: date,
    today: date,
) -> None:
    """The role of a member of staff, as far as the cast says, and the post in a body."""
    assert character.staff is not None
    scope = ScopeKind(character.staff["scope"])
    scope_id = {
        ScopeKind.organisation: home.id,
        ScopeKind.municipality: home.municipality_id,
        ScopeKind.body: body_id,
    }.get(scope)
    session.add(
        RoleAssignment(
            person_id=person_id,
            role=Role(character.role),
            scope_kind=scope,
            scope_id=scope_id,
            since=since,
            until=date(today.year + 1, 12, 31),
        )
    )
    if body_id is not None:
        post = BodyPost(character.staff["post"])
        session.add(BodyMembership(body_id=body_id, person_id=person_id, post=post, since=since))
    await session.flush()


async def appoint(
    session: AsyncSession, rng: Random, cast: Sequence[Character], ids: Sequence[int], *, today: date
) -> None:
    """Methodists for two thirds of the confirmed teachers; the one with a role takes her district."""
    pairs = list(zip(cast, ids, strict=True))
    main = next(number for character, number in pairs if character.role == Role.methodist)
    teachers = [
        (c, n) for c, n in pairs if c.confirmed and c.position in ("teacher", "preschool") and c.role in ("", "teacher")
    ]
    places = dict((await session.execute(select(Organisation.id, Organisation.municipality_id))).all())
    district = places[next(c.organisation_id for c, _ in pairs if c.role == Role.teacher)]
    others = [n for c, n in pairs if c.position == "methodist_post" and not c.role]
    needed = max(1, len(teachers) // LOAD)
    helpers = others[:needed] or [main]
    session.add_all(
        RoleAssignment(
            person_id=number,
            role=Role.methodist,
            scope_kind=ScopeKind.assigned,
            scope_id=None,
            since=today - timedelta(days=300),
            until=date(today.year + 1, 12, 31),
        )
        for number in helpers
        if number != main
    )
    taken = 0
    for character, number in teachers:
        at_home = places[character.organisation_id] == district
        # The young and the main teacher of the demonstration always have somebody.
        if not character.role and rng.random() > 0.66:
            continue
        methodist = main if at_home and taken < 250 else rng.choice(helpers)
        taken += methodist == main
        since = today - timedelta(days=rng.randint(20, 280))
        session.add(
            MethodistAssignment(
                methodist_id=methodist,
                person_id=number,
                subject_slug=character.subjects[0] if character.subjects else None,
                order_no=f"Д-{since.year % 100}/{since.month:02d}",
                order_date=since,
                since=since,
            )
        )
    await session.flush()


async def _consents(session: AsyncSession, rng: Random, rows: Sequence[Person]) -> None:
    newest = await session.execute(select(ConsentText.kind, ConsentText.id).order_by(ConsentText.version))
    texts = dict(newest.all())
    given: list[Consent] = []
    for row in rows:
        kinds = [ConsentKind.data] + ([ConsentKind.news] if rng.random() < 0.6 else [])
        given += [
            Consent(
                person_id=row.id, kind=kind, text_id=texts[kind], messenger=Messenger.web, given_at=row.registered_at
            )
            for kind in kinds
            if kind in texts
        ]
    session.add_all(given)


def _person(rng: Random, character: Character, start: datetime, now: datetime) -> Person:
    # Most came with the campaign of the first autumn, the rest one by one.
    days = (now - start).days
    when = start + timedelta(days=int(rng.betavariate(1.2, 3) * (days - 3)), minutes=rng.randint(0, 600))
    if character.role:
        when = start + timedelta(days=rng.randint(0, 5), minutes=rng.randint(0, 600))
    hired = datetime(character.since_year, 9, 1, 10, tzinfo=start.tzinfo)
    when = max(when, min(hired + timedelta(days=rng.randint(1, 20)), now - timedelta(days=1)))
    last, first, middle = character.name
    full = folded(" ".join(character.name))
    return Person(
        key=character.key,
        last_name=last,
        first_name=first,
        middle_name=middle,
        birth_year=character.birth_year,
        teach_since_year=character.since_year,
        category=rng.choice(("", "first", "first", "highest")) if character.since_year < now.year - 3 else "",
        confirmed_at=when + timedelta(days=1) if character.confirmed else None,
        confirmed_how="import" if character.confirmed and character.import_key else "",
        registered_at=when if character.registered else None,
        import_key=character.import_key,
        is_demo=True,
        search=full,
        sort=full,
        created_at=when,
    )


def _job(character: Character, row: Person, start: datetime) -> Employment:
    # Here since some September before the history begins, or since the very first.
    year = start.year if start.month >= 9 else start.year - 1
    since = max(character.since_year, year - int(character.key[:2], 16) % 14)
    return Employment(
        person_id=row.id,
        organisation_id=character.organisation_id,
        position_slug=character.position,
        since=date(since, 9, 1),
    )

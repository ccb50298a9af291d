"""Filling an empty database with the demonstration, in small transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import UserError
from bot.models import (
    Base,
    Body,
    Change,
    Invitation,
    Municipality,
    Organisation,
    Person,
    Role,
    RoleAssignment,
    StoredFile,
    TextOverride,
)
from bot.rules.words import folded
from bot.services import catalogue, diagnostics, packs, region
from bot.services.demo import (
    broadcasts,
    campaigns,
    events,
    forms,
    history,
    hotline,
    indicators,
    mentoring,
    people,
    practices,
    programmes,
    registers,
    roadmap,
    routes,
    wellbeing,
)
from bot.services.demo.cast import Casting, Character, Workplace, book
from bot.services.navigator import keeping

MARK = "demo"
"""The region setting that tells a demonstration from an installation."""

MONTHS = 14
"""How far back the invented history goes."""

PORTION = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """Which demonstration is here; ``filled`` is False while it was not finished."""

    people: int
    seed: int
    today: date
    filled: bool


async def mark_of(session: AsyncSession) -> Mark | None:
    """The mark of the demonstration, None in an installation or an empty database."""
    raw = await region.setting(session, MARK)
    if not raw.get("on"):
        return None
    return Mark(int(raw["people"]), int(raw["seed"]), date.fromisoformat(raw["today"]), bool(raw["filled"]))


async def staff_links(session: AsyncSession) -> list[tuple[str, int]]:
    """(role, person) of the demonstration's staff, one a role, in the order of the cast."""
    numbers = (await region.setting(session, MARK)).get("staff", [])
    return [(str(role), int(person_id)) for role, person_id in numbers]


async def fill(db: Database, settings: Settings, *, people: int = 200, seed: int = 1, today: date) -> None:
    """Invented people and their history: the same arguments give the same rows.

    An unfinished or another demonstration is replaced. UserError for a database with real people.
    """
    async with db.read() as session:
        mark = await mark_of(session)
        busy = mark is None and await _is_used(session)
    if busy:
        raise UserError("demo-not-empty")
    if mark == Mark(people, seed, today, filled=True):
        return
    if people < len(book().entries("staff")) + SPECIAL:
        raise UserError("demo-too-few", least=len(book().entries("staff")) + SPECIAL)
    await _wipe(db)
    await _Filling(db, settings, Random(f"{seed}:{today}:{people}"), people, seed, today).run()


SPECIAL = 3
"""Besides the staff: a suspected duplicate (two rows of one person) and a newcomer to an unknown school."""


class _Filling:
    """One run: the steps in order, each a transaction or a few."""

    def __init__(self, db: Database, settings: Settings, rng: Random, count: int, seed: int, today: date) -> None:
        self.db, self.settings, self.rng, self.count, self.seed, self.today = db, settings, rng, count, seed, today
        self.now = datetime.combine(today, time(9), tzinfo=settings.zone)
        self.start = self.now - timedelta(days=MONTHS * 30)

    async def run(self) -> None:
        """Everything, and the mark at both ends."""
        await self._ground()
        async with self.db.read() as session:
            workplaces, home, added = await self._workplaces(session)
        casting = Casting(self.rng, self.today, workplaces, home)
        cast = casting.staff()
        cast += [casting.person() for _ in range(self.count - len(cast) - SPECIAL)]
        first = next(
            (c for c in cast if not c.role and c.registered and not c.confirmed and c.import_key is None), cast[0]
        )
        cast += [casting.twin_of(first), casting.newcomer_to(added), casting.newcomer_to(home["school"])]
        ids = await self._people(cast)
        async with self.db.begin() as session:
            staff = await self._staff(session, cast, ids, home)
            await people.appoint(session, self.rng, cast, ids, today=self.today)
        await self._history(cast, ids)
        async with self.db.begin() as session:
            await history.traces(session, self.rng, cast, ids, staff, now=self.now)
            await routes.add(session, self.rng, staff, now=self.now)
            head = dict(staff)[Role.centre_head.value]
            await campaigns.add(session, self.rng, head, now=self.now)
            await broadcasts.add(session, self.rng, head, now=self.now)
            code = await session.scalar(
                select(Municipality.code).where(Municipality.id == home["school"].municipality_id)
            )
            await roadmap.add(session, dict(staff), f"local:{code}", now=self.now, today=self.today)
            await hotline.add(session, self.rng, staff, now=self.now)
            await events.add(session, self.rng, cast, ids, head, now=self.now, zone=self.settings.zone)
            await programmes.add(session, self.rng, cast, ids, staff, now=self.now, zone=self.settings.zone)
            await mentoring.add(session, self.rng, cast, ids, staff, now=self.now)
            await registers.add(session, head, now=self.now)
            await forms.add(session, self.rng, head, now=self.now)
            await indicators.add(session, dict(staff)[Role.analyst.value], now=self.now)
            await wellbeing.add(session, self.rng, head, now=self.now, today=self.today)
            await practices.add(session, self.rng, staff, now=self.now)
            await self._mark(session, filled=True, staff=staff)
        await keeping.refresh(self.db, today=self.today)

    async def _ground(self) -> None:
        """Lists, pack, instruments; the mark says that it has begun."""
        async with self.db.begin() as session:
            await packs.load_common(session, now=self.start)
            await packs.load_pack(session, self.settings.region.pack, now=self.start)
            await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=self.start)
            await catalogue.load_file(
                session, ROOT / "data" / "demo" / "catalogue.yaml", today=self.today, now=self.start
            )
            await self._mark(session, filled=False)
        async with self.db.begin() as session:
            city = await session.scalar(select(Municipality.id).order_by(Municipality.id).limit(1))
            lists = book()
            for code, names, kind, approved in (
                ("demo-centre", lists["centre"], "other", self.start),
                (None, lists["added"], "other", None),
            ):
                short = names.get("short_name", names["name"])
                session.add(
                    Organisation(
                        code=code,
                        name=names["name"],
                        short_name=short,
                        kind=kind,
                        municipality_id=city,
                        approved_at=approved,
                        search=folded(names["name"]),
                        sort=folded(names["name"]),
                    )
                )

    async def _workplaces(self, session: AsyncSession) -> tuple[list[Workplace], dict[str, Workplace], Workplace]:
        rows = await session.execute(
            select(
                Organisation.id,
                Organisation.kind,
                Organisation.municipality_id,
                Organisation.code,
                Organisation.approved_at,
            ).order_by(Organisation.id)
        )
        centre: Workplace | None = None
        added: Workplace | None = None
        places: list[Workplace] = []
        for number, kind, municipality_id, code, approved_at in rows:
            place = Workplace(number, kind, municipality_id)
            if code == "demo-centre":
                centre = place
            elif approved_at is None:
                added = place
            else:
                places.append(place)
        schools = [place for place in places if place.kind == "school"]
        if not schools or centre is None or added is None:
            raise UserError("demo-no-schools", name=self.settings.region.pack)
        # The staff live in the second largest municipality: the city of the centre would hide the districts.
        sizes: dict[int, int] = {}
        for place in places:
            sizes[place.municipality_id] = sizes.get(place.municipality_id, 0) + 1
        by_size = sorted((m for m in sizes if any(s.municipality_id == m for s in schools)), key=lambda m: -sizes[m])
        home_id = by_size[min(1, len(by_size) - 1)]
        school = next(place for place in schools if place.municipality_id == home_id)
        return places, {"school": school, "centre": centre}, added

    async def _people(self, cast: Sequence[Character]) -> list[int]:
        ids: list[int] = []
        for start in range(0, len(cast), PORTION):
            async with self.db.begin() as session:
                ids += await people.add(
                    session, self.rng, cast[start : start + PORTION], start=self.start, now=self.now
                )
        async with self.db.begin() as session:
            await people.confirm(session, cast, ids)
        return ids

    async def _staff(
        self, session: AsyncSession, cast: Sequence[Character], ids: Sequence[int], home: dict[str, Workplace]
    ) -> list[tuple[str, int]]:
        bodies = dict((await session.execute(select(Body.code, Body.id))).all())
        codes = dict((await session.execute(select(Municipality.id, Municipality.code))).all())
        home_body = f"local:{codes[home['school'].municipality_id]}"
        links: dict[str, int] = {}
        for character, person_id in zip(cast, ids, strict=True):
            if character.staff is None:
                continue
            body = str(character.staff.get("body", "")).replace("local:home", home_body)
            await people.give_role(
                session,
                character,
                person_id,
                home["school"],
                bodies.get(body),
                since=self.start.date(),
                today=self.today,
            )
            links.setdefault(character.role, person_id)
        # Real teachers hold the role of a teacher from registration on; it opens nothing more.
        granted_by = links[Role.centre_head.value]
        await session.execute(
            update(RoleAssignment).where(RoleAssignment.person_id != granted_by).values(granted_by_id=granted_by)
        )
        return list(links.items())

    async def _history(self, cast: Sequence[Character], ids: Sequence[int]) -> None:
        async with self.db.read() as session:
            contents = {name: await diagnostics.published(session, name) for name in ("teacher", "leader")}
        portion = list(zip(cast, ids, strict=True))
        for begin in range(0, len(portion), PORTION // 4):
            async with self.db.begin() as session:
                for character, person_id in portion[begin : begin + PORTION // 4]:
                    await history.diagnosed(
                        session, self.rng, character, person_id, contents, start=self.start, now=self.now
                    )

    async def _mark(self, session: AsyncSession, *, filled: bool, staff: Iterable[tuple[str, int]] = ()) -> None:
        value: dict[str, Any] = {
            "on": True,
            "people": self.count,
            "seed": self.seed,
            "today": self.today.isoformat(),
            "filled": filled,
            "staff": [[role, person_id] for role, person_id in staff],
        }
        await region.set_setting(session, MARK, value)


USED = (Person, Change, TextOverride, Invitation, StoredFile)
"""What only people make; packs and instruments are there after the first start already."""


async def _is_used(session: AsyncSession) -> bool:
    for table in USED:
        if await session.scalar(select(func.count()).select_from(table)):
            return True
    return False


async def _wipe(db: Database) -> None:
    """Empty every table; numbers begin anew. Only for an empty or a demonstration database."""
    async with db.begin() as session:
        mark = await mark_of(session)
        if mark is None and await _is_used(session):
            raise UserError("demo-not-empty")  # Somebody registered while we looked.
        tables = Base.metadata.sorted_tables
        if db.is_sqlite:
            for table in reversed(tables):
                await session.execute(delete(table))
        else:
            names = ", ".join(f'"{table.name}"' for table in tables)
            await session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    diagnostics.forget_contents()

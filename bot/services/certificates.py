"""Certificates of an event or a programme's group as one archive: drawn beside the request, a few at a time."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound, UserError
from bot.i18n import Translator
from bot.models import Certificate, Cohort, CohortMember, Employment, Event, Organisation, Person, Programme
from bot.services import audit, exports, files
from bot.services.access import Right, Scope
from bot.services.documents import certificate as paper_of
from bot.services.events import after
from bot.services.events.after import Paper
from bot.services.exports import Clock, Errand
from bot.services.programmes import ending

ZIP = "application/zip"
PORTION = 20
"""Drawn between two words about how far it is."""


class Of(StrEnum):
    """Whose certificates; the value is the folder of the page."""

    event = "events"
    cohort = "cohorts"


@dataclass(frozen=True, slots=True)
class Batch:
    """What an archive is made of."""

    of: Of
    id: int
    title: str
    numbers: Sequence[str]

    def errand(self, scope: Scope) -> Errand:
        """Under which it is made for this person."""
        return Errand(f"certificates-{self.of.name}-{self.id}", scope.person_id)


async def batch(session: AsyncSession, scope: Scope, of: Of, number: int, *, today: date) -> Batch:
    """The standing certificates of people within reach, by name. NotFound for no such event or group."""
    people = scope.where(
        Right.people_see, person=Person.id, organisation=Employment.organisation_id,
        municipality=Organisation.municipality_id, today=today,
    )  # fmt: skip
    found: Select[Any]
    if of is Of.event:
        scope.require(Right.events_edit)
        event = await session.get(Event, number)
        title = event.title if event else None
        found = select(Certificate.number).join(Person, Person.id == Certificate.person_id)
        found = found.where(Certificate.event_id == number, Certificate.revoked_at.is_(None))
    else:
        scope.require(Right.programmes_edit)
        named = select(Programme.title, Cohort.title).join(Programme, Programme.id == Cohort.programme_id)
        cohort = (await session.execute(named.where(Cohort.id == number))).one_or_none()
        title = f"{cohort[0]}: {cohort[1]}" if cohort else None
        m = CohortMember
        found = select(m.number).join(Person, Person.id == m.person_id)
        found = found.where(m.cohort_id == number, m.number.is_not(None), m.revoked_at.is_(None))
    if title is None:
        raise NotFound()
    e = Employment
    at_work = (e.person_id == Person.id) & e.is_main & (e.since <= today) & or_(e.until.is_(None), e.until >= today)
    found = found.outerjoin(e, at_work).outerjoin(Organisation, Organisation.id == e.organisation_id)
    numbers = await session.scalars(found.where(people).order_by(Person.sort, Person.id))
    return Batch(of, number, title, [one for one in numbers.unique() if one])


async def begin(session: AsyncSession, scope: Scope, made: Batch, *, now: datetime) -> None:
    """Mark that the archive is under way. UserError while another one is, or when there is nothing to draw."""
    if not made.numbers:
        raise UserError("certificates-none")
    await exports.begin(session, made.errand(scope), len(made.numbers), now=now)
    audit.changed(
        session, scope, made.of.name, made.id, "certificates-archive", now=now, after={"people": len(made.numbers)}
    )


async def run(
    db: Database, settings: Settings, scope: Scope, made: Batch, t: Translator, *, name: str, clock: Clock
) -> None:
    """Draw into a file on disk; whoever stops it leaves no half of an archive."""
    errand, total = made.errand(scope), len(made.numbers)
    check = after.check if made.of is Of.event else ending.check
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "certificates.zip"
            for start in range(0, total, PORTION):
                async with db.read() as session:
                    papers = [await check(session, number) for number in made.numbers[start : start + PORTION]]
                # Taken back meanwhile: it is not given out.
                standing = [one for one in papers if one is not None and one.revoked_on is None]
                await asyncio.to_thread(_draw, path, t, standing, settings.public_url)
                async with db.begin() as session:
                    await exports.mark(session, errand, min(start + PORTION, total), total, now=clock())
            await exports.keep(db, settings, errand, path, name=name, media_type=ZIP, clock=clock)
    except BaseException:
        await exports.fail(db, errand, now=clock())
        raise


def _draw(path: Path, t: Translator, papers: Sequence[Paper], public_url: str) -> None:
    with ZipFile(path, "a", ZIP_STORED) as archive:
        for one in papers:
            content = paper_of.pdf(t, one, check_url=f"{public_url}/check/{one.number}")
            archive.writestr(_name(one), content)


def _name(paper: Paper) -> str:
    """Of a file in the archive; the number keeps two people of one name apart, however long it is."""
    return files.clean_name(f"{paper.name.replace('/', '-')[:80]} – {paper.number}.pdf")

"""Papers of the indicators: who may have which, the workbook written a portion at a time, the справка with its words.

What somebody wrote into parts 10–12 is kept for the period or the snapshot it was written for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.i18n import Translator
from bot.models import Role, ScopeKind
from bot.services import audit, region
from bot.services.access import Grant, Right, Scope
from bot.services.documents import indicator_passport, indicator_poster, indicator_report, indicator_text
from bot.services.documents.indicator_book import Book
from bot.services.documents.indicator_report import Report as Paper
from bot.services.documents.indicator_text import PARTS
from bot.services.indicators import completeness, counting, drilling, freezing, gathering, parts
from bot.services.indicators import edition as editions
from bot.services.indicators.edition import Edition

Progress = Callable[[int, int], None]
"""Lines written, lines in all."""
Moved = Callable[[AsyncSession, int, int], Awaitable[None]]
"""The same, in the transaction that writes down whose names were put on paper."""
LONGEST = 20_000
"""Letters of one part."""


def operator(*, named: bool) -> Scope:
    """Whoever sits at the server: the numbers of the region; names only where they were asked for."""
    return Scope(None, (Grant(Role.centre_head if named else Role.analyst, ScopeKind.region),))


async def of_report(
    session: AsyncSession, scope: Scope, report: counting.Report, *, municipality: int | None = None
) -> Edition:
    """A live count as the role sees it, or its part of one municipality."""
    return await editions.of_report(session, report, await _reach(session, scope, municipality))


async def of_snapshot(
    session: AsyncSession, scope: Scope, snapshot_id: int, *, municipality: int | None = None
) -> Edition:
    """A snapshot as the role sees it, or its part of one municipality."""
    row = await freezing.need(session, scope, snapshot_id)
    return await editions.of_snapshot(session, row, await _reach(session, scope, municipality))


async def _reach(session: AsyncSession, scope: Scope, municipality: int | None) -> drilling.Reach:
    reach = await drilling.reach_of(session, scope)
    if municipality is None:
        return reach
    if not reach.sees(municipality):
        raise NotAllowed()
    return replace(reach, whole=False, municipalities=frozenset({municipality}), organisations=frozenset())


async def drafts(
    session: AsyncSession, edition: Edition, t: Translator, *, before: Mapping[str, Fraction], today: date
) -> dict[str, str]:
    """Parts 10–12 as the rules draft them; they name no small numbers."""
    edition = editions.outward(edition)
    until = completeness.next_date(max(today, edition.as_of), await completeness.dates(session))
    return indicator_text.drafts(t, edition, before, until=until, today=today)


async def texts(session: AsyncSession, edition: Edition) -> dict[str, str]:
    """What somebody wrote instead of the drafts; empty where nobody did."""
    return {name: str(text) for name, text in (await region.setting(session, _name(edition))).items()}


async def keep_texts(
    session: AsyncSession, scope: Scope, edition: Edition, written: Mapping[str, str], *, now: datetime
) -> None:
    """Keep the words of parts 10–12; an empty part is drafted again."""
    scope.require(Right.indicators_figures)
    require_region(edition)
    if edition.is_frozen:
        raise UserError("snapshot-words")
    kept = {name: written[name].strip()[:LONGEST] for name in PARTS if written.get(name, "").strip()}
    await region.set_setting(session, _name(edition), dict(kept))
    audit.changed(session, scope, "indicator", 0, "texts", now=now, after={"paper": edition.key})


async def earlier(
    session: AsyncSession, edition: Edition, made: counting.Report | None
) -> tuple[dict[str, Fraction], date | None]:
    """The values to compare with and their day: those a snapshot was compared with, else as of now."""
    if edition.parts is not None:
        return edition.parts.earlier()
    return await freezing.earlier(session, edition.period, edition.as_of, made)


async def approve(
    session: AsyncSession,
    scope: Scope,
    snapshot_id: int,
    t: Translator,
    *,
    order_no: str,
    order_date: date,
    now: datetime,
    today: date,
) -> None:
    """Freeze a snapshot by an order together with the words of its parts 10–12, edited or drafted."""
    await freezing.approve(session, scope, snapshot_id, order_no=order_no, order_date=order_date, now=now, today=today)
    edition = await of_snapshot(session, operator(named=False), snapshot_id)
    before, _ = await earlier(session, edition, None)
    words = await drafts(session, edition, t, before=before, today=today) | await texts(session, edition)
    await region.set_setting(session, _name(edition), dict(words))


async def collect(
    session: AsyncSession,
    scope: Scope,
    edition: Edition,
    t: Translator,
    *,
    made: counting.Report | None,
    today: date,
    zone: ZoneInfo,
) -> Paper:
    """All that a paper for outside is printed from. NotAllowed for a role of one municipality."""
    require_region(edition)
    edition = editions.outward(edition)
    kept = edition.parts
    if kept is None:
        beside = await gathering.gather(session, scope, edition.period, as_of=edition.as_of, zone=zone)
        centre = str((await region.centre(session))["name"])
    else:
        beside, centre = parts.shown(kept.beside, scope), kept.centre
    before, before_on = await earlier(session, edition, made)
    words = await drafts(session, edition, t, before=before, today=today) | await texts(session, edition)
    return Paper(edition, beside, words, centre, today, before, before_on)


BUILDERS: Mapping[str, Callable[[Translator, Paper], bytes]] = {
    "report": indicator_report.docx,
    "passport": indicator_passport.xlsx,
    "poster": indicator_poster.pdf,
}
"""Papers for outside: the справка (DOCX), data for the паспорт ДПО (XLSX), the poster (PDF)."""


async def printed(
    db: Database,
    scope: Scope,
    edition: Edition,
    t: Translator,
    kind: str,
    *,
    made: counting.Report | None,
    now: datetime,
    zone: ZoneInfo,
) -> bytes:
    """One of ``BUILDERS``; printing is recorded."""
    today = now.astimezone(zone).date()
    async with db.read() as session:
        paper = await collect(session, scope, edition, t, made=made, today=today, zone=zone)
    content = await asyncio.to_thread(BUILDERS[kind], t, paper)
    async with db.begin() as session:
        _exported(session, scope, edition, kind, 0, now=now)
    return content


async def write_book(
    db: Database,
    scope: Scope,
    edition: Edition,
    path: Path,
    t: Translator,
    *,
    lists: bool,
    now: datetime,
    progress: Progress | None = None,
    moved: Moved | None = None,
) -> int:
    """Write the table, with lists if asked for; how many lines of people it has.

    People are named only to a role that sees them; each of them finds it in «Кто смотрел».
    """
    named = lists and edition.reach.names and scope.may(Right.people_see)
    total = editions.size(edition) if named else 0
    written = 0
    book = Book(path, t, edition)
    await asyncio.to_thread(book.numbers)
    for row in edition.rows if lists else ():
        if not row.behind:
            continue
        book.begin(row, named=named)
        if not named:
            await asyncio.to_thread(book.organisations, edition.of_organisations(row))
            continue
        for start in range(0, len(row.behind), editions.PORTION):
            async with db.read() as session:
                portion = await editions.people(session, edition, row, start=start)
            await asyncio.to_thread(book.people, portion)
            written += len(portion)
            if scope.person_id is not None:
                async with db.begin() as session:
                    seen = [one.person_id for one in portion if one.person_id is not None]
                    await audit.viewed_many(session, scope, seen, "indicator", right=Right.people_see, now=now)
                    if moved is not None:
                        await moved(session, written, total)
            if progress is not None:
                progress(written, total)
    await asyncio.to_thread(book.close)
    async with db.begin() as session:
        _exported(session, scope, edition, "lists" if named else "table", written, now=now)
    return written


def _exported(session: AsyncSession, scope: Scope, edition: Edition, paper: str, n: int, *, now: datetime) -> None:
    audit.changed(
        session, scope, "indicator", 0, "exported", now=now,
        after={"paper": paper, "period": edition.period.name, "snapshot": edition.snapshot, "n": n},
    )  # fmt: skip


def require_region(edition: Edition) -> None:
    """NotAllowed for a role that does not see the whole region."""
    if not edition.reach.whole:
        raise NotAllowed()


def _name(edition: Edition) -> str:
    return f"indicator-report:{edition.key}"

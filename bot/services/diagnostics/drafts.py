"""Authoring: drafts, the way to publication, experts. What is published never changes: an edit is a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    CompetenceGroup,
    ExpertRating,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Item,
    VersionGroup,
    VersionState,
)
from bot.questions import KINDS, Problem
from bot.rules import expertise
from bot.rules.expertise import Relevance
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.diagnostics.authoring import fill, instrument_of
from bot.services.diagnostics.content import forget_contents
from bot.services.diagnostics.source import GroupFile, InstrumentFile, ItemFile, problems_of, refuse

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One version as its authors see it."""

    id: int
    instrument_id: int
    source: InstrumentFile
    state: VersionState
    problems: tuple[Problem, ...]
    missing: tuple[Problem, ...]
    relevance: Mapping[int, Relevance]
    item_ids: tuple[int, ...]
    experts: tuple[str, ...]
    protocol: str
    verified_on: date | None
    open_attempts: int
    finished: int
    ways: tuple[VersionState, ...]

    @property
    def editable(self) -> bool:
        """True for a draft."""
        return self.state is VersionState.draft


async def card(session: AsyncSession, scope: Scope, version_id: int) -> VersionCard:
    """The version, what is wrong with it and what is missing for the next step."""
    scope.require(Right.instruments_see)
    version = await _version(session, version_id)
    source = source_of(version)
    relevance, experts = await _relevance(session, version)
    rows = await session.execute(
        select(Attempt.state, func.count()).where(Attempt.version_id == version_id).group_by(Attempt.state)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    problems = await _problems(session, source)
    return VersionCard(
        id=version.id,
        instrument_id=version.instrument_id,
        source=source,
        state=version.state,
        problems=tuple(problems),
        missing=tuple(_missing(relevance, version)) if version.state is VersionState.trial else (),
        relevance=relevance,
        item_ids=tuple(item.id for item in version.items),
        experts=experts,
        protocol=version.protocol,
        verified_on=version.verified_on,
        open_attempts=counts.get(AttemptState.open, 0) + counts.get(AttemptState.waiting, 0),
        finished=counts.get(AttemptState.finished, 0),
        ways=expertise.WAYS[version.state] if version.instrument.kind is not InstrumentKind.external else (),
    )


async def take_in(session: AsyncSession, scope: Scope, source: InstrumentFile, *, now: datetime) -> int:
    """A file becomes a draft: of a new instrument, or the next version of a known one. The version's id."""
    scope.require(Right.instruments_edit)
    if source.kind is InstrumentKind.external:
        refuse([Problem("diagnostics-problem.external")])
    instrument = await instrument_of(session, source)
    number = await session.scalar(
        select(func.max(InstrumentVersion.number)).where(InstrumentVersion.instrument_id == instrument.id)
    )
    version = InstrumentVersion(
        instrument_id=instrument.id,
        number=(number or 0) + 1,
        state=VersionState.draft,
        cuts={},
        scale=[],
        content_hash="",
        published_at=None,
    )
    session.add(version)
    await session.flush()
    await _fill(session, version, source)
    audit.changed(session, scope, "instrument", version.id, "drafted", now=now, after={"version": version.number})
    return version.id


async def edit(session: AsyncSession, scope: Scope, version_id: int, *, now: datetime) -> int:
    """A draft to work on: this one, the one that is begun already, or a copy of a published version.

    People who are taking the published version finish it; nothing changes under them.
    """
    scope.require(Right.instruments_edit)
    version = await _version(session, version_id)
    if version.state is VersionState.draft:
        return version.id
    begun = await session.scalar(
        select(InstrumentVersion.id)
        .where(
            InstrumentVersion.instrument_id == version.instrument_id,
            InstrumentVersion.form == version.form,
            InstrumentVersion.state == VersionState.draft,
        )
        .order_by(InstrumentVersion.number.desc())
        .limit(1)
    )
    return begun if begun is not None else await take_in(session, scope, source_of(version), now=now)


async def replace(
    session: AsyncSession, scope: Scope, version_id: int, source: InstrumentFile, *, now: datetime
) -> None:
    """Put other content into a draft. Raises UserError for anything but a draft.

    Ratings of experts stay with items whose text has not changed.
    """
    scope.require(Right.instruments_edit)
    version = await _version(session, version_id)
    if version.state is not VersionState.draft:
        raise UserError("diagnostics-published")
    if source.slug != version.instrument.slug or source.kind is not version.instrument.kind:
        raise UserError("diagnostics-other-kind", title=version.instrument.title)
    kept = await _ratings_by_text(session, version)
    await _empty(session, version)
    version.instrument.title = source.title
    version.instrument.subject = source.subject
    await _fill(session, version, source)
    rows = [
        {"item_id": item.id, "expert": expert, "rating": rating}
        for item in await session.scalars(select(Item).where(Item.version_id == version.id))
        for expert, rating in kept.get((item.code, item.text), [])
    ]
    if rows:
        await session.execute(insert(ExpertRating), rows)
    audit.changed(session, scope, "instrument", version.id, "edited", now=now)


async def drop(session: AsyncSession, scope: Scope, version_id: int, *, now: datetime) -> None:
    """Throw a draft away; an instrument without versions goes too."""
    scope.require(Right.instruments_edit)
    version = await _version(session, version_id)
    if version.state is not VersionState.draft:
        raise UserError("diagnostics-published")
    await _empty(session, version)
    instrument_id = version.instrument_id
    await session.execute(delete(InstrumentVersion).where(InstrumentVersion.id == version_id))
    left = await session.scalar(select(InstrumentVersion.id).where(InstrumentVersion.instrument_id == instrument_id))
    if left is None:
        await session.execute(delete(Instrument).where(Instrument.id == instrument_id))
    audit.changed(session, scope, "instrument", version_id, "dropped", now=now)


async def advance(
    session: AsyncSession,
    scope: Scope,
    version_id: int,
    to: VersionState,
    *,
    now: datetime,
    protocol: str = "",
    on: date | None = None,
) -> None:
    """One step of черновик → экспертиза → апробация → верифицирован → архив.

    Raises InstrumentRefused with everything that stands in the way, UserError for a step that does not exist.
    """
    scope.require(Right.instruments_edit)
    version = await _version(session, version_id)
    if not expertise.may_go(version.state, to):
        raise UserError("diagnostics-no-such-step")
    before = version.state
    if to in (VersionState.review, VersionState.trial):
        refuse(await _problems(session, source_of(version)))
    if to is VersionState.trial:
        version.published_at = now
    if to is VersionState.verified:
        version.protocol, version.verified_on = protocol.strip()[:64], on
        relevance, _ = await _relevance(session, version)
        refuse(_missing(relevance, version, today=now.date()))
    version.state = to
    await session.flush()
    forget_contents()
    audit.changed(
        session,
        scope,
        "instrument",
        version.id,
        f"to-{to.value}",
        now=now,
        before={"state": before.value},
        after={"state": to.value, "protocol": version.protocol},
    )


async def rate(
    session: AsyncSession, scope: Scope, version_id: int, expert: str, ratings: Mapping[int, int], *, now: datetime
) -> None:
    """One expert's ratings 1…4 by item, again replaces them; only while the version is under review or on trial."""
    scope.require(Right.instruments_edit)
    version = await _version(session, version_id)
    if version.state not in (VersionState.review, VersionState.trial):
        raise UserError("diagnostics-not-under-review")
    expert = " ".join(expert.split())[:LONGEST_NAME]
    known = {item.id for item in version.items}
    if len(expert) < 3 or not ratings or any(n not in known or not 1 <= r <= 4 for n, r in ratings.items()):
        raise UserError("diagnostics-ratings-wrong")
    await session.execute(delete(ExpertRating).where(ExpertRating.item_id.in_(known), ExpertRating.expert == expert))
    await session.execute(
        insert(ExpertRating),
        [{"item_id": number, "expert": expert, "rating": rating} for number, rating in ratings.items()],
    )
    audit.changed(session, scope, "instrument", version.id, "rated", now=now, after={"items": len(ratings)})


# --- competence groups -----------------------------------------------------------------------------


async def competence_groups(session: AsyncSession) -> Sequence[CompetenceGroup]:
    """The reference of groups, in its order."""
    return (await session.scalars(select(CompetenceGroup).order_by(CompetenceGroup.place, CompetenceGroup.slug))).all()


async def save_group(session: AsyncSession, scope: Scope, slug: str, title: str, *, now: datetime) -> None:
    """Add a group of competences or rename one; results keep the title they were published with."""
    scope.require(Right.instruments_edit)
    title = " ".join(title.split())
    if not slug or len(slug) > 32 or not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in slug):
        raise UserError("diagnostics-group-slug")
    if not 1 <= len(title) <= 60:
        raise UserError("diagnostics-group-title")
    group = await session.get(CompetenceGroup, slug.lower())
    if group is None:
        place = await session.scalar(select(func.max(CompetenceGroup.place)))
        session.add(CompetenceGroup(slug=slug.lower(), title=title, place=(place or 0) + 1))
    else:
        group.title = title
    audit.changed(session, scope, "competence-group", 0, "saved", now=now, after={"slug": slug.lower()})
    await session.flush()


# --- inside ----------------------------------------------------------------------------------------


def source_of(version: InstrumentVersion) -> InstrumentFile:
    """A version as a file: for export, for editing, for the next version."""
    items: dict[int, list[ItemFile]] = {}
    for item in version.items:
        kind = KINDS.get(item.kind)
        texts = {str(name): str(text) for name, text in item.texts.items()}
        points = None if kind is None else item.max_points
        made = ItemFile.model_construct(
            code=item.code,
            text=item.text,
            short=item.short,
            preschool=texts.pop("preschool", ""),
            texts=texts,
            kind=item.kind,
            options=[str(option) for option in item.options],
            key=kind.written(item.answer_key) if kind and kind.has_key else None,
            points=points,
        )
        if points is not None and made.model_copy(update={"points": None}).max_points == points:
            made.points = None
        items.setdefault(item.group_id, []).append(made)
    return InstrumentFile.model_construct(
        slug=version.instrument.slug,
        title=version.instrument.title,
        audience=version.instrument.audience,
        kind=version.instrument.kind,
        subject=version.instrument.subject,
        demo=version.instrument.is_demo,
        version=version.number,
        form=version.form,
        state=version.state,
        direction=version.direction,
        minutes=version.minutes,
        time_limit=version.time_limit,
        instruction=version.instruction,
        scale=[str(label) for label in version.scale],
        cuts={name: float(value) for name, value in version.cuts.items()},
        groups=[
            GroupFile.model_construct(
                slug=group.slug, code="", title=group.title, weight=group.weight, items=items.get(group.id, [])
            )
            for group in version.groups
        ],
    )


async def source(session: AsyncSession, scope: Scope, version_id: int) -> InstrumentFile:
    """The same by number; with keys, so only for those who edit."""
    scope.require(Right.instruments_edit)
    return source_of(await _version(session, version_id))


async def _version(session: AsyncSession, version_id: int) -> InstrumentVersion:
    found: InstrumentVersion | None = await session.scalar(
        select(InstrumentVersion)
        .where(InstrumentVersion.id == version_id)
        .options(
            joinedload(InstrumentVersion.instrument),
            selectinload(InstrumentVersion.groups),
            selectinload(InstrumentVersion.items),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


async def _problems(session: AsyncSession, source: InstrumentFile) -> list[Problem]:
    known = set(await session.scalars(select(CompetenceGroup.slug)))
    foreign = [group.title for group in source.groups if known and group.slug not in known]
    return problems_of(source) + [Problem("diagnostics-problem.group-unknown", {"group": title}) for title in foreign]


async def _fill(session: AsyncSession, version: InstrumentVersion, source: InstrumentFile) -> None:
    twice = [one for one in problems_of(source) if one.key in UNSTORABLE]
    refuse(twice)
    await fill(session, version, source.model_copy(update={"version": version.number}))
    await session.flush()
    session.expire(version, ["groups", "items"])


UNSTORABLE = ("diagnostics-problem.code-twice", "diagnostics-problem.group-twice", "diagnostics-problem.many")
"""A draft may be unfinished in every other way."""


async def _empty(session: AsyncSession, version: InstrumentVersion) -> None:
    mine = select(Item.id).where(Item.version_id == version.id)
    await session.execute(delete(ExpertRating).where(ExpertRating.item_id.in_(mine)))
    await session.execute(delete(Item).where(Item.version_id == version.id))
    await session.execute(delete(VersionGroup).where(VersionGroup.version_id == version.id))


async def _ratings_by_text(
    session: AsyncSession, version: InstrumentVersion
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    rows = await session.execute(
        select(Item.code, Item.text, ExpertRating.expert, ExpertRating.rating)
        .join(ExpertRating, ExpertRating.item_id == Item.id)
        .where(Item.version_id == version.id)
    )
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for code, text, expert, rating in rows:
        found.setdefault((code, text), []).append((expert, rating))
    return found


async def _relevance(session: AsyncSession, version: InstrumentVersion) -> tuple[dict[int, Relevance], tuple[str, ...]]:
    ids = [item.id for item in version.items]
    ratings: dict[int, list[int]] = {number: [] for number in ids}
    experts: set[str] = set()
    rows = await session.execute(
        select(ExpertRating.item_id, ExpertRating.expert, ExpertRating.rating)
        .join(Item, Item.id == ExpertRating.item_id)
        .where(Item.version_id == version.id)
        .order_by(ExpertRating.expert)
    )
    for item_id, expert, rating in rows:
        ratings[item_id].append(rating)
        experts.add(expert)
    return {number: Relevance(tuple(found)) for number, found in ratings.items()}, tuple(sorted(experts))


def _missing(
    relevance: Mapping[int, Relevance], version: InstrumentVersion, *, today: date | None = None
) -> list[Problem]:
    """What stands between trial and verification."""
    found: list[Problem] = []
    codes = {item.id: item.code for item in version.items}
    if not version.protocol:
        found.append(Problem("diagnostics-problem.no-protocol"))
    if version.verified_on is None or (today is not None and version.verified_on > today):
        found.append(Problem("diagnostics-problem.no-protocol-day"))
    few = [codes[number] for number, one in relevance.items() if len(one.ratings) < expertise.EXPERTS]
    if few:
        found.append(Problem("diagnostics-problem.few-experts", {"n": expertise.EXPERTS, "codes": _listed(few)}))
    red = [codes[number] for number, one in relevance.items() if one.band == "red"]
    if red:
        found.append(Problem("diagnostics-problem.irrelevant", {"codes": _listed(red)}))
    return found


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:8]) + (" …" if len(codes) > 8 else "")

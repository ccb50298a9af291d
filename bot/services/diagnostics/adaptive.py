"""A shortened test while it is taken: which task comes next, why it stops, what its groups are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Answer, InstrumentVersion, Item, ItemParameter
from bot.rules import adaptive as rules
from bot.rules import scoring
from bot.services.diagnostics.content import Content, Group
from bot.services.diagnostics.content import Item as ContentItem


@dataclass(frozen=True, slots=True)
class Plan:
    """What the computation found for a version: its tasks, and the error (SD of persons) at which it is enough."""

    bank: rules.Bank
    target: float


async def plan_of(session: AsyncSession, version_id: int) -> Plan | None:
    """None while the parameters of some items are unknown."""
    rows = (
        await session.execute(
            select(Item.id, ItemParameter.slope, ItemParameter.difficulty)
            .outerjoin(ItemParameter, ItemParameter.item_id == Item.id)
            .where(Item.version_id == version_id)
            .order_by(Item.place)
        )
    ).all()
    if not rows or any(row.slope is None for row in rows):
        return None
    report = await session.scalar(select(InstrumentVersion.shortening).where(InstrumentVersion.id == version_id))
    bank = rules.bank_of({row.id: (row.slope, row.difficulty) for row in rows})
    return Plan(bank, float((report or {})["target"]))


async def first_place(session: AsyncSession, content: Content) -> int | None:
    """Place of the first task of a shortened attempt; None where the version is not shortened."""
    if not await session.scalar(select(InstrumentVersion.adaptive).where(InstrumentVersion.id == content.version_id)):
        return None
    found = await _decision(session, content, {})
    return content.by_id[found.item].place if found and found.item is not None else None


def solved(item: ContentItem, points: float | None) -> bool:
    """Solved in full; a skipped task is not solved."""
    return points is not None and points >= item.max_points - 1e-9


async def answered(session: AsyncSession, attempt_id: int, content: Content) -> dict[int, bool]:
    """Tasks asked so far: solved in full or not. A skipped one was asked and is not solved."""
    rows = await session.execute(
        select(Answer.item_id, Answer.given, Answer.points).where(Answer.attempt_id == attempt_id)
    )
    return {
        row.item_id: solved(content.by_id[row.item_id], row.points)
        for row in rows
        # What was picked without «Дальше» is not given yet.
        if row.given is None or row.points is not None
    }


async def count(session: AsyncSession, attempt_id: int) -> int:
    """How many tasks were asked and left."""
    found = await session.scalar(
        select(func.count())
        .select_from(Answer)
        .where(Answer.attempt_id == attempt_id, Answer.given.is_(None) | Answer.points.is_not(None))
    )
    return int(found or 0)


async def next_place(session: AsyncSession, content: Content, given: Mapping[int, bool]) -> int:
    """Place of the task that tells most now; behind the last one when it is enough."""
    found = await _decision(session, content, given)
    if found is None or found.item is None:
        return len(content.items)
    return content.by_id[found.item].place


async def why_stopped(session: AsyncSession, attempt_id: int, content: Content) -> rules.Stop | None:
    """The reason on the last screen."""
    found = await _decision(session, content, await answered(session, attempt_id, content))
    return found.stop if found else None


def score(plan: Plan, given: Mapping[int, bool], group: Group, cuts: Mapping[str, float]) -> scoring.GroupScore:
    """A group of which not every task was asked: what was answered, and the model's expectation of the rest."""
    asked = [item_id for item_id in group.item_ids if item_id in given]
    found = rules.expected_pct(plan.bank, given, group.item_ids)
    if found is None or not given:
        return scoring.GroupScore(None, None, None, False, (), 0, len(group.items))
    pct, error = found
    level = scoring.level_of(pct, cuts)
    weak = tuple(item_id for item_id in asked if not given[item_id])
    is_deficit = level in scoring.DEFICITS
    return scoring.GroupScore(pct, error, level, is_deficit, weak, len(asked), len(group.items))


async def _decision(session: AsyncSession, content: Content, given: Mapping[int, bool]) -> rules.Decision | None:
    plan = await plan_of(session, content.version_id)
    return rules.decide(plan.bank, given, target=plan.target) if plan is not None else None

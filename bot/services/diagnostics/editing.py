"""Small edits of a draft: its head, its groups, one question at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.services.access import Scope
from bot.services.diagnostics import drafts
from bot.services.diagnostics.source import GroupFile, InstrumentFile, ItemFile, parse


async def save_head(
    session: AsyncSession, scope: Scope, version_id: int, changes: Mapping[str, Any], *, now: datetime
) -> None:
    """Title, subject, minutes, time limit, instruction, form, scale, cuts. UserError names what does not fit."""
    source = await drafts.source(session, scope, version_id)
    await _put(session, scope, version_id, source, dict(changes), now=now)


async def add_group(
    session: AsyncSession, scope: Scope, version_id: int, slug: str, title: str, *, now: datetime
) -> None:
    """A group of the reference at the end."""
    source = await drafts.source(session, scope, version_id)
    groups = [_raw(group) for group in source.groups]
    await _put(session, scope, version_id, source, {"groups": [*groups, {"slug": slug, "title": title}]}, now=now)


async def drop_group(session: AsyncSession, scope: Scope, version_id: int, slug: str, *, now: datetime) -> None:
    """A group with its questions."""
    source = await drafts.source(session, scope, version_id)
    groups = [_raw(group) for group in source.groups if group.slug != slug]
    await _put(session, scope, version_id, source, {"groups": groups}, now=now)


async def save_item(
    session: AsyncSession,
    scope: Scope,
    version_id: int,
    code: str,
    group: str,
    item: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Put a question in place of the one with this code, or (empty code) at the end of its group."""
    source = await drafts.source(session, scope, version_id)
    if group not in {one.slug for one in source.groups}:
        raise NotFound()
    groups: list[dict[str, Any]] = []
    put = False
    for one in source.groups:
        items: list[dict[str, Any]] = []
        for old in one.items:
            if old.code != code or not code:
                items.append(_raw(old))
            elif one.slug == group:
                items.append(dict(item))
                put = True
        groups.append(_raw(one) | {"items": items})
    if not put:
        next(one for one in groups if one["slug"] == group)["items"].append(dict(item))
    await _put(session, scope, version_id, source, {"groups": groups}, now=now)


async def drop_item(session: AsyncSession, scope: Scope, version_id: int, code: str, *, now: datetime) -> None:
    """A question goes."""
    source = await drafts.source(session, scope, version_id)
    groups = [
        _raw(group) | {"items": [_raw(item) for item in group.items if item.code != code]} for group in source.groups
    ]
    await _put(session, scope, version_id, source, {"groups": groups}, now=now)


async def move_item(session: AsyncSession, scope: Scope, version_id: int, code: str, by: int, *, now: datetime) -> None:
    """One place up (−1) or down (1) within its group; at the edge nothing changes."""
    source = await drafts.source(session, scope, version_id)
    groups: list[dict[str, Any]] = []
    for group in source.groups:
        items = [_raw(item) for item in group.items]
        place = next((n for n, item in enumerate(items) if item["code"] == code), None)
        if place is not None and 0 <= place + by < len(items):
            items[place], items[place + by] = items[place + by], items[place]
        groups.append(_raw(group) | {"items": items})
    await _put(session, scope, version_id, source, {"groups": groups}, now=now)


def _raw(part: GroupFile | ItemFile) -> dict[str, Any]:
    return part.model_dump(mode="json")


async def _put(
    session: AsyncSession,
    scope: Scope,
    version_id: int,
    source: InstrumentFile,
    changes: dict[str, Any],
    *,
    now: datetime,
) -> None:
    made = parse(source.model_dump(mode="json") | changes, source.title)
    await drafts.replace(session, scope, version_id, made, now=now)

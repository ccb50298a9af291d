"""The bodies names are looked up among: the region's table, or a pack's file when there is no database yet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Body
from bot.rules.roadmap_bodies import Directory, KnownBody
from bot.services import packs
from bot.services.data_files import read


async def directory_of_region(session: AsyncSession) -> Directory | None:
    """The bodies of this installation; None before a pack was loaded."""
    bodies = list(await session.scalars(select(Body).order_by(Body.municipality_id.is_not(None), Body.id)))
    return Directory(KnownBody(body.code, body.abbreviation, (body.name, *body.aliases)) for body in bodies) or None


async def names_of_region(session: AsyncSession) -> list[str]:
    """Short names of the bodies that a person may put beside a measure."""
    rows = await session.scalars(select(Body.abbreviation).where(Body.municipality_id.is_(None)))
    return sorted(set(rows), key=str.casefold)


def directory_of_pack(name: str, folder: Path = packs.REGIONS) -> Directory | None:
    """The bodies of a shipped pack; None when it has none. UserError for an unknown pack."""
    if name not in (known := packs.names_of(folder)):
        raise UserError("pack-unknown", name=name, known=", ".join(known))
    path = folder / name / "bodies.yaml"
    if not path.exists():
        return None
    made = []
    for entry in read(path).entries("bodies"):
        aliases = [str(alias) for alias in entry.maybe("aliases", list, [])]
        names = (entry.need("name", str), *aliases)
        made.append(KnownBody(entry.need("code", str), entry.need("abbreviation", str), names))
    return Directory(made)

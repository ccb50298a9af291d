"""Named values of this installation: centre, phones, limits of «молодой», the demonstration mark."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import RegionSetting


async def setting(session: AsyncSession, name: str) -> dict[str, Any]:
    """A value, empty when it was never set."""
    row = await session.get(RegionSetting, name)
    return dict(row.value) if row else {}


async def set_setting(session: AsyncSession, name: str, value: dict[str, Any]) -> None:
    """Set or replace a value."""
    row = await session.get(RegionSetting, name)
    if row is None:
        session.add(RegionSetting(name=name, value=value))
    else:
        row.value = value
    await session.flush()


async def centre(session: AsyncSession) -> dict[str, Any]:
    """``{name, short_name, phone, hours}`` of the centre, as the pack or the admin has them."""
    return {"name": "", "short_name": "ЦНППМ", "phone": "", "hours": "", **await setting(session, "centre")}

"""Parts 4–9 of the справка as a snapshot keeps them: a frozen paper tells what was known when it was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Role, ScopeKind
from bot.rules.indicators.periods import Period
from bot.services import region
from bot.services.access import Grant, Right, Scope
from bot.services.indicators import gathering
from bot.services.indicators.gathering import Gathered

KEY = "parts"
"""Where they lie in the content of a snapshot."""
EVERYTHING = Scope(None, (Grant(Role.centre_head, ScopeKind.region), Grant(Role.analyst, ScopeKind.region)))
"""A snapshot keeps all parts; who prints it sees those of the role."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What stood beside the numbers that day; ``before`` are the values it was compared with."""

    beside: Gathered
    centre: str = ""
    titles: list[tuple[int, str]] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    before_on: date | None = None

    def earlier(self) -> tuple[dict[str, Fraction], date | None]:
        """The values to compare with and their day."""
        return {name: Fraction(value) for name, value in self.before.items()}, self.before_on


_adapter: TypeAdapter[Parts] | None = None


def _of_parts() -> TypeAdapter[Parts]:
    """Made once, when a snapshot is first taken or printed."""
    global _adapter
    if _adapter is None:
        _adapter = TypeAdapter(Parts)
    return _adapter


async def gathered(
    session: AsyncSession,
    period: Period,
    *,
    as_of: date,
    titles: Sequence[tuple[int, str]],
    before: tuple[Mapping[str, Fraction], date | None],
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Everything for the content of a snapshot."""
    beside = await gathering.gather(session, EVERYTHING, period, as_of=as_of, zone=zone)
    centre = str((await region.centre(session))["name"])
    values, on = before
    made = Parts(beside, centre, list(titles), {name: str(value) for name, value in values.items()}, on)
    written: dict[str, Any] = _of_parts().dump_python(made, mode="json")
    return written


def read(content: Mapping[str, Any]) -> Parts | None:
    """From the content of a snapshot; None for one that was taken before parts were kept."""
    return _of_parts().validate_python(content[KEY]) if KEY in content else None


def shown(beside: Gathered, scope: Scope) -> Gathered:
    """Only the parts that the role may see live, too."""
    return replace(
        beside,
        top=beside.top if scope.may(Right.campaigns_see) else [],
        quality=beside.quality if scope.may(Right.instruments_see) else [],
        wellbeing=beside.wellbeing if scope.may(Right.wellbeing_see) else None,
    )

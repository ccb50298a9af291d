"""What is asked: questionnaires of ``data/wellbeing``, each with its licence; words of danger; stages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.config import ROOT
from bot.errors import UserError
from bot.rules.crisis import CrisisWords, compiled
from bot.rules.wellbeing import Scale
from bot.services.data_files import Entry, read, unique

FOLDER = ROOT / "data" / "wellbeing"

LICENCES: dict[str, tuple[str, ...]] = {
    "own": (),
    "public_domain": ("source",),
    "cc_by": ("source", "attribution"),
    "permission": ("document",),
}
"""Licences that let a questionnaire be used → what has to be written down with them."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire in one version."""

    code: str
    title: str
    period: str
    options: tuple[str, ...]
    items: tuple[str, ...]
    scale: Scale
    licence: str
    attribution: str
    # Why it may not be used: a field of the licence, empty when it may.
    missing: str

    @property
    def usable(self) -> bool:
        """True when its licence lets it be asked."""
        return not self.missing


@cache
def all_of(folder: Path = FOLDER) -> dict[str, Instrument]:
    """Every questionnaire by its code, our own first. UserError names a broken file."""
    found = [_instrument(read(path)) for path in sorted(folder.glob("*-[0-9]*.yaml"))]
    return {one.code: one for one in sorted(found, key=lambda one: (one.licence != "own", one.code))}


def usable(code: str) -> Instrument:
    """A questionnaire that may be asked. UserError without it or without its licence."""
    found = all_of().get(code)
    if found is None or not found.usable:
        raise UserError("wellbeing-locked")
    return found


def default() -> Instrument:
    """The newest of our own: what is asked while no wave says otherwise."""
    return [one for one in all_of().values() if one.licence == "own" and one.usable][-1]


@cache
def stages(folder: Path = FOLDER) -> dict[str, str]:
    """Slug → words of the second question about oneself."""
    return {
        slug: entry.need("title", str) for slug, entry in unique(read(folder / "stages.yaml").entries("stages"), "slug")
    }


@cache
def crisis_words(folder: Path = FOLDER) -> CrisisWords:
    """Words of danger, compiled once."""
    file = read(folder / "crisis.yaml")
    return compiled(map(str, file.need("phrases", list)), map(str, file.need("quiet", list)))


def _instrument(file: Entry) -> Instrument:
    options = tuple(map(str, file.need("options", list)))
    entries = file.entries("items")
    borders = file.need("borders", list)
    if len(options) < 2:
        file.wrong("options")
    if len(borders) != 2 or not all(isinstance(b, int) for b in borders) or not 0 < borders[0] < borders[1] < 100:
        file.wrong("borders")
    turned = frozenset(place for place, entry in enumerate(entries) if entry.maybe("turned", bool, False))
    licence = file["licence"] if isinstance(file.get("licence"), Entry) else None
    kind = str(licence.get("kind", "")) if licence else ""
    if kind in LICENCES and licence is not None:
        missing = next((name for name in LICENCES[kind] if not str(licence.get(name) or "").strip()), "")
    else:
        missing = "kind"
    return Instrument(
        code=f"{file.need('slug', str)}-{file.need('version', int)}",
        title=file.need("title", str),
        period=file.maybe("period", str, ""),
        options=options,
        items=tuple(entry.need("text", str) for entry in entries),
        scale=Scale(len(options) - 1, turned, (borders[0], borders[1])),
        licence=kind,
        attribution=str(licence.get("attribution") or "") if licence else "",
        missing=missing,
    )

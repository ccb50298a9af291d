"""Configurations of the mechanism as data: what a new programme begins with (``data/programmes.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.config import ROOT
from bot.models import EventKind, ProgrammeKind
from bot.services.campaigns.targets import Target
from bot.services.data_files import read

PATH = ROOT / "data" / "programmes.yaml"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting a cohort begins with."""

    title: str
    kind: EventKind


@dataclass(frozen=True, slots=True)
class Template:
    """One configuration."""

    slug: str
    kind: ProgrammeKind
    title: str
    about: str
    target: dict[str, Any]
    years: int
    share: int
    tasks_share: int
    every_days: int
    minutes: int
    questions: dict[str, str] = field(default_factory=dict)
    meetings: tuple[Meeting, ...] = ()
    tasks: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def templates() -> dict[str, Template]:
    """Every configuration by its slug, in the order of the file."""
    found: dict[str, Template] = {}
    for entry in read(PATH).entries("programmes"):
        target = dict(entry.maybe("target", dict, {}))
        kinds = [one.value for one in EventKind]
        found[entry.need("slug", str)] = Template(
            slug=entry.need("slug", str),
            kind=ProgrammeKind(entry.one_of("kind", [one.value for one in ProgrammeKind])),
            title=entry.need("title", str),
            about=entry.need("about", str),
            target={**Target.from_json(target).as_json(), "growth": bool(target.get("growth"))} if target else {},
            years=entry.maybe("years", int, 1),
            share=entry.maybe("share", int, 70),
            tasks_share=entry.maybe("tasks_share", int, 0),
            every_days=entry.maybe("every_days", int, 30),
            minutes=entry.maybe("minutes", int, 90),
            questions={
                one.need("key", str): one.need("title", str) for one in entry.entries("questions", optional=True)
            },
            meetings=tuple(
                Meeting(one.need("title", str), EventKind(one.one_of("kind", kinds, "school")))
                for one in entry.entries("meetings", optional=True)
            ),
            tasks=tuple(
                (one.need("title", str), one.need("text", str)) for one in entry.entries("tasks", optional=True)
            ),
        )
    return found

"""What an instrument is made of, as files and drafts have it, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.errors import UserError
from bot.models import Direction, InstrumentKind, VersionState
from bot.questions import KINDS, SCALE, TASKS, Problem
from bot.rules.scoring import SELF_CUTS, TEST_CUTS, TOP

MOST_ITEMS = 200
LONGEST = 780
"""Text and options of one question: with its title and hint it must fit a screen."""

ITEM_KINDS: Mapping[InstrumentKind, tuple[str, ...]] = {
    InstrumentKind.self_likert: (SCALE,),
    InstrumentKind.test_key: TASKS,
    InstrumentKind.case_rubric: ("criterion",),
    InstrumentKind.observation: ("criterion",),
    InstrumentKind.external: (),
}
"""Which kinds of questions an instrument may hold."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ItemFile(_Strict):
    """A statement, task or criterion of a file."""

    code: str = Field(min_length=1, max_length=16)
    text: str = Field(min_length=3, max_length=600)
    short: str = Field("", max_length=60)
    preschool: str = Field("", max_length=600)
    # Other wordings by audience or post: {leader: …, teacher-speech: …}.
    texts: dict[str, str] = Field(default_factory=dict)
    kind: str = SCALE
    options: list[str] = Field(default_factory=list)
    # Number of the right option, several numbers, a number with tolerance, words: as its kind wants it.
    key: Any = None
    points: float | None = Field(None, gt=0, le=100)

    @field_validator("options", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """YAML reads «15» and «1,5» as numbers."""
        return [str(one).strip() for one in value] if isinstance(value, list) else value

    @property
    def wordings(self) -> dict[str, str]:
        """Every other wording."""
        return self.texts | ({"preschool": self.preschool} if self.preschool else {})

    @property
    def answer_key(self) -> Mapping[str, Any]:
        """The key as it is stored."""
        kind = KINDS.get(self.kind)
        return kind.key(self.key) if kind else {}

    @property
    def max_points(self) -> float:
        """Points at most: 4 for a statement, one per task, one per level of a criterion."""
        if self.kind == SCALE:
            return TOP - 1.0
        if self.points is not None:
            return self.points
        return max(1.0, len(self.options) - 1.0) if self.kind == "criterion" else 1.0


class GroupFile(_Strict):
    """A group of a file."""

    slug: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    code: str = ""
    title: str = Field(min_length=1, max_length=60)
    weight: float = Field(1.0, gt=0)
    items: list[ItemFile] = Field(default_factory=list)


class InstrumentFile(_Strict):
    """An instrument: a file of ``data/instruments``, a draft, an export."""

    slug: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    title: str = Field(min_length=3, max_length=255)
    audience: str = Field(pattern=r"^[a-z_]{1,32}$")
    kind: InstrumentKind
    subject: str = Field("", pattern=r"^[a-z0-9-]{0,32}$")
    demo: bool = False
    version: int = Field(1, ge=1)
    form: str = Field("", max_length=8)
    state: VersionState = VersionState.draft
    direction: Direction = Direction.competence
    minutes: int = Field(7, ge=1, le=240)
    time_limit: int | None = Field(None, ge=1, le=600)
    instruction: str = Field("", max_length=4000)
    scale: list[str] = Field(default_factory=list)
    cuts: dict[str, float] | None = None
    groups: list[GroupFile] = Field(default_factory=list)

    @property
    def bounds(self) -> Mapping[str, float]:
        """Lower bounds of the levels; the usual ones of its kind where the file names none."""
        usual = SELF_CUTS if self.kind is InstrumentKind.self_likert else TEST_CUTS
        return usual if self.cuts is None else self.cuts

    @property
    def items(self) -> list[ItemFile]:
        """Every item in order."""
        return [item for group in self.groups for item in group.items]


class InstrumentRefused(UserError):
    """What has to be put right first; the first of it is the error a person reads."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].key, **problems[0].args)
        self.problems = tuple(problems)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InstrumentRefused unless there is nothing to complain of."""
    if problems:
        raise InstrumentRefused(problems)


def problems_of(source: InstrumentFile) -> list[Problem]:
    """Everything that stands between this content and its publication, in the order of the file."""
    found = [*_head_problems(source), *_repeats(source)]
    allowed = ITEM_KINDS[source.kind]
    for group in source.groups:
        if not group.items:
            found.append(Problem("diagnostics-problem.empty-group", {"group": group.title}))
    for item in source.items:
        kind = KINDS.get(item.kind)
        if item.kind not in allowed:
            found.append(Problem("diagnostics-problem.foreign-kind", {"code": item.code, "kind": item.kind[:16]}))
        elif len(item.text) + sum(len(option) + 4 for option in item.options) > LONGEST:
            found.append(Problem("diagnostics-problem.long", {"code": item.code, "n": LONGEST}))
        elif kind is not None:
            found += [Problem(one.key, {"code": item.code, **one.args}) for one in kind.check(item)]
    return found


def _head_problems(source: InstrumentFile) -> Iterable[Problem]:
    cuts = source.bounds
    if source.kind is InstrumentKind.external:
        yield Problem("diagnostics-problem.external")
    if set(cuts) != {"minimal", "low", "middle"} or not (100 >= cuts["minimal"] > cuts["low"] > cuts["middle"] >= 0):
        yield Problem("diagnostics-problem.cuts")
    if source.kind is InstrumentKind.self_likert and len({label for label in source.scale if label}) != TOP:
        yield Problem("diagnostics-problem.scale", {"n": TOP})
    if source.kind is InstrumentKind.case_rubric and not source.instruction:
        yield Problem("diagnostics-problem.no-case")
    if source.time_limit is not None and source.kind is not InstrumentKind.test_key:
        yield Problem("diagnostics-problem.time-limit")
    if not source.groups:
        yield Problem("diagnostics-problem.no-groups")
    if len(source.items) > MOST_ITEMS:
        yield Problem("diagnostics-problem.many", {"n": MOST_ITEMS})


def _repeats(source: InstrumentFile) -> Iterable[Problem]:
    for code in _twice(item.code for item in source.items):
        yield Problem("diagnostics-problem.code-twice", {"code": code})
    for slug in _twice(group.slug for group in source.groups):
        yield Problem("diagnostics-problem.group-twice", {"group": slug})
    for text in _twice(" ".join(item.text.casefold().split()) for item in source.items):
        code = [item.code for item in source.items if " ".join(item.text.casefold().split()) == text][-1]
        yield Problem("diagnostics-problem.text-twice", {"code": code})


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def read_yaml(content: bytes, name: str) -> InstrumentFile:
    """Read a file; UserError names the line or the place. What it means is checked by ``problems_of``."""
    try:
        raw: Any = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        mark = getattr(failure, "problem_mark", None)
        line = str(mark.line + 1) if mark else "1"
        raise UserError("diagnostics-file-broken", file=name, line=line) from failure
    return parse(raw, name)


def parse(raw: Any, name: str) -> InstrumentFile:
    """Plain values as an instrument; UserError names the place that does not fit."""
    try:
        return InstrumentFile.model_validate(raw)
    except ValidationError as failure:
        first = failure.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or first["msg"]
        raise UserError("diagnostics-file-wrong", file=name, place=place) from failure


def write_yaml(source: InstrumentFile) -> bytes:
    """The file again; what is at its default is left out."""
    raw = source.model_dump(mode="json", exclude_defaults=True) | {"version": source.version}
    text = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=110)
    return str(text).encode()


# Fields that came later: at their defaults they are left out, so that the hash of what was published before stays.
_LATER = ("subject", "form", "time_limit")
_LATER_ITEM = ("texts", "kind", "options", "key", "points")


def digest(source: InstrumentFile) -> str:
    """Tells one content from another, whatever its title and state."""
    content = source.model_dump(mode="json", exclude={"state", "title"})
    for name in _LATER:
        if content[name] in ("", None):
            del content[name]
    for group in content["groups"]:
        for item in group["items"]:
            for name in _LATER_ITEM:
                if item[name] in ("", None, [], {}, SCALE):
                    del item[name]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

"""Definitions of the region's pack: passports and rules; a broken rule keeps its passport and says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.config import ROOT
from bot.errors import UserError
from bot.models import Role
from bot.rules.indicators.model import LEARNERS, PRACTICES, Carry, Compare, Count, Definition, Rule, Who, Words
from bot.rules.registers import FieldType
from bot.rules.words import folded
from bot.services.data_files import Entry, read
from bot.services.registers.kinds import kinds

REGIONS = ROOT / "data" / "regions"
FIGURES = ROOT / "data" / "common" / "figures.yaml"
FILE = "indicators.yaml"

SHARE = "%"
YES_NO = frozenset({"yes", "no"})
MONTHS = 120
"""The longest time a fact is carried into a later period."""


class BrokenRule(ValueError):
    """A rule that cannot be used; says which word of it."""


@lru_cache(maxsize=16)
def of_pack(name: str, folder: Path = REGIONS) -> tuple[Definition, ...]:
    """Every version of every indicator of a pack, in its order. UserError for a broken passport."""
    path = folder / name / FILE
    if not path.exists():
        return ()
    file = read(path, name=f"{name}/{FILE}")
    order = file.need("order", Entry)
    known = [_definition(entry, file, order) for entry in file.entries("indicators")]
    seen: dict[str, list[Definition]] = {}
    for one, entry in zip(known, file.entries("indicators"), strict=True):
        for other in seen.setdefault(one.id, []):
            if one.since <= (other.until or date.max) and other.since <= (one.until or date.max):
                entry.wrong("since")
        seen[one.id].append(one)
    return tuple(known)


def in_force(known: Sequence[Definition], on: date) -> list[Definition]:
    """The version of each indicator that is in force on a day."""
    return [one for one in known if one.since <= on and (one.until is None or on <= one.until)]


@lru_cache(maxsize=1)
def figures() -> dict[str, Entry]:
    """What numbers there are: slug → entry with title, names, form."""
    return {entry.need("slug", str): entry for entry in read(FIGURES).entries("figures")}


def figure_named(words: str) -> str | None:
    """The slug of a number by its title, another name or the slug itself."""
    asked = folded(words)
    for slug, entry in figures().items():
        if asked in {folded(name) for name in (slug, entry.need("title", str), *entry.maybe("names", list, []))}:
            return slug
    return None


def _definition(entry: Entry, file: Entry, order: Entry) -> Definition:
    own = entry.maybe("order", Entry, order)
    numerator, denominator = entry.need("numerator", Entry), entry.get("denominator")
    if denominator is not None and not isinstance(denominator, Entry):
        entry.wrong("denominator")
    fault, top, bottom, beside = "", None, None, []
    try:
        top = rule_of(numerator)
        bottom = rule_of(denominator) if denominator is not None else None
        beside = [(one.need("title", str), rule_of(one)) for one in entry.entries("beside", optional=True)]
        if entry.need("unit", str) == SHARE and bottom is None:
            raise BrokenRule("denominator")
    except BrokenRule as broken:
        fault, top, bottom, beside = str(broken), None, None, []
    target = entry.get("target")
    if target is not None and (not isinstance(target, int | float) or isinstance(target, bool)):
        entry.wrong("target")
    return Definition(
        id=entry.need("id", str),
        title=entry.need("title", str),
        clause=entry.need("clause", str),
        order_no=own.need("no", str),
        order_date=own.need("date", date),
        version=entry.maybe("version", int, 1),
        since=entry.maybe("since", date, file.need("since", date)),
        until=entry.need("until", date) if entry.get("until") is not None else None,
        owner=entry.maybe("owner", str, file.need("owner", str)),
        unit=entry.need("unit", str),
        period=entry.need("period", str),
        numerator_text=numerator.need("text", str),
        numerator=top,
        denominator_text=denominator.need("text", str) if denominator is not None else "",
        denominator=bottom,
        compare=Compare(entry.one_of("compare", [one.value for one in Compare])),
        target=None if target is None else Fraction(str(target)),
        sign_stated=entry.maybe("sign_stated", bool, True),
        near=tuple(str(one) for one in entry.maybe("near", list, [])),
        counts=entry.maybe("counts", str, ""),
        note=entry.maybe("note", str, ""),
        alias=entry.maybe("alias", str, ""),
        section=entry.maybe("section", int, 0),
        beside=tuple(beside),
        fault=fault,
    )


PARAMETERS: dict[Count, frozenset[str]] = {
    Count.people: frozenset({"facts", "where", "except", "who", "after", "carry", "or_figure"}),
    Count.facts: frozenset({"facts", "where", "except", "who", "after", "or_figure"}),
    Count.organisations: frozenset({"facts", "where", "except", "who", "after", "carry", "or_figure"}),
    Count.figure: frozenset({"figure"}),
    Count.assigned: frozenset(),
    Count.methodists: frozenset(),
    Count.role: frozenset({"role"}),
    Count.records: frozenset({"register", "where", "except", "dated", "placed", "or_figure"}),
}
"""Which parameters an operator takes."""


def rule_of(raw: dict[str, Any]) -> Rule:
    """A rule from its words. BrokenRule names the word that cannot be used."""
    try:
        count = Count(str(raw.get("count")))
    except ValueError:
        raise BrokenRule(f"count: {raw.get('count')}") from None
    given = {name for name in raw if name not in ("count", "text", "title")}
    if strange := sorted(given - PARAMETERS[count]):
        raise BrokenRule(strange[0])
    facts = _list(raw, "facts")
    if "facts" in PARAMETERS[count] and not facts:
        raise BrokenRule("facts")
    for name in ("figure", "or_figure"):
        if name in raw and raw[name] not in figures():
            raise BrokenRule(f"{name}: {raw[name]}")
    if count is Count.figure and "figure" not in raw:
        raise BrokenRule("figure")
    if count is Count.role and raw.get("role") not in set(Role):
        raise BrokenRule(f"role: {raw.get('role')}")
    if count is Count.records:
        _check_register(raw)
    try:
        who = tuple(Who(one) for one in _list(raw, "who"))
    except ValueError as strange_who:
        raise BrokenRule(f"who: {strange_who}") from None
    return Rule(
        count=count,
        facts=facts,
        where=_words(raw, "where"),
        but=_words(raw, "except"),
        who=who,
        after=_list(raw, "after"),
        carry=_carry(raw["carry"]) if "carry" in raw else None,
        figure=str(raw.get("figure", "")),
        or_figure=str(raw.get("or_figure", "")),
        role=str(raw.get("role", "")),
        register=str(raw.get("register", "")),
        dated=str(raw.get("dated", "")),
        placed=raw.get("placed") is True,
    )


def _check_register(raw: dict[str, Any]) -> None:
    """The register is kept here and has the fields and the values that are asked for."""
    slug = raw.get("register")
    known: dict[str, frozenset[str]] = {"reviewed": YES_NO}
    days: set[str] = set()
    if slug == LEARNERS:
        known = {"tutor": YES_NO}
    elif slug != PRACTICES:
        kind = kinds().get(str(slug))
        if kind is None or kind.is_view or kind.of_people:
            raise BrokenRule(f"register: {slug}")
        known = {
            one.name: YES_NO if one.type is FieldType.flag else frozenset(one.options)
            for one in kind.fields
            if one.type in (FieldType.flag, FieldType.choice)
        }
        days = {one.name for one in kind.fields if one.type is FieldType.day}
    for name in ("where", "except"):
        for field, values in _words(raw, name):
            if not set(values) <= known.get(field, frozenset()):
                raise BrokenRule(f"{name}: {field}")
    if "dated" in raw and raw["dated"] not in days:
        raise BrokenRule(f"dated: {raw['dated']}")
    if raw.get("placed", True) is not True:
        raise BrokenRule("placed")


def as_words(rule: Rule) -> dict[str, Any]:
    """The rule as it is written, for a snapshot; ``rule_of`` reads it back."""
    written: dict[str, Any] = {"count": rule.count.value}
    for name in ("facts", "after"):
        if getattr(rule, name):
            written[name] = list(getattr(rule, name))
    for name, words in (("where", rule.where), ("except", rule.but)):
        if words:
            written[name] = {field: list(values) for field, values in words}
    if rule.who:
        written["who"] = [one.value for one in rule.who]
    if rule.carry:
        written["carry"] = {"until": list(rule.carry.until), "months": rule.carry.months}
    for name in ("figure", "or_figure", "role", "register", "dated", "placed"):
        if getattr(rule, name):
            written[name] = getattr(rule, name)
    return written


def _list(raw: dict[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BrokenRule(name)
    return tuple(value)


def _words(raw: dict[str, Any], name: str) -> Words:
    value = raw.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(one, list) and one for one in value.values()):
        raise BrokenRule(name)
    return tuple((str(field), tuple(str(one) for one in values)) for field, values in value.items())


def _carry(raw: Any) -> Carry:
    if not isinstance(raw, dict) or set(raw) != {"until", "months"}:
        raise BrokenRule("carry")
    months = raw["months"]
    if not isinstance(months, int) or isinstance(months, bool) or not 0 < months <= MONTHS:
        raise BrokenRule("carry: months")
    return Carry(_list(raw, "until"), months)


def find(known: Sequence[Definition], indicator: str) -> Definition:
    """The definition with this id. UserError when there is none."""
    for one in known:
        if one.id == indicator:
            return one
    raise UserError("indicator-none", id=indicator)

"""Kinds of registers, read from ``data/registers/kinds.yaml`` once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.config import ROOT
from bot.errors import NotFound
from bot.models import FactKind, Role
from bot.rules.registers import Field, FieldType
from bot.rules.words import folded
from bot.services.data_files import Entry, read, unique
from bot.services.importing import Column

PATH = ROOT / "data" / "registers" / "kinds.yaml"
ABOUT = ("person", "organisation", "thing")
VIEWS = ("methodists", "mentors", "programmes", "sites", "routes", "events")


@dataclass(frozen=True, slots=True)
class FactRule:
    """The fact a record proves: its kind (another for some values of the field ``by``), its day, what it remembers."""

    kind: FactKind
    on: str
    by: str
    kinds: Mapping[str, FactKind]
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One register: its fields, who keeps it, how often it is looked over. ``view`` names where its lines live."""

    slug: str
    title: str
    note: str
    about: str
    public: bool
    owner: Role
    review_months: int
    soon_days: int
    headers: tuple[str, ...]
    organisation: str
    fields: tuple[Field, ...]
    view: str
    fact: FactRule | None
    flag: str
    deadline: str
    samples: tuple[Mapping[str, str], ...]

    @property
    def name_title(self) -> str:
        """What the first column is called."""
        return self.headers[0] if self.headers else self.title

    @property
    def is_view(self) -> bool:
        """Its lines are held by another subject."""
        return bool(self.view)

    @property
    def of_people(self) -> bool:
        """Each record is about a person."""
        return self.about == "person"

    @property
    def link(self) -> Field | None:
        """The field that holds a link to be checked."""
        return next((one for one in self.fields if one.type is FieldType.link), None)

    def field(self, name: str) -> Field | None:
        """A field by its name."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Words:
    """What all kinds share: common columns, words of states, of yes and no."""

    common: tuple[Column, ...]
    hints: Mapping[str, str]
    states: Mapping[str, str]
    yes: frozenset[str]
    no: frozenset[str]


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Slug → kind, in the order of the file."""
    return {slug: _kind(slug, entry) for slug, entry in unique(read(PATH).entries("kinds"), "slug")}


@lru_cache(maxsize=1)
def words() -> Words:
    """Words of cells, folded."""
    content = read(PATH)
    common = content.entries("common")
    states = content.need("states", Entry)
    return Words(
        common=tuple(Column(e.need("name", str), tuple(e.need("headers", list))) for e in common),
        hints={e.need("name", str): e.maybe("hint", str, "") for e in common},
        states={folded(str(word)): state for state in states for word in states.need(state, list)},
        yes=frozenset(folded(str(word)) or str(word) for word in content.need("yes", list)),
        no=frozenset(folded(str(word)) or str(word) for word in content.need("no", list)),
    )


def kind_of(slug: str) -> Kind:
    """A kind by its slug. NotFound for another word."""
    found = kinds().get(slug)
    if found is None:
        raise NotFound()
    return found


def columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of its table: code, name, place, its fields, term, state."""
    common = {column.name: column for column in words().common}
    made = [common["code"], Column("title", kind.headers, required=True)]
    if kind.organisation:
        made.append(Column("organisation", common["organisation"].headers, required=kind.organisation == "required"))
    made.append(common["municipality"])
    made += [Column(f"f-{one.name}", one.headers, required=one.required) for one in kind.fields]
    taken = {folded(word) for column in made for word in column.headers}
    for name in ("starts_on", "ends_on", "state"):
        free = tuple(word for word in common[name].headers if folded(word) not in taken)
        made.append(Column(name, free))
    return tuple(made)


def search_kind(slug: str) -> str:
    """The name of a register in the search index."""
    return f"r:{slug}"


def _kind(slug: str, entry: Entry) -> Kind:
    view = entry.one_of("view", VIEWS) if "view" in entry else ""
    fact = entry.need("fact", Entry) if "fact" in entry else None
    return Kind(
        slug=slug,
        title=entry.need("title", str),
        note=entry.maybe("note", str, ""),
        about="thing" if view else entry.one_of("about", ABOUT),
        public=entry.need("public", bool),
        owner=Role(entry.one_of("owner", {role.value for role in Role})),
        review_months=entry.need("review_months", int),
        soon_days=entry.maybe("soon_days", int, 0),
        headers=() if view else tuple(entry.need("headers", list)),
        organisation=entry.maybe("organisation", str, ""),
        fields=tuple(_field(one) for one in entry.entries("fields", optional=bool(view))),
        view=view,
        fact=_fact(fact) if fact else None,
        flag=entry.maybe("flag", str, ""),
        deadline=entry.maybe("deadline", str, ""),
        samples=tuple({k: str(v) for k, v in one.items()} for one in entry.entries("samples", optional=True)),
    )


def _fact(entry: Entry) -> FactRule:
    return FactRule(
        kind=FactKind(entry.need("kind", str)),
        on=entry.need("on", str),
        by=entry.maybe("by", str, ""),
        kinds={value: FactKind(kind) for value, kind in entry.maybe("kinds", dict, {}).items()},
        says=dict(entry.need("says", dict)),
    )


def _field(entry: Entry) -> Field:
    options = entry.maybe("options", dict, {})
    return Field(
        name=entry.need("name", str),
        type=FieldType(entry.one_of("type", {kind.value for kind in FieldType})),
        headers=tuple(entry.need("headers", list)),
        required=entry.maybe("required", bool, False),
        public=entry.maybe("public", bool, False),
        width=entry.maybe("print", int, 0),
        hint=entry.maybe("hint", str, ""),
        options={str(slug): tuple(str(word) for word in words) for slug, words in options.items()},
    )

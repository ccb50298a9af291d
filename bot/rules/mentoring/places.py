"""What a post and a subject are for matching: stages of education, areas of subjects, parts of the week. Pure."""

from __future__ import annotations

from collections.abc import Iterable

AREAS: dict[str, frozenset[str]] = {
    "exact": frozenset({"math", "algebra", "geometry", "probability", "informatics", "physics", "astronomy"}),
    "nature": frozenset({"physics", "chemistry", "biology", "geography", "ecology", "astronomy"}),
    "words": frozenset({"russian", "literature"}),
    "languages": frozenset({"english", "german", "french", "chinese"}),
    "society": frozenset({"history", "social", "law", "economics", "geography", "orkse", "odnknr", "local"}),
    "arts": frozenset({"music", "art", "technology", "project"}),
    "sport": frozenset({"pe", "safety"}),
    "young": frozenset({"primary", "preschool", "correction", "extracurricular"}),
}
"""Area → slugs of its subjects (предметные области ФГОС, brought together)."""

SCHOOL = frozenset({"primary", "basic"})
EVERY = frozenset({"preschool", "primary", "basic", "college"})
BY_KIND = {
    "kindergarten": frozenset({"preschool"}),
    "college": frozenset({"college", "basic"}),
    "additional": frozenset({"primary", "basic"}),
}

PARTS: dict[str, tuple[range, range]] = {
    "morning": (range(5), range(8, 11)),
    "day": (range(5), range(12, 15)),
    "after": (range(5), range(15, 18)),
    "evening": (range(5), range(18, 21)),
    "saturday": (range(5, 6), range(9, 13)),
}
"""Part of a week → its days and hours; people choose parts, matching compares hours 0…167."""


def areas_of(subjects: Iterable[str]) -> frozenset[str]:
    """Areas the subjects belong to; what is in none is an area of its own."""
    found: set[str] = set()
    for slug in subjects:
        found |= {name for name, members in AREAS.items() if slug in members} or {slug}
    return frozenset(found)


def stages_of(kind: str, audience: str, subjects: Iterable[str]) -> frozenset[str]:
    """Stages of education of a job: kind of the organisation, audience of the post, subjects."""
    held = set(subjects)
    if kind in BY_KIND:
        return BY_KIND[kind]
    if audience == "preschool" or held == {"preschool"}:
        return BY_KIND["kindergarten"]
    if kind != "school":
        return EVERY
    if not held or audience == "leader":
        return SCHOOL
    return frozenset(({"primary"} if "primary" in held else set()) | ({"basic"} if held - {"primary"} else set()))


def hours_of(parts: Iterable[str]) -> frozenset[int]:
    """Hours of the week of the chosen parts; unknown parts are none."""
    return frozenset(
        day * 24 + hour for part in parts if part in PARTS for day in PARTS[part][0] for hour in PARTS[part][1]
    )


def parts_of(hours: Iterable[int]) -> tuple[str, ...]:
    """The parts that lie wholly within the hours."""
    held = set(hours)
    return tuple(part for part in PARTS if hours_of([part]) <= held)

"""Arithmetic of the bank of practices: what is missing, what experts decide, who may be one, which classes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.models.practices import ReviewVerdict
from bot.rules.hotline_words import Found, Kind, personal
from bot.rules.words import stem, words


class Field(StrEnum):
    """The six steps of telling a practice (conversation.md §3.15), in order."""

    heading = "title"
    problem = "problem"
    actions = "actions"
    outcome = "outcome"
    place = "place"  # subject and class
    files = "files"


FIELDS = tuple(Field)
NEEDED = (Field.heading, Field.actions, Field.outcome)
"""Without these there is nothing to judge."""

LIMITS = {Field.heading: 120, Field.problem: 1500, Field.actions: 4000, Field.outcome: 2000, Field.place: 80}
"""Signs of each text."""

CRITERIA = ("useful", "clear", "result", "repeat", "safe")
"""Актуальность, понятность шагов, доказанность результата, повторяемость, безопасность для учеников."""

BEST = 2
"""A criterion gets 0, 1 or 2."""

EXPERTS = 2
GOAL = 30
"""Share of products with expertise a region must reach, percent (issue of the registers; orders, direction 3)."""


class Decision(StrEnum):
    """What follows from the words of experts."""

    wait = "wait"
    third = "third"
    publish = "publish"
    revise = "revise"


def decide(verdicts: Sequence[ReviewVerdict]) -> Decision:
    """Two that agree decide; one against one asks for a third."""
    yes = sum(one is ReviewVerdict.accept for one in verdicts)
    no = len(verdicts) - yes
    if yes >= EXPERTS:
        return Decision.publish
    if no >= EXPERTS:
        return Decision.revise
    return Decision.third if yes and no else Decision.wait


def percent(marks: Mapping[str, int]) -> int:
    """Marks as a share of the best, whole percent."""
    given = [marks[name] for name in CRITERIA if name in marks]
    return round(sum(given) * 100 / (BEST * len(given))) if given else 0


def complete(marks: Mapping[str, int]) -> bool:
    """True when every criterion has its mark."""
    return all(name in marks for name in CRITERIA)


def missing(filled: Collection[Field]) -> tuple[Field, ...]:
    """Steps that have to be filled before it is sent."""
    return tuple(one for one in NEEDED if one not in filled)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be asked for an expertise."""

    person_id: int
    organisation_ids: frozenset[int]
    subjects: frozenset[str]
    busy: int


def may_judge(candidate: Candidate, *, author_id: int, author_places: Collection[int], taken: Collection[int]) -> bool:
    """Never the author, nobody of her school, nobody twice."""
    return (
        candidate.person_id != author_id
        and candidate.person_id not in taken
        and not candidate.organisation_ids & set(author_places)
    )


def ranked(candidates: Collection[Candidate], *, subject: str | None) -> list[Candidate]:
    """Who knows the subject first, then who has least to read."""
    return sorted(candidates, key=lambda one: (subject not in one.subjects, one.busy, one.person_id))


_CLASSES = re.compile(r"(?<!\d)(\d{1,2})(?:\s*[-–—]\s*(\d{1,2}))?(?!\d)")


def classes(typed: str) -> str:
    """«5–6», «7, 9»: the classes of a text; empty when none from 1 to 11 is named."""
    found = []
    for first, last in _CLASSES.findall(typed):
        ends = [int(first)] + ([int(last)] if last else [])
        if all(1 <= one <= 11 for one in ends):
            found.append("–".join(str(one) for one in sorted(set(ends))))
    return ", ".join(dict.fromkeys(found))


def subject_of(typed: str, titles: Mapping[str, str]) -> str | None:
    """The subject a text names; slug → title. The longest title whose words all stand there."""
    said = {stem(word) for word in words(typed)}
    fits = [(len(title), slug) for slug, title in titles.items() if {stem(word) for word in words(title)} <= said]
    return max(fits)[1] if fits else None


def strangers(text: str, own: Collection[str]) -> list[Found]:
    """Names, phones and addresses that are not the author's own (``own``: her names)."""
    mine = {word for name in own for word in words(name)}
    return [
        one
        for one in personal(text)
        if one.kind is not Kind.school and not (one.kind is Kind.name and mine & set(words(text[one.start : one.end])))
    ]


def is_picture(media_type: str) -> bool:
    """True for what may show faces: nobody but a person can tell whose."""
    return media_type.startswith(("image/", "video/"))

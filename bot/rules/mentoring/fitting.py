"""How well a mentor fits: hard filters, and the score by its seven lines (domain.md §5.3)."""

from __future__ import annotations

from bot.rules.mentoring.model import (
    WEIGHTS,
    Criterion,
    Line,
    Match,
    Mentee,
    Mentor,
    Obstacle,
    Status,
    Weights,
)

SAME_AREA, OTHER_SUBJECT = 0.6, 0.2
SAME_MUNICIPALITY, REMOTE = 0.7, 0.5
HOURS_ENOUGH = 2
ONE_WISH, NO_WISH = 0.6, 0.3
STANDING = {Status.mentor: 1.0, Status.highest: 0.8, Status.first: 0.5, Status.none: 0.0}


def obstacle(mentee: Mentee, mentor: Mentor) -> Obstacle | None:
    """What forbids the pair; None when nothing does."""
    superior = mentor.id in mentee.superiors and not mentee.superior_wanted
    found = (
        (Obstacle.same_person, mentee.id == mentor.id),
        (Obstacle.consent, not mentor.consent),
        (Obstacle.load, mentor.free <= 0),
        (Obstacle.experience, mentor.experience < mentor.least),
        (Obstacle.stage, not mentee.stages & mentor.stages),
        (Obstacle.superior, superior),
        (Obstacle.refused, mentor.id in mentee.refused),
    )
    return next((reason for reason, applies in found if applies), None)


def explain(mentee: Mentee, mentor: Mentor, weights: Weights = WEIGHTS) -> Match:
    """The score of 100 and a line a criterion, built of the very terms the score is made of."""
    found = {
        Criterion.subject: _subject(mentee, mentor),
        Criterion.deficits: _deficits(mentee, mentor),
        Criterion.proximity: _proximity(mentee, mentor),
        Criterion.slots: _slots(mentee, mentor),
        Criterion.wish: _wish(mentee, mentor),
        Criterion.status: (STANDING[mentor.status], mentor.status.value),
        Criterion.load: (mentor.free / mentor.most if mentor.most else 0.0, "free"),
    }
    whole = sum(weights.of(one) for one in Criterion)
    known = sum(weights.of(one) for one in Criterion if found[one] is not None)
    scale = whole / known if known else 0.0
    lines = tuple(
        Line(one, got[0], got[0] * weights.of(one) * scale, weights.of(one) * scale, got[1])
        if (got := found[one]) is not None
        else Line(one, 0.0, 0.0, 0.0, "unknown", known=False)
        for one in Criterion
    )
    return Match(mentee.id, mentor.id, sum(line.points for line in lines), lines)


def _subject(mentee: Mentee, mentor: Mentor) -> tuple[float, str]:
    if mentee.subjects & mentor.subjects:
        return 1.0, "same"
    return (SAME_AREA, "area") if mentee.areas & mentor.areas else (OTHER_SUBJECT, "other")


def _deficits(mentee: Mentee, mentor: Mentor) -> tuple[float, str] | None:
    whole = sum(mentee.deficits.values())
    if whole <= 0:
        return None
    covered = sum(weight for group, weight in mentee.deficits.items() if group in mentor.strengths)
    return covered / whole, "covered"


def _proximity(mentee: Mentee, mentor: Mentor) -> tuple[float, str]:
    if mentee.organisation == mentor.organisation:
        return 1.0, "organisation"
    if mentee.municipality == mentor.municipality:
        return SAME_MUNICIPALITY, "municipality"
    return (REMOTE, "remote") if mentee.remote and mentor.remote else (0.0, "far")


def _slots(mentee: Mentee, mentor: Mentor) -> tuple[float, str]:
    return min(1.0, len(mentee.slots & mentor.slots) / HOURS_ENOUGH), "hours"


def _wish(mentee: Mentee, mentor: Mentor) -> tuple[float, str]:
    wishes = (mentor.id in mentee.wishes) + (mentee.id in mentor.wishes)
    return {2: (1.0, "both"), 1: (ONE_WISH, "one"), 0: (NO_WISH, "none")}[wishes]

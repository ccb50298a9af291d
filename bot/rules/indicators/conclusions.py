"""Drafts of conclusions, recommendations and decisions from the numbers (domain.md §7.4, parts 10–12): keys and
numbers of sentences, chosen by rules and nothing else. A person edits the words before they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from bot.rules.indicators.model import Compare, Definition, Outcome

NEAR = Fraction(1, 10)
"""A number that lacks no more than this share of what is needed is near its target."""
FAR = Fraction(1, 2)
"""A number that lacks more than this share asks for a decision."""
UNEVEN = Fraction(1, 2)
"""A municipality whose share is below this part of the region's is far behind."""
MOST = 6
"""Sentences of one sort: a longer list is not read."""
SUSPECT = ("over", "zero", "sums-differ", "stale", "broken")
"""Doubts that are put right before the paper goes out."""
AHEAD = timedelta(days=14)
"""Before the next snapshot numbers are to be entered so early."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number with its municipalities: title, numerator and denominator (None: not known or not published)."""

    definition: Definition
    outcome: Outcome
    places: tuple[tuple[str, int | None, int | None], ...] = ()
    before: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence: its key and what stands in it. Numbers of ``shares`` are percentages."""

    key: str
    line: Line | None = None
    args: tuple[tuple[str, int | str | date | Fraction], ...] = ()


def conclusions(lines: Sequence[Line]) -> list[Finding]:
    """Part 10: how many targets are met, what is far, near, growing, falling, uneven, what is not to be trusted."""
    judged = [line for line in lines if line.outcome.met is not None]
    met = [line for line in judged if line.outcome.met]
    found = [Finding("whole", args=(("met", len(met)), ("judged", len(judged)), ("all", len(lines))))]
    lacking = _lacking(judged)
    far = [line for line in lacking if _lack(line) > NEAR]
    near = [line for line in lacking if _lack(line) <= NEAR]
    found += [Finding("far", line) for line in far[:MOST]]
    if len(far) > MOST:
        found.append(Finding("far-more", args=(("n", len(far) - MOST),)))
    found += [Finding("near", line) for line in near[:MOST]]
    moved = [line for line in lines if line.before is not None and line.outcome.value is not None]
    for key, sign in (("grew", 1), ("fell", -1)):
        mine = [(step * sign, line) for line in moved if (step := _step(line)) * sign > 0]
        mine.sort(key=lambda one: -one[0])
        found += [Finding(key, line, (("step", _change(line)),)) for _, line in mine[: MOST // 2]]
    for line in lines:
        behind = _behind(line)
        if behind and len([one for one in found if one.key == "uneven"]) < MOST:
            found.append(Finding("uneven", line, (("n", len(behind)), ("places", ", ".join(behind[:3])))))
    if uncounted := [line for line in lines if line.outcome.reason]:
        found.append(Finding("uncounted", args=(("n", len(uncounted)), ("names", _ids(uncounted)))))
    if suspect := [line for line in lines if _suspect(line)]:
        found.append(Finding("suspect", args=(("n", len(suspect)), ("names", _ids(suspect)))))
    return found


def recommendations(lines: Sequence[Line], *, until: date, today: date) -> list[Finding]:
    """Part 11: to whom, what, by when. ``until`` is the day of the next report."""
    found: list[Finding] = []
    for line in _lacking([line for line in lines if line.outcome.met is not None])[:MOST]:
        places = [(title, gap) for title, gap in _gaps(line) if gap]
        if places:
            title, gap = places[0]
            args = (("place", title), ("gap", gap), ("others", len(places) - 1), ("until", until))
            found.append(Finding("place", line, args))
        else:
            found.append(Finding("owner", line, (("until", until),)))
    early = max(today, until - AHEAD)
    if missing := [line for line in lines if line.outcome.reason in ("no-denominator", "no-figure", "zero")]:
        found.append(Finding("figures", args=(("names", _ids(missing)), ("until", early))))
    if suspect := [line for line in lines if _suspect(line)]:
        found.append(Finding("check", args=(("names", _ids(suspect)), ("until", early))))
    if unconfirmed := sum(_said(line, "unconfirmed") > 0 for line in lines):
        most = max(_said(line, "unconfirmed") for line in lines)
        found.append(Finding("confirm", args=(("n", unconfirmed), ("people", most), ("until", early))))
    return found


def decisions(lines: Sequence[Line], *, until: date, today: date) -> list[Finding]:
    """Part 12: what the head decides and how it is controlled."""
    judged = [line for line in lines if line.outcome.met is not None]
    grave = [line for line in _lacking(judged) if _lack(line) > FAR]
    found = [Finding("hear", args=(("names", _ids(grave)), ("n", len(grave))))] if grave else []
    if any(line.outcome.met for line in judged):
        found.append(Finding("keep"))
    found.append(Finding("again", args=(("until", until),)))
    found.append(Finding("effect", args=(("until", until),)))
    return found


def _lacking(lines: Sequence[Line]) -> list[Line]:
    mine = [line for line in lines if line.outcome.met is False]
    return sorted(mine, key=lambda line: (-_lack(line), line.definition.id))


def _lack(line: Line) -> Fraction:
    """What is missing, as a share of what is needed."""
    gap, needed = line.outcome.gap, line.outcome.needed
    return Fraction(gap, needed) if gap and needed else Fraction(0)


def _change(line: Line) -> Fraction:
    assert line.before is not None
    assert line.outcome.value is not None
    return line.outcome.value - line.before


def _step(line: Line) -> Fraction:
    """The change, above zero where it is for the better."""
    step = _change(line)
    return -step if line.definition.compare in (Compare.at_most, Compare.most) else step


def _behind(line: Line) -> list[str]:
    """Municipalities whose share is far below the region's, the farthest first."""
    if not line.definition.is_share or not line.outcome.value or line.definition.compare is Compare.at_most:
        return []
    found = []
    for title, top, bottom in line.places:
        if top is not None and bottom:
            share = Fraction(top * 100, bottom)
            if share < line.outcome.value * UNEVEN:
                found.append((share, title))
    return [title for _, title in sorted(found)]


def _gaps(line: Line) -> list[tuple[str, int]]:
    """Municipalities with how many people they lack to the same share, the most first."""
    one = line.definition
    if not one.is_share or one.target is None or one.compare in (Compare.at_most, Compare.most):
        return []
    found = []
    for title, top, bottom in line.places:
        if top is not None and bottom:
            needed = -(-one.target * bottom // 100)
            found.append((title, max(0, int(needed) - top)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _suspect(line: Line) -> bool:
    return any(doubt.key in SUSPECT for doubt in line.outcome.doubts)


def _said(line: Line, key: str) -> int:
    return next((int(dict(doubt.args)["n"]) for doubt in line.outcome.doubts if doubt.key == key), 0)


def _ids(lines: Sequence[Line]) -> str:
    return ", ".join(line.definition.id for line in lines)

"""Neighbouring blocks that hold each other's cells: repeated, pulled up, shifted by a line."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.rules.deadlines import Note
from bot.rules.roadmap_table.blocks import Block
from bot.rules.roadmap_table.splitting import titles
from bot.rules.words import folded, stem, words

CLEAR = 0.5
"""This share of a result's words in a title means that they belong together."""


def repair(blocks: list[Block]) -> list[Block]:
    """The blocks with each measure beside its own cells; whatever was moved is a doubt."""
    for place, (block, following) in enumerate(pairwise(blocks)):
        if block.section is following.section:
            _drop_repeated(blocks[place - 1] if place else None, block, following)
            _drop_pulled_up(block, following)
            _give_title(block, following)
    return _shift_titles(blocks)


def _drop_repeated(previous: Block | None, block: Block, following: Block) -> None:
    """The end of this line's cells is the whole of the next line's: printed twice."""
    if len(block.deadline) <= len(block.measure) or not following.deadline:
        return
    count = len(following.deadline)
    if block.deadline[-count:] != following.deadline or len(block.deadline) == count:
        return
    repeated = [
        name
        for name in ("deadline", "responsible", "executors", "result")
        if (its := getattr(following, name)) and len(mine := getattr(block, name)) > len(its)
        if _same(mine[-len(its) :], its)
    ]
    if len(repeated) < 2:
        return
    for name in repeated:
        setattr(block, name, getattr(block, name)[: -len(getattr(following, name))])
    if previous is not None and block.after_break and len(block.result) == len(block.measure) + 1 > 2:
        previous.result.append(block.result.pop(0))
        previous.doubts.append(Note("road-read-result-moved"))
    block.doubts.append(Note("road-read-repeated"))


def _same(mine: list[str], its: list[str]) -> bool:
    """Equal cells; the last one may have been cut by the end of the page."""
    return mine[:-1] == its[:-1] and its[-1].startswith(mine[-1])


def _drop_pulled_up(block: Block, following: Block) -> None:
    """The title of the next line stands at the end of this one too."""
    if not block.measure or not following.measure:
        return
    mine, its = block.measure[-1], following.measure[0]
    if len(block.measure) > 1 and folded(mine) == folded(its) and len(block.measure) > len(block.deadline):
        block.measure.pop()
    elif len(mine) > len(its) + 10 and mine.endswith(its):
        block.measure[-1] = mine[: -len(its)].rstrip()
    else:
        return
    body = " ".join(following.responsible)
    if body and block.responsible and block.responsible[-1] != body and block.responsible[-1].endswith(f" {body}"):
        block.responsible[-1] = block.responsible[-1][: -len(body)].rstrip()
    block.doubts.append(Note("road-read-pulled-up"))


def _give_title(block: Block, following: Block) -> None:
    """A line without a title whose title ran into the line above."""
    if following.measure or not following.deadline or following.after_break or not block.measure:
        return
    pieces = titles(block.measure[-1])
    if len(pieces) == 2 and len(block.measure) == len(block.deadline):
        block.measure[-1], following.measure = pieces[0], [pieces[1]]
        following.doubts.append(Note("road-read-title-split"))
        block.doubts.append(Note("road-read-title-split"))


def _shift_titles(blocks: list[Block]) -> list[Block]:
    """Titles that ran one line late, up to a line that has nothing but a title."""
    out = list(blocks)
    for start, block in enumerate(blocks):
        if block.measure or not block.deadline:
            continue
        end = next(
            (
                place
                for place in range(start + 1, len(blocks))
                if blocks[place].section is not block.section or len(blocks[place].measure) != 1
                or not blocks[place].has_set
            ),
            None,
        )  # fmt: skip
        lone = end is not None and blocks[end].section is block.section and not blocks[end].has_set
        if lone and end is not None:
            for place in range(start, end):
                blocks[place].measure = blocks[place + 1].measure
                blocks[place].doubts.append(Note("road-read-title-shifted"))
            blocks[start].places.append(blocks[end].places[0])
            out.remove(blocks[end])
            blocks[end].measure = ["-"]
        elif start + 1 < len(blocks) and _belongs(blocks[start + 1], block):
            block.measure, blocks[start + 1].measure = blocks[start + 1].measure, []
            block.doubts.append(Note("road-read-title-shifted"))
            break_after = blocks[start + 1]
            break_after.doubts.append(Note("road-read-title-shifted"))
    return out


def _belongs(titled: Block, untitled: Block) -> bool:
    """The next line's title names this line's result, and not its own."""
    if titled.section is not untitled.section or len(titled.measure) != 1 or not untitled.result:
        return False
    title = {stem(word) for word in words(titled.measure[0])}

    def share(result: list[str]) -> float:
        stems = {stem(word) for word in words(re.split(r"[.;]", " ".join(result))[0]) if len(word) > 3}
        return len(stems & title) / len(stems) if len(stems) >= 2 else 0.0

    return share(untitled.result) >= CLEAR and share(titled.result) < CLEAR / 2

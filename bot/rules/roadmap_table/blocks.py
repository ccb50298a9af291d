"""Lines → blocks: a line with what a page break cut off it; the section and the task it stands under."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.rules.deadlines import Note
from bot.rules.roadmap_table import columns
from bot.rules.roadmap_table.alignment import IsDeadline, align, text_of
from bot.rules.roadmap_table.cleaning import is_rule, joined
from bot.rules.roadmap_table.model import Line, Paragraphs


@dataclass(slots=True)
class Heading:
    """A section or a task: grows when a page break cut it."""

    text: str = ""


@dataclass(slots=True)
class Block:
    """One line of the table, whole again; it may hold several measures, or none."""

    places: list[int]
    number: str
    section: Heading
    direction: Heading
    task: Heading
    measure: list[str]
    responsible: list[str]
    executors: list[str]
    deadline: list[str]
    result: list[str]
    quotes: list[str]
    after_break: bool
    doubts: list[Note] = field(default_factory=list)

    @property
    def has_set(self) -> bool:
        """Cells of a measure besides its title."""
        return bool(self.deadline or self.responsible or self.result)


_TAIL = re.compile(r"[a-zа-яё–—(«#,;.)»…-]")
_BARE_SECTION = re.compile(r"(направление|раздел|этап|блок|модуль)\s*№?\s*[\divxх]+[.:]?", re.I)
_NUMBERED_TASK = re.compile(r"\d+(\.\d+)*\.?\s")
_HEAD_END = re.compile(r"(?<=[а-яё])\s(?=[А-ЯЁ][а-яё]{3,})")


class Assembler:
    """Takes the lines one by one; ``blocks`` is what they make."""

    def __init__(
        self, roles: Mapping[int, str], heading: Sequence[Paragraphs], is_deadline: IsDeadline, section: str = ""
    ) -> None:
        self.roles, self.heading, self.is_deadline = roles, heading, is_deadline
        self.width = len(heading)
        self.at = {role: index for index, role in roles.items()}
        self.blocks: list[Block] = []
        self.section, self.direction, self.task = Heading(section), Heading(), Heading()
        self.open = False  # The last block may still be continued.
        self.fresh_section = False
        self.results_speak_up = False

    def run(self, lines: Sequence[Line]) -> list[Block]:
        self.results_speak_up = self._results_speak_up(lines)
        broken = False
        for line in lines:
            broken = broken or line.after_break
            flat = " ".join(joined(cell) for cell in line.cells)
            foreign = len(line.cells) == 1 and self.width > 1
            if foreign or not flat.strip() or is_rule(flat):
                continue
            if columns.is_numbering(line) or columns.same_heading(line, self.heading):
                continue
            self._take(line, broken)
            broken = False
        return self.blocks

    def _take(self, line: Line, broken: bool) -> None:
        cells, over, doubt = align(line, self.width, self.roles, self.is_deadline)
        if self._is_section(cells, broken):
            self._open_section(joined(cells[0]))
            return
        if over and not (self.blocks and self.open and over[0][:1].islower()):
            cells[-1] = (*cells[-1], *over)
        elif over:
            _append(self.blocks[-1].result, over)
            self.blocks[-1].doubts.append(Note("road-read-overhang", {"text": _short(joined(over))}))
        block = self._block(line, cells, broken)
        if doubt:
            block.doubts.append(doubt)
        self._headings(cells, block, broken)
        last = self.blocks[-1] if self.blocks and self.open else None
        if last is not None and self._continues(last, block, broken):
            self._continue(last, block)
        else:
            if last is not None and broken and not block.number:
                self._give_back_result(last, block)
            if broken and last is not None and 0 < len(joined(tuple(block.measure)).split()) <= 2:
                block.doubts.append(Note("road-read-short-title"))
            self.blocks.append(block)
        self.open, self.fresh_section = True, False

    def _block(self, line: Line, cells: Sequence[Paragraphs], broken: bool) -> Block:
        def cell(role: str) -> list[str]:
            return list(cells[self.at[role]]) if role in self.at else []

        number = joined(tuple(cell("number")))
        return Block(
            places=[line.place], number=number if len(number) <= 12 else "", section=self.section,
            direction=self.direction, task=self.task, measure=cell("measure"), responsible=cell("responsible"),
            executors=cell("executors"), deadline=cell("deadline"), result=cell("result"),
            quotes=[text_of(list(line.cells))], after_break=broken,
        )  # fmt: skip

    # Sections and tasks

    def _is_section(self, cells: Sequence[Paragraphs], broken: bool) -> bool:
        if not cells[0] or any(cells[1:]):
            return False
        text = joined(cells[0])
        if self.roles.get(0) in ("direction", "task") and broken and text[:1].islower():
            return False
        return self.roles.get(0) != "number" or len(text) > 4

    def _open_section(self, text: str) -> None:
        if self.fresh_section and _BARE_SECTION.fullmatch(self.section.text):
            self.section.text = f"{self.section.text.rstrip('.:')}. {text}"
        else:
            self.section = Heading(text)
        self.direction = Heading() if self.roles.get(0) == "direction" else self.direction
        self.task = Heading()
        self.open, self.fresh_section = False, True

    def _headings(self, cells: Sequence[Paragraphs], block: Block, broken: bool) -> None:
        for role in ("direction", "task"):
            text = joined(cells[self.at[role]]) if role in self.at else ""
            if not text:
                continue
            current: Heading = getattr(self, role)
            if role == "task" and not block.measure and block.deadline and not broken:
                block.measure = [text]
                block.doubts.append(Note("road-read-title-from-task"))
                if _NUMBERED_TASK.match(self.task.text) and not _NUMBERED_TASK.match(text):
                    continue
            if text == current.text:
                continue
            if broken and current.text and _TAIL.match(text):
                current.text = f"{current.text} {text}"
                continue
            setattr(self, role, Heading(text))
            if role == "direction":
                self.task = Heading()
        block.direction, block.task = self.direction, self.task

    # Lines that go on

    def _continues(self, last: Block, block: Block, broken: bool) -> bool:
        if block.number:
            return False
        tail = bool(block.measure) and bool(_TAIL.match(block.measure[0]))
        if not broken:
            lone = block.measure and not block.has_set and block.measure[0][:1].islower()
            return bool(lone) or (not block.measure and not block.deadline and block.has_set)
        if "number" in self.at and last.number:
            return True
        if not block.measure:
            alone = block.responsible and self._reads(block.deadline) and not self._unfinished(last, block)
            return not block.deadline or not alone
        if tail or (len(block.measure) >= 2 and len(block.measure) == len(block.deadline) + 1):
            return True
        # No body and no deadline of its own: the rest of a row, though it begins with a capital letter.
        rest = not block.responsible and (not self._reads(block.deadline) or self._unfinished(last, block))
        if rest:
            block.doubts.append(Note("road-read-joined"))
        return rest

    def _continue(self, last: Block, block: Block) -> None:
        tail, more = block.measure[:1], block.measure[1:]
        _append(last.measure, tail)
        if tail and not last.measure:
            last.measure.extend(tail)
        again = bool(last.deadline) and self._reads(block.deadline) and not self._unfinished(last, block)
        if again and (block.responsible or more):
            self._second_set(last, block, more)
            return
        last.places += block.places
        last.quotes += block.quotes
        last.doubts += block.doubts
        last.measure += more
        for mine, its in ((last.responsible, block.responsible), (last.executors, block.executors)):
            _append(mine, its[:1])
            mine.extend(its[1:])
        if block.deadline:
            if again:
                last.deadline += block.deadline
            else:
                _append(last.deadline, block.deadline[:1])
                last.deadline += block.deadline[1:]
        _append(last.result, block.result[:1])
        last.result += block.result[1:]

    def _second_set(self, last: Block, block: Block, more: list[str]) -> None:
        """A cut line whose rest brings cells of its own: they are a measure of their own."""
        last.places += block.places
        last.quotes += block.quotes
        block.measure = more
        if block.responsible and block.responsible[0][:1].islower():
            # One cell beside both: its names answer for both.
            _append(last.responsible, block.responsible[:1])
            last.responsible += block.responsible[1:]
            block.responsible = []
        if not block.responsible:
            block.responsible = ["; ".join(last.responsible)] if last.responsible else []
            block.executors = block.executors or (["; ".join(last.executors)] if last.executors else [])
            block.doubts.append(Note("road-read-body-from-above"))
        self._give_back_result(last, block)
        self.blocks.append(block)

    def _give_back_result(self, last: Block, block: Block) -> None:
        """A result that goes on from the page before belongs to the line above."""
        if not self.results_speak_up or not block.result:
            return
        head = block.result[0]
        if head[:1].islower():
            own = _HEAD_END.split(head, maxsplit=1)
            if len(own) == 1 and len(block.result) == 1:
                block.doubts.append(Note("road-read-result-goes-on"))
                return
            _append(last.result, own[:1])
            block.result[:1] = own[1:]
        elif len(block.result) == len(block.measure) + 1 > 2:
            last.result.append(block.result.pop(0))
        else:
            return
        block.doubts.append(Note("road-read-result-moved"))

    def _results_speak_up(self, lines: Sequence[Line]) -> bool:
        """Results of this table start with a capital letter, so a small one means a text that goes on."""
        at = self.at.get("result")
        if at is None:
            return False
        starts = [joined(line.cells[at])[:1] for line in lines if len(line.cells) > at and line.cells[at]]
        return bool(starts) and sum(not start.islower() for start in starts) >= 0.7 * len(starts)

    @staticmethod
    def _unfinished(last: Block, block: Block) -> bool:
        """The deadline above waits for the rest of its phrase."""
        if not last.deadline or not block.deadline:
            return False
        above, below = last.deadline[-1], block.deadline[0]
        if re.match(r"(19|20)\d\d\b", below) and not re.search(r"\b(19|20)\d\d\b", above):
            return True
        open_bracket = above.count("(") > above.count(")")
        return open_bracket or below[:1] == "(" or bool(re.search(r"([–—,-]|далее)\s*$", above, re.I))

    def _reads(self, deadline: Sequence[str]) -> bool:
        return bool(deadline) and all(self.is_deadline(part) for part in deadline)


def _append(parts: list[str], more: Sequence[str]) -> None:
    """The rest of a cut cell goes on where the last paragraph stopped."""
    for text in more:
        if parts:
            parts[-1] = f"{parts[-1]} {text}"
        else:
            parts.append(text)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"

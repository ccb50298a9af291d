"""Tables of a file → measures with deadline, bodies, numbers to reach; what is not certain is a doubt on its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.errors import UserError
from bot.rules.deadlines import Deadline, Note, read
from bot.rules.roadmap_bodies import Directory, Mention, split_unknown
from bot.rules.roadmap_results import kind_is_from_title, kind_of, targets_of
from bot.rules.roadmap_table import Line, Row, heading_of, read_table
from bot.services.roadmap_import.files import tables_of

MAX_MEASURES = 10_000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Measure:
    """A row as it would be saved. ``places`` are lines of the file, ``quote`` what stands there."""

    places: tuple[int, ...]
    number: str
    direction: str
    direction_title: str
    task: str
    measure: str
    responsible: list[Mention]
    executors: list[Mention]
    deadline_raw: str
    deadline: Deadline | None
    result: str
    targets: list[str]
    quote: str
    doubts: list[Note] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What proves it, by the words."""
        return kind_of(self.result, self.measure)


@dataclass(slots=True)
class Reading:
    """The measures of a file and what concerns it as a whole."""

    measures: list[Measure]
    doubts: list[Note] = field(default_factory=list)

    @property
    def has_doubts(self) -> bool:
        return bool(self.doubts) or any(measure.doubts for measure in self.measures)


def read_file(
    content: bytes, name: str, year: int, directory: Directory | None = None, *, progress: Progress | None = None
) -> Reading:
    """The measures of a file of ``year``. UserError when it cannot be used at all."""
    tables = tables_of(content, name, progress=progress)
    rows: list[Row] = []
    doubts: list[Note] = []
    last: Line | None = None
    for lines in tables:
        start, roles = heading_of(lines)
        if roles:
            last = lines[start]
        elif last is not None and lines and len(lines[-1].cells) == len(last.cells):
            lines = [last, *lines]
        else:
            continue
        table = read_table(lines, year)
        if table is not None:
            rows += table.rows
            doubts += [note for note in table.doubts if note not in doubts]
    if last is None:
        raise UserError("road-file-no-heading")
    if not rows:
        raise UserError("road-file-no-rows")
    if len(rows) > MAX_MEASURES:
        raise UserError("road-file-too-long", limit=MAX_MEASURES)
    return Reading([_measure(row, year, directory) for row in rows], doubts)


def _measure(row: Row, year: int, directory: Directory | None) -> Measure:
    deadline = read(row.deadline_raw, year) if row.deadline_raw else None
    responsible = _bodies(row.responsible, directory)
    executors = _bodies(row.executors, directory)
    doubts = list(row.doubts)
    if not responsible:
        doubts.append(Note("road-read-no-body"))
    for mention in (*responsible, *executors):
        if directory is not None and not mention.known:
            doubts.append(Note("road-read-body-unknown", {"text": mention.text}))
    if deadline is not None:
        doubts += _asked(deadline, year)
    for column, text in (("measure", row.measure), ("deadline", row.deadline_raw), ("result", row.result)):
        if text.startswith("="):
            doubts.append(Note(f"road-read-formula-{column}"))
    if kind_is_from_title(row.result, row.measure):
        doubts.append(Note("road-read-kind-from-title"))
    return Measure(
        places=row.places, number=row.number, direction=row.direction, direction_title=row.direction_title,
        task=row.task, measure=row.measure, responsible=responsible, executors=executors,
        deadline_raw=row.deadline_raw, deadline=deadline, result=row.result,
        targets=targets_of(row.result, row.measure), quote=row.quote, doubts=list(_once(doubts)),
    )  # fmt: skip


def _bodies(parts: Sequence[str], directory: Directory | None) -> list[Mention]:
    return directory.find(parts) if directory is not None else split_unknown(parts)


def _asked(deadline: Deadline, year: int) -> list[Note]:
    """Why a person must look at the deadline; a sure one asks nothing."""
    asked = [note for note in (deadline.error, deadline.conflict) if note is not None]
    if asked:
        return asked
    if deadline.doubtful or deadline.tentative:
        asked += deadline.notes or [Note("road-read-deadline-doubtful")]
    if deadline.date_source:
        asked.append(Note(f"deadline-source-{deadline.date_source.replace('_', '-')}"))
    if any(due.year < year for _, due in deadline.occurrences):
        asked.append(Note("road-read-before-order"))
    return asked


def _once(notes: list[Note]) -> list[Note]:
    return [note for place, note in enumerate(notes) if note not in notes[:place]]

"""An order with its roadmap: upload, look at every doubt beside its source, put right by hand, write once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, number_of, render, to
from admin.uploads import keep_upload, read_upload
from bot.errors import NotFound, UserError
from bot.rules.deadlines import Note
from bot.rules.roadmap_results import KINDS
from bot.services import files, roadmap_import
from bot.services.access import Right
from bot.services.roadmap import Heading
from bot.services.roadmap_import import Fix, PlannedRow, Reading
from bot.services.roadmap_import.files import MAX_BYTES

PURPOSE = "roadmap-import"
BODY_UNKNOWN = "road-read-body-unknown"
KEPT = timedelta(days=7)
"""How long an uploaded order stays: enough to ask a colleague about a doubt."""

EDITED = 150
"""Rows with doubts that can be put right on the page."""

UNKNOWN = 30
"""Bodies the directory does not know that are asked about once for all their rows."""

SHOWN = 200
"""Rows without doubts that are listed, each with its fields folded away."""


async def form(request: Request, staff: Staff) -> Response:
    """Where the order is chosen."""
    async with request.app.state.db.read() as session:
        choices = await roadmap_import.choices(session, staff.scope)
    return render(request, "roadmap-import.html", staff, choices=choices, year=staff.today.year)


async def take(request: Request, staff: Staff) -> Response:
    """Keep the file for some days and show what it holds."""
    upload = await read_upload(request, most=MAX_BYTES, too_big="road-file-too-big")
    year = number_of(upload.fields.get("year"), least=1990, most=2100)
    into = number_of(upload.fields.get("into"))
    if year is None:
        raise UserError("road-apply-year")
    number = await keep_upload(request, staff, upload, purpose=PURPOSE, kept=KEPT)
    return to(request, f"/roadmap/import/{number}", year=year, into=into)


async def preview(request: Request, staff: Staff) -> Response:
    """What the file would do to the roadmap; nothing is written."""
    number: int = request.path_params["file"]
    year, into = _asked(request)
    name, reading = await _reading(request, staff, number, year)
    async with request.app.state.db.read() as session:
        plan = await roadmap_import.plan(session, staff.scope, reading, into=into)
        choices = await roadmap_import.choices(session, staff.scope)
        bodies = await roadmap_import.names_of_region(session)
    asking = plan.asking
    sure = [row for row in plan.rows if not row.row.doubts]
    return render(
        request,
        "roadmap-import-preview.html",
        staff,
        number=number,
        file_name=name,
        year=year,
        into=next((choice for choice in choices if choice.id == into), None),
        plan=plan,
        bodies=bodies,
        kinds=KINDS,
        unknown=_unknown(reading),
        quote_of=_quote,
        asking=asking[:EDITED],
        asking_more=max(0, len(asking) - EDITED),
        sure=sure[:SHOWN],
        sure_more=max(0, len(sure) - SHOWN),
        counts={status: plan.count(status) for status in ("new", "changed", "same")},
    )


async def apply(request: Request, staff: Staff) -> Response:
    """Write it, with what was put right by hand; the file is read once more in between."""
    number: int = request.path_params["file"]
    year, into = _asked(request)
    async with request.form(max_files=0, max_fields=(EDITED + SHOWN) * 6 + UNKNOWN + 20) as given:
        fields = {name: str(value).strip() for name, value in given.items()}
    _, reading = await _reading(request, staff, number, year)
    named = {text: typed for n, (text, _) in enumerate(_unknown(reading)) if (typed := fields.get(f"body-{n}", ""))}
    for place, row in enumerate(reading.measures):
        for part, mentions in (("responsible", row.responsible), ("executors", row.executors)):
            _name(fields, f"{part}-{place}", [mention.text for mention in mentions], named)
    fixes = {place: fix for place in range(len(reading.measures)) if (fix := _fix(fields, reading, place)) != Fix()}
    heading = Heading(fields.get("title", "")[:200], year)
    async with request.app.state.db.begin() as session:
        done = await roadmap_import.apply(
            session,
            staff.scope,
            reading,
            heading,
            into=into,
            say=lambda note: _said(staff, note),
            now=staff.now,
            today=staff.today,
            fixes=fixes,
            may_drop=fields.get("drop") == "yes",
        )
    return to(request, "/roadmap", roadmap=done.roadmap_id, done="roadmap-imported")


def _unknown(reading: Reading) -> list[tuple[str, int]]:
    """Bodies the region's directory does not know, the most frequent first, with the number of their rows."""
    found: Counter[str] = Counter()
    for row in reading.measures:
        asked = {note.args["text"] for note in row.doubts if note.key == BODY_UNKNOWN}
        found.update(sorted(asked))
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:UNKNOWN]


def _name(fields: dict[str, str], field: str, read: list[str], named: Mapping[str, str]) -> None:
    """Put what a person has named once in place of the unknown body of a row; her own words in the row stay."""
    shown = fields.get(field, "; ".join(read))
    names = [name.strip() for name in shown.split(";")]
    if any(name in named for name in names):
        fields[field] = "; ".join(named.get(name, name) for name in names)


def _quote(one: PlannedRow) -> list[list[tuple[str, bool]]]:
    """The cells of the file; what a doubt is about is marked."""
    notes = one.row.doubts
    doubted = {note.args["text"] for note in notes if note.args.get("text")}
    if one.row.deadline_raw and any(note.key.startswith("deadline-") or "deadline" in note.key for note in notes):
        doubted.add(one.row.deadline_raw)
    words = re.compile("|".join(re.escape(text) for text in sorted(doubted, key=len, reverse=True)) or r"(?!)")
    cells = [cell for line in one.row.quote.split("\n") for cell in line.split(" | ")]
    return [[(piece, bool(words.fullmatch(piece))) for piece in _cut(words, cell)] for cell in cells]


def _cut(words: re.Pattern[str], cell: str) -> list[str]:
    pieces: list[str] = []
    end = 0
    for match in words.finditer(cell):
        pieces += [cell[end : match.start()], match.group()]
        end = match.end()
    return [piece for piece in (*pieces, cell[end:]) if piece]


def _fix(fields: dict[str, str], reading: Reading, place: int) -> Fix:
    row = reading.measures[place]
    title, deadline = fields.get(f"title-{place}", ""), fields.get(f"deadline-{place}", "")
    return Fix(
        " ".join(title.split()),
        deadline if deadline != row.deadline_raw else "",
        fields.get(f"skip-{place}") == "yes",
        fields.get(f"responsible-{place}"),
        fields.get(f"executors-{place}"),
        fields.get(f"kind-{place}"),
    )


def _said(staff: Staff, note: Note) -> str:
    return staff.t(note.key, **note.args)


def _asked(request: Request) -> tuple[int, int | None]:
    year = number_of(request.query_params.get("year"), least=1990, most=2100)
    if year is None:
        raise NotFound()
    return year, number_of(request.query_params.get("into"))


async def _reading(request: Request, staff: Staff, number: int, year: int) -> tuple[str, Reading]:
    async with request.app.state.db.read() as session:
        stored = await files.uploaded(session, number, owner_id=staff.id, purpose=PURPOSE)
        path = await files.path_of(session, request.app.state.settings, stored.id)
        name = stored.name
        directory = await roadmap_import.directory_of_region(session)
    try:
        content = await asyncio.to_thread(Path.read_bytes, path)
    except OSError as failure:
        raise NotFound() from failure
    return name, await asyncio.to_thread(roadmap_import.read_file, content, name, year, directory)


_run = Right.roadmap_run
ROUTES = [
    Route("/roadmap/import", for_staff(form, _run), methods=["GET"]),
    Route("/roadmap/import", for_staff(take, _run), methods=["POST"]),
    Route("/roadmap/import/{file:int}", for_staff(preview, _run), methods=["GET"]),
    Route("/roadmap/import/{file:int}", for_staff(apply, _run), methods=["POST"]),
]

"""Papers of indicators: the table, the справка with its edited words, data for the passport, the poster, lists."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from admin.aside import Aside
from admin.auth import for_staff
from admin.pages.indicators import asked, kept_of
from admin.rendering import Staff, form_of, number_of, render, to
from bot.errors import NotFound, UserError
from bot.services import files
from bot.services.access import Right
from bot.services.documents.indicator_book import XLSX
from bot.services.documents.indicator_poster import PDF
from bot.services.documents.indicator_report import DOCX
from bot.services.indicators import counting, exporting, papers
from bot.services.indicators import edition as editions
from bot.services.indicators.edition import Edition

MEDIA = {"report.docx": DOCX, "passport.xlsx": XLSX, "poster.pdf": PDF}
_aside = Aside("indicator-export-stopped")


async def page(request: Request, staff: Staff) -> Response:
    """What can be printed of a period or a snapshot, and the words of parts 10–12."""
    edition, made = await _edition(request, staff)
    async with request.app.state.db.read() as session:
        before, _ = await papers.earlier(session, edition, made)
        drafted = await papers.drafts(session, edition, staff.t, before=before, today=staff.today)
        written = await papers.texts(session, edition)
        under_way = await exporting.standing(session, staff.scope, now=staff.now)
        ready = await exporting.ready(session, staff.scope, now=staff.now)
    return render(
        request, "indicator-papers.html", staff, edition=edition, drafted=drafted, written=written,
        under_way=under_way, ready=ready, size=editions.size(edition), query=_query(staff, edition, made),
        region=edition.reach.whole, areas=list(edition.titles.items()),
    )  # fmt: skip


async def table(request: Request, staff: Staff) -> Response:
    """The table with formulas and municipalities; lists of organisations, no people."""
    edition, _ = await _edition(request, staff)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        await papers.write_book(request.app.state.db, staff.scope, edition, path, staff.t, lists=False, now=staff.now)
        content = await asyncio.to_thread(path.read_bytes)
    return _file(content, XLSX, f"indicators-{_tail(edition)}.xlsx")


async def paper(request: Request, staff: Staff) -> Response:
    """The справка, the data sheet or the poster."""
    name: str = request.path_params["name"]
    if name not in MEDIA:
        raise NotFound()
    edition, made = await _edition(request, staff)
    kind, ending = name.split(".")
    content = await papers.printed(
        request.app.state.db, staff.scope, edition, staff.t, kind, made=made, now=staff.now, zone=staff.zone
    )
    return _file(content, MEDIA[name], f"indicators-{kind}-{_tail(edition)}.{ending}")


async def texts(request: Request, staff: Staff) -> Response:
    """Keep the words; an emptied part is drafted again."""
    edition, made = await _edition(request, staff)
    form = await form_of(request)
    async with request.app.state.db.read() as session:
        before, _ = await papers.earlier(session, edition, made)
        drafted = await papers.drafts(session, edition, staff.t, before=before, today=staff.today)
    # What was left as it is stays a draft: it follows the numbers.
    said = {name: " ".join(text.split()) for name, text in drafted.items()}
    written = {name: text for name, text in form.items() if " ".join(text.split()) != said.get(name)}
    async with request.app.state.db.begin() as session:
        await papers.keep_texts(session, staff.scope, edition, written, now=staff.now)
    return to(request, "/indicators/papers", done="indicator-texts", **_query(staff, edition, made))


async def lists(request: Request, staff: Staff) -> Response:
    """Begin the workbook with lists of people; the page shows how far it is."""
    edition, made = await _edition(request, staff)
    db = request.app.state.db
    async with db.begin() as session:
        await exporting.begin(session, staff.scope, edition, now=staff.now)
    work = exporting.run(
        db, request.app.state.settings, staff.scope, edition, staff.t,
        name=f"indicators-lists-{_tail(edition)}.xlsx", clock=request.app.state.clock,
    )  # fmt: skip
    _aside.begin(staff.id, work)
    return to(request, "/indicators/papers", **_query(staff, edition, made))


async def progress(request: Request, staff: Staff) -> Response:
    """The part of the page that asks again while a workbook is made."""
    async with request.app.state.db.read() as session:
        under_way = await exporting.standing(session, staff.scope, now=staff.now)
        ready = await exporting.ready(session, staff.scope, now=staff.now)
    return render(request, "indicator-export.html", staff, under_way=under_way, ready=ready)


async def stored(request: Request, staff: Staff) -> Response:
    """A workbook that waits; only for whom it was made."""
    async with request.app.state.db.read() as session:
        file = await files.uploaded(session, request.path_params["file"], owner_id=staff.id, purpose=exporting.PURPOSE)
        path = await files.path_of(session, request.app.state.settings, file.id)
    return FileResponse(path, media_type=XLSX, filename=file.name)


async def _edition(request: Request, staff: Staff) -> tuple[Edition, counting.Report | None]:
    """What is printed: a snapshot (``snapshot``) or a live count of the asked period."""
    raw = request.query_params.get("snapshot", "")
    number = number_of(raw)
    there = request.query_params.get("municipality", "")
    area = number_of(there)
    if (raw and number is None) or (there and area is None):
        raise NotFound()
    async with request.app.state.db.read() as session:
        if number is not None:
            return await papers.of_snapshot(session, staff.scope, number, municipality=area), None
        period, as_of = asked(request, staff)
        if period.first > staff.today:
            raise UserError("indicator-period-ahead")
        made = await counting.report(session, period, as_of=as_of, now=staff.now, zone=staff.zone)
        return await papers.of_report(session, staff.scope, made, municipality=area), made


def _query(staff: Staff, edition: Edition, made: counting.Report | None) -> dict[str, str]:
    return kept_of(made, staff) if made is not None else {"snapshot": str(edition.snapshot)}


def _tail(edition: Edition) -> str:
    name = f"snapshot-{edition.snapshot}" if edition.snapshot else edition.period.name.replace("/", "-")
    return f"{name}-{edition.as_of:%Y-%m-%d}"


def _file(content: bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


_see = Right.indicators_see
ROUTES = [
    Route("/indicators/papers", for_staff(page, _see), methods=["GET"]),
    Route("/indicators/papers/table.xlsx", for_staff(table, _see), methods=["GET"]),
    Route("/indicators/papers/texts", for_staff(texts, Right.indicators_figures), methods=["POST"]),
    Route("/indicators/papers/lists", for_staff(lists, Right.people_see), methods=["POST"]),
    Route("/indicators/papers/progress", for_staff(progress, _see), methods=["GET"]),
    Route("/indicators/papers/files/{file:int}", for_staff(stored, Right.people_see), methods=["GET"]),
    Route("/indicators/papers/{name}", for_staff(paper, _see), methods=["GET"]),
]

"""A certificate of a participant as PDF: the words of domain.md §3.1 and no others. fpdf2 is loaded when asked for."""

from __future__ import annotations

import asyncio
import atexit
import io
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.errors import UserError
from bot.i18n import Words, date_ru
from bot.rules.events import may_be_printed
from bot.services.events.after import Paper

PDF = "application/pdf"
WIDTH, HEIGHT = 297, 210
MARGIN = 22
INK, QUIET, LINE = (27, 38, 59), (90, 100, 116), (31, 95, 139)


def hours(value: float) -> str:
    """«1,5», «2»."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


@dataclass(frozen=True, slots=True)
class Face:
    """What stands on a certificate, from the top; ``notes`` are the small lines at the bottom."""

    title: str
    number: str
    organiser: str
    name: str
    did: str
    thing: str
    how: str
    notes: tuple[str, ...]


def pdf(t: Words, paper: Paper, *, check_url: str) -> bytes:
    """One landscape page. UserError for a title that would make it look like a document of education."""
    how = t(
        "documents-certificate.when",
        kind=t(f"events-kind.{paper.kind}"),
        date=date_ru(paper.day),
        hours=hours(paper.hours),
    )
    notes = [
        t("documents-certificate.issued", date=date_ru(paper.issued_on)),
        t("documents-certificate.not-a-document"),
        t("documents-certificate.check", url=check_url),
    ]
    if paper.is_demo:
        notes.append(t("documents-certificate.demo"))
    face = Face(
        t("documents-certificate.title"), paper.number, paper.organiser, paper.name,
        t("documents-certificate.took-part"), paper.title, how, tuple(notes),
    )  # fmt: skip
    return printed(t, face, check_url=check_url)


def printed(t: Words, face: Face, *, check_url: str) -> bytes:
    """A certificate as PDF. UserError for words that only a document of education may bear."""
    if not may_be_printed(f"{face.thing} {face.organiser}"):
        raise UserError("events-wrong-words")
    from fpdf import FPDF

    page: Any = FPDF(orientation="landscape", format="A4")
    page.set_margins(MARGIN, MARGIN, MARGIN)
    page.set_auto_page_break(False)
    regular, bold = _light(face)
    page.add_font("DejaVu", "", regular)
    page.add_font("DejaVu", "B", bold)
    page.set_title(face.title)
    page.set_creator(t("admin-brand"))
    page.add_page()
    _frame(page)
    page.set_text_color(*QUIET)
    page.set_font("DejaVu", "", 12)
    page.set_xy(MARGIN, 28)
    page.multi_cell(WIDTH - 2 * MARGIN, 6, face.organiser, align="C")
    page.set_text_color(*INK)
    page.set_font("DejaVu", "B", 30)
    page.set_xy(MARGIN, 50)
    page.cell(WIDTH - 2 * MARGIN, 14, face.title, align="C")
    page.set_font("DejaVu", "", 12)
    page.set_text_color(*QUIET)
    page.set_xy(MARGIN, 66)
    page.cell(WIDTH - 2 * MARGIN, 8, f"№\u00a0{face.number}", align="C")
    page.set_text_color(*INK)
    _fitting(page, face.name, "B", 26, 15, y=82, height=12, lines=2)
    page.set_font("DejaVu", "", 13)
    page.set_text_color(*QUIET)
    page.set_x(MARGIN)
    page.ln(2)
    page.multi_cell(WIDTH - 2 * MARGIN, 7, face.did, align="C")
    page.set_text_color(*INK)
    _fitting(page, f"«{face.thing}»", "B", 17, 11, y=page.get_y() + 3, height=8.5, lines=3)
    page.set_font("DejaVu", "", 13)
    page.set_x(MARGIN)
    page.ln(2)
    page.multi_cell(WIDTH - 2 * MARGIN, 7, face.how, align="C")
    _foot(page, face.notes, check_url)
    return bytes(page.output())


async def pdf_aside(t: Words, paper: Paper, *, check_url: str) -> bytes:
    """``pdf`` off the event loop."""
    return await asyncio.to_thread(pdf, t, paper, check_url=check_url)


def _frame(page: Any) -> None:
    """A thin line and the route of the product: no coat of arms, no imitation of a seal."""
    page.set_draw_color(*LINE)
    page.set_line_width(0.6)
    page.rect(10, 10, WIDTH - 20, HEIGHT - 20)
    page.set_line_width(1.2)
    page.line(10, 18, 60, 18)
    page.set_fill_color(255, 255, 255)
    for place, filled in ((10, False), (35, False), (60, True)):
        page.set_fill_color(*(LINE if filled else (255, 255, 255)))
        page.ellipse(place - 1.8, 16.2, 3.6, 3.6, style="DF")


def _foot(page: Any, notes: Sequence[str], check_url: str) -> None:
    side = 30
    top = HEIGHT - 20 - side
    page.image(io.BytesIO(_code(check_url)), x=WIDTH - MARGIN - side, y=top, w=side, h=side)
    page.set_text_color(*QUIET)
    page.set_font("DejaVu", "", 9.5)
    page.set_xy(MARGIN, top + 2)
    page.multi_cell(WIDTH - 2 * MARGIN - side - 10, 5.4, "\n".join(notes), align="L")


def _fitting(
    page: Any, text: str, style: str, size: float, least: float, *, y: float, height: float, lines: int
) -> None:
    """Text in the largest type that fits the lines it has."""
    width = WIDTH - 2 * MARGIN
    while True:
        page.set_font("DejaVu", style, size)
        broken = page.multi_cell(width, height, text, align="C", dry_run=True, output="LINES")
        if len(broken) <= lines or size <= least:
            break
        size -= 1
    page.set_xy(MARGIN, y)
    page.multi_cell(width, height, text, align="C")


def _code(url: str) -> bytes:
    import segno

    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="png", scale=8, border=2)
    return out.getvalue()


USUAL = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x400, 0x530), *range(0x2010, 0x2040),
                            0x2116)))  # fmt: skip
"""Letters nearly every certificate is made of: Latin, Cyrillic with its extensions, dashes and quotes, №."""


def _light(face: Face) -> tuple[str, str]:
    """Fonts of the usual letters only, read several times faster; the whole ones where a rarer sign stands."""
    words = "".join((face.title, face.number, face.organiser, face.name, face.did, face.thing, face.how, *face.notes))
    return _usual_fonts() if USUAL.issuperset(words.replace("\n", "")) else fonts()


@lru_cache(maxsize=1)
def _usual_fonts() -> tuple[str, str]:
    """Cut once a process; the files live as long as it does."""
    from fontTools import subset, ttLib

    folder = Path(tempfile.mkdtemp(prefix="marshrut-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made: list[str] = []
    for whole in fonts():
        font = ttLib.TTFont(whole, recalcTimestamp=False)
        cut = subset.Subsetter(subset.Options(layout_features=["*"], notdef_outline=True, drop_tables=["FFTM"]))
        cut.populate(unicodes=[ord(letter) for letter in USUAL])
        cut.subset(font)
        made.append(str(folder / Path(whole).name))
        font.save(made[-1])
    return made[0], made[1]


@lru_cache(maxsize=1)
def fonts() -> tuple[str, str]:
    """DejaVu of the package that draws our charts: on disk wherever the product is."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return str(folder / "DejaVuSans.ttf"), str(folder / "DejaVuSans-Bold.ttf")

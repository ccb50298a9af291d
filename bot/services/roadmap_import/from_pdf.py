"""Tables of a PDF with a text layer; a scan without one is refused in words."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from bot.errors import UserError
from bot.rules.roadmap_table import Line, Paragraphs, paragraphs

MAX_PAGES = 400
MIN_LETTERS = 20
"""A page with fewer letters than this has no text layer worth the name."""

Progress = Callable[[int, int], None]
_HYPHEN = re.compile(r"(?<=[а-яёa-z])-\n(?=[а-яёa-z])")
_NEW = re.compile(r"\n(?=\s*(?:[–—•-]\s|\d{1,2}[.)]\s))|(?<=[а-яёa-z»)][.;:])\n(?=\s*[А-ЯЁA-Z])")


def tables(content: bytes, progress: Progress | None = None) -> list[list[Line]]:
    """The ruled tables of all pages; one that goes on over a page with the same columns is one table."""
    # The reader of PDF is heavy and wanted only here.
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(content)) as book:
            return _read(book, progress)
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise UserError("road-file-encrypted") from error
    except PdfminerException as error:
        locked = error.args and isinstance(error.args[0], PDFPasswordIncorrect | PDFEncryptionError)
        raise UserError("road-file-encrypted" if locked else "road-file-broken") from error


def _read(book: Any, progress: Progress | None) -> list[list[Line]]:
    pages = book.pages
    if len(pages) > MAX_PAGES:
        raise UserError("road-file-too-many-pages", limit=MAX_PAGES)
    found: list[list[Line]] = []
    letters = place = 0
    for number, page in enumerate(pages, 1):
        letters += len(page.chars)
        if page.lines or page.rects or page.curves:
            for table in page.extract_tables():
                lines: list[Line] = []
                for row in table:
                    place += 1
                    lines.append(Line(place, tuple(_text(cell) for cell in row), after_break=not lines))
                same = found and lines and len(found[-1][-1].cells) == len(lines[0].cells)
                if same:
                    found[-1].extend(lines)
                elif lines:
                    found.append(lines)
        page.close()
        if progress is not None:
            progress(number, len(pages))
    if letters < MIN_LETTERS * max(1, min(len(pages), 5)):
        raise UserError("road-file-no-text-layer")
    if not found:
        raise UserError("road-file-no-table")
    return found


def _text(cell: str | None) -> Paragraphs:
    """Printed lines joined again; a new paragraph where a sentence ended or a list item begins."""
    if not cell:
        return ()
    pieces = _NEW.split(_HYPHEN.sub("-", cell))
    return paragraphs("\n".join(piece.replace("\n", " ") for piece in pieces))

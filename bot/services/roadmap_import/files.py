"""A file → its tables as lines of cells: DOCX, XLSX, PDF with a text layer, text with tabs. UserError in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePath

from bot.errors import UserError
from bot.rules.roadmap_table import Line
from bot.services.roadmap_import import from_docx, from_pdf, from_text, from_xlsx

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
ENCRYPTED = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e"
"""The name of the stream that an encrypted DOCX or XLSX keeps its content in."""

Progress = Callable[[int, int], None]


def tables_of(content: bytes, name: str, *, progress: Progress | None = None) -> list[list[Line]]:
    """The tables of the file in order; a table cut by pages is one."""
    if not content.strip():
        raise UserError("road-file-empty")
    if len(content) > MAX_BYTES:
        raise UserError("road-file-too-big", limit=MAX_BYTES // 1024 // 1024)
    suffix = PurePath(name.lower()).suffix
    if content[:4] == OLD_OFFICE:
        raise UserError("road-file-encrypted" if ENCRYPTED in content else "road-file-old-format")
    if content[:5] == b"%PDF-" or b"%PDF-" in content[:1024]:
        return from_pdf.tables(content, progress)
    if content[:2] == b"PK":
        return _office(content, suffix)
    if content[:5] == b"{\\rtf":
        raise UserError("road-file-old-format")
    return from_text.tables(content)


def _office(content: bytes, suffix: str) -> list[list[Line]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            size = sum(part.file_size for part in archive.infolist())
            locked = any(part.flag_bits & 1 for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UserError("road-file-broken") from error
    if locked:
        raise UserError("road-file-encrypted")
    if size > MAX_UNPACKED:
        raise UserError("road-file-too-big", limit=MAX_BYTES // 1024 // 1024)
    if suffix in (".docm", ".dotm", ".xlsm", ".xltm") or any(part.endswith("vbaProject.bin") for part in names):
        raise UserError("road-file-macros")
    if "word/document.xml" in names:
        return from_docx.tables(content)
    if "xl/workbook.xml" in names:
        return from_xlsx.tables(content)
    raise UserError("road-file-wrong")

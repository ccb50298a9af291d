"""What the Word papers share: a page (lying, or standing for letters and orders), type, tables, signatures.

python-docx is loaded only when a paper is made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

FONT = "Times New Roman"
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Paper:
    """An A4 page, lying or upright, with what is put on it, in order."""

    def __init__(self, title: str, *, upright: bool = False) -> None:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm, Pt

        self.document: Any = Document()
        section = self.document.sections[0]
        self.width = 175 if upright else 267
        if upright:
            section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
            section.left_margin, section.right_margin = Mm(25), Mm(10)
        else:
            section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
            section.left_margin, section.right_margin = Mm(20), Mm(10)
        section.top_margin = section.bottom_margin = Mm(15)
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(11)
        style.paragraph_format.space_after = Pt(2)
        self.document.core_properties.title = clean(title)
        self.document.core_properties.author = ""

    def heading(self, text: str, under: str = "") -> None:
        """The name of the paper in the middle, what it is about under it."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        for words, bold, size in ((text, True, 14), (under, False, 11)):
            if words:
                paragraph = self.document.add_paragraph()
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                run = paragraph.add_run(clean(words))
                run.bold, run.font.size = bold, Pt(size)

    def right(self, *lines: str) -> None:
        """Lines at the right edge: to which order a list belongs."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        for line in lines:
            self.document.add_paragraph(clean(line)).alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def part(self, text: str) -> None:
        """The name of a part, kept with what follows."""
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run(clean(text)).bold = True

    def line(self, text: str) -> None:
        """A plain paragraph."""
        self.document.add_paragraph(clean(text))

    def body(self, *lines: str) -> None:
        """Paragraphs of a letter or an order: indented, even at both edges."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        for text in lines:
            paragraph = self.document.add_paragraph(clean(text))
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Mm(10)
            paragraph.paragraph_format.space_after = Pt(5)

    def new_page(self) -> None:
        """What follows begins on another page."""
        self.document.add_page_break()

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and values of a header, two columns without lines."""
        table = self.document.add_table(rows=0, cols=2)
        table.autofit = False
        for name, value in rows:
            cells = table.add_row().cells
            _fill(cells[0], name, bold=True, size=10.5)
            _fill(cells[1], value or "—", size=10.5)
        _widths(table, (70 if self.width > 200 else 55, self.width - (70 if self.width > 200 else 55)))

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        size: float = 9,
        *,
        height: int = 0,
    ) -> None:
        """A ruled table (mm); its head repeats on every page, a row is not torn, ``height`` is the least of one."""
        from docx.oxml import OxmlElement
        from docx.shared import Mm

        table = self.document.add_table(rows=1, cols=len(head))
        table.style = "Table Grid"
        table.autofit = False
        _narrow_margins(table)
        for cell, title in zip(table.rows[0].cells, head, strict=True):
            _fill(cell, title, bold=True, size=size)
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)
        for row in rows:
            made = table.add_row()
            made._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            if height:
                made.height = Mm(height)
            for cell, value in zip(made.cells, row, strict=True):
                _fill(cell, value, size=size)
        _widths(table, widths)

    def signatures(self, rows: Sequence[tuple[str, str]], hint: str) -> None:
        """Who signs: post, a line for the hand, the name, a line for the day."""
        from docx.shared import Pt

        self.document.add_paragraph().paragraph_format.space_after = Pt(4)
        table = self.document.add_table(rows=0, cols=4)
        table.autofit = False
        for post, name in rows:
            row = table.add_row()
            row.height = Pt(26)
            for cell, value in zip(row.cells, (post, "_______________", name, hint), strict=True):
                _fill(cell, value, size=10.5)
        _widths(table, (80, 40, 82, 65) if self.width > 200 else (50, 35, 40, 50))

    def content(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()


def clean(text: str) -> str:
    """Without signs that a Word file cannot hold."""
    return _control.sub("", text)


def _narrow_margins(table: Any) -> None:
    """A millimetre at the sides of a cell: twelve columns have to hold whole words."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)


def _fill(cell: Any, text: str, *, size: float, bold: bool = False) -> None:
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size = bold, Pt(size)


def _widths(table: Any, widths: Sequence[int]) -> None:
    from docx.shared import Mm

    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)

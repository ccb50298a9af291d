"""Files with a roadmap: made here as DOCX, XLSX, PDF and recognised text; the five orders where they are at hand."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from click.testing import CliRunner
from docx import Document
from docx.enum.section import WD_ORIENT
from fpdf import FPDF
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from openpyxl import Workbook

from bot.commands.roadmap import command
from bot.config import ROOT
from bot.errors import UserError
from bot.rules.roadmap_bodies import Mention
from bot.services.roadmap_import import Measure, Reading, directory_of_pack, read_file

YEAR = 2025
HEAD = ["Направление", "Мероприятие", "Ответственный", "Срок", "Результат"]
PLAN = [
    ["1. Документы", "Утвердить положение о наставничестве", "РОИВ", "до 15 марта 2025 года", "Приказ"],
    ["", "Провести форум наставников", "ЦНППМ", "октябрь 2025 г.", "Не менее 70% наставников участвуют"],
    ["", "Собрать отзывы школ", "ЦНППМ, РУМО", "ежеквартально", "Справка"],
]
SHARED = next((base / "shared" for base in (ROOT, *ROOT.parents[:2]) if (base / "shared" / "orders").is_dir()), None)
ORDERS = {
    "000_ingushetia": ("ingushetia", 2023),
    "001_smolensk": ("smolensk", 2023),
    "002_tambov": ("tambov", 2023),
    "003_grozny": ("grozny", 2021),
    "004_krasnodar": ("krasnodar", 2021),
}


KINDS = {
    "приказ": ("order",), "соглашение": ("agreement",), "реестр": ("register",), "отчёт": ("report",),
    "обучение": ("training",), "публикация": ("publication",), "показатель": ("indicator",), "документ": ("document",),
    "мероприятие": ("event",), "иное": ("", "other", "event", "document"),
}  # fmt: skip
"""What the gold tables call a kind, in our words."""


def read(content: bytes, name: str, year: int = YEAR) -> Reading:
    return read_file(content, name, year, directory_of_pack("smolensk"))


def seen(reading: Reading) -> list[tuple[str, str, str]]:
    return [(m.measure, m.deadline_raw, "; ".join(b.text for b in m.responsible)) for m in reading.measures]


def asked(measure: Measure) -> set[str]:
    return {note.key.removeprefix("road-read-") for note in measure.doubts}


PLAN_SEEN = [
    ("Утвердить положение о наставничестве", "до 15 марта 2025 года", "РОИВ"),
    ("Провести форум наставников", "октябрь 2025 г.", "ЦНППМ"),
    ("Собрать отзывы школ", "ежеквартально", "ЦНППМ; РУМО"),
]


def docx(rows: Sequence[Sequence[str]], before: str = "Комплекс мер") -> Any:
    document = Document()
    document.sections[0].orientation = WD_ORIENT.LANDSCAPE
    document.add_paragraph(before)
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return document


def saved(thing: Any) -> bytes:
    out = io.BytesIO()
    thing.save(out)
    return out.getvalue()


def xlsx(rows: Sequence[Sequence[Any]]) -> Workbook:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    return book


def pdf(pages: Sequence[Sequence[Sequence[str]]]) -> bytes:
    """Ruled tables with a text layer, a page each."""
    out = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}), PdfPages(out) as book:
        for rows in pages:
            figure = Figure(figsize=(14, 8))
            axes = figure.add_axes((0, 0, 1, 1))
            axes.axis("off")
            if rows:
                table = axes.table(cellText=[list(row) for row in rows], loc="center", cellLoc="left")
                table.auto_set_font_size(False)
                table.set_fontsize(8)
                table.scale(1, 3)
            book.savefig(figure)
    return out.getvalue()


def text(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(["ПРИКАЗ от 01.02.2025 № 1", "", *("\t".join(row) for row in rows)]).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("план.docx", lambda: saved(docx([HEAD, *PLAN]))),
        ("план.xlsx", lambda: saved(xlsx([["Приложение"], [], HEAD, *PLAN]))),
        ("план.txt", lambda: text([HEAD, *PLAN])),
        ("план.pdf", lambda: pdf([[HEAD, *PLAN]])),
    ],
)
def test_the_same_table_from_any_file(name: str, content: Any) -> None:
    reading = read(content(), name)
    assert seen(reading) == PLAN_SEEN
    assert [str(m.deadline.occurrences[0][1]) for m in reading.measures if m.deadline] == [
        "2025-03-15",
        "2025-10-31",
        "2025-03-31",
    ]
    assert [m.direction for m in reading.measures] == ["1", "1", "1"]
    assert reading.measures[1].targets == ["Не менее 70% наставников участвуют"]
    assert not reading.has_doubts


def test_docx_with_merged_cells_lists_and_a_section_across_the_table() -> None:
    document = docx([HEAD, *PLAN, *[["", "", "", "", ""]] * 2])
    table = document.tables[0]
    section = table.rows[4].cells[0].merge(table.rows[4].cells[4])
    section.text = "Направление 2. Школы"
    table.cell(2, 3).merge(table.cell(3, 3)).text = "ежегодно"
    last = table.rows[5].cells
    last[1].text = "Провести:"
    for item in ("семинар", "вебинар"):
        last[1].add_paragraph(item, style="List Bullet")
    last[2].text, last[3].text, last[4].text = "ЦНППМ", "1 раз в год", "Отчёт"
    reading = read(saved(document), "план.docx")
    assert [m.deadline_raw for m in reading.measures] == [
        "до 15 марта 2025 года",
        "ежегодно",
        "ежегодно",
        "1 раз в год",
    ]
    assert [m.direction for m in reading.measures] == ["1", "1", "1", "2"]
    assert reading.measures[3].measure.startswith("Провести:")
    assert {"семинар", "вебинар"} <= set(re.findall(r"\w+", reading.measures[3].measure))


def test_a_table_for_each_direction_is_one_plan() -> None:
    document = docx([HEAD[1:], *[row[1:] for row in PLAN[:1]]], before="Направление 1. Документы")
    document.add_paragraph("Направление 2. Люди")
    table = document.add_table(rows=2, cols=4)
    for row, texts in zip(table.rows, (HEAD[1:], PLAN[1][1:]), strict=True):
        for cell, words in zip(row.cells, texts, strict=True):
            cell.text = words
    reading = read(saved(document), "план.docx")
    assert [(m.direction, m.direction_title) for m in reading.measures] == [
        ("1", "Направление 1. Документы"),
        ("2", "Направление 2. Люди"),
    ]


def test_words_that_were_struck_out_are_not_read() -> None:
    document = docx([HEAD, *PLAN])
    from docx.oxml import OxmlElement

    run = document.tables[0].cell(1, 1).paragraphs[0].runs[0]._r
    gone = OxmlElement("w:del")
    run.addprevious(gone)
    gone.append(run)
    for node in run.findall("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"):
        node.tag = node.tag.replace("}t", "}delText")
    assert read(saved(document), "план.docx").measures[0].measure != PLAN[0][1]


def test_xlsx_with_dates_formulas_and_merged_cells() -> None:
    from datetime import date

    book = xlsx([HEAD, *PLAN, ["", '=CONCATENATE("а";"б")', "ЦНППМ", date(2025, 5, 20), "Отчёт"]])
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("D3:D4")
    reading = read(saved(book), "план.xlsx")
    assert [m.deadline_raw for m in reading.measures] == [
        "до 15 марта 2025 года",
        "октябрь 2025 г.",
        "октябрь 2025 г.",
        "20.05.2025",
    ]
    assert "formula-measure" in asked(reading.measures[3])


def test_a_pdf_table_goes_on_over_the_page() -> None:
    rest = [["", "и вебинары", "", "года", "и отчёт"], *PLAN[1:]]
    first = [HEAD, ["1. Документы", "Провести семинары", "РОИВ", "до 15 марта 2025", "Справка"]]
    reading = read(pdf([first, rest]), "план.pdf")
    assert seen(reading)[0] == ("Провести семинары и вебинары", "до 15 марта 2025 года", "РОИВ")
    assert len(reading.measures) == 3


def test_an_order_of_three_hundred_pages() -> None:
    book = FPDF(orientation="L")
    book.add_font("plain", fname=str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"))
    book.set_font("plain", size=8)
    for page in range(300):
        book.add_page()
        with book.table(first_row_as_headings=False) as table:
            if page == 0:
                table.row(HEAD)
            table.row(["", f"Провести встречу {page}", "ЦНППМ", f"до {page % 28 + 1} мая 2025 года", "Отчёт"])
    reading = read(bytes(book.output()), "приказ.pdf")
    assert [m.measure for m in reading.measures] == [f"Провести встречу {page}" for page in range(300)]
    assert all(m.deadline and m.deadline.occurrences for m in reading.measures)


def test_a_kind_of_evidence_taken_from_the_title_is_a_question() -> None:
    rows = [HEAD, ["", "Обучение наставников", "ЦНППМ", "ежегодно", "Рост мастерства"], *PLAN]
    reading = read(text(rows), "план.txt")
    assert [m.kind for m in reading.measures[:2]] == ["indicator", "order"]
    reading = read(text([rows[0], [*rows[1][:4], "Новые умения"], *PLAN]), "план.txt")
    assert reading.measures[0].kind == "training"
    assert "kind-from-title" in asked(reading.measures[0])
    assert "kind-from-title" not in asked(reading.measures[1])


def test_what_cannot_be_right_is_said_on_its_row_and_the_rest_is_there() -> None:
    rows = [
        HEAD,
        ["", "Первое дело", "РОИВ", "до 31 февраля 2025 года", "Приказ"],
        ["", "Второе дело", "РОИВ", "с 10 мая 2025 года по 1 апреля 2025 года", "Приказ"],
        ["", "Третье дело", "Клуб филателистов", "когда-нибудь потом", "Приказ"],
        ["", "Четвёртое дело", "", "по графику ФИОКО", "Приказ"],
        ["", "Пятое дело", "РОИВ", "до 1 марта 2025 года", "Приказ"],
        ["", "Шестое дело", "РОИВ", "до 1 марта 2025 года или до 1 апреля 2025 года", "Приказ"],
        ["", "Седьмое дело", "РОИВ", "понедельник, 4 марта 2025 года", "Приказ"],
    ]
    reading = read(text(rows), "план.txt")
    assert len(reading.measures) == 7
    assert [bool(m.doubts) for m in reading.measures] == [True, True, True, True, False, True, True]
    assert "deadline-weekday-does-not-fit" in asked(reading.measures[6])
    assert all(not m.deadline.occurrences for m in reading.measures[:2] if m.deadline)
    assert "body-unknown" in asked(reading.measures[2])
    assert {"no-body", "deadline-source-plan"} <= asked(reading.measures[3])


def test_a_table_without_a_deadline_column_asks_for_every_deadline() -> None:
    rows = [[row[1], row[2], row[4]] for row in (HEAD, *PLAN)]
    reading = read(text(rows), "план.txt")
    assert [note.key for note in reading.doubts] == ["road-read-no-deadline-column"]
    assert len(reading.measures) == 3
    assert all("no-deadline" in asked(m) for m in reading.measures)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return out.getvalue()


LOCKED_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[(aaaaaaaaaaaaaaaa)(aaaaaaaaaaaaaaaa)]>>\n"
)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("а.docx", lambda: b"  \n", "road-file-empty"),
        ("а.docx", lambda: b"PK\x03\x04 broken", "road-file-broken"),
        ("а.docx", lambda: zipped(word__document_xml=b"<w"), "road-file-broken"),
        ("а.xlsx", lambda: zipped(xl__workbook_xml=b"<w"), "road-file-broken"),
        ("а.zip", lambda: zipped(a_xml=b""), "road-file-wrong"),
        ("а.docm", lambda: saved(docx([HEAD, *PLAN])), "road-file-macros"),
        ("а.docx", lambda: zipped(word__document_xml=b"<w", word__vbaProject_bin=b"x"), "road-file-macros"),
        ("а.doc", lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "road-file-old-format"),
        ("а.docx", lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "road-file-encrypted"),
        ("а.rtf", lambda: b"{\\rtf1 x}", "road-file-old-format"),
        ("а.pdf", lambda: pdf([[]]), "road-file-no-text-layer"),
        ("а.pdf", lambda: LOCKED_PDF, "road-file-encrypted"),
        ("а.pdf", lambda: b"%PDF-1.4 nothing", "road-file-broken"),
        ("а.docx", lambda: saved(Document()), "road-file-no-table"),
        ("а.xlsx", lambda: saved(Workbook()), "road-file-no-table"),
        ("а.txt", lambda: "Просто слова".encode(), "road-file-no-table"),
        ("а.txt", lambda: text([["а", "б", "в"], ["1", "2", "3"]]), "road-file-no-heading"),
        ("а.txt", lambda: text([HEAD]), "road-file-no-rows"),
        ("а.bin", lambda: bytes(range(256)) * 4, "road-file-wrong"),
    ],
)
def test_a_file_that_cannot_be_used_is_answered_in_words(name: str, content: Any, key: str) -> None:
    with pytest.raises(UserError) as refused:
        read(content(), name)
    assert refused.value.key == key


def test_five_thousand_rows_are_read_in_time() -> None:
    rows = [
        ["", f"Провести встречу № {n} для школ", "ЦНППМ", f"до {n % 28 + 1} мая 2025 года", "Отчёт"]
        for n in range(5000)
    ]
    begin = time.perf_counter()
    reading = read(text([HEAD, *rows]), "план.txt")
    took = time.perf_counter() - begin
    assert len(reading.measures) == 5000
    assert all(m.deadline and m.deadline.occurrences for m in reading.measures)
    assert took < 30, took


def test_the_command_prints_every_field(tmp_path: Path) -> None:
    file = tmp_path / "план.txt"
    file.write_bytes(text([HEAD, *PLAN]))
    done = CliRunner().invoke(command, ["import", str(file), "--year", "2025", "--dry-run", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert {
        key: found[1][key] for key in ("direction", "task", "measure", "responsible", "executors", "deadline_raw")
    } == {
        "direction": "1",
        "task": "1. Документы",
        "measure": "Провести форум наставников",
        "responsible": "ЦНППМ",
        "executors": "",
        "deadline_raw": "октябрь 2025 г.",
    }
    assert found[1]["target"] == "Не менее 70% наставников участвуют"
    assert found[1]["deadline"]["occurrences"] == [["2025-10-01", "2025-10-31"]]
    assert found[1]["doubts"] == []
    assert found[0]["responsible_codes"] == ["roiv"]
    asking = CliRunner().invoke(command, ["import", str(file), "--year", "2025", "--dry-run", "--region", "нет"])
    assert asking.exit_code == 1
    assert "нет" in asking.output


@pytest.mark.parametrize("order", ORDERS)
def test_the_five_orders(order: str) -> None:
    """Every row of the gold tables with its deadline, in order; the other fields counted."""
    if SHARED is None:
        pytest.skip("../shared/orders is not here")
    name, year = ORDERS[order]
    with (SHARED / "roadmaps" / f"{name}.tsv").open(encoding="utf-8") as file:
        gold = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    content = (SHARED / "orders" / f"{order}.txt").read_bytes()
    reading = read_file(content, f"{order}.txt", year, directory_of_pack(name))
    wanted = [row["deadline_raw"] for row in gold]
    found = [m.deadline_raw for m in reading.measures]
    blocks = SequenceMatcher(None, wanted, found, autojunk=False).get_matching_blocks()
    pairs = [(gold[b.a + n], reading.measures[b.b + n]) for b in blocks for n in range(b.size)]
    directory = directory_of_pack(name)
    assert directory is not None

    def same(text: str, mentions: list[Mention]) -> bool:
        """The same bodies, however each is spelt."""
        wanted = directory.find(tuple(part for part in text.split("; ") if part))
        return _codes(wanted) == _codes(mentions)

    right = {
        "deadline": len(pairs),
        "direction": sum(row["direction"] == m.direction for row, m in pairs),
        "responsible": sum(same(row["responsible"], m.responsible) for row, m in pairs),
        "executors": sum(same(row["executors"], m.executors) for row, m in pairs),
        "kind": sum(m.kind in KINDS[row["result_kind"]] for row, m in pairs),
        "target": sum(bool(row["target_metric"]) == bool(m.targets) for row, m in pairs),
    }
    asks = sum(bool(m.doubts) for m in reading.measures)
    print(f"{name}: {len(gold)} rows, {len(found)} read, {asks} ask; equal: {right}")
    assert len(found) == len(gold)
    assert right["deadline"] == len(gold)
    assert right["direction"] >= 0.95 * len(gold)
    assert right["kind"] >= 0.8 * len(gold)
    assert min(right["responsible"], right["executors"], right["target"]) >= 0.95 * len(gold)


def _codes(mentions: list[Mention]) -> set[str]:
    return {code for mention in mentions for code in (mention.codes or (mention.text,))}

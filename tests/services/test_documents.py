"""Papers of the routes, opened again by other means: Word by its XML, the sheet by openpyxl."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import openpyxl
import pypdfium2  # type: ignore[import-untyped]
import pytest

from bot.i18n import Texts, Translator
from bot.models import ActivityForm, ActivityKind
from bot.services.documents import (
    Deficit,
    Goal,
    OrderLine,
    RegisterLine,
    RouteCard,
    RouteLine,
    certificate,
    order_list,
    register,
    route_card,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DAY = date(2026, 11, 24)

LINES = (
    RouteLine(
        "Проектировочный", "Методические", "Критерии оценивания, понятные ученику", ActivityKind.webinar,
        ActivityForm.distance, "ЦНППМ", date(2026, 12, 1), 2,
        accepted_on=date(2026, 12, 2), accepted_by="Полянская В. Л.",
    ),
    RouteLine(
        "Реализация", "Методические", "Формирующее оценивание: обратная связь каждый урок", ActivityKind.dpp_register,
        ActivityForm.mixed, "ЦНППМ", date(2026, 12, 26), 36, note="по желанию",
    ),
)  # fmt: skip

CARD = RouteCard(
    number="2026-17",
    name="Берёзкина Ольга Захаровна",
    position="Учитель",
    organisation="Школа № 1",
    municipality="Вяземский округ",
    starts=DAY,
    ends=date(2027, 5, 24),
    basis="Самодиагностика от 20.11.2026",
    methodist="Полянская Вера Лаврентьевна",
    centre_head="Луговской Терентий Викентьевич",
    goal="Оценивать так, чтобы ученик видел следующий шаг.",
    lines=LINES,
    subjects=("Математика", "Информатика"),
    experience="18 лет",
    order_number="45",
    order_date=DAY,
    goals=(Goal("Освоить критериальное оценивание.", "три урока с критериями"),),
    deficits=(Deficit("Методические", 41.6, "средний", "Самодиагностика педагога, версия 1"),),
)


@pytest.fixture
def t(texts: Texts) -> Translator:
    return texts.translator()


def words_of(content: bytes) -> tuple[str, list[list[list[str]]], ElementTree.Element]:
    """Text, tables as rows of cells, and the body itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    text = "\n".join("".join(run.text or "" for run in p.iter(f"{W}t")) for p in body.iter(f"{W}p"))
    tables = [
        [
            ["".join(run.text or "" for run in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
            for row in table.iter(f"{W}tr")
        ]
        for table in body.iter(f"{W}tbl")
    ]
    plain = text.replace("\u00ad", "").replace("\u00a0", " ").replace("\u2068", "").replace("\u2069", "")
    return plain, tables, body


def test_the_route_card_says_what_the_form_asks(t: Translator) -> None:
    text, tables, body = words_of(route_card(t, CARD))
    assert "Маршрутная карта" in text
    assert "№ в реестре 2026-17, приказ № 45 от 24.11.2026" in text
    assert "1. Освоить критериальное оценивание. Измеримый результат: три урока с критериями" in text
    head = dict(row for row in tables[0])
    assert head["Предметы"] == "Математика, Информатика"
    assert head["Период маршрута"] == "24.11.2026–24.05.2027"
    assert head["Категория, дата аттестации"] == "—"
    assert "Контакт" not in head
    assert tables[1][1] == ["Методические", "42 %", "средний", "Самодиагностика педагога, версия 1"]
    steps = tables[2]
    assert len(steps[0]) == 12
    assert steps[1][3:10] == [
        "Критерии оценивания, понятные ученику", "Вебинар", "дистанционно", "ЦНППМ", "до 01.12.2026", "2",
        "отметка об участии, появится сама",
    ]  # fmt: skip
    assert steps[1][10] == "02.12.2026, Полянская В. Л."
    assert steps[2][10:] == ["", "по желанию"]
    assert (steps[3][3], steps[3][8]) == ("Всего часов", "38")
    assert [row[2] for row in tables[3]] == [CARD.name, CARD.methodist, CARD.centre_head]
    size = next(body.iter(f"{W}pgSz"))
    assert size.get(f"{W}orient") == "landscape"
    assert int(size.get(f"{W}w", "0")) > int(size.get(f"{W}h", "0"))
    assert len(list(body.iter(f"{W}tblHeader"))) == 2


def test_the_internal_form_has_the_contact_and_the_curator_signs(t: Translator) -> None:
    text, tables, _ = words_of(route_card(t, replace(CARD, contact="8 000 000-00-00", curator="Заречная Т. И.")))
    assert "8 000 000-00-00" in text
    assert [row[2] for row in tables[3]][2] == "Заречная Т. И."


def test_strange_signs_do_not_break_the_file(t: Translator) -> None:
    odd = replace(CARD, goal="а\x00б\x0b<w:p>&", lines=(), deficits=(), goals=())
    text, tables, _ = words_of(route_card(t, odd))
    assert "аб<w:p>&" in text
    assert len(tables[1]) == 2


def test_forty_steps_make_pages_not_errors(t: Translator) -> None:
    _, tables, _ = words_of(route_card(t, replace(CARD, lines=LINES * 20)))
    assert len(tables[2]) == 42


def test_the_register_opens_as_a_table(t: Translator) -> None:
    line = RegisterLine(
        "2026-17", "=HYPERLINK(1)", "Учитель", "Школа № 1", "Вяземский округ", "Полянская В. Л.", "Самодиагностика",
        DAY, None, "45", DAY, 8, 48, 3, "в работе",
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(register(t, [line, replace(line, number="2026-18")], on=DAY)))
    sheet = book.active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "Реестр индивидуальных образовательных маршрутов на 24.11.2026"
    assert len(rows) == 4
    first = dict(zip(rows[1], rows[2], strict=True))
    assert first["ФИО"] == "=HYPERLINK(1)"
    assert sheet["B3"].data_type != "f"
    assert str(first["Начало"]).startswith("2026-11-24")
    assert (first["Окончание"] or "") == ""
    assert (first["Шагов"], first["Часов"], first["Принято шагов"]) == (8, 48, 3)
    assert sheet.freeze_panes == "C3"


def test_an_empty_register_is_a_head(t: Translator) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(register(t, [], on=DAY))).active
    assert sheet is not None
    assert sheet.max_row == 2


def test_the_list_of_the_order(t: Translator) -> None:
    end = date(2027, 5, 24)
    lines = [
        OrderLine(f"2026-{n}", f"Педагог {n}", "Школа № 1", "Вяземский округ", "Полянская В. Л.", DAY, end)
        for n in range(1, 23)
    ]
    text, tables, _ = words_of(order_list(t, lines, number="45", on=DAY, head="Луговской Т. В."))
    assert "к приказу № 45 от 24.11.2026" in text
    assert "Всего: 22 маршрута." in text
    assert tables[0][22][:3] == ["22", "2026-22", "Педагог 22"]
    unsigned, _, _ = words_of(order_list(t, lines[:1], number="", on=None, head="Луговской Т. В."))
    assert "к приказу № ______ от ____________" in unsigned


@pytest.mark.parametrize("title", ["Письмо № 5 – «как есть»", "Сходимость: ∑ и ∞"], ids=["usual letters", "rare signs"])
def test_every_sign_of_a_certificate_is_drawn(t: Translator, title: str, caplog: pytest.LogCaptureFixture) -> None:
    """The fonts are cut to the usual letters; a rarer sign takes the whole ones."""
    face = certificate.Face(
        "Сертификат", "26-4TK7Q-2M9PX", "ЦНППМ", "Ҷумъаева ӀАйшат Ёлкина", "участвовала", title, "", ()
    )
    content = certificate.printed(t, face, check_url="https://marshrut.example/check/1")
    words: str = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded()
    assert face.name in words
    assert title in words
    assert not [one for one in caplog.records if "missing" in one.getMessage()], "no sign is left to an empty box"

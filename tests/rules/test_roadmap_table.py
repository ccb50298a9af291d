"""Tables of measures: columns by their words, what pages and scanners did to the lines, and who answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.roadmap_bodies import Directory, KnownBody, split_unknown
from bot.rules.roadmap_results import targets_of
from bot.rules.roadmap_table import Line, Row, paragraphs, read_table

HEAD = "Направление|Мероприятие|Ответственный|Исполнители|Срок|Результат"
YEAR = 2025


def lines(*rows: str) -> list[Line]:
    """Cells by «|»; «~» opens a line after a page break, «/» cuts paragraphs."""
    made = []
    for place, row in enumerate(rows, 1):
        cells = tuple(paragraphs(cell.replace(" / ", "\n")) for cell in row.removeprefix("~").split("|"))
        made.append(Line(place, cells, row.startswith("~")))
    return made


def rows(*texts: str) -> list[Row]:
    table = read_table(lines(*texts), YEAR)
    assert table is not None
    return table.rows


def seen(found: list[Row]) -> list[tuple[str, str]]:
    return [(row.measure, row.deadline_raw) for row in found]


def asked(row: Row) -> set[str]:
    return {note.key.removeprefix("road-read-") for note in row.doubts}


@pytest.mark.parametrize(
    "heading",
    [
        HEAD,
        "№ п/п|Наименование мероприятий|Сроки исполнения|Ответственные исполнители|Ожидаемый результат",
        "№|Содержание деятельности|Период реализации|Кто отвечает|Подтверждающий документ",
        "Мероприятия плана|Дата проведения|Ответственный",
    ],
)
def test_columns_are_found_by_their_words(heading: str) -> None:
    names = heading.split("|")
    at = next(i for i, name in enumerate(names) if name.split()[0] in ("Срок", "Сроки", "Период", "Дата"))
    cells = ["Провести семинар" if "ероприят" in n or "Содержание" in n else "" for n in names]
    cells[at] = "до 1 марта 2025 года"
    cells[-1] = cells[-1] or "Справка"
    assert seen(rows("Приложение к приказу", heading, "|".join(cells))) == [
        ("Провести семинар", "до 1 марта 2025 года")
    ]


def test_text_without_a_heading_is_no_table() -> None:
    assert read_table(lines("Приказываю|провести до 1 мая 2025 года|всем", "1|2|3"), YEAR) is None


def test_sections_headings_and_column_numbers_are_no_measures() -> None:
    found = rows(
        "№|Мероприятие|Срок|Ответственный",
        "1|2|3|4",
        "Раздел II. Люди|||",
        "1|Собрать заявки|до 1 марта 2025 года|Центр",
        "~1|2|3|4",
        "№|Мероприятие|Срок|Ответственный",
        "2|Провести курсы|до 1 мая 2025 года|Центр",
        "--|---|--|----",
        "Без номера|||",
        "1|Подвести итоги|до 1 июня 2025 года|Центр",
    )
    assert [(row.direction, row.number, row.measure) for row in found] == [
        ("2", "1", "Собрать заявки"),
        ("2", "2", "Провести курсы"),
        ("0", "1", "Подвести итоги"),
    ]
    assert found[2].task == "Без номера"


def test_a_row_cut_by_a_page_is_whole_again() -> None:
    found = rows(
        HEAD,
        "1. Документы|Подготовить положение о|Ведомство|Центр|до 15 марта|Приказ",
        "~|школе наставника|и институт||2025 года|ведомства",
        "|Собрать отзывы|Центр||ежеквартально|Справка",
    )
    assert seen(found) == [
        ("Подготовить положение о школе наставника", "до 15 марта 2025 года"),
        ("Собрать отзывы", "ежеквартально"),
    ]
    assert found[0].result == "Приказ ведомства"
    assert found[0].responsible == ("Ведомство и институт",)
    assert found[1].task == found[0].task
    assert not asked(found[0])


def test_the_rest_of_a_row_may_begin_with_a_capital_letter() -> None:
    found = rows(
        HEAD,
        "|Провести цикл встреч|Центр||Ежегодно (по плану ФЦ|Отчёт",
        "~|ФЦ НМС для школ|||НМС)|",
        "|Собрать отзывы|Центр||ежеквартально|Справка",
    )
    assert seen(found)[0] == ("Провести цикл встреч ФЦ НМС для школ", "Ежегодно (по плану ФЦ НМС)")
    assert "joined" in asked(found[0])
    assert len(found) == 2


def test_a_heading_broken_inside_its_words_is_read() -> None:
    found = rows(
        "Системообра зующее мероприятие|Мероприя тие|Ответстве нный|Срок|Результат", "1. А|Б в|Центр|ежегодно|Акт"
    )
    assert [(row.task, row.measure, row.responsible) for row in found] == [("1. А", "Б в", ("Центр",))]


def test_whom_a_measure_is_for_is_not_who_carries_it_out() -> None:
    found = rows("Мероприятие|Участники|Срок|Ответственный", "Провести форум|учителя|ежегодно|Центр")
    assert (found[0].executors, found[0].responsible) == ((), ("Центр",))


def test_cells_that_lost_a_merged_neighbour_go_back_under_their_columns() -> None:
    found = rows(
        HEAD,
        "Люди|Набрать группу|Центр|Школы|до 1 марта 2025 года|Приказ",
        "Провести занятия|Центр|Школы|ежемесячно|Журнал|",
        "|Выдать документы|Центр|Школы||до 1 июля 2025 года|Реестр",
    )
    assert seen(found)[1:] == [("Провести занятия", "ежемесячно"), ("Выдать документы", "до 1 июля 2025 года")]
    assert [row.responsible for row in found] == [("Центр",)] * 3
    assert asked(found[1]) == asked(found[2]) == {"moved"}


def test_several_measures_in_a_cell_are_paired_with_their_deadlines() -> None:
    found = rows(
        HEAD,
        "|Провести форум / Издать сборник|Центр / Институт||до 1 марта 2025 года / до 1 мая 2025 года|Отчёт / Сборник",
    )
    assert seen(found) == [("Провести форум", "до 1 марта 2025 года"), ("Издать сборник", "до 1 мая 2025 года")]
    assert [row.responsible for row in found] == [("Центр",), ("Институт",)]
    assert [row.result for row in found] == ["Отчёт", "Сборник"]


def test_more_measures_than_deadlines_share_the_deadline_and_ask() -> None:
    found = rows(HEAD, "|Провести форум / Издать сборник|Центр||до 1 мая 2025 года|Отчёт")
    assert seen(found) == [("Провести форум", "до 1 мая 2025 года"), ("Издать сборник", "до 1 мая 2025 года")]
    assert all("shared-deadline" in asked(row) for row in found)


def test_more_deadlines_than_measures_leave_a_row_without_a_title() -> None:
    found = rows(
        HEAD,
        "|Провести форум / Издать сборник|А / Б / В||до 1 марта 2025 года / ежегодно / ежеквартально|X / Y / Z",
    )
    assert seen(found)[2] == ("", "ежеквартально")
    assert "no-title" in asked(found[2])


def test_two_dates_of_one_measure_stay_together() -> None:
    found = rows(HEAD, "|Отчитаться|Центр||до 1 марта 2025 года / до 1 октября 2025 года|Отчёт")
    assert seen(found) == [("Отчитаться", "до 1 марта 2025 года до 1 октября 2025 года")]


def test_a_list_in_a_cell_is_one_measure() -> None:
    found = rows(HEAD, "|Провести: / 1. форум / 2. семинар / – для школ|Центр||до 1 мая 2025 года|Отчёт")
    assert len(found) == 1


def test_titles_a_line_late_go_up() -> None:
    found = rows(
        HEAD,
        "1. Молодые|Составить план поддержки|Ведомство||до 1 марта 2025 года|План",
        "~|молодых учителей|Школы|Центр|ежегодно|Приказы о парах",
        "|Закрепить наставников за новыми учителями|Центр||ежеквартально|Справка о школе",
        "|Вести школу молодого учителя||||",
    )
    assert seen(found) == [
        ("Составить план поддержки молодых учителей", "до 1 марта 2025 года"),
        ("Закрепить наставников за новыми учителями", "ежегодно"),
        ("Вести школу молодого учителя", "ежеквартально"),
    ]
    assert "title-shifted" in asked(found[1])
    assert "title-shifted" in asked(found[2])


def test_deadlines_printed_twice_are_counted_once() -> None:
    found = rows(
        HEAD,
        "|Собрать заявки|А / Б||до 1 марта 2025 года / ежеквартально|X / Y",
        "|Вести реестр|Б||ежеквартально|Y",
    )
    assert seen(found) == [("Собрать заявки", "до 1 марта 2025 года"), ("Вести реестр", "ежеквартально")]
    assert "repeated" in asked(found[0])


def test_two_deadlines_run_together_are_cut_only_in_one_way() -> None:
    found = rows(HEAD, "|Вести рубрику / Издать сборник|Центр||В течение 2025 года Ежемесячно Сентябрь 2025 года|Отчёт")
    assert [row.deadline_raw for row in found] == ["В течение 2025 года Ежемесячно", "Сентябрь 2025 года"]
    assert all("deadline-split" in asked(row) for row in found)


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ("|Провести форум|Центр||до 1 мая 2025 года|Доля участников составляет не менее", "number-lost"),
        ("|Провести форум|Центр|||Отчёт", "no-deadline"),
        ("|=A1|Центр||до 1 мая 2025 года|Отчёт", ""),
    ],
)
def test_doubts(row: str, doubt: str) -> None:
    assert asked(rows(HEAD, row)[0]) == ({doubt} if doubt else set())


def test_the_same_measure_twice_is_shown_and_kept() -> None:
    found = rows(HEAD, *["|Провести форум молодых учителей|Центр||до 1 мая 2025 года|Отчёт"] * 2)
    assert len(found) == 2
    assert [asked(row) for row in found] == [set(), {"twice"}]


CELLS = st.sampled_from(
    ["", "Провести форум", "молодых учителей", "до 1 мая 2025 года", "года", "ежегодно", "(по плану)", "Центр", "1",
     "Направление 2", "--", "не менее 75% учителей", "А / Б", "ежеквартально / ежегодно", "…", "«Школа»"]
)  # fmt: skip


@given(st.lists(st.tuples(st.booleans(), st.lists(CELLS, min_size=1, max_size=8)), max_size=9))
def test_any_table_is_read_and_no_deadline_is_lost(cells: list[tuple[bool, list[str]]]) -> None:
    texts = [("~" if broken else "") + "|".join(row) for broken, row in cells]
    found = rows(HEAD, *texts)
    said = " ".join(row.deadline_raw for row in found)
    in_place = [
        row[4] for _, row in cells if len(row) == 6 and sum(map(bool, row)) > 1 and row[4] == "до 1 мая 2025 года"
    ]
    assert not in_place or "до 1 мая 2025 года" in said


# Bodies

KNOWN = Directory(
    [
        KnownBody("ministry", "Минобр", ("Министерство образования области", "министерство")),
        KnownBody("institute", "ИРО", ("Институт развития образования", "ГАУ ДПО ИРО")),
        KnownBody("centre", "ЦНППМ", ("ЦНПМ", "центр непрерывного повышения профессионального мастерства")),
        KnownBody("schools", "ОО", ("образовательные организации",)),
        KnownBody("colleges", "СПО", ()),
    ]
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Минобр, ИРО, ЦНППМ", ["Минобр", "ИРО", "ЦНППМ"]),
        ("Минобр ИРО ЦНПМ", ["Минобр", "ИРО", "ЦНППМ"]),
        ("Министерство образования области (далее – Минобр); ГАУ ДПО ИРО", ["Минобр", "ИРО"]),
        ("Государственное автономное учреждение «Институт развития образования»", ["ИРО"]),
        ("ИРО (ЦНППМ)", ["ИРО (ЦНППМ)"]),
        ("Образовательные организации, участвующие в проекте", ["ОО, участвующие в проекте"]),
        ("Минобр совместно с институтом развития образования", ["Минобр", "ИРО"]),
        ("", []),
    ],
)
def test_bodies_are_found_by_their_longest_name(cell: str, expected: list[str]) -> None:
    found = KNOWN.find(paragraphs(cell))
    assert [mention.text for mention in found] == expected
    assert all(mention.known for mention in found)


def test_an_unknown_body_is_said_never_replaced() -> None:
    found = KNOWN.find(("ЦНППМ, Дом учёных «Заря»; Минобрнауки соседей",))
    assert [(mention.text, mention.codes) for mention in found] == [
        ("ЦНППМ", ("centre",)),
        ("Дом учёных «Заря»", ()),
        ("Минобрнауки соседей", ()),
    ]


def test_names_are_cut_at_commas_outside_brackets_when_there_is_no_directory() -> None:
    found: Any = split_unknown(("ИРО, партнёры (вузы, музеи); школы",))
    assert [mention.text for mention in found] == ["ИРО", "партнёры (вузы, музеи)", "школы"]


@pytest.mark.parametrize(
    ("result", "measure", "expected"),
    [
        ("Приказ. Не менее 75% учителей прошли курсы", "", ["Не менее 75% учителей прошли курсы"]),
        ("Справка 100% школ дали данные", "", ["100% школ дали данные"]),
        ("Доля учителей составляет не менее 50%", "", ["Доля учителей составляет не менее 50%"]),
        ("Не менее 10% с ИОМ Не менее 75% ШНОР с ИОМ", "", ["Не менее 10% с ИОМ", "Не менее 75% ШНОР с ИОМ"]),
        ("Обучено 4000 человек", "", ["Обучено 4000 человек"]),
        ("Отчёт", "Составить ИОМ (10% учителей)", ["10% учителей"]),
        ("Приказ от 08.11.2022 № 933", "План на 2025 год", []),
    ],
)
def test_numbers_to_reach(result: str, measure: str, expected: list[str]) -> None:
    assert targets_of(result, measure) == expected

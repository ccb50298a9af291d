"""What proves a measure: the kind of its result by the order's words, and which register of ours stands for it."""

from __future__ import annotations

import pytest

from bot.rules.roadmap import lacks
from bot.rules.roadmap_registers import Register, may_prove, suggested
from bot.rules.roadmap_results import KINDS, kind_is_from_title, kind_of


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ("Приказ Департамента об утверждении состава", "order"),
        ("Распорядительные акты РОИВ", "order"),
        ("Соглашение о сотрудничестве", "agreement"),
        ("Реестр мероприятий, анонсы в соцсетях", "register"),
        ("Сформирована база наставников", "register"),
        ("Аналитическая справка по итогам", "report"),
        ("Отчет", "report"),
        ("Не менее 50% специалистов прошли повышение квалификации", "training"),
        ("Информация размещена на сайте, публикации в соцсетях", "publication"),
        ("Не менее 15 % педагогов", "indicator"),
        ("Положительная динамика", "indicator"),
        ("Утвержденный порядок мониторинга", "document"),
        ("Создана среда для роста", ""),
        ("Приказ о зачислении, удостоверения о повышении квалификации", "training"),
        ("Увеличение количества программ в реестре", "indicator"),
        ("Диагностика прошла у учителей с низкими результатами обучения", ""),
        ("Подготовлена нормативная правовая база", "document"),
        ("Сформирована база данных наставников", "register"),
        ("", ""),
    ],
)
def test_the_kind_of_a_result_is_read_or_left_open(result: str, kind: str) -> None:
    assert kind_of(result) == kind
    assert kind in (*KINDS, "")


@pytest.mark.parametrize(
    ("title", "kind", "asks"),
    [
        ("Организация обучения наставников", "training", True),
        ("Размещение материалов на портале", "publication", True),
        ("Проведение мониторинга наставничества", "report", True),
        ("Разработка и утверждение Порядка", "document", False),
        ("Областное августовское совещание", "event", False),
        ("Забота о молодых", "", False),
    ],
)
def test_a_title_tells_the_kind_where_the_result_is_silent(title: str, kind: str, asks: bool) -> None:
    assert kind_of("Создана среда для роста", title) == kind
    assert kind_is_from_title("Создана среда для роста", title) is asks
    assert kind_of("Справка", title) == "report"
    assert not kind_is_from_title("Справка", title)


@pytest.mark.parametrize(
    ("title", "kind", "register"),
    [
        ("Составление ИОМ педагогов по диагностике", "indicator", Register.routes),
        ("Реестр и учёт индивидуальных образовательных маршрутов", "register", Register.routes),
        ("Каталог событий для включения в ИОМ", "register", Register.catalogue),
        ("Реестр стажировочных площадок", "register", Register.catalogue),
        ("Наставничество над молодыми педагогами", "indicator", Register.pairs),
        ("База наставников региона", "register", Register.pairs),
        ("Форум молодых педагогов и наставников", "event", Register.events),
        ("«Горячая линия» для педагогов", "other", Register.hotline),
        ("Диагностика кандидатов в актив", "report", Register.diagnosed),
        ("Совещание о подходах к диагностике", "event", Register.events),
        ("Охват молодых педагогов мероприятиями", "indicator", Register.attendance),
        ("Приказ о диагностике", "order", None),
        ("Положение о семинарах", "", None),
        ("Концепция системы", "document", None),
        ("Укрепление базы", "register", None),
    ],
)
def test_the_register_is_named_by_what_the_measure_begins_with(
    title: str, kind: str, register: Register | None
) -> None:
    assert suggested("", kind, title) is register


def test_a_chosen_register_comes_before_the_words_but_never_before_a_paper() -> None:
    assert suggested("hotline", "report", "Диагностика") is Register.hotline
    assert suggested("hotline", "order", "Диагностика") is None
    assert suggested("unknown", "report", "Диагностика") is Register.diagnosed


@pytest.mark.parametrize("kind", [*KINDS, ""])
def test_a_snapshot_stands_for_registers_and_numbers_only(kind: str) -> None:
    signed = kind in ("order", "agreement", "document", "publication")
    assert may_prove(kind) is not signed
    assert lacks(kind, "snapshot", "") == ("needs-paper" if signed else "")

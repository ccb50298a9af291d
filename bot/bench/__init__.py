"""The measured promises. ``BENCHES``: name → (what it shows, module with ``async def measure() -> list[Row]``)."""

from __future__ import annotations

from bot.bench.rows import Row

BENCHES: dict[str, str] = {
    "dialogue": "шаг диагностики рядом с наименьшим ботом на aiogram",
    "flood": "20 000 нажатий сразу: все отвечены, память",
    "crowd": "200 педагогов сразу: ничего не потеряно",
    "scale": "100 000 человек в таблицах, планы запросов",
    "admin": "страница списка людей",
    "analysis": "анализ 50 вопросов по 10 000 попыткам",
    "external": "10 000 строк чужих результатов: чтение, сопоставление, запись",
    "broadcast": "рассылка на 10 000: темп, отказы, память, ответы в диалоге",
    "messengers": "обновление в VK и MAX рядом с Telegram",
    "mentoring": "пары для 3 000 молодых педагогов и 1 000 наставников",
    "hotline": "готовые ответы: hit@3 на размеченных вопросах, поиск среди 50 000",
    "draft": "черновик маршрута из каталога в 2 000 строк; 5 000 черновиков за один запуск",
}

__all__ = ["BENCHES", "Row"]

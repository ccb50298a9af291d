"""``demo``: an invented region in an empty database."""

from __future__ import annotations

from datetime import date

import click

from bot.clock import utcnow
from bot.commands.common import Day, run_with_database
from bot.commands.common import today as region_day
from bot.config import Settings
from bot.db import Database


@click.command(help="Заполнить пустую базу выдуманным регионом. Те же числа дают то же содержание.")
@click.option("--people", default=200, show_default=True, type=click.IntRange(20, 200_000), help="Сколько людей")
@click.option("--seed", default=1, show_default=True, help="Число, от которого зависит содержание")
@click.option("--today", type=Day(), default=None, help="«Сегодня» демонстрации; без него — сегодня")
def command(people: int, seed: int, today: date | None) -> None:
    async def work(db: Database, settings: Settings) -> None:
        from bot.schema import migrate
        from bot.services import demo

        await migrate(db)
        day = today or region_day(settings, utcnow())
        await demo.fill(db, settings, people=people, seed=seed, today=day)
        click.echo(f"Готово: {people} человек, день {day:%d.%m.%Y}.")

    run_with_database(work)

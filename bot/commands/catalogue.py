"""``catalogue``: activities from a table, and an empty table to fill in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot.clock import now_in
from bot.commands.common import put_json, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database


@click.group(help="Загрузить каталог занятий из таблицы")
def command() -> None:
    """``import`` and ``sample``."""


@command.command("import", help="Загрузить таблицу XLSX или CSV")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Только проверить и показать, что получится")
@click.option("--json", "as_json", is_flag=True, help="Одна запись на строку файла")
def import_table(file: Path, dry_run: bool, as_json: bool) -> None:
    """Exit 0: every row is in its place; 1: some rows are wrong, or the file cannot be used."""

    async def work(db: Database, settings: Settings) -> int:
        from bot.errors import UserError
        from bot.i18n import Texts
        from bot.services.catalogue import table
        from bot.services.people_import.applying import OPERATOR

        try:
            content = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            raise UserError("import-no-file", name=file.name) from error
        async with db.read() as session:
            looked = await table.preview(session, OPERATOR, content, name=file.name)
        written: dict[int, int] = {}
        if not dry_run:
            async with db.begin() as session:
                written = await table.apply(session, OPERATOR, looked, now=now_in(settings.zone))
        t = Texts(ROOT / "locales").translator()
        if as_json:
            put_json(
                [
                    {
                        "row": row.number,
                        "status": row.status,
                        "id": written.get(row.number, row.id),
                        "problems": [{"column": p.column or None, "text": t(p.key, **p.args)} for p in row.problems],
                    }
                    for row in looked.rows
                ]
            )
            return int(looked.count("wrong") > 0)
        for status in ("new", "same", "wrong"):
            if looked.count(status):
                click.echo(t(f"import-report.{status}", count=looked.count(status)))
        if looked.unknown:
            click.echo(t("import-report.unused", columns=", ".join(looked.unknown)))
        for row in looked.rows:
            for problem in row.problems:
                words = t(problem.key, **problem.args)
                key = "import-report.row-column" if problem.column else "import-report.row"
                click.echo(t(key, row=str(row.number), column=problem.column, problem=words), err=True)
        if dry_run:
            click.echo(t("import-report.dry-run"))
        return int(looked.count("wrong") > 0)

    run_with_database(work)


@command.command("sample", help="Записать таблицу-образец: заголовки, подсказки, несколько придуманных строк")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def sample(file: Path) -> None:
    from bot.services.catalogue.table import sample_workbook

    try:
        file.write_bytes(sample_workbook())
    except OSError as failure:
        raise click.UsageError(f"Файл «{file}» не записался: {failure.strerror}.") from failure

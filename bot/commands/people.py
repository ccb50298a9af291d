"""``people``: people and organisations from a table, and an empty table to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from bot.clock import now_in
from bot.commands.common import put_json, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database


@click.group(help="Загрузить людей и организации из таблицы")
def command() -> None:
    """``import`` and ``sample``."""


@command.command("import", help="Загрузить таблицу XLSX или CSV; люди в ней или организации, видно по заголовкам")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Только проверить и показать, что получится")
@click.option("--json", "as_json", is_flag=True, help="Одна запись на строку файла")
def import_table(file: Path, dry_run: bool, as_json: bool) -> None:
    """Exit 0: every row is in its place; 1: some rows wait for a person, or the file cannot be used."""

    async def work(db: Database, settings: Settings) -> int:
        from bot.i18n import Texts
        from bot.services import people_import

        report = await people_import.import_file(db, file, dry_run=dry_run, now=now_in(settings.zone))
        t = Texts(ROOT / "locales").translator()
        if as_json:
            rows = report.as_json()
            for row in rows:
                for problem in row["problems"]:
                    problem["text"] = t(problem["key"], **problem["args"])
            put_json(rows)
            return int(report.has_problems)
        click.echo(t(f"import-report.{report.kind.value}"))
        for status, count in report.counts.items():
            click.echo(t(f"import-report.{status}", count=count))
        if report.unknown:
            click.echo(t("import-report.unused", columns=", ".join(report.unknown)))
        for outcome in report.outcomes:
            for problem in outcome.problems:
                words = t(problem.key, **problem.args)
                key = "import-report.row-column" if problem.column else "import-report.row"
                click.echo(t(key, row=str(outcome.number), column=problem.column, problem=words), err=True)
        if dry_run:
            click.echo(t("import-report.dry-run"))
        return int(report.has_problems)

    run_with_database(work)


@command.command("sample", help="Записать таблицу-образец: заголовки, подсказки, несколько придуманных строк")
@click.argument("kind", type=click.Choice(["people", "organisations"]))
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def sample(kind: str, file: Path) -> None:
    from bot.services.people_import import sample_workbook

    try:
        file.write_bytes(sample_workbook(kind))
    except OSError as failure:
        raise click.UsageError(f"Файл «{file}» не записался: {failure.strerror}.") from failure

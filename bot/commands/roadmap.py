"""``roadmap``: an order's table read into measures, with every doubt said."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.clock import now_in
from bot.commands.common import fail, read_settings, run_with_database, say
from bot.commands.deadline import as_row
from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.rules.deadlines import Note

if TYPE_CHECKING:
    from bot.services.roadmap_import import Reading

ROOT = Path(__file__).resolve().parents[2]


@click.group(help="Прочитать дорожную карту из приказа")
def command() -> None:
    """``import``."""


@command.command("import", help="Прочитать таблицу приказа: DOCX, XLSX, PDF с текстом или распознанный текст")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--year", type=click.IntRange(1990, 2100), required=True, help="Год документа")
@click.option("--dry-run", is_flag=True, help="Только прочитать и показать; база не нужна")
@click.option("--region", metavar="ИМЯ", help="Пакет региона, по органам которого узнавать ответственных")
@click.option("--into", type=int, metavar="НОМЕР", help="Номер дорожной карты, которую обновить")
@click.option("--title", default="", help="Название; по умолчанию прежнее или имя файла")
@click.option("--drop", is_flag=True, help="Мер, которых нет в файле, больше нет и в дорожной карте")
@click.option("--json", "as_json", is_flag=True, help="Одна запись на меру")
def import_table(
    file: Path, year: int, dry_run: bool, region: str | None, into: int | None, title: str, drop: bool, as_json: bool
) -> None:
    """Exit 0: every row is sure; 1: some rows wait for a person, or the file cannot be used."""
    from bot.services.roadmap_import import directory_of_pack, read_file

    try:
        content = file.read_bytes()
    except OSError as failure:
        raise click.UsageError(f"Файл «{file}» не прочитался: {failure.strerror}.") from failure
    if dry_run:
        try:
            reading = read_file(content, file.name, year, directory_of_pack(region or read_settings().region.pack))
        except UserError as failure:
            fail(say(failure))
        sys.exit(show(reading, as_json=as_json))

    async def work(db: Database, settings: Settings) -> int:
        from bot.clock import local_date
        from bot.services import roadmap_import
        from bot.services.access import Scope
        from bot.services.roadmap import Heading

        now = now_in(settings.zone)
        words = _words()
        async with db.read() as session:
            directory = directory_of_pack(region) if region else await roadmap_import.directory_of_region(session)
        reading = read_file(content, file.name, year, directory)
        async with db.begin() as session:
            number = into or await roadmap_import.only_of(session, year)
            heading = Heading(title or ("" if number else file.stem), year)
            await roadmap_import.put(
                session, Scope(None, ()), reading, heading, into=number, say=lambda note: said(note, words),
                now=now, today=local_date(now, settings.zone), may_drop=drop,
            )  # fmt: skip
        return show(reading, as_json=as_json)

    run_with_database(work)


def show(reading: Reading, *, as_json: bool) -> int:
    """Print the measures with their doubts; the exit code."""
    words = _words()
    rows = [as_json_row(measure, words) for measure in reading.measures]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for note in reading.doubts:
            click.echo(said(note, words))
        for row in rows:
            click.echo(f"{row['direction'] or '–'} · {row['measure'] or '?'} · {row['deadline_raw'] or '?'}")
            for doubt in row["doubts"]:
                click.echo(f"    ? {doubt}")
        click.echo(f"Мер: {len(rows)}. С вопросами: {sum(bool(row['doubts']) for row in rows)}.")
    return int(reading.has_doubts)


def as_json_row(measure: Any, words: dict[str, str]) -> dict[str, Any]:
    """The fields scripts rely on; bodies by «; » as in the tables of a region."""
    return {
        "direction": measure.direction, "task": measure.task, "measure": measure.measure,
        "responsible": "; ".join(mention.text for mention in measure.responsible),
        "executors": "; ".join(mention.text for mention in measure.executors),
        "deadline_raw": measure.deadline_raw, "result": measure.result, "target": "; ".join(measure.targets),
        "doubts": [said(note, words) for note in measure.doubts],
        "number": measure.number or None, "direction_title": measure.direction_title, "lines": list(measure.places),
        "deadline": as_row(measure.deadline, words) if measure.deadline is not None else None,
        "responsible_codes": [code for mention in measure.responsible for code in mention.codes],
        "executors_codes": [code for mention in measure.executors for code in mention.codes],
        "quote": measure.quote,
    }  # fmt: skip


def said(note: Note, words: dict[str, str]) -> str:
    """A doubt in words."""
    sentence = words[note.key]
    for name, value in note.args.items():
        sentence = sentence.replace(f"{{ ${name} }}", value)
    return sentence


def _words() -> dict[str, str]:
    """The sentences about deadlines and tables: one line each, read without the whole of the locales."""
    found: dict[str, str] = {}
    for name in ("deadlines.ftl", "roadmap_reading.ftl"):
        text = (ROOT / "locales" / "ru" / name).read_text(encoding="utf-8")
        found |= dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line and line[0] != "#")
    return found

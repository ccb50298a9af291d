"""``deadline``: what a deadline phrase means, as dates, a rule, or a question."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.rules.deadlines import Deadline, Note, read

ROOT = Path(__file__).resolve().parents[2]


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """A day of the command line; a wrong one exits with 2."""
    if value is None:
        return None
    text = "-".join(reversed(value.split("."))) if "." in value else value
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"«{value}» не похоже на дату. Напишите так: 2026-11-24 или 24.11.2026.", ctx, param
        ) from None


@click.command(help="Прочитать срок: даты, правило повторения или вопрос к человеку")
@click.argument("phrase", metavar="ТЕКСТ|-")
@click.option("--year", type=click.IntRange(1990, 2100), required=True, help="Год документа")
@click.option(
    "--from", "since", callback=day, metavar="ДАТА", help="Сроки не раньше; по умолчанию 1 января года документа"
)
@click.option("--until", callback=day, metavar="ДАТА", help="Сроки не позже; по умолчанию 31 декабря через три года")
@click.option("--json", "as_json", is_flag=True, help="Все поля; при «-» одна запись на строку")
def command(phrase: str, year: int, since: date | None, until: date | None, as_json: bool) -> None:
    """Exit 0: read whole; 1: a part is not read or the phrase contradicts itself."""
    if since and until and until < since:
        raise click.UsageError("--until раньше, чем --from.")
    many = phrase == "-"
    lines = (line.rstrip("\r\n") for line in sys.stdin) if many else iter([phrase])
    words = _words()
    problems = False
    for text in lines:
        if many and not text.strip():
            continue
        found = read(text, year, since, until)
        problems = problems or bool(found.error or found.conflict)
        row = as_row(found, words)
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{text}: {row['class'] or '?'}; {row['explanation']}")
            for start, due in row["occurrences"]:
                click.echo(f"  {start or ''} → {due}" if start else f"  {due}")
    sys.exit(int(problems))


def as_row(found: Deadline, words: dict[str, str]) -> dict[str, Any]:
    """The fields scripts rely on, by the names of the gold table."""

    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return value

    def said(note: Note | None) -> str | None:
        return None if note is None else _fill(words[note.key], note.args)

    notes = [Note(f"deadline-class-{(found.kind or 'none').replace('_', '-')}"), *found.notes]
    notes += [note for note in (found.error, found.conflict) if note and note not in notes]
    if found.date_source:
        notes.append(Note(f"deadline-source-{found.date_source.replace('_', '-')}"))
    return {
        "phrase": found.phrase, "normalized": found.normalized, "class": found.kind, "components": found.components,
        "start": plain(found.start), "end": plain(found.end), "bounds_by_anchor": plain(found.bounds_by_anchor),
        "occurrences": plain(found.occurrences), "rrule": found.rrule, "dtstart": plain(found.dtstart),
        "rrule_more": plain(found.rrule_more), "date_source": found.date_source, "offset": plain(found.offset),
        "tentative": found.tentative, "doubtful": found.doubtful, "alternatives": plain(found.alternatives),
        "error": said(found.error), "conflict": said(found.conflict),
        "explanation": " ".join(_fill(words[note.key], note.args) for note in notes),
    }  # fmt: skip


def _words() -> dict[str, str]:
    """The sentences of ``deadlines.ftl``: one line each, so the command starts without the whole of the locales."""
    text = (ROOT / "locales" / "ru" / "deadlines.ftl").read_text(encoding="utf-8")
    return dict(line.split(" = ", 1) for line in text.splitlines() if line.startswith("deadline-"))


def _fill(sentence: str, args: dict[str, str]) -> str:
    for name, value in args.items():
        sentence = sentence.replace(f"{{ ${name} }}", value)
    return sentence

"""``indicators``: the official numbers of a period, each with what it was made of."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.clock import now_in
from bot.commands.common import Day, put_json, read_settings, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts, Translator

if TYPE_CHECKING:
    from bot.rules.indicators.model import Definition
    from bot.rules.indicators.periods import Period
    from bot.services.indicators.counting import Line, Report


@click.command(help="Посчитать показатели региона за период")
@click.option(
    "--period", "asked", required=True, metavar="P", help="2026, 2026-Q1, 2025/2026 или 2026-01-01..2026-06-30"
)
@click.option(
    "--as-of", "as_of", type=Day(), metavar="D", help="Что было известно к концу этого дня; по умолчанию сейчас"
)
@click.option("--pack", metavar="ИМЯ", help="Показатели другого пакета региона; all — всех пакетов")
@click.option("--json", "as_json", is_flag=True, help="Один массив: id, name, numerator, denominator, value, target …")
@click.option(
    "--xlsx",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="F",
    help="Таблица показателей с формулами и списками организаций",
)
@click.option(
    "--people", "named", is_flag=True, help="В таблице — списки людей с подтверждениями вместо списков организаций"
)
@click.option(
    "--docx", type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="F", help="Аналитическая справка"
)
def command(
    asked: str, as_of: date | None, pack: str | None, as_json: bool, xlsx: Path | None, named: bool, docx: Path | None
) -> None:
    """Exit 0: counted (a number that could not be is null with its reason)."""
    from bot.rules.indicators.periods import period_of
    from bot.services import packs

    period = period_of(asked)
    if period is None:
        raise click.BadParameter(
            f"«{asked}» не похоже на период. Напишите год 2026, квартал 2026-Q1, учебный год 2025/2026 "
            "или дни 2026-01-01..2026-06-30: первый не позже последнего.",
            param_hint="--period",
        )
    for name, path in (("--xlsx", xlsx), ("--docx", docx)):
        # Before anything is counted: the file appears only at the end.
        if path is not None and not path.absolute().parent.is_dir():
            raise click.BadParameter(f"Папки «{path.absolute().parent}» нет.", param_hint=name)
    if pack not in (None, "all", *packs.names_of()):
        raise click.BadParameter(f"Пакета «{pack}» нет.", param_hint="--pack")
    zone = read_settings().zone
    if as_of is not None and as_of > now_in(zone).date():
        raise click.BadParameter("Этот день ещё не наступил.", param_hint="--as-of")

    async def work(db: Database, settings: Settings) -> int:
        from bot.services.indicators import counting, definitions

        now = now_in(settings.zone)
        known: list[Definition] | None = None
        if pack is not None:
            names = packs.names_of() if pack == "all" else [pack]
            on = min(as_of or now.date(), period.last)
            known = [one for name in names for one in definitions.in_force(definitions.of_pack(name), on)]
        async with db.read() as session:
            made = await counting.report(session, period, as_of=as_of, now=now, zone=settings.zone, known=known)
        t = Texts(ROOT / "locales").translator()
        rows = [as_row(line, period, made.as_of, t) for line in made.lines]
        if xlsx is not None or docx is not None:
            await _print_papers(db, settings, made, t, xlsx=xlsx, named=named, docx=docx)
        if as_json:
            put_json(rows)
        else:
            _print(rows, t)
        return 0

    run_with_database(work)


async def _print_papers(
    db: Database, settings: Settings, made: Report, t: Translator, *, xlsx: Path | None, named: bool, docx: Path | None
) -> None:
    """The files; names of people only where they were asked for."""
    import asyncio

    from bot.services.indicators import papers

    now = now_in(settings.zone)
    scope = papers.operator(named=named)
    async with db.read() as session:
        edition = await papers.of_report(session, scope, made)
    if xlsx is not None:
        last = [0]

        def said(done: int, total: int) -> None:
            if done == total or done - last[0] >= 10_000:
                last[0] = done
                click.echo(t("indicator-said.progress", done=str(done), total=str(total)), err=True)

        await papers.write_book(db, scope, edition, xlsx, t, lists=True, now=now, progress=said)
    if docx is not None:
        content = await papers.printed(db, scope, edition, t, "report", made=made, now=now, zone=settings.zone)
        await asyncio.to_thread(docx.write_bytes, content)


def as_row(line: Line, period: Period, as_of: date, t: Translator) -> dict[str, Any]:
    """The fields scripts rely on; percentages are numbers, null where there is no value."""
    from bot.services.indicators import wording

    one, found = line.definition, line.outcome
    return {
        "id": one.id,
        "name": one.title,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "value": number(found.value),
        "target": number(one.target),
        "comparator": t(f"indicator-compare.{one.compare.name}"),
        "met": found.met,
        "gap": found.gap,
        "source": wording.sourced(t, one, found) or None,
        "unit": one.unit,
        "margin": found.margin,
        "average": number(found.average),
        "before": found.before,
        "period": period.name,
        "as_of": as_of.isoformat(),
        "clause": one.clause,
        "order": t("indicator-order", no=one.order_no, date=f"{one.order_date:%d.%m.%Y}"),
        "version": one.version,
        "near": list(one.near),
        "beside": dict(line.beside),
        "reason": t(f"indicator-reason.{found.reason}") if found.reason else None,
        "doubts": wording.doubts(t, found),
    }


def number(value: Fraction | None) -> float | int | None:
    """Two decimals; whole numbers stay whole."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 2)


def _print(rows: list[dict[str, Any]], t: Translator) -> None:
    """A line for each; those that could not be counted say why."""
    for row in rows:
        click.echo(t("indicator-said.line", id=row["id"], name=row["name"]))
        if row["value"] is None:
            click.echo("    " + t("indicator-said.none", why=row["reason"] or ""))
        else:
            value = f"{row['value']:g}".replace(".", ",")
            target = "" if row["target"] is None else f"{row['target']:g}".replace(".", ",")
            click.echo(
                "    "
                + t("indicator-said.value", value=value, unit=row["unit"], compare=row["comparator"], target=target)
            )
        for doubt in row["doubts"]:
            click.echo(f"    ? {doubt}")

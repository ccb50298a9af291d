"""``bench``: the measured promises, as rows."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

import click

from bot.bench import BENCHES, Row
from bot.commands.common import put_json
from bot.logs import set_up_logging

Measure = Callable[[], Coroutine[Any, Any, list[Row]]]


@click.command(help="Измерить обещанное. NAME: " + ", ".join(BENCHES) + "; без имени — всё")
@click.argument("name", required=False)
@click.option(
    "--json", "as_json", is_flag=True, help="Один массив строк {name, value, unit, peer, ratio, runs, min, max}"
)
def command(name: str | None, as_json: bool) -> None:
    if name is not None and name not in BENCHES:
        raise click.UsageError(f"Не знаю измерения «{name}». Есть: {', '.join(BENCHES)}.")
    set_up_logging("ERROR")
    rows: list[Row] = []
    for chosen in [name] if name else BENCHES:
        found = _run(chosen)
        rows += found
        if not as_json:
            click.echo(f"{chosen}: {BENCHES[chosen]}")
            for row in found:
                click.echo(_line(row))
    if as_json:
        put_json([row.as_json() for row in rows])
    else:
        click.echo(f"Машина: {platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    sys.exit(0 if all(row.kept for row in rows) else 1)


def _run(name: str) -> list[Row]:
    measure: Measure = import_module(f"bot.bench.{name}").measure
    try:
        import uvloop
    except ImportError:
        return asyncio.run(measure())
    return uvloop.run(measure())


def _line(row: Row) -> str:
    spread = f" [{row.min:g}–{row.max:g}]" if row.min is not None and row.max is not None else ""
    peer = f", рядом {row.peer:g}" if row.peer is not None else ""
    ratio = f", отношение {row.ratio:.2f}" if row.ratio is not None else ""
    verdict = f"  {'выполнено' if row.kept else 'НЕ ВЫПОЛНЕНО'}: {row.goal}" if row.goal else ""
    return f"  {row.name:<16} {row.value:g} {row.unit}{spread}{peer}{ratio}{verdict}"

"""``run``: the system, or some of its parts."""

from __future__ import annotations

import click

PARTS = ("web", "receive", "jobs")


@click.command(help="Запустить систему. Без .env — демонстрация на http://127.0.0.1:8080/")
@click.option("--only", default=",".join(PARTS), help="Части через запятую: web, receive, jobs")
def command(only: str) -> None:
    parts = {part.strip() for part in only.split(",") if part.strip()}
    unknown = parts - set(PARTS)
    if unknown or not parts:
        raise click.UsageError(f"--only знает части web, receive, jobs; не знает: {', '.join(sorted(unknown))}")
    from bot.runner import main

    main(frozenset(parts))

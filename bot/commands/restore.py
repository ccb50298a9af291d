"""``restore``: an archive in place of what the database holds."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import put_json, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database


@click.command(help="Восстановить базу и файлы из архива: всё или ничего. Систему на это время остановите")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Заменить базу, в которой уже есть люди")
@click.option("--json", "as_json", is_flag=True, help="{made_at, revision, people, rows, files, lost, same_secret}")
def command(file: Path, force: bool, as_json: bool) -> None:
    async def work(db: Database, settings: Settings) -> None:
        from bot.i18n import Texts
        from bot.runner import alone
        from bot.services import backups

        with alone(settings):
            found = await backups.restore(db, settings, file, force=force)
        if as_json:
            put_json(
                {
                    "made_at": found.made_at,
                    "revision": found.revision,
                    "people": found.people,
                    "rows": sum(found.rows.values()),
                    "files": found.files,
                    "lost": found.lost,
                    "same_secret": found.same_secret,
                }
            )
            return
        t = Texts(ROOT / "locales").translator()
        made = found.made_at.astimezone(settings.zone)
        click.echo(t("restore-done", made=f"{made:%d.%m.%Y %H:%M}", people=found.people, files=found.files))
        if not found.same_secret:
            click.echo(t("restore-other-secret"), err=True)

    run_with_database(work)

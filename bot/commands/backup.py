"""``backup``: the database and the files in one archive."""

from __future__ import annotations

from pathlib import Path

import click

from bot.clock import utcnow
from bot.commands.common import put_json, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database


@click.command(help="Сохранить базу и файлы в один архив. Без FILE — с датой в названии, в папку BACKUP__DIR")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False, metavar="[FILE]")
@click.option("--json", "as_json", is_flag=True, help="{file, bytes, revision, people, rows, files, lost}")
def command(file: Path | None, as_json: bool) -> None:
    async def work(db: Database, settings: Settings) -> None:
        from bot.i18n import Texts
        from bot.services import backups

        now = utcnow()
        path = file or settings.backup.dir / backups.name_of_today(now)
        made = await backups.write(db, settings, path, now=now)
        if as_json:
            put_json(
                {
                    "file": str(path),
                    "bytes": path.stat().st_size,
                    "revision": made.revision,
                    "people": made.people,
                    "rows": sum(made.rows.values()),
                    "files": made.files,
                    "lost": made.lost,
                }
            )
            return
        t = Texts(ROOT / "locales").translator()
        click.echo(t("backup-made", path=str(path), people=made.people, files=made.files))
        if made.lost:
            click.echo(t("backup-lost", files=made.lost), err=True)
        if not settings.web.secret:
            click.echo(t("backup-secret"), err=True)

    run_with_database(work)

"""``migrate``: bring the database to this version."""

from __future__ import annotations

import click

from bot.commands.common import put_json, run_with_database
from bot.config import ROOT, Settings
from bot.db import Database


@click.command(help="Привести базу к этой версии; run делает это и сам")
@click.option("--json", "as_json", is_flag=True, help="{before, after}")
def command(as_json: bool) -> None:
    async def work(db: Database, settings: Settings) -> None:
        from bot.i18n import Texts
        from bot.schema import migrate, revisions

        before, _ = await revisions(db)
        await migrate(db)
        after, _ = await revisions(db)
        if as_json:
            put_json({"before": before, "after": after})
            return
        t = Texts(ROOT / "locales").translator()
        click.echo(t("migrate-same" if before == after else "migrate-done", revision=after or ""))

    run_with_database(work)

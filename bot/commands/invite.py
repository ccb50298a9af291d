"""``invite``: a code that opens a role; the first head of a centre comes in this way."""

from __future__ import annotations

from datetime import date

import click

from bot.clock import now_in
from bot.commands.common import Day, put_json, run_with_database
from bot.config import Settings
from bot.db import Database
from bot.models import Role, ScopeKind


@click.command(help="Код приглашения на роль. ROLE: " + ", ".join(Role))
@click.argument("role", type=click.Choice([role.value for role in Role]), metavar="ROLE")
@click.option("--scope", required=True, metavar="KIND:ID", help="region, municipality:3, organisation:17, body:2 …")
@click.option("--until", required=True, type=Day(), help="До какого дня действует роль")
@click.option("--json", "as_json", is_flag=True, help="{code, role, scope, until}")
def command(role: str, scope: str, until: date, as_json: bool) -> None:
    kind, _, number = scope.partition(":")
    if kind not in set(ScopeKind) or (number and not number.isdigit()):
        raise click.UsageError(f"--scope «{scope}» не прочитался. Напишите так: region или municipality:3.")
    needs_number = kind in (ScopeKind.municipality, ScopeKind.organisation, ScopeKind.body)
    if needs_number != bool(number) and kind != ScopeKind.theme:
        raise click.UsageError(
            f"--scope {kind} пишется {'с номером: ' + kind + ':3' if needs_number else 'без номера: ' + kind}."
        )

    async def work(db: Database, settings: Settings) -> None:
        from bot.services import invitations

        async with db.begin() as session:
            code = await invitations.invite(
                session,
                Role(role),
                ScopeKind(kind),
                int(number) if number else None,
                until,
                secret=settings.secret,
                now=now_in(settings.zone),
            )
        if as_json:
            put_json({"code": code, "role": role, "scope": scope, "until": until})
        else:
            click.echo(code)

    run_with_database(work)

"""``signin``: a one-time link into the admin, for the person who holds a role."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import now_in
from bot.commands.common import put_json, run_with_database, today
from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.models import Person, PersonState, Role, RoleAssignment


@click.command(help="Ссылка для входа в администрирование, на один раз. ROLE: " + ", ".join(Role))
@click.argument("role", type=click.Choice([role.value for role in Role]), metavar="ROLE")
@click.option("--person", type=int, default=None, help="Номер человека, если роль у нескольких")
@click.option("--json", "as_json", is_flag=True, help="{role, person_id, url}")
def command(role: str, person: int | None, as_json: bool) -> None:
    async def work(db: Database, settings: Settings) -> None:
        from bot.services import demo, staff

        now = now_in(settings.zone)
        async with db.begin() as session:
            person_id = await _holder(session, Role(role), person, settings, now)
            reusable = await demo.mark_of(session) is not None
            url = await staff.signin_link(
                session, person_id, role=role, reusable=reusable, now=now, public_url=settings.public_url
            )
        if as_json:
            put_json({"role": role, "person_id": person_id, "url": url})
        else:
            click.echo(url)

    run_with_database(work)


async def _holder(session: AsyncSession, role: Role, person: int | None, settings: Settings, now: datetime) -> int:
    """The person who holds the role today. UserError when nobody does, or when it is not the one named."""
    r, day = RoleAssignment, today(settings, now)
    statement = (
        select(r.person_id)
        .join(Person, Person.id == r.person_id)
        .where(
            r.role == role,
            Person.state == PersonState.active,
            r.revoked_at.is_(None),
            r.since <= day,
            or_(r.until.is_(None), r.until >= day),
        )
        .order_by(r.person_id)
        .limit(1)
    )
    if person is not None:
        statement = statement.where(r.person_id == person)
    found = await session.scalar(statement)
    if found is None:
        raise UserError("command-no-holder", role=role.value)
    return found

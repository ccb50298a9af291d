"""``mentors``: the best pairs for everybody who asks for a mentor, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from bot.clock import local_date, now_in
from bot.commands.common import run_with_database
from bot.config import Settings
from bot.db import Database

if TYPE_CHECKING:
    from bot.rules.mentoring import Match
    from bot.services.mentoring.common import Who
    from bot.services.mentoring.matching import Found


@click.group(help="Подобрать наставников")
def command() -> None:
    """``match``."""


@command.command("match", help="Подобрать пары для всех, кто просит наставника")
@click.option("--dry-run", is_flag=True, help="Только посчитать и показать; в базе ничего не меняется")
@click.option("--municipality", type=int, metavar="НОМЕР", help="Только один муниципалитет")
@click.option(
    "--mode", type=click.Choice(["quality", "nobody_forgotten"]), default="quality",
    help="quality: лучшее качество; nobody_forgotten: никто не забыт",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Одна запись на наставляемого")
def match(dry_run: bool, municipality: int | None, mode: str, as_json: bool) -> None:
    """Exit 0: everybody has a mentor; 1: somebody is left, or another matching runs."""

    async def work(db: Database, settings: Settings) -> int:
        from bot.models import Role, ScopeKind
        from bot.services.access import Grant, Scope
        from bot.services.mentoring import common, matching

        now = now_in(settings.zone)
        today = local_date(now, settings.zone)
        found = await matching.compute(db, today=today, municipality_id=municipality, mode=mode)
        if not dry_run:
            operator = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
            async with db.begin() as session:
                run_id = await matching.begin(session, operator, municipality_id=municipality, mode=mode, now=now)
            await matching.finish(db, run_id, now=now, today=today, found=found)
        ids = {one.id for one in found.mentees} | {one.id for one in found.mentors} | set(found.grown)
        async with db.read() as session:
            people = await common.who(session, ids, today=today)
        rows = rows_of(found, people)
        left = sum(row["mentor"] is None for row in rows)
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False))
        else:
            for row in rows:
                click.echo(_line(row))
            click.echo(f"Пар: {len(rows) - left}. Без наставника: {left}. Наставников в базе: {len(found.mentors)}.")
        return int(left > 0)

    run_with_database(work)


def rows_of(found: Found, people: dict[int, Who]) -> list[dict[str, Any]]:
    """One row a mentee: the mentor with score and lines, or the reason that binds."""
    from bot.config import ROOT
    from bot.i18n import Texts

    t = Texts(ROOT / "locales").translator()
    rows = [_matched(pair, people, t) for pair in found.plan.pairs]
    for one in found.plan.unmatched:
        reason = t(
            f"mentoring-left.{one.reason.value}",
            obstacle=t(f"mentoring-obstacle.{one.obstacle.value}") if one.obstacle else "",
            score=f"{one.best.score:.0f}" if one.best else "",
            subject=", ".join(people[one.mentee].subjects).lower() or people[one.mentee].position.lower(),
            remote=one.remote,
        )
        row = _empty(one.mentee, people)
        row |= {"reason": one.reason.value, "obstacle": one.obstacle.value if one.obstacle else None}
        rows.append(row | {"text": reason, "remote": one.remote})
    for number in found.grown:
        rows.append(_empty(number, people) | {"reason": "grown", "text": t("mentoring-left.grown")})
    return sorted(rows, key=lambda row: row["mentee_id"])


def _empty(mentee: int, people: dict[int, Who]) -> dict[str, Any]:
    who = people[mentee]
    return {
        "mentee_id": mentee, "mentee": who.name, "mentor_id": None, "mentor": None, "score": None, "lines": [],
        "reason": None, "obstacle": None, "text": None, "remote": 0,
        "organisation": who.organisation, "municipality": who.municipality,
    }  # fmt: skip


def _matched(pair: Match, people: dict[int, Who], t: Any) -> dict[str, Any]:
    lines = [
        {
            "criterion": line.criterion.value, "value": round(line.value, 4), "points": round(line.points, 2),
            "most": round(line.most, 2), "term": line.term,
            "text": t(f"mentoring-term-{line.criterion.value}.{line.term}", share=f"{line.value:.0%}".rstrip("%")),
        }
        for line in pair.lines
    ]  # fmt: skip
    mentor = people[pair.mentor]
    return _empty(pair.mentee, people) | {
        "mentor_id": pair.mentor, "mentor": mentor.name, "score": round(pair.score, 2), "lines": lines,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    if row["mentor"] is None:
        return f"{row['mentee']}: {row['text']}"
    return f"{row['mentee']} – {row['mentor']}, {row['score']:.1f}"

"""Everything that is stored of a person, for herself: DOCX to read, JSON to carry away."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Answer,
    Attempt,
    Consent,
    ConsentText,
    Employment,
    Fact,
    GroupResult,
    Identity,
    Item,
    Organisation,
    Person,
    RoleAssignment,
    VersionGroup,
    View,
)


@dataclass(frozen=True, slots=True)
class Export:
    """The two files."""

    docx: bytes
    json: bytes


async def collect(session: AsyncSession, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Sections of plain values; keys of other people and inner numbers are left out."""
    person = await session.get_one(Person, person_id)
    profile = {
        "last_name": person.last_name,
        "first_name": person.first_name,
        "middle_name": person.middle_name,
        "birth_year": person.birth_year,
        "teach_since_year": person.teach_since_year,
        "confirmed_at": person.confirmed_at,
        "registered_at": person.registered_at,
        "writing_window": person.writing_window,
    }
    sections = {"profile": [profile]}
    sections["work"] = await _rows(
        session,
        select(Organisation.name, Employment.position_slug, Employment.since, Employment.until)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(Employment.person_id == person_id)
        .order_by(Employment.since),
    )
    sections["messengers"] = await _rows(
        session, select(Identity.messenger, Identity.linked_at).where(Identity.person_id == person_id)
    )
    sections["consents"] = await _rows(
        session,
        select(ConsentText.title, ConsentText.version, Consent.given_at, Consent.withdrawn_at, Consent.messenger)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(Consent.person_id == person_id)
        .order_by(Consent.given_at),
    )
    sections["roles"] = await _rows(
        session,
        select(RoleAssignment.role, RoleAssignment.since, RoleAssignment.until).where(
            RoleAssignment.person_id == person_id
        ),
    )
    sections["attempts"] = await _rows(
        session,
        select(Attempt.id, Attempt.purpose, Attempt.state, Attempt.started_at, Attempt.finished_at)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id),
    )
    sections["results"] = await _rows(
        session,
        select(Attempt.id, VersionGroup.title, GroupResult.pct, GroupResult.deficit_level)
        .join(Attempt, Attempt.id == GroupResult.attempt_id)
        .join(VersionGroup, VersionGroup.id == GroupResult.group_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id, VersionGroup.place),
    )
    sections["answers"] = await _rows(
        session,
        select(Attempt.id, Item.text, Answer.value, Answer.answered_at)
        .join(Attempt, Attempt.id == Answer.attempt_id)
        .join(Item, Item.id == Answer.item_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id, Item.place),
    )
    sections["facts"] = await _rows(
        session,
        select(Fact.kind, Fact.occurred_on, Fact.recorded_at).where(Fact.person_key == person.key),
    )
    sections["views"] = await _rows(
        session, select(View.at, View.role, View.what).where(View.person_id == person_id).order_by(View.at)
    )
    return sections


def write(sections: dict[str, list[dict[str, Any]]], labels: dict[str, str], title: str) -> Export:
    """The files; ``labels`` name sections in words. Slow: off the event loop."""
    from docx import Document

    document = Document()
    document.add_heading(title, 0)
    for name, found in sections.items():
        document.add_heading(labels.get(name, name), 1)
        if not found:
            document.add_paragraph("—")
            continue
        columns = list(found[0])
        table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
        for cell, column in zip(table.rows[0].cells, columns, strict=True):
            cell.text = labels.get(column, column)
        for row in found:
            for cell, column in zip(table.add_row().cells, columns, strict=True):
                cell.text = _readable(row[column])
    buffer = io.BytesIO()
    document.save(buffer)
    content = json.dumps(sections, ensure_ascii=False, indent=2, default=_jsonable).encode()
    return Export(buffer.getvalue(), content)


async def _rows(session: AsyncSession, statement: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in await session.execute(statement)]


def _readable(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float):
        return f"{value:.0f}"
    return "—" if value is None else str(value.value if isinstance(value, Enum) else value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)

"""The certificate of a practice's author: on the sheet of the participant's certificate, with other words."""

from __future__ import annotations

import asyncio

from bot.i18n import Words, date_ru
from bot.services.documents.certificate import Face, printed
from bot.services.practices.looking import AuthorPaper


def pdf(t: Words, paper: AuthorPaper, *, check_url: str) -> bytes:
    """One landscape page; it says whether experts have seen the practice."""
    notes = [
        t("documents-certificate.issued", date=date_ru(paper.issued_on)),
        t("documents-author.not-a-document"),
        t("documents-certificate.check", url=check_url),
    ]
    if paper.is_demo:
        notes.append(t("documents-author.demo"))
    face = Face(
        t("documents-author.title"), paper.number, paper.organiser, paper.name, t("documents-author.did"),
        paper.title, t("documents-author.reviewed" if paper.reviewed else "documents-author.published"), tuple(notes),
    )  # fmt: skip
    return printed(t, face, check_url=check_url)


async def pdf_aside(t: Words, paper: AuthorPaper, *, check_url: str) -> bytes:
    """``pdf`` off the event loop."""
    return await asyncio.to_thread(pdf, t, paper, check_url=check_url)

"""Deadlines of administrative Russian: a phrase → class, dates, RFC 5545 rule, or a question; never a guess."""

from __future__ import annotations

from datetime import date

from bot.rules.deadlines.grammar import read_parts
from bot.rules.deadlines.model import Conventions, Deadline, Note
from bot.rules.deadlines.schedule import Scheduler
from bot.rules.deadlines.tokens import Token, tokenize

__all__ = ["Conventions", "Deadline", "Note", "read"]

DEFAULT = Conventions()
AGREED = "отдельному"
"""A word that no date depends on: its repair leaves no doubt."""
MARKS = "*_`|"
"""Marks of the scanner and of footnotes; no date depends on them."""
LONGEST = 600
"""Longer than any deadline cell: it is another column."""


def read(
    phrase: str, year: int, since: date | None = None, until: date | None = None, conventions: Conventions = DEFAULT
) -> Deadline:
    """The deadline a phrase names in a document of ``year``; never raises on any text."""
    since = since or date(year, 1, 1)
    until = until or date(year + conventions.years_ahead, 12, 31)
    if len(phrase) > LONGEST:
        return Deadline(phrase, phrase[:LONGEST], doubtful=True, error=Note("deadline-too-long"))
    tokens, repairs = tokenize(phrase)
    out = Deadline(phrase, _joined(tokens))
    for was, better in repairs:
        out.notes.append(Note("deadline-repaired", {"was": was, "is": better}))
        out.doubtful = out.doubtful or better != AGREED
    if marks := "".join(mark for mark in MARKS if mark in phrase):
        out.notes.append(Note("deadline-marks", {"marks": marks}))
    Scheduler(out, read_parts(tokens), year, since, until, conventions).run()
    return out


def _joined(tokens: list[Token]) -> str:
    """The phrase as read: lower case, repaired, spaces and dashes of one kind."""
    text = ""
    glued = True
    for token in tokens:
        if token.text in (",", ";", ")", ":"):
            text += token.text
            glued = False
        elif token.text == "-":
            text = text.rstrip() + "–"
            glued = True
        else:
            text += ("" if glued else " ") + token.text
            glued = token.text == "("
    return text

"""Papers of a pair in the chat: which there are, and one of them as a file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.screens.menu import menu_row
from bot.services.mentoring.views import PairCard
from bot.ui.screen import Attachment, Button, Screen, rows

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def papers(t: Translator, card: PairCard, names: Sequence[str]) -> Screen:
    """What one's own side may have."""
    buttons = [Button(t(f"mentoring-papers.{name}"), f"mentoring:paper:{card.id}:{name}") for name in names]
    return Screen(
        t.screen("mentoring-papers", name=card.partner.name), rows(*buttons, menu_row(t, f"mentoring:pair:{card.id}"))
    )


def paper(t: Translator, pair_id: int, name: str, content: bytes) -> Screen:
    """A paper as a file that stays in the chat."""
    file = Attachment(t(f"mentoring-paper.{name}"), content, DOCX)
    back = menu_row(t, f"mentoring:papers:{pair_id}")
    return Screen(t.screen("mentoring-paper"), rows(back), attachment=file).kept()

"""Screens of broadcasts and rubrics."""

from __future__ import annotations

from collections.abc import Iterator

from bot.i18n import Translator
from bot.models import BroadcastKind
from bot.screens import broadcasts
from bot.screens.samples.invented import Sample
from bot.services.broadcasts import KINDS, KindLine, Post, RubricLine
from bot.ui.pager import Page

LONG_BODY = (
    "Разберём, как формулировать критерии вместе с классом и что делать, когда работа готова наполовину. "
    "Понадобятся одна своя контрольная и полчаса тишины. Запись останется в каталоге."
)


def broadcast_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    link = "https://cnppm.example/webinar"
    short = Post(BroadcastKind.events, "Вебинар по оцениванию 3 декабря", LONG_BODY, "Записаться", link)
    yield Sample("broadcasts.post", broadcasts.post(t, short), pushed=True)
    long = Post(BroadcastKind.news, "О" * 60, "\n\n".join([LONG_BODY] * 4)[:850])
    yield Sample("broadcasts.post long", broadcasts.post(t, long), pushed=True)
    post = Post(BroadcastKind.rubric, "Три вопроса в конце урока", LONG_BODY, "", link, "#шпаргалка", "shpargalka")
    yield Sample("broadcasts.post rubric", broadcasts.post(t, post), pushed=True)
    for kind in KINDS:
        yield Sample(f"broadcasts.kind_off {kind.value}", broadcasts.kind_off(t, kind))
    yield Sample("broadcasts.kind_on", broadcasts.kind_on(t, BroadcastKind.events))
    lines = [
        RubricLine(f"r{number}", title, "Приём или памятка на одну страницу", "раз в неделю", number % 2 == 0)
        for number, title in enumerate(("#наш_актив", "#шпаргалка", "#это_интересно", "Методический вторник", "Чтение"))
    ]
    yield Sample("broadcasts.rubric_off", broadcasts.rubric_off(t, lines[0]))
    yield Sample("broadcasts.rubrics", broadcasts.rubrics(t, Page(lines, 0, 5), any_on=True))
    yield Sample("broadcasts.rubrics middle", broadcasts.rubrics(t, Page(lines, 1, 14), any_on=True))
    yield Sample("broadcasts.rubrics none", broadcasts.rubrics(t, Page([], 0, 0), any_on=False))
    kinds = [KindLine(kind, kind is not BroadcastKind.surveys) for kind in KINDS]
    yield Sample("broadcasts.kinds", broadcasts.kinds(t, kinds, agreed=True))
    yield Sample("broadcasts.kinds off", broadcasts.kinds(t, kinds, agreed=False))
    yield Sample("broadcasts.muted", broadcasts.muted(t, 1_795_000_000))
    yield Sample("broadcasts.unmuted", broadcasts.unmuted(t))

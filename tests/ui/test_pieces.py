"""Long words in several messages."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.ui.pieces import length, pieces
from tests.fakes.telegram import _parsed


def test_a_short_text_is_left_alone() -> None:
    assert pieces("<b>Меню</b>\n\nВыберите раздел", 4000) == ["<b>Меню</b>\n\nВыберите раздел"]


def test_it_is_cut_after_a_paragraph_and_no_tag_stays_open() -> None:
    text = "<b>Название</b>\n\n" + "а" * 60 + "\n\n<i>" + "б " * 40 + "</i>"
    made = pieces(text, 80)
    assert made[0] == "<b>Название</b>\n\n" + "а" * 60
    assert all(piece.count("<i>") == piece.count("</i>") for piece in made)


def test_an_emoji_counts_for_two_and_an_entity_for_one() -> None:
    assert length("🙂&amp;") == 3
    assert [length(piece) for piece in pieces("🙂" * 10, 7)] == [6, 6, 6, 2]


words = st.lists(
    st.sampled_from(["слово", "очень-длинное-слово", "🙂", "<", "&", ">", "\n", "\n\n", " ", "й"]), max_size=200
).map("".join)


@given(words, words, st.integers(10, 60))
def test_nothing_is_lost_and_every_piece_is_taken_by_the_platform(first: str, second: str, limit: int) -> None:
    text = f"<b>{html.escape(first)}</b>{html.escape(second)}<i>{html.escape(first)}</i>"
    made = pieces(text, limit)
    for piece in made:
        assert len(_parsed(piece).encode("utf-16-le")) // 2 <= limit
    seen = "".join(html.unescape(re.sub(r"</?[bi]>", "", piece)) for piece in made)
    assert re.sub(r"\s", "", seen) == re.sub(r"\s", "", first + second + first)

"""MAX's ids, words and buttons: tables of cases and properties."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messengers.markup import Mark, Words, read, units
from bot.messengers.max import wire
from bot.models import Messenger
from bot.rules.chat_ids import MAX_GROUPS, SPAN, coded

SIGNED = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("chat", "seq", "mid"),
    [
        (472107880, 116993690454357274, "mid.000000001c23cb68019fa524407e751a"),
        (472107880, 116993698282540320, "mid.000000001c23cb68019fa52613170d20"),
        (-1, 1, "mid.ffffffffffffffff0000000000000001"),
        (0, 0, "mid." + "0" * 32),
    ],
)
def test_the_name_of_a_message_follows_from_its_place(chat: int, seq: int, mid: str) -> None:
    assert wire.mid_of(chat, seq) == mid
    assert wire.parts_of(mid) == (chat, seq)


@given(SIGNED, SIGNED)
def test_names_there_and_back(chat: int, seq: int) -> None:
    mid = wire.mid_of(chat, seq)
    assert re.fullmatch(r"mid\.[0-9a-f]{32}", mid)
    assert wire.parts_of(mid) == (chat, seq)


@given(SIGNED, SIGNED, SIGNED, SIGNED)
def test_two_places_never_share_a_name(chat: int, seq: int, other_chat: int, other_seq: int) -> None:
    assert (wire.mid_of(chat, seq) == wire.mid_of(other_chat, other_seq)) == ((chat, seq) == (other_chat, other_seq))


@pytest.mark.parametrize("mid", ["", "mid.", "mid.12", "another.1", "mid." + "g" * 32, "mid." + "0" * 33])
def test_names_of_another_kind(mid: str) -> None:
    assert wire.parts_of(mid) is None


@given(st.integers(1, SPAN - 1))
def test_people_and_groups_are_told_apart(number: int) -> None:
    assert wire.target(coded(Messenger.max, number)) == {"user_id": str(number)}
    assert wire.target(MAX_GROUPS + number) == {"chat_id": str(-number)}


@pytest.mark.parametrize("number", [0, 1, -5, 2 * 10**15 + 1, 3 * 10**15 - 1, 5 * 10**15 + 1, MAX_GROUPS])
def test_numbers_of_others_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not a chat of max"):
        wire.target(number)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("просто", "просто"),
        ("a &lt; b &amp; c", "a &lt; b &amp; c"),
        ("<b>a<i>b</i></b>c", "<b>a<i>b</i></b>c"),
        ("<strong>a</strong><em>b</em><ins>c</ins>", "<b>a</b><i>b</i><u>c</u>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"),
        ("<b>не закрыто", "<b>не закрыто</b>"),
        ('<a href="https://x.ru/?a=1&amp;b=2">x</a>', '<a href="https://x.ru/?a=1&amp;b=2">x</a>'),
        ("<blockquote>слова</blockquote>", "слова"),
        ("<code>x</code> <s>y</s>", "x y"),
        ("😀<b>😀</b>", "😀<b>😀</b>"),
    ],
)
def test_marks_as_max_reads_them(source: str, made: str) -> None:
    assert wire.marked(read(source)) == made


@st.composite
def marked_words(draw: st.DrawFn) -> Words:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
    places = [units(text[:i]) for i in range(len(text) + 1)]
    marks = []
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted(draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)))
        if end > start:
            kind = draw(st.sampled_from(["bold", "italic", "underline", "url"]))
            marks.append(Mark(kind, start, end - start, "https://x.ru/?a&b" if kind == "url" else ""))
    return Words(text, tuple(sorted(marks, key=lambda mark: (mark.offset, -mark.length))))


@given(marked_words())
def test_every_tag_is_closed_in_its_place_and_no_word_is_lost(words: Words) -> None:
    made = wire.marked(words)
    opened: list[str] = []
    for closing, tag in re.findall(r"<(/?)([a-z]+)[^>]*>", made):
        if closing:
            assert opened.pop() == tag
        else:
            opened.append(tag)
    assert opened == []
    assert html.unescape(re.sub(r"<[^>]*>", "", made)) == words.text
    covered = {(m.kind, at) for m in words.marks for at in range(m.offset, m.offset + m.length)}
    assert {(m.kind, at) for m in read(made).marks for at in range(m.offset, m.offset + m.length)} == covered


@given(st.lists(st.text("абв ", min_size=1, max_size=30), min_size=1, max_size=12), st.booleans())
def test_rows_are_split_in_order_and_within_the_limits(labels: list[str], link: bool) -> None:
    row = [
        {"text": label, "url": "https://x.ru"} if link else {"text": label, "callback_data": "a"} for label in labels
    ]
    made = wire.keyboard([row])["payload"]["buttons"]
    assert [button["text"] for part in made for button in part] == labels
    assert all(len(part) <= (3 if link else 7) for part in made)
    for part in made:
        if len(part) > 1:
            assert all(len(button["text"]) <= wire.WHOLE.get(len(part), 10) for button in part)


def test_files_there_and_back() -> None:
    made = wire.file_id("file", {"token": "t", "url": "https://fd.oneme.ru/?a=1|2"})
    assert wire.file_of(made) == ("file", "t", "https://fd.oneme.ru/?a=1|2")
    assert wire.file_of("something") == ("something", "", "")

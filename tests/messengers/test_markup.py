"""HTML taken apart into words and marks, in UTF-16 units."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messengers.markup import Mark, Words, read, units


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("просто слова", Words("просто слова")),
        ("<b>а</b>б", Words("аб", (Mark("bold", 0, 1),))),
        ("😀<i>да</i>", Words("😀да", (Mark("italic", 2, 2),))),
        ("<b><u>x</u>y</b>", Words("xy", (Mark("bold", 0, 2), Mark("underline", 0, 1)))),
        (
            '<a href="https://a.ru/?x=1&amp;y=2">тут</a>',
            Words("тут", (Mark("url", 0, 3, "https://a.ru/?x=1&y=2"),)),
        ),
        ("1 &lt; 2 &amp; 3", Words("1 < 2 & 3")),
        ("a < b & c", Words("a < b & c")),
        ("<code>к</code>", Words("к", (), ("code",))),
        ("<b>не закрыт", Words("не закрыт", (Mark("bold", 0, 9),))),
        ("лишний</b>", Words("лишний")),
        ("<b></b>пусто", Words("пусто")),
        ("<a>без адреса</a>", Words("без адреса")),
    ],
)
def test_table(source: str, words: Words) -> None:
    assert read(source) == words


parts = st.lists(st.tuples(st.sampled_from(["", "b", "i", "u"]), st.text(max_size=12)), max_size=8)


@given(parts)
def test_marks_cover_exactly_what_was_tagged(parts: list[tuple[str, str]]) -> None:
    source = "".join(f"<{tag}>{html.escape(t)}</{tag}>" if tag else html.escape(t) for tag, t in parts)
    words = read(source)
    assert words.text == "".join(t for _, t in parts)
    raw = words.text.encode("utf-16-le", "surrogatepass")
    covered = [raw[2 * m.offset : 2 * (m.offset + m.length)].decode("utf-16-le", "surrogatepass") for m in words.marks]
    assert covered == [t for tag, t in parts if tag and t]


@given(st.text(alphabet="<>/&;abiu\"' =href😀x", max_size=60))
def test_any_text_is_read_and_marks_stay_inside(source: str) -> None:
    words = read(source)
    assert all(m.offset >= 0 and m.length > 0 and m.offset + m.length <= units(words.text) for m in words.marks)

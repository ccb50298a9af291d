"""Words of a message as HTML: what may pass and what is only text."""

from __future__ import annotations

import pytest

from bot.web.rendering import own, said, size, way
from bot.web.security import Pace, Signer


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("просто", "<p>просто</p>"),
        ("<b>Меню</b>\n\nраз\nдва", "<p><b>Меню</b></p><p>раз<br>два</p>"),
        ("1 &lt; 2 &amp; 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("1 < 2", "<p>1 &lt; 2</p>"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ('<a href="https://x.ru/a">там</a>', '<p><a rel="noopener" target="_blank" href="https://x.ru/a">там</a></p>'),
        ('<a href="javascript:alert(1)">там</a>', '<p>&lt;a href="javascript:alert(1)"&gt;там</a></p>'),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a</b></p>"),
    ],
)
def test_only_four_tags_pass(text: str, shown: str) -> None:
    assert said(text) == shown


def test_words_of_a_person_are_text() -> None:
    assert own("<b>я</b>\nвторая") == "&lt;b&gt;я&lt;/b&gt;<br>вторая"


def test_the_route_line_stands_where_the_question_is() -> None:
    drawn = way("<b>7 из 30. Методические</b>\n\nФормулирую цель")
    assert drawn.count("<circle") == 30
    assert drawn.count('class="dn"') == 6
    assert drawn.count('class="nw"') == 1
    assert not way("<b>Меню</b>")
    assert not way("<b>7 из 400. Много</b>")
    assert not way("<b>9 из 3. Странно</b>")


@pytest.mark.parametrize(("count", "words"), [(0, "1 КБ"), (2048, "2 КБ"), (3_500_000, "3,3 МБ")])
def test_sizes_in_russian(count: int, words: str) -> None:
    assert size(count).replace("\u00a0", " ") == words


def test_a_cookie_of_one_kind_does_not_pass_for_another() -> None:
    signed = Signer(b"secret", "chat").sign("value.with.dots")
    assert Signer(b"secret", "chat").read(signed) == "value.with.dots"
    assert Signer(b"secret", "admin").read(signed) is None
    assert Signer(b"other", "chat").read(signed) is None
    assert Signer(b"secret", "chat").read("") is None


def test_a_wild_pace_is_stopped() -> None:
    pace = Pace(3)
    assert [pace.allows("a") for _ in range(4)] == [True, True, True, False]
    assert pace.allows("b")

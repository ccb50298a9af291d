"""Russian words made comparable: case, ё, punctuation, stems, trigrams."""

from __future__ import annotations

import re
from functools import lru_cache

from snowballstemmer import stemmer

_other = re.compile(r"[^0-9a-zа-я]+")
_stem = stemmer("russian")
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
_layout = str.maketrans(_LATIN + _LATIN.upper(), _RUSSIAN * 2)


def folded(text: str) -> str:
    """Lower case, ё = е, only letters and digits, single spaces."""
    return _other.sub(" ", text.casefold().replace("ё", "е")).strip()


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return folded(text).split()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a folded Russian word; digits and short words stay as they are."""
    return word if len(word) < 4 or word.isdigit() else str(_stem.stemWord(word))


def trigrams(word: str) -> set[str]:
    """Three-letter pieces of a word with its borders marked, for misspellings."""
    padded = f" {word} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)} if len(word) > 2 else set()


def in_russian_layout(text: str) -> str:
    """The same keys on the Russian keyboard: «ubvyfpbz» → «гимназия»."""
    return text.translate(_layout)

"""When two wishes are one: the same stems in any order, small words left out."""

from __future__ import annotations

from bot.rules.words import stem, words

LONGEST = 100
SHORTEST = 3

SMALL = frozenset({
    "и", "в", "во", "на", "по", "о", "об", "для", "со", "с", "к", "из", "у", "от", "до", "как", "а", "или", "не", "про",
    "курс", "интенсив", "обучение", "занятие", "хочу", "нужен", "нужна",
})  # fmt: skip
"""Words that make no difference to what is wanted."""


def key(topic: str) -> str:
    """Equal for «Нейросети на уроке» and «хочу курс: урок, нейросети»; empty for words that name nothing."""
    said = words(topic[:LONGEST])
    meant = sorted({stem(word) for word in said if word not in SMALL})
    found = " ".join(meant)[:255]
    return found if len(found.replace(" ", "")) >= SHORTEST else ""

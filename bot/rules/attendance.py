"""Was she there: the word that changes on the presenter's screen, and what meets the rule of an event."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum

from bot.models import AttendanceMethod, Confidence, EventRule
from bot.rules.words import folded

WINDOW = timedelta(minutes=5)
"""How long a word stands on the screen."""

GRACE = timedelta(minutes=15)
"""How long a word is taken after it has gone from the screen, and how long after the end of the event."""

WORDS = (
    "ЛИПА", "КЛЁН", "ИВА", "СОСНА", "БЕРЁЗА", "ОСИНА", "РЯБИНА", "КАЛИНА", "ЯСЕНЬ", "ТОПОЛЬ", "ВЕРБА", "ЧЕРЁМУХА",
    "РЕКА", "ОЗЕРО", "РУЧЕЙ", "РОДНИК", "ЗАЛИВ", "ОСТРОВ", "БЕРЕГ", "ПРИЧАЛ", "ТРОПА", "МОСТ", "ПОЛЯНА", "ОПУШКА",
    "СНЕГ", "ИНЕЙ", "РОСА", "РАДУГА", "ГРОЗА", "ВЕТЕР", "ОБЛАКО", "ЗАРЯ", "ЛАСТОЧКА", "СНЕГИРЬ", "СИНИЦА", "ЖУРАВЛЬ",
    "КОМПАС", "КАРТА", "ГЛОБУС", "МАЯК", "ПАРУС", "ЯКОРЬ", "КНИГА", "ПЕРО", "ЛИНЕЙКА", "ЦИРКУЛЬ", "МЕЛ", "ЗВОНОК",
)  # fmt: skip

_signs = re.compile(r"[^а-я0-9]+")


class Verdict(StrEnum):
    """What became of a typed word."""

    right = "right"
    late = "late"
    wrong = "wrong"
    early = "early"
    over = "over"


def window_of(moment: datetime) -> int:
    """The number of the stretch of five minutes a moment lies in."""
    return int(moment.timestamp() // WINDOW.total_seconds())


def left(moment: datetime) -> int:
    """Seconds until the word changes."""
    span = int(WINDOW.total_seconds())
    return span - int(moment.timestamp()) % span


def word(secret: str, window: int, turn: int) -> str:
    """«ЛИПА 47» of a stretch; a change by hand (``turn``) makes another word and ends the one before."""
    digest = _digest(secret, "word", window, turn)
    return f"{WORDS[int.from_bytes(digest[:2]) % len(WORDS)]} {10 + int.from_bytes(digest[2:4]) % 90}"


def ticket(secret: str, window: int, turn: int) -> str:
    """What the picture on the screen carries instead of the word: long, so that nobody guesses it."""
    return _digest(secret, "ticket", window, turn).hex()[:16]


def judge(
    typed: str, secret: str, *, turn: int, starts_at: datetime, ends_at: datetime, now: datetime, by_picture: bool
) -> Verdict:
    """Taken while the word stands and ``GRACE`` longer, from the beginning of the event until ``GRACE`` after it."""
    if now < starts_at:
        return Verdict.early
    if now > ends_at + GRACE:
        return Verdict.over
    said = typed.strip() if by_picture else bare(typed)
    current, first, oldest = window_of(now), window_of(starts_at), window_of(now - GRACE)
    for window in range(current, first - 1, -1):
        right = ticket(secret, window, turn) if by_picture else bare(word(secret, window, turn))
        if hmac.compare_digest(said.encode(), right.encode()):
            return Verdict.right if window >= oldest else Verdict.late
    return Verdict.wrong


def bare(text: str) -> str:
    """«клен-47» of «Клён 47»: only what is heard."""
    return _signs.sub("", folded(text))


def looks_like_word(text: str) -> bool:
    """True for what may be a word of the screen: a word of the list, with or without its number."""
    said = bare(text)
    return said.rstrip("0123456789") in _bare and said[-2:].isdigit() and len(text) <= 30


_bare = frozenset(_signs.sub("", folded(one)) for one in WORDS)


def meets(rule: EventRule, method: AttendanceMethod, *, minutes: int | None, length: int, share: int) -> bool:
    """True when this evidence meets the rule of the event; ``length`` and ``minutes`` are minutes.

    A member of staff who marks by hand gives a reason and decides. Everything else has to be of the kind
    the rule names; presence in the log is measured wherever minutes are known.
    """
    if method is AttendanceMethod.manual:
        return True
    if method is AttendanceMethod.log_import:
        return rule in (EventRule.log, EventRule.any) and minutes is not None and minutes * 100 >= share * length
    if method is AttendanceMethod.sheet:
        return rule in (EventRule.sheet, EventRule.any)
    if method is AttendanceMethod.quiz:
        # As good as a word, and more: who can answer has listened. The word alone does not stand for the quiz.
        return rule is EventRule.quiz or quiz_beside(rule)
    return rule in (EventRule.code, EventRule.any)


def quiz_beside(rule: EventRule) -> bool:
    """True when a quiz, where the event has one, counts beside what the rule names."""
    return rule in (EventRule.code, EventRule.any)


def confidence(method: AttendanceMethod, *, on_list: bool) -> Confidence:
    """A word may be told to a friend: from somebody who was not on the list it waits for a look."""
    if method in (AttendanceMethod.code_word, AttendanceMethod.qr_window, AttendanceMethod.quiz):
        return Confidence.medium if on_list else Confidence.low
    return Confidence.high


def _digest(secret: str, purpose: str, window: int, turn: int) -> bytes:
    return hmac.new(secret.encode(), f"{purpose}:{window}:{turn}".encode(), hashlib.sha256).digest()

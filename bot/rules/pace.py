"""How fast a messenger may be written to: buckets of tokens, asked for the time and never asking for it."""

from __future__ import annotations

from collections import OrderedDict

_HAIR = 1e-6


class Bucket:
    """``rate`` tokens a second, at most ``burst`` saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("a bucket needs a rate above 0 and room for one token")
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until a token is there; ``now`` is any clock that does not run backwards."""
        missing = 1.0 - self._left(now)
        # Sums of floats miss a whole token by a hair; waiting for the hair would never end.
        return missing / self._rate if missing > _HAIR else 0.0

    def take(self, now: float) -> None:
        """One token; a debt is possible, for those who cannot wait."""
        self._tokens = self._left(now) - 1.0
        self._at = now

    def _left(self, now: float) -> float:
        if self._at is None:
            return self._tokens
        return min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)


class Pace:
    """One messenger: messages a second in all and in one chat. What was refused holds everything."""

    def __init__(self, per_second: float, per_chat: float, *, chats: int = 5_000) -> None:
        self._all = Bucket(per_second, max(1.0, per_second / 2))
        self._per_chat = per_chat
        self._size = chats
        self._chats: OrderedDict[int, Bucket] = OrderedDict()
        self._held_until = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next message to anybody."""
        return max(self._held_until - now, self._all.wait(now), 0.0)

    def wait_for(self, chat_id: int, now: float) -> float:
        """Seconds until the next message to this chat."""
        bucket = self._chats.get(chat_id)
        return bucket.wait(now) if bucket else 0.0

    def take(self, chat_id: int, now: float) -> None:
        """A message goes out."""
        self._all.take(now)
        bucket = self._chats.get(chat_id)
        if bucket is None:
            bucket = self._chats[chat_id] = Bucket(self._per_chat, max(1.0, self._per_chat))
            if len(self._chats) > self._size:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat_id)
        bucket.take(now)

    def hold(self, seconds: float, now: float) -> None:
        """The messenger asked for patience."""
        self._held_until = max(self._held_until, now + seconds)

    def resting(self, now: float) -> dict[int, float]:
        """Chats that must wait, with the seconds left."""
        return {chat: left for chat, bucket in self._chats.items() if (left := bucket.wait(now)) > 0}

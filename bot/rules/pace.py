"""How fast a messenger may be written to: buckets of tokens, asked for the time and never asking for it."""

from __future__ import annotations

from collections import OrderedDict

_HAIR = 1e-6

SLOWER = 0.7
"""What is left of the pace after each «too many»."""

SLOWEST = 0.1
STEP = 0.05
CALM = 20.0
"""Seconds without a refusal after which a step of the pace comes back."""

MINUTE = 60.0


class Bucket:
    """``rate`` tokens a second, at most ``burst`` saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("a bucket needs a rate above 0 and room for one token")
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at: float | None = None

    def change(self, rate: float, now: float) -> None:
        """Another rate from now on; what was saved up by the old one stays."""
        self._tokens = self._left(now)
        self._at = now
        self._rate = rate

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
    """One messenger: messages a second in all and in one chat. What was refused holds everything.

    A refusal also slows the messenger down; after a calm while the pace comes back step by step.
    """

    def __init__(
        self, per_second: float, per_chat: float, *, per_group: float | None = None, chats: int = 5_000
    ) -> None:
        self._per_second = per_second
        self._all = Bucket(per_second, max(1.0, per_second / 5))
        self._per_chat = per_chat
        self._per_group = per_group
        self._size = chats
        self._chats: OrderedDict[int, Bucket] = OrderedDict()
        self._held_until = 0.0
        self._share = 1.0
        self._calm_from = 0.0

    @property
    def share(self) -> float:
        """How much of the allowed pace is used now: 1 when nothing was refused of late."""
        return self._share

    def wait(self, now: float) -> float:
        """Seconds until the next message to anybody."""
        self._recover(now)
        return max(self._held_until - now, self._all.wait(now), 0.0)

    def wait_for(self, chat_id: int, now: float) -> float:
        """Seconds until the next message to this chat."""
        bucket = self._chats.get(chat_id)
        return bucket.wait(now) if bucket else 0.0

    def take(self, chat_id: int, now: float) -> None:
        """A message goes out."""
        self._recover(now)
        self._all.take(now)
        bucket = self._chats.get(chat_id)
        if bucket is None:
            bucket = self._chats[chat_id] = self._bucket_of(chat_id)
            if len(self._chats) > self._size:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat_id)
        bucket.take(now)

    def hold(self, seconds: float, now: float) -> None:
        """The messenger is silent or asked for patience."""
        self._held_until = max(self._held_until, now + seconds)

    def refused(self, seconds: float, now: float) -> None:
        """«Too many»: held as long as asked and slower afterwards.

        Messages that were on their way together are refused together; that is one refusal.
        """
        alone = now >= self._held_until
        self.hold(seconds, now)
        if alone:
            self._set_share(max(SLOWEST, self._share * SLOWER), now)
        self._calm_from = self._held_until

    def _recover(self, now: float) -> None:
        while self._share < 1.0 and now - self._calm_from >= CALM:
            self._calm_from += CALM
            self._set_share(min(1.0, self._share + STEP), now)

    def _set_share(self, share: float, now: float) -> None:
        self._share = share
        self._all.change(self._per_second * share, now)

    def _bucket_of(self, chat_id: int) -> Bucket:
        # Only Telegram has a pace of its own for groups; their numbers are negative.
        if chat_id < 0 and self._per_group is not None:
            return Bucket(self._per_group / MINUTE, 1.0)
        return Bucket(self._per_chat, max(1.0, self._per_chat))

    def resting(self, now: float) -> dict[int, float]:
        """Chats that must wait, with the seconds left."""
        return {chat: left for chat, bucket in self._chats.items() if (left := bucket.wait(now)) > 0}

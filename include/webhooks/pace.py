"""How often, how long and how many at once. Times in seconds."""

import random
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`pauses` follow the first failures, the last of them all later ones, until `give_up` after the first attempt.
    They vary by `jitter` (a part of them), so that what failed together doesn't come back together.

    `width` requests at most are under way in one lane, `total` in all. What a dispatcher has taken is free for others
    after `lease`, which is longer than `patience`, the time for one request.
    """

    pauses: tuple[float, ...] = (5, 30, 120, 600, 1800, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR)
    give_up: float = 24 * HOUR
    jitter: float = 0.2
    width: int = 4
    total: int = 64
    poll: float = 1.0
    patience: float = 15.0
    lease: float = 60.0

    def pause(self, attempts: int, age: float, retry_after: float | None) -> float | None:
        """After the `attempts`-th failure, `age` after the first attempt; None: no more. The last attempt is when
        `give_up` has passed, also where the receiver asks for a longer pause."""
        left = self.give_up - age
        if left <= 0:
            return None
        pause = self.pauses[min(attempts, len(self.pauses)) - 1]
        pause *= random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - no secret
        return min(max(pause, retry_after or 0.0), left)

"""How many requests a user may send: counted in Redis where there is one, else in this process."""

from functools import cached_property
from typing import TYPE_CHECKING

from include.api.problems import Problem

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter


class UserLimit:
    """`rate` is like "600/minute"; empty: no limit. Storage is redis://… or empty."""

    def __init__(self, rate: str, storage: str) -> None:
        self._rate, self._storage = rate, storage or "memory://"

    def check(self, user: str) -> None:
        """Raises Problem 429 TOO_MANY_REQUESTS. Where Redis is away nobody is refused."""
        from redis.exceptions import RedisError

        if not self._rate:
            return
        try:
            if self._limiter.hit(self._item, "api", user):
                return
            pause = self._limiter.get_window_stats(self._item, "api", user).reset_time
        except RedisError:
            return
        raise _too_many(self._rate, pause)

    @cached_property
    def _item(self) -> "RateLimitItem":
        from limits import parse

        return parse(self._rate)

    @cached_property
    def _limiter(self) -> "MovingWindowRateLimiter":
        from limits.storage import storage_from_string
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(storage_from_string(self._storage))


def _too_many(rate: str, until: float) -> Problem:
    import time

    seconds = max(1, round(until - time.time()))
    return Problem(
        429,
        "TOO_MANY_REQUESTS",
        f"more than {rate} requests of one user",
        f"wait {seconds} s, or raise REELSCRIBE_API_RATE",
        {"Retry-After": str(seconds)},
    )

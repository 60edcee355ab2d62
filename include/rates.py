"""How fast the far side may be asked, over all workers: counted in Redis, or in this process's memory without one.

The `limits` library counts in a moving window: there is no second (or minute) in which more than the limit went out.
"""

import math
import random
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Literal

from include.processing.errors import PermanentError, RateLimited, TransientError

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.storage import MemoryStorage, RedisStorage

Kind = Literal["requests", "seconds"]
EXAMPLES: dict[Kind, str] = {"requests": "500/minute", "seconds": "3600/minute"}
REDIS = {"redis", "rediss", "redis+unix"}
ANSWER_WITHIN = 1.5  # seconds, for Redis
LEAST_PAUSE, MOST_JITTER = 0.002, 0.02  # seconds: sleepers on many machines must not all come back at once
SERVER_CLOCK = b"local now = redis.call('TIME')\nARGV[1] = now[1] + now[2] / 1000000\n"


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one request takes of one limit."""

    kind: Kind
    item: "RateLimitItem"
    amount: int


class SharedLimiter:
    """Implements `ports.Limiter`. All with the same storage, account and limits share one count.

    `requests` is like "500/minute", `seconds` (of sound) like "3600/minute"; several may be joined with ";", and ""
    is no limit. Storage is redis://host:6379/0 or memory://. Raises PermanentError BAD_RATE for what can't be read.
    """

    def __init__(self, storage_url: str, requests: str, seconds: str, longest_wait: float = 5.0) -> None:
        self._url = storage_url
        self._requests, self._seconds = _parsed("requests", requests), _parsed("seconds", seconds)
        self._longest_wait = longest_wait
        self._alone: AbstractContextManager[object] = nullcontext() if self._scheme in REDIS else Lock()
        if self._scheme not in {*REDIS, "memory"}:
            raise PermanentError("BAD_RATE", "no such store for rates", "set it like redis://host:6379/0 or memory://")

    def wait(self, account: str, seconds: float) -> None:
        """Raises RateLimited ASR_RATE_LIMITED as soon as it is clear that it would take longer than `longest_wait`,
        PermanentError BAD_RATE where it would take for ever, TransientError RATE_STORE_UNREACHABLE without Redis."""
        costs = [_Cost("requests", item, 1) for item in self._requests]
        costs += [_Cost("seconds", item, max(1, math.ceil(seconds))) for item in self._seconds]
        _require_room(costs)
        deadline = time.monotonic() + self._longest_wait
        while (pause := self._enter(account, costs)) is not None:
            if pause > deadline - time.monotonic():
                raise RateLimited(
                    "ASR_RATE_LIMITED",
                    f"as much is sent to the speech API as its limit allows ({', '.join(str(c.item) for c in costs)})",
                    "nothing: it is tried again; raise the limit if your account allows more",
                    retry_after=round(pause, 3),
                )
            time.sleep(pause + random.uniform(LEAST_PAUSE, MOST_JITTER))  # noqa: S311

    def _enter(self, account: str, costs: list[_Cost]) -> float | None:
        """None: counted, go. Else the seconds until there may be room.

        All limits are looked at before any is counted. Where another process comes in between, what was counted
        before the limit that is full is lost: at most one request, as seconds come last; never too much goes out.
        """
        from limits.errors import ConfigurationError, StorageError

        try:
            with self._alone:
                pause = max((self._pause(account, c) for c in costs), default=0.0)
                if pause == 0 and all(self._counted(account, c) for c in costs):
                    return None
        except StorageError as exc:
            cause = f"the store of rates can't be reached ({type(exc.storage_error).__name__})"
            remedy = "start Redis, or set another store for rates"
            raise TransientError("RATE_STORE_UNREACHABLE", cause, remedy) from None
        except (ConfigurationError, ValueError):  # no redis package, or a port that is none; it may quote a password
            raise PermanentError(
                "BAD_RATE", "no address of a store for rates", "set it like redis://host:6379/0 or memory://"
            ) from None
        return pause

    def _pause(self, account: str, cost: _Cost) -> float:
        """Seconds until enough of what went out is old enough; 0.0: now."""
        room = cost.item.amount - cost.amount  # what may still be in the window
        oldest, count = self._storage.get_moving_window(_key(account, cost), room + 1, cost.item.get_expiry())
        return 0.0 if count <= room else max(0.0, oldest + cost.item.get_expiry() - time.time())

    def _counted(self, account: str, cost: _Cost) -> bool:
        key, item = _key(account, cost), cost.item
        return self._storage.acquire_entry(key, item.amount, item.get_expiry(), cost.amount)

    @property
    def _scheme(self) -> str:
        return self._url.partition("://")[0]

    @cached_property
    def _storage(self) -> "RedisStorage | MemoryStorage":
        return _redis(self._url) if self._scheme in REDIS else _memory()


def _key(account: str, cost: _Cost) -> str:
    return cost.item.key_for(cost.kind, account)


def _parsed(kind: Kind, text: str) -> "list[RateLimitItem]":
    from limits import parse_many

    try:
        items = parse_many(text) if text.strip() else []
    except ValueError:
        items = None
    if items is None or any(item.amount < 1 for item in items):
        raise PermanentError("BAD_RATE", f"{text!r} is no limit of {kind}", f"set it like {EXAMPLES[kind]}")
    return items


def _require_room(costs: Iterable[_Cost]) -> None:
    for cost in costs:
        if cost.amount > cost.item.amount:
            raise PermanentError(
                "BAD_RATE",
                f"one request has {cost.amount} seconds of sound, and the limit is {cost.item}",
                f"set the limit of seconds to something like {EXAMPLES['seconds']}",
            )


def _redis(url: str) -> "RedisStorage":
    from limits.storage import RedisStorage
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    class ServerClockStorage(RedisStorage):
        """All count by the clock of Redis: `limits` would send each worker's own, and a fast one is let in early."""

        SCRIPT_ACQUIRE_MOVING_WINDOW = SERVER_CLOCK + RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW

        def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
            """When the oldest of the youngest `limit` entries was made (by this machine's clock); how many."""
            seconds, micros = self.storage.time()
            now = seconds + micros / 1_000_000
            found = self.lua_moving_window([self.prefixed_key(key)], [now - expiry, limit])
            return time.time() + (float(found[0]) - now if found else 0.0), int(found[1]) if found else 0

    again = Retry(NoBackoff(), 1)  # a connection that broke since the last request is made anew
    return ServerClockStorage(
        url,
        wrap_exceptions=True,
        socket_timeout=ANSWER_WITHIN,
        socket_connect_timeout=ANSWER_WITHIN,
        retry=again,  # type: ignore[arg-type]  # handed on to redis.from_url
    )


def _memory() -> "MemoryStorage":
    from limits.storage import MemoryStorage

    class ExactMemoryStorage(MemoryStorage):
        def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
            """As in Redis: of the youngest `limit` entries."""
            now = time.time()
            young = [e for e in self.events.get(key, [])[:limit] if e.atime >= now - expiry]
            return (young[-1].atime if young else now, len(young))

    return ExactMemoryStorage()

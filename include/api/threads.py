"""Threads for what waits on Airflow. Its API server may be this very process: if every thread that serves requests
waited for an answer of its own, nobody would be left to give one, to us or to the workers."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from include.processing.errors import RateLimited

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """`most` of their own, whatever else is served; whoever finds `waiting` others before them is refused."""

    def __init__(self, name: str, most: int, waiting: int) -> None:
        self._most, self._waiting = most, waiting
        self._limiter: RunVar[CapacityLimiter] = RunVar(name)  # one for each event loop

    async def run(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Raises RateLimited TOO_BUSY."""
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self._most)
            self._limiter.set(limiter)
        if limiter.statistics().tasks_waiting >= self._waiting:
            cause = f"{self._waiting} others wait for the same"
            raise RateLimited("TOO_BUSY", cause, "try again", retry_after=10.0)
        return await to_thread.run_sync(lambda: call(*arguments, **named), limiter=limiter)


STEERING = Threads("reelscribe-steering", 6, 500)
"""Each has a connection to the database while it waits for Airflow: some are left for reading."""
LOOKING = Threads("reelscribe-looking", 2, 20)
"""For videos that are looked at before they run: some seconds of a core each."""

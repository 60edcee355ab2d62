"""include/retry.py for Airflow."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import Context, RetryDecision, RetryPolicy

from include.processing.errors import one_line
from include.retry import MOST_RETRIES, decide


@dataclass(frozen=True)
class ByErrorClass(RetryPolicy):
    """Runs in the worker, with the exception itself in hand; the scheduler sees only that there is a policy.

    A policy can end a task's tries but not add any: give the task `retries=MOST_RETRIES`. What kills the worker
    process never gets here and is retried by Airflow's own back-off.
    """

    retries: int = MOST_RETRIES

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        attempt = attempt_of(try_number, max_tries, self.retries)
        delay = decide(exception, attempt)
        if delay is None:
            return RetryDecision.fail(f"given up after attempt {attempt}: {one_line(str(exception))}"[:500])
        return RetryDecision.retry(
            timedelta(seconds=delay), f"again in {delay:.0f} s: {one_line(str(exception))}"[:500]
        )

    def serialize(self) -> dict[str, Any]:
        return {"__type": f"{type(self).__module__}.{type(self).__qualname__}", "retries": self.retries}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "ByErrorClass":
        return cls(data["retries"])


def attempt_of(try_number: int, max_tries: int, retries: int = MOST_RETRIES) -> int:
    """Clearing a task lets `try_number` go on and raises `max_tries`; attempts count from the clearing."""
    return max(1, try_number - max(0, max_tries - retries))


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "reelscribe",
    "retries": MOST_RETRIES,  # the most that any error gets: the policy ends it sooner
    "retry_policy": ByErrorClass(),
    # for what kills the process itself, where no policy can be asked
    "retry_delay": timedelta(seconds=15),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
}
"""Of every DAG here."""

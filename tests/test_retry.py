"""The table of retries, and the Airflow policy that asks it."""

from datetime import timedelta

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import AirflowTaskTimeout

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.retry import MOST_RETRIES, decide
from operators.retry_policy import ByErrorClass, attempt_of


def transient(retry_after: float | None = None) -> ProcessingError:
    return TransientError("BUSY", "it is busy", "wait", retry_after=retry_after)


def limited(retry_after: float | None = None) -> ProcessingError:
    return RateLimited("RATE_LIMITED", "too many requests", "wait", retry_after=retry_after)


PERMANENT = PermanentError("NOT_A_VIDEO", "text", "give a video")


@pytest.mark.parametrize(
    ("error", "attempt", "shortest", "longest"),
    [
        pytest.param(transient(), 1, 2.5, 5.0, id="transient-first"),
        pytest.param(transient(), 4, 20.0, 40.0, id="transient-doubles"),
        pytest.param(transient(), 9, 150.0, 300.0, id="transient-capped"),
        pytest.param(limited(), 1, 7.5, 15.0, id="limited-first"),
        pytest.param(limited(), 19, 300.0, 600.0, id="limited-capped"),
        pytest.param(limited(90.0), 1, 90.0, 97.5, id="limited-asked-for-more"),
        pytest.param(limited(1.0), 3, 30.0, 60.0, id="limited-asked-for-less"),
        pytest.param(limited(1e9), 1, 3600.0, 3607.5, id="limited-asked-for-years"),
        pytest.param(limited(float("nan")), 1, 7.5, 15.0, id="limited-asked-nonsense"),
        pytest.param(transient(-5.0), 1, 2.5, 5.0, id="transient-asked-for-the-past"),
        pytest.param(ValueError("?"), 2, 10.0, 20.0, id="unknown"),
        pytest.param(AirflowTaskTimeout("too slow"), 1, 5.0, 10.0, id="execution-timeout"),
        pytest.param(MemoryError(), 1, 5.0, 10.0, id="out-of-memory"),
    ],
)
def test_pause(error: BaseException, attempt: int, shortest: float, longest: float) -> None:
    assert decide(error, attempt, draw=lambda: 0.0) == pytest.approx(shortest)
    assert decide(error, attempt, draw=lambda: 1.0) == pytest.approx(longest)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        pytest.param(PERMANENT, 1, id="permanent"),
        pytest.param(limited(), 20, id="limited"),
        pytest.param(transient(), 10, id="transient"),
        pytest.param(KeyError("x"), 3, id="unknown"),
        pytest.param(AirflowTaskTimeout("too slow"), 3, id="execution-timeout"),
    ],
)
def test_attempts(error: BaseException, attempts: int) -> None:
    allowed = [n for n in range(1, 40) if decide(error, n) is not None]
    assert allowed == list(range(1, attempts))


def test_pauses_of_one_refusal_differ() -> None:
    assert len({decide(limited(), 3) for _ in range(20)}) > 15


@pytest.mark.parametrize(
    ("try_number", "max_tries", "attempt"),
    [
        pytest.param(1, 19, 1, id="first"),
        pytest.param(7, 19, 7, id="seventh"),
        pytest.param(8, 26, 1, id="first-after-clearing-the-seventh"),
        pytest.param(10, 26, 3, id="third-after-clearing-the-seventh"),
        pytest.param(1, 0, 1, id="no-retries"),
    ],
)
def test_attempts_count_from_the_clearing(try_number: int, max_tries: int, attempt: int) -> None:
    assert attempt_of(try_number, max_tries, retries=19) == attempt


def test_the_policy_gives_up_on_permanent_errors() -> None:
    decision = ByErrorClass().evaluate(PERMANENT, try_number=1, max_tries=MOST_RETRIES)
    assert decision.action is RetryAction.FAIL
    assert decision.reason == "given up after attempt 1: NOT_A_VIDEO: text; give a video"


def test_the_policy_waits_as_asked() -> None:
    decision = ByErrorClass().evaluate(limited(120.0), try_number=2, max_tries=MOST_RETRIES)
    assert decision.action is RetryAction.RETRY
    assert decision.retry_delay is not None
    assert timedelta(seconds=120) <= decision.retry_delay <= timedelta(seconds=135)


def test_the_policy_survives_serialization() -> None:
    policy = ByErrorClass(retries=7)
    assert ByErrorClass.deserialize(policy.serialize()) == policy

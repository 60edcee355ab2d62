"""Paid once, and within the budget: real processes that share a real Postgres and a folder."""

import logging
import multiprocessing
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from include.db.queries import Connection
from include.db.spending import Asker
from include.processing.errors import PermanentError, TransientError
from include.processing.ports import Purchase
from include.storage import open_store
from include.storage.ledger import StoreLedger
from operators.speech_ledger import Database, DatabaseBudget, SharedLedger

if TYPE_CHECKING:
    from include.local.postgres import EmbeddedPostgres

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"
ASKER = Asker("run-1", VIDEO, 3)
KEYS = [f"{n}{n}" * 32 for n in range(4)]
KEY = KEYS[1]
BOUGHT = Purchase("openai", "whisper-1", 25.5, 0.00255)
LONG = 3600.0  # seconds
PATIENCE = 60.0
spawn = multiprocessing.get_context("spawn")


def database_at(url: str) -> Database:
    """As StageOperator.database does it."""

    @contextmanager
    def database() -> Iterator[Connection]:
        try:
            with psycopg.connect(url) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise TransientError("DATABASE_UNREACHABLE", "it went away", "it is tried again") from error

    return database


class Fragile:
    """A database that is away while `down`; counts how often that was noticed."""

    def __init__(self, url: str) -> None:
        self._there, self._away = database_at(url), database_at("postgresql://127.0.0.1:1/nowhere")
        self.down, self.noticed = False, 0

    def __call__(self) -> Any:
        self.noticed += self.down
        return self._away() if self.down else self._there()


def ledger_at(url: str, store: Path, **timing: float) -> SharedLedger:
    return SharedLedger(StoreLedger(open_store(store.as_uri())), database_at(url), ASKER, **timing)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def renewing() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "speech claims"]


@pytest.fixture(scope="module")
def module_url(postgres: "EmbeddedPostgres") -> str:
    from include.db.schema import upgrade  # not at the top: the processes of these tests import this module

    postgres.create_database("speech")
    upgrade(postgres.url("speech"))
    return postgres.url("speech")


@pytest.fixture
def db_url(module_url: str) -> str:
    with psycopg.connect(module_url) as connection:
        connection.execute("TRUNCATE speech_answers, budgets; DROP TABLE IF EXISTS asking, asked, spent")
    return module_url


@pytest.fixture
def sql(db_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db_url, autocommit=True) as connection:
        yield connection


def row(sql: psycopg.Connection, columns: str) -> tuple[Any, ...] | None:
    return sql.execute(f"SELECT {columns} FROM speech_answers WHERE key = %s", [KEY]).fetchone()


def free(ledger: SharedLedger, key: str = KEY) -> bool:
    with ledger.claim(key) as ours:
        return ours


def test_bought_once(db_url: str, sql: psycopg.Connection, tmp_path: Path) -> None:
    ledger = ledger_at(db_url, tmp_path)
    with ledger.claim(KEY) as ours:
        assert ours
        assert ledger.get(KEY) is None
        ledger.put(KEY, b"hello", BOUGHT)
    ledger.put(KEY, b"second", BOUGHT)
    assert ledger_at(db_url, tmp_path).get(KEY) == b"hello"
    assert row(sql, "state, owner, engine, model, run_id, video_id::text, chunk_index") == (
        "answered", None, "openai", "whisper-1", "run-1", VIDEO, 3,
    )  # fmt: skip
    assert row(sql, "purchases, seconds, dollars") == (2, 51.0, Decimal("0.0051"))


def test_an_answer_that_cannot_be_read_is_bought_again(db_url: str, sql: psycopg.Connection, tmp_path: Path) -> None:
    ledger = ledger_at(db_url, tmp_path)
    ledger.put(KEY, b"\0 nonsense", BOUGHT)
    with ledger.claim(KEY) as ours:
        assert ours
        ledger.discard(KEY)
        ledger.put(KEY, b"hello", BOUGHT)
    assert ledger.get(KEY) == b"hello"
    assert row(sql, "state, purchases") == ("answered", 2)


def test_a_claim_is_one_threads_and_one_keys(db_url: str, tmp_path: Path) -> None:
    ledger, rival = ledger_at(db_url, tmp_path), ledger_at(db_url, tmp_path)
    with ledger.claim(KEY) as ours:
        assert ours
        assert not free(ledger)
        assert not free(rival)
        assert free(rival, KEYS[2])
        assert not free(rival)
    assert free(rival)


@pytest.mark.parametrize("error", [PermanentError("ASR_QUOTA", "no money", "pay"), KeyError("x"), KeyboardInterrupt()])
def test_whatever_happens_a_claim_is_released(
    db_url: str, sql: psycopg.Connection, tmp_path: Path, error: BaseException
) -> None:
    with pytest.raises(type(error)), ledger_at(db_url, tmp_path).claim(KEY):
        raise error
    assert row(sql, "state, owner, lease_until, purchases") == ("asked", None, None, 0)
    assert free(ledger_at(db_url, tmp_path))


def test_a_claim_is_renewed_as_long_as_it_is_held(db_url: str, sql: psycopg.Connection, tmp_path: Path) -> None:
    ledger = ledger_at(db_url, tmp_path, lease=LONG, every=0.05)
    with ledger.claim(KEY), ledger.claim(KEYS[2]):
        assert len(renewing()) == 1
        sql.execute("UPDATE speech_answers SET lease_until = now() - interval '1 s'")
        until(lambda: sql.execute("SELECT min(lease_until) > now() FROM speech_answers").fetchone() == (True,))
        assert not free(ledger_at(db_url, tmp_path))
    until(lambda: not renewing())
    with ledger.claim(KEY):
        assert len(renewing()) == 1
    until(lambda: not renewing())


def test_a_database_that_is_away_for_a_while_costs_no_claim(
    db_url: str, sql: psycopg.Connection, tmp_path: Path
) -> None:
    database = Fragile(db_url)
    ledger = SharedLedger(StoreLedger(open_store(tmp_path.as_uri())), database, ASKER, LONG, 0.05)
    with ledger.claim(KEY):
        database.down = True
        until(lambda: database.noticed >= 3)
        database.down = False
        sql.execute("UPDATE speech_answers SET lease_until = now() - interval '1 s'")
        until(lambda: row(sql, "lease_until > now()") == (True,))


def test_where_nothing_can_be_claimed_nothing_is_bought(tmp_path: Path) -> None:
    away = database_at("postgresql://127.0.0.1:1/nowhere")
    ledger = SharedLedger(StoreLedger(open_store(tmp_path.as_uri())), away, ASKER)
    with pytest.raises(TransientError, match="DATABASE_UNREACHABLE"), ledger.claim(KEY):
        pytest.fail("it was not ours")
    assert renewing() == []


def test_what_is_bought_is_kept_without_a_database(
    db_url: str, sql: psycopg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = Fragile(db_url)
    ledger = SharedLedger(StoreLedger(open_store(tmp_path.as_uri())), database, ASKER)
    with caplog.at_level(logging.WARNING), ledger.claim(KEY):
        database.down = True
        ledger.put(KEY, b"hello", BOUGHT)
    assert ledger_at(db_url, tmp_path).get(KEY) == b"hello"
    assert row(sql, "state, purchases, lease_until > now()") == ("asked", 0, True)
    assert [r.message for r in caplog.records] == [
        "an answer is stored, but not what it cost, $0.002550: DATABASE_UNREACHABLE: it went away; it is tried again"
    ]


def test_an_error_is_not_hidden_by_a_database_that_is_away(db_url: str, tmp_path: Path) -> None:
    database = Fragile(db_url)
    ledger = SharedLedger(StoreLedger(open_store(tmp_path.as_uri())), database, ASKER)

    def refuse() -> None:
        database.down = True
        raise PermanentError("ASR_QUOTA", "no money", "pay")

    with pytest.raises(PermanentError, match="ASR_QUOTA"), ledger.claim(KEY):
        refuse()
    assert database.noticed == 1


def test_a_lost_claim_stays_its_new_owners(
    db_url: str, sql: psycopg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody was frozen for longer than a lease. What it bought is kept all the same."""
    ledger = ledger_at(db_url, tmp_path, lease=LONG, every=0.05)
    with caplog.at_level(logging.WARNING), ledger.claim(KEY):
        sql.execute("UPDATE speech_answers SET owner = 'rival'")
        until(lambda: "a claim was lost" in caplog.text)
        until(lambda: not renewing())
    assert row(sql, "owner") == ("rival",)
    ledger.put(KEY, b"hello", BOUGHT)
    assert row(sql, "state, owner, purchases") == ("answered", None, 1)


def hold(url: str, store: Path, told: Any) -> None:
    with ledger_at(url, store, lease=2.0, every=0.2).claim(KEY) as ours:
        told.send(ours)
        time.sleep(PATIENCE)


def test_the_claim_of_a_killed_process_is_free_when_its_lease_is_over(db_url: str, tmp_path: Path) -> None:
    heard, told = spawn.Pipe(duplex=False)
    process = spawn.Process(target=hold, args=(db_url, tmp_path, told))
    process.start()
    rival = ledger_at(db_url, tmp_path)
    assert heard.poll(PATIENCE)
    assert heard.recv() is True
    assert not free(rival)
    process.kill()
    process.join()
    until(lambda: free(rival))


def ask_much(url: str, store: Path, together: Any, seed: int) -> None:
    """Two threads that each want the answers of all keys; most of their requests fail. The primary key of `asking`
    refuses a second request for a key while there is one."""
    ledger = ledger_at(url, store)
    together.wait(PATIENCE)

    def want(draw: random.Random) -> None:
        missing = [*KEYS]
        while missing:
            key = draw.choice(missing)
            if ledger.get(key) is None:
                with ledger.claim(key) as ours:
                    if ours and ledger.get(key) is None:
                        ask(key, answers=draw.random() < 0.15)
            else:
                missing.remove(key)

    def ask(key: str, answers: bool) -> None:
        with psycopg.connect(url, autocommit=True) as sql:
            sql.execute("INSERT INTO asking VALUES (%s)", [key])
            sql.execute("INSERT INTO asked VALUES (%s, %s)", [key, answers])
            if answers:
                ledger.put(key, uuid.uuid4().bytes, BOUGHT)
            sql.execute("DELETE FROM asking WHERE key = %s", [key])

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(want, random.Random(f"{seed}-{n}")) for n in range(2)]:
            done.result()


def run_together(work: Callable[..., None], processes: int, *arguments: Any) -> None:
    together = spawn.Barrier(processes)
    started = [spawn.Process(target=work, args=(*arguments, together, n)) for n in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join(PATIENCE)
    assert [process.exitcode for process in started] == [0] * processes


def test_of_many_who_want_the_same_one_asks_at_a_time(db_url: str, sql: psycopg.Connection, tmp_path: Path) -> None:
    sql.execute("CREATE TABLE asking (key text PRIMARY KEY); CREATE TABLE asked (key text, answered boolean)")
    run_together(ask_much, 4, db_url, tmp_path)
    answered = sql.execute("SELECT key, count(*) FROM asked WHERE answered GROUP BY key ORDER BY key").fetchall()
    assert answered == [(key, 1) for key in KEYS]
    rows = sql.execute("SELECT key, state, owner, purchases FROM speech_answers ORDER BY key").fetchall()
    assert rows == [(key, "answered", None, 1) for key in KEYS]


def spend(url: str, run_id: str, dollars: float, may_give_back: bool, seed: int) -> None:
    """Until it was refused three times."""
    budget, draw, refused = DatabaseBudget(database_at(url), run_id, 0.01), random.Random(seed), 0
    with psycopg.connect(url, autocommit=True) as sql:
        while refused < 3:
            try:
                budget.reserve(dollars)
            except PermanentError:
                refused += 1
                continue
            if may_give_back and draw.random() < 0.5:
                budget.give_back(dollars)
            else:
                sql.execute("INSERT INTO spent VALUES (%s, %s)", [run_id, dollars])


def spend_together(url: str, runs: dict[str, float], together: Any, seed: int) -> None:
    for run_id, dollars in runs.items():
        together.wait(PATIENCE)
        spend(url, run_id, dollars, may_give_back=False, seed=seed)


def test_budgets_under_eight_workers(db_url: str, sql: psycopg.Connection) -> None:
    sql.execute("CREATE TABLE spent (run_id text, dollars numeric)")
    run_together(spend_together, 8, db_url, {"does-not-divide": 0.00075, "to-the-last": 0.001})
    spent = sql.execute("SELECT run_id, count(*), sum(dollars) FROM spent GROUP BY run_id ORDER BY run_id").fetchall()
    assert spent == [("does-not-divide", 13, Decimal("0.00975")), ("to-the-last", 10, Decimal("0.01"))]
    reserved = sql.execute("SELECT run_id, reserved_dollars FROM budgets ORDER BY run_id").fetchall()
    assert reserved == [("does-not-divide", Decimal("0.00975")), ("to-the-last", Decimal("0.01"))]


def test_a_budget_that_is_given_back_to(db_url: str, sql: psycopg.Connection) -> None:
    """The table's CHECK would refuse an excess. At the very last refusal nobody held what he did not spend."""
    sql.execute("CREATE TABLE spent (run_id text, dollars numeric)")
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(spend, db_url, "run-1", 0.001, True, seed) for seed in range(4)]:
            done.result()
    assert sql.execute("SELECT sum(dollars) FROM spent").fetchone() == (Decimal("0.01"),)
    assert sql.execute("SELECT reserved_dollars FROM budgets").fetchone() == (Decimal("0.01"),)


def test_a_spent_budget_says_so(db_url: str) -> None:
    budget = DatabaseBudget(database_at(db_url), "run-1", 0.01)
    budget.reserve(0.009975)
    with pytest.raises(PermanentError) as caught:
        budget.reserve(0.0001)
    assert str(caught.value) == (
        "BUDGET_SPENT: the run's budget of $0.01 is spent ($0.009975 reserved); "
        "run it again with a larger budget: what was bought is kept"
    )
    DatabaseBudget(database_at(db_url), "run-1", 0.02).reserve(0.0001)
    DatabaseBudget(database_at(db_url), "run-2", 0.01).reserve(0.01)


def test_what_costs_nothing_needs_no_database() -> None:
    budget = DatabaseBudget(database_at("postgresql://127.0.0.1:1/nowhere"), "run-1", 0.01)
    budget.reserve(0.0)
    budget.give_back(0.0)
    with pytest.raises(TransientError, match="DATABASE_UNREACHABLE"):
        budget.reserve(0.001)


def test_money_that_cannot_be_given_back_stays_reserved(db_url: str, sql: psycopg.Connection) -> None:
    database = Fragile(db_url)
    budget = DatabaseBudget(database, "run-1", 0.01)
    budget.reserve(0.004)
    database.down = True
    budget.give_back(0.004)
    assert sql.execute("SELECT reserved_dollars FROM budgets").fetchone() == (Decimal("0.004"),)
    assert database.noticed == 1

"""Against a real Postgres; expected rows are written out. Many processes: tests/operators/test_speech_ledger.py."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from include.db import spending
from include.db.schema import upgrade
from include.db.spending import Asker, Spending
from include.local.postgres import EmbeddedPostgres
from include.processing.ports import Purchase

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"
OTHER = "3d6f2f3e-0000-4000-8000-000000000002"
KEY = "ab" * 32
ASKER = Asker("run-1", VIDEO, 3)
OVER = -1.0  # seconds: a lease that is over already
BOUGHT = Purchase("openai", "whisper-1", 25.5, 0.00255)


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> str:
    postgres.create_database("spending")
    upgrade(postgres.url("spending"))
    return postgres.url("spending")


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    """One transaction for each test: what it did goes away with it, and now() stands still."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def row(db: psycopg.Connection, columns: str) -> tuple[Any, ...]:
    found = db.execute(f"SELECT {columns} FROM speech_answers WHERE key = %s", [KEY]).fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param([], True, id="free"),
        pytest.param([("claim", "a", 30.0)], False, id="somebody-elses"),
        pytest.param([("claim", "b", 30.0)], False, id="its-own-already"),
        pytest.param([("claim", "a", OVER)], True, id="lease-over"),
        pytest.param([("claim", "a", OVER), ("renew", "a")], False, id="renewed-late-but-not-too-late"),
        pytest.param([("claim", "a", OVER), ("claim", "c", 30.0), ("renew", "a")], False, id="renewed-too-late"),
        pytest.param([("claim", "a", OVER), ("renew", "c")], True, id="renewed-by-a-stranger"),
        pytest.param([("claim", "a", 30.0), ("release", "a")], True, id="released"),
        pytest.param([("claim", "a", 30.0), ("release", "c")], False, id="released-by-a-stranger"),
        pytest.param(
            [("claim", "a", OVER), ("claim", "c", 30.0), ("release", "a")], False, id="released-after-it-was-lost"
        ),
        pytest.param([("claim", "a", 30.0), ("answered",)], True, id="answered-and-perhaps-lost-again"),
        pytest.param([("answered",), ("claim", "a", 30.0)], False, id="being-bought-again"),
        pytest.param([("answered",), ("claim", "a", 30.0), ("release", "a")], True, id="not-bought-again"),
    ],
)
def test_who_gets_a_claim(db: psycopg.Connection, before: list[tuple[Any, ...]], expected: bool) -> None:
    for what, *of in before:
        if what == "claim":
            assert spending.claim(db, KEY, of[0], of[1], ASKER) is True
        elif what == "renew":
            spending.renew(db, {of[0]: KEY}, 30.0)
        elif what == "release":
            spending.release(db, KEY, of[0])
        else:
            spending.answered(db, KEY, BOUGHT, ASKER)
    assert spending.claim(db, KEY, "b", 30.0, ASKER) is expected


def test_renewing_names_what_is_still_held(db: psycopg.Connection) -> None:
    for key, owner in (("11", "a"), ("22", "b"), ("33", "stranger")):
        spending.claim(db, key, owner, 5.0, ASKER)
    assert spending.renew(db, {"a": "11", "b": "22", "c": "33", "d": "44"}, 100.0) == {"a", "b"}
    left = "SELECT key, extract(epoch FROM lease_until - now())::int FROM speech_answers ORDER BY key"
    assert db.execute(left).fetchall() == [("11", 100), ("22", 100), ("33", 5)]


def test_a_claim_in_the_table(db: psycopg.Connection) -> None:
    spending.claim(db, KEY, "token", 30.0, ASKER)
    assert row(db, "state, owner, lease_until - now() = '30 s', asked_at = now(), purchases, answered_at") == (
        "asked", "token", True, True, 0, None,
    )  # fmt: skip
    assert row(db, "run_id, video_id::text, chunk_index, engine, dollars") == ("run-1", VIDEO, 3, None, 0)


def test_an_answer_in_the_table(db: psycopg.Connection) -> None:
    spending.claim(db, KEY, "token", 30.0, Asker("dead-run", OTHER, 0))
    spending.answered(db, KEY, BOUGHT, ASKER)
    assert row(db, "state, owner, lease_until, answered_at = now()") == ("answered", None, None, True)
    assert row(db, "engine, model, purchases, seconds, dollars, run_id, video_id::text, chunk_index") == (
        "openai", "whisper-1", 1, 25.5, Decimal("0.00255"), "run-1", VIDEO, 3,
    )  # fmt: skip


def test_an_answer_that_nobody_claimed_is_recorded_too(db: psycopg.Connection) -> None:
    spending.answered(db, KEY, Purchase("sphinx", None, 10.0, 0.0), Asker("run-1", VIDEO))
    assert row(db, "state, engine, model, dollars, chunk_index") == ("answered", "sphinx", None, 0, None)


@pytest.mark.parametrize(("paid", "state"), [(True, "answered"), (False, "asked")], ids=["answered", "never-answered"])
def test_a_released_claim_in_the_table(db: psycopg.Connection, paid: bool, state: str) -> None:
    if paid:
        spending.answered(db, KEY, BOUGHT, ASKER)
    spending.claim(db, KEY, "token", 30.0, ASKER)
    spending.release(db, KEY, "token")
    assert row(db, "state, owner, lease_until, purchases") == (state, None, None, int(paid))


def test_what_is_bought_again_is_counted_again(db: psycopg.Connection) -> None:
    """Its answer was lost. The money for the first one is spent all the same."""
    spending.answered(db, KEY, BOUGHT, ASKER)
    spending.claim(db, KEY, "token", 30.0, Asker("run-2", VIDEO, 0))
    assert spending.total_spent(db, "run-1") == Spending(1, 25.5, 0.00255)
    spending.answered(db, KEY, BOUGHT, Asker("run-2", VIDEO, 0))
    assert row(db, "state, purchases, seconds, dollars, run_id") == ("answered", 2, 51.0, Decimal("0.0051"), "run-2")


def test_sums(db: psycopg.Connection) -> None:
    spending.answered(db, "11", Purchase("openai", "m", 10.0, 0.1), Asker("run-1", VIDEO, 0))
    spending.answered(db, "22", Purchase("openai", "m", 20.5, 0.2), Asker("run-1", VIDEO, 1))
    spending.answered(db, "33", Purchase("openai", "m", 5.0, 0.7), Asker("run-2", VIDEO, 1))
    spending.answered(db, "44", Purchase("openai", "m", 1.0, 1e-9), Asker("run-3", OTHER))
    spending.claim(db, "55", "token", 30.0, Asker("run-1", VIDEO, 2))
    assert spending.total_spent(db, "run-1") == Spending(2, 30.5, 0.3)
    assert spending.spent_on_video(db, VIDEO) == Spending(3, 35.5, 1.0)
    assert spending.spent_on_video(db, OTHER) == Spending(1, 1.0, 1e-9)
    assert spending.total_spent(db, "never") == Spending(0, 0.0, 0.0)


CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("steps", "expected", "reserved"),
    [
        pytest.param([(CENT, "0.004")], [True], "0.004", id="the-first"),
        pytest.param([(CENT, "0.01")], [True], "0.01", id="all-at-once"),
        pytest.param([(CENT, "0.010000001")], [False], "0", id="more-than-there-is-at-once"),
        pytest.param([(CENT, "0.007"), (CENT, "0.004"), (CENT, "0.003")], [True, False, True], "0.01", id="what-fits"),
        pytest.param([(CENT, "0.01"), (CENT, "0.000000001")], [True, False], "0.01", id="a-billionth-too-much"),
        pytest.param([(CENT, "0.01"), (CENT * 2, "0.01")], [True, True], "0.02", id="a-larger-limit-counts"),
        pytest.param([(CENT, "0.01"), (CENT / 2, "0.001")], [True, False], "0.01", id="a-smaller-limit-counts"),
    ],
)
def test_reserving(
    db: psycopg.Connection, steps: list[tuple[Decimal, str]], expected: list[bool], reserved: str
) -> None:
    assert [spending.reserve(db, "run-1", limit, Decimal(dollars)) for limit, dollars in steps] == expected
    assert spending.reserved(db, "run-1") == Decimal(reserved)
    assert spending.reserved(db, "run-2") == 0


@pytest.mark.parametrize(
    ("back", "left"), [("0.001", "0.005"), ("0.006", "0"), ("0.5", "0")], ids=["part", "all", "too-much"]
)
def test_giving_back(db: psycopg.Connection, back: str, left: str) -> None:
    spending.reserve(db, "run-1", CENT, Decimal("0.006"))
    spending.give_back(db, "run-1", Decimal(back))
    spending.give_back(db, "run-2", Decimal(back))
    assert spending.reserved(db, "run-1") == Decimal(left)
    assert db.execute("SELECT count(*) FROM budgets").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE budgets SET reserved_dollars = limit_dollars + 0.000000001", id="over-the-limit"),
        pytest.param("UPDATE budgets SET reserved_dollars = -0.000000001", id="below-zero"),
        pytest.param("UPDATE speech_answers SET state = 'bought'", id="state"),
        pytest.param("UPDATE speech_answers SET state = 'answered'", id="answered-and-claimed"),
        pytest.param("UPDATE speech_answers SET state = 'answered', owner = NULL, lease_until = NULL", id="unpaid"),
        pytest.param("UPDATE speech_answers SET lease_until = NULL", id="a-claim-for-ever"),
    ],
)
def test_what_the_database_refuses(db: psycopg.Connection, statement: str) -> None:
    spending.reserve(db, "run-1", CENT, CENT)
    spending.claim(db, KEY, "token", 30.0, ASKER)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(statement)

"""Every statement on what was asked of engines, and on what a run may spend. As in queries.py, the caller commits.

All times are the database's: the workers' clocks need not agree. Dollars are exact to the billionth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row

from include.db.queries import Connection
from include.processing.budget import exact
from include.processing.ports import Purchase


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom something is bought. `chunk_index` is None for what is asked before there are chunks."""

    run_id: str
    video_id: str
    chunk_index: int | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """`requests` were answered; `seconds` are of sound."""

    requests: int
    seconds: float
    dollars: float


def claim(connection: Connection, key: str, owner: str, lease: float, asker: Asker) -> bool:
    """Whether `owner` alone may ask for the next `lease` seconds.

    What has an answer can be claimed too, for the answer may be lost: whoever has the claim looks in the store again.
    """
    done = connection.execute(
        """
        INSERT INTO speech_answers AS a (key, owner, lease_until, run_id, video_id, chunk_index)
        VALUES (%(key)s, %(owner)s, now() + make_interval(secs => %(lease)s), %(run)s, %(video)s, %(chunk)s)
        ON CONFLICT (key) DO UPDATE SET
            state = 'asked', owner = excluded.owner, lease_until = excluded.lease_until, asked_at = now()
        WHERE a.owner IS NULL OR a.lease_until < now()
        """,
        {"key": key, "owner": owner, "lease": lease} | _columns(asker),
    )
    return done.rowcount == 1


def renew(connection: Connection, claims: Mapping[str, str], lease: float) -> set[str]:
    """`claims` are keys by their owners. Gives the owners that still have theirs, for `lease` seconds from now."""
    found = connection.execute(
        """
        UPDATE speech_answers SET lease_until = now() + make_interval(secs => %s)
        WHERE key = ANY(%s) AND owner = ANY(%s) RETURNING owner
        """,
        [lease, list(claims.values()), list(claims)],
    )
    return {owner for (owner,) in found}


def release(connection: Connection, key: str, owner: str) -> None:
    """Nothing where another owner has taken it over, or where it was answered."""
    connection.execute(
        """
        UPDATE speech_answers SET
            state = CASE WHEN purchases > 0 THEN 'answered' ELSE 'asked' END, owner = NULL, lease_until = NULL
        WHERE key = %s AND owner = %s
        """,
        [key, owner],
    )


def answered(connection: Connection, key: str, purchase: Purchase, asker: Asker) -> None:
    """Ends every claim on the key, whose ever: there is an answer now."""
    connection.execute(
        """
        INSERT INTO speech_answers AS a
            (key, state, engine, model, purchases, seconds, dollars, run_id, video_id, chunk_index, answered_at)
        VALUES (%(key)s, 'answered', %(engine)s, %(model)s, 1, %(seconds)s, %(dollars)s,
            %(run)s, %(video)s, %(chunk)s, now())
        ON CONFLICT (key) DO UPDATE SET
            state = 'answered', owner = NULL, lease_until = NULL, answered_at = now(),
            engine = excluded.engine, model = excluded.model,
            purchases = a.purchases + 1,
            seconds = a.seconds + excluded.seconds,
            dollars = a.dollars + excluded.dollars,
            run_id = excluded.run_id, video_id = excluded.video_id, chunk_index = excluded.chunk_index
        """,
        {
            "key": key,
            "engine": purchase.engine,
            "model": purchase.model,
            "seconds": purchase.seconds,
            "dollars": exact(purchase.dollars),
        }
        | _columns(asker),
    )


def reserve(connection: Connection, run_id: str, limit: Decimal, dollars: Decimal) -> bool:
    """False where it would be more than `limit`: then nothing changed. The newest `limit` counts."""
    done = connection.execute(
        """
        INSERT INTO budgets AS b (run_id, limit_dollars, reserved_dollars)
        SELECT %(run)s, %(limit)s, %(dollars)s WHERE %(dollars)s <= %(limit)s
        ON CONFLICT (run_id) DO UPDATE SET
            limit_dollars = excluded.limit_dollars,
            reserved_dollars = b.reserved_dollars + excluded.reserved_dollars,
            updated_at = now()
        WHERE b.reserved_dollars + excluded.reserved_dollars <= excluded.limit_dollars
        """,
        {"run": run_id, "limit": limit, "dollars": dollars},
    )
    return done.rowcount == 1


def give_back(connection: Connection, run_id: str, dollars: Decimal) -> None:
    connection.execute(
        """
        UPDATE budgets SET reserved_dollars = greatest(reserved_dollars - %s, 0), updated_at = now()
        WHERE run_id = %s
        """,
        [dollars, run_id],
    )


def reserved(connection: Connection, run_id: str) -> Decimal:
    row = connection.execute("SELECT reserved_dollars FROM budgets WHERE run_id = %s", [run_id]).fetchone()
    return row[0] if row else Decimal(0)


def total_spent(connection: Connection, run_id: str) -> Spending:
    """What the run itself bought; what it found in the ledger cost another."""
    return _sum(connection, "run_id = %s", run_id)


def spent_on_video(connection: Connection, video_id: str) -> Spending:
    """By all runs."""
    return _sum(connection, "video_id = %s", video_id)


def _sum(connection: Connection, condition: str, value: str) -> Spending:
    with connection.cursor(row_factory=class_row(Spending)) as cursor:
        found = cursor.execute(
            f"""
            SELECT coalesce(sum(purchases), 0) AS requests, coalesce(sum(seconds), 0) AS seconds,
                coalesce(sum(dollars), 0)::float AS dollars
            FROM speech_answers WHERE {condition}
            """,  # noqa: S608 - the condition is one of two above
            [value],
        ).fetchone()
    assert found is not None  # a sum without GROUP BY has one row
    return found


def _columns(asker: Asker) -> dict[str, object]:
    return {"run": asker.run_id, "video": asker.video_id, "chunk": asker.chunk_index}

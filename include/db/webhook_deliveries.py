"""Every statement on what endpoints are sent. As in queries.py, the caller commits.

A delivery that a dispatcher has claimed is its own until `claimed_until`; the time itself tells one claim from the
next, so that a late word of one that took too long changes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg.rows import class_row

from include.db.cleaning import clean
from include.db.rows import Connection
from include.db.webhooks import EventType, Place

State = Literal["waiting", "delivered", "dead", "gone"]

_COLUMNS = """
    d.id::text, d.endpoint_id::text, d.state, d.attempts, CASE d.state WHEN 'waiting' THEN d.next_at END AS next_at,
    d.last_status, d.last_error, d.delivered_at, d.created_at,
    e.id::text AS event_id, e.type, e.video_id::text, e.run_id
"""
# Walks from lane to lane in the index, however much waits in one.
_CLAIM = """
WITH RECURSIVE lanes AS (
    (SELECT lane FROM webhook_deliveries WHERE state = 'waiting' ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT d.lane FROM webhook_deliveries d WHERE d.state = 'waiting' AND d.lane > l.lane
            ORDER BY d.lane LIMIT 1)
    FROM lanes l WHERE l.lane IS NOT NULL
), due AS (
    SELECT d.id FROM lanes l CROSS JOIN LATERAL (
        SELECT id, next_at FROM webhook_deliveries w
        WHERE w.lane = l.lane AND state = 'waiting' AND next_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
        ORDER BY next_at LIMIT greatest(0, %(width)s - coalesce((%(busy)s::jsonb ->> l.lane)::integer, 0))
        FOR UPDATE SKIP LOCKED
    ) AS d
    WHERE l.lane IS NOT NULL ORDER BY d.next_at LIMIT %(limit)s
)
UPDATE webhook_deliveries d SET claimed_until = clock_timestamp() + make_interval(secs => %(lease)s),
    attempts = attempts + 1, first_at = coalesce(first_at, now())
FROM due, webhook_events e, webhook_endpoints p
WHERE d.id = due.id AND e.id = d.event_id AND p.id = d.endpoint_id
RETURNING d.id::text, d.claimed_until, d.attempts, extract(epoch FROM now() - d.first_at)::double precision AS age,
    d.lane, d.endpoint_id::text, p.url, p.sealed_secret, e.id::text AS event_id, e.type, e.video_id::text, e.run_id,
    e.facts, e.created_at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event to send: its `attempts`-th time, `age` seconds after the first."""

    id: str
    claimed_until: datetime
    attempts: int
    age: float
    lane: str
    endpoint_id: str
    url: str = field(repr=False)
    sealed_secret: str = field(repr=False)
    event_id: str
    type: EventType
    video_id: str
    run_id: str | None
    facts: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`last_status` is of HTTP, `last_error` one line; both None where nothing went wrong. `next_at` while it waits."""

    id: str
    endpoint_id: str
    state: State
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None
    created_at: datetime
    event_id: str
    type: EventType
    video_id: str
    run_id: str | None


def claim(connection: Connection, *, busy: Mapping[str, int], width: int, limit: int, lease: float) -> list[Claimed]:
    """What is due, for `lease` seconds: of each lane at most `width` together with what is `busy` there by lane."""
    with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(
            _CLAIM, {"busy": json.dumps(dict(busy)), "width": width, "limit": limit, "lease": lease}
        ).fetchall()


def delivered(connection: Connection, claimed: Claimed, status: int | None) -> bool:
    """False, here and below, where the claim isn't the last one any more."""
    return _settle(connection, claimed, "state = 'delivered', delivered_at = now()", status, None)


def try_again(connection: Connection, claimed: Claimed, seconds: float, status: int | None, error: str) -> bool:
    pause = "next_at = now() + make_interval(secs => %(seconds)s)"
    return _settle(connection, claimed, pause, status, error, seconds=seconds)


def give_up(connection: Connection, claimed: Claimed, state: State, status: int | None, error: str) -> bool:
    return _settle(connection, claimed, "state = %(state)s", status, error, state=state)


def of_endpoint(
    connection: Connection, endpoint_id: str, *, state: State | None, after: Place | None, limit: int
) -> list[DeliveryRow]:
    """The newest first."""
    time, identity = after or (None, None)
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS} FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id
            WHERE d.endpoint_id = %(endpoint)s AND (%(state)s::text IS NULL OR d.state = %(state)s)
                AND (%(time)s::timestamptz IS NULL OR (d.created_at, d.id) < (%(time)s, %(id)s::uuid))
            ORDER BY d.created_at DESC, d.id DESC LIMIT %(limit)s
            """,  # noqa: S608 - ours
            {"endpoint": endpoint_id, "state": state, "time": time, "id": identity, "limit": limit},
        ).fetchall()


def delivery(connection: Connection, delivery_id: str) -> DeliveryRow | None:
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id"  # noqa: S608 - ours
            " WHERE d.id = %s",
            [delivery_id],
        ).fetchone()


def resend(connection: Connection, delivery_id: str) -> None:
    """It is due now and has all its attempts before it, whatever became of it; one that is under way goes on."""
    connection.execute(
        """
        UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, first_at = NULL, next_at = now(),
            claimed_until = NULL, delivered_at = NULL
        WHERE id = %s AND (claimed_until IS NULL OR claimed_until < now())
        """,
        [delivery_id],
    )


def forget(connection: Connection, video_id: str, runs: Sequence[str]) -> None:
    """Everything that was or is to be told of a video and its runs, and who wanted to hear of these alone."""
    connection.execute("DELETE FROM webhook_events WHERE video_id = %s OR run_id = ANY(%s)", [video_id, list(runs)])
    connection.execute("DELETE FROM webhook_endpoints WHERE run_id = ANY(%s)", [list(runs)])


def forget_old(connection: Connection, days: float, limit: int) -> int:
    """How many events of so many days ago went: those that nobody waits for any more, at most `limit`. Endpoints of
    runs go too once nothing was told to them for as long."""
    gone = connection.execute(
        """
        DELETE FROM webhook_events WHERE id IN (
            SELECT id FROM webhook_events e WHERE created_at < now() - make_interval(secs => %(days)s * 86400)
                AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.event_id = e.id AND d.state = 'waiting')
            ORDER BY created_at LIMIT %(limit)s)
        """,
        {"days": days, "limit": limit},
    )
    connection.execute(
        """
        DELETE FROM webhook_endpoints p
        WHERE run_id IS NOT NULL AND created_at < now() - make_interval(secs => %(days)s * 86400)
            AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = p.id)
            AND NOT EXISTS (SELECT FROM videos v WHERE v.run_id = p.run_id AND v.status IN ('queued', 'running'))
        """,
        {"days": days},
    )
    return gone.rowcount


def _settle(
    connection: Connection, claimed: Claimed, change: str, status: int | None, error: str | None, **values: Any
) -> bool:
    done = connection.execute(
        f"""
        UPDATE webhook_deliveries
        SET claimed_until = NULL, last_status = %(status)s, last_error = %(error)s, {change}
        WHERE id = %(id)s AND claimed_until = %(claim)s AND state = 'waiting'
        """,  # noqa: S608 - ours
        {
            "id": claimed.id,
            "claim": claimed.claimed_until,
            "status": status,
            "error": None if error is None else clean(error),
        }
        | values,
    )
    return done.rowcount == 1

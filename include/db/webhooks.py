"""Every statement on endpoints of webhooks. As in queries.py, the caller commits. What is sent to them is written by
triggers (migration 0006) and delivered by the statements in webhook_deliveries.py."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg.rows import class_row

from include.db.cleaning import clean
from include.db.rows import Connection

EventType = Literal[
    "video.accepted",
    "video.progress",
    "video.completed",
    "video.partial",
    "video.failed",
    "video.cancelled",
    "video.deadline_missed",
]
EVENTS: tuple[EventType, ...] = get_args(EventType)
Place = tuple[datetime, str]
"""Where a page ended: the time and the id of its last row."""

_COLUMNS = "id::text, url, events, run_id, created_by, created_at, disabled_at, disabled_why"


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """As include/webhooks/endpoints.py makes it, checked and sealed."""

    url: str
    events: Sequence[EventType]
    lane: str
    sealed_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """`run_id` as in videos, None: of every run; `disabled_why` is one line."""

    id: str
    url: str
    events: list[EventType]
    run_id: str | None
    created_by: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None


def add(connection: Connection, new: NewEndpoint, *, created_by: str) -> EndpointRow:
    """It hears of every run of the deployment."""
    identity = str(uuid.uuid4())
    _insert(connection, identity, new, None, created_by)
    return _there(connection, "id = %s", identity)


def for_run(connection: Connection, run_id: str, new: NewEndpoint, *, created_by: str) -> EndpointRow:
    """It hears of this run alone (and of one that takes its video over meanwhile). Before the run's row in videos is
    made, so that it hears of that too. Where the run has this URL already, what is there stays as it is."""
    _insert(connection, str(uuid.uuid4()), new, run_id, created_by)
    return _there(connection, "run_id = %s AND url = %s", run_id, new.url)


def endpoint(connection: Connection, endpoint_id: str) -> EndpointRow | None:
    return _one(connection, "id = %s", endpoint_id)


def of_run(connection: Connection, run_id: str) -> list[EndpointRow]:
    with connection.cursor(row_factory=class_row(EndpointRow)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM webhook_endpoints WHERE run_id = %s ORDER BY created_at, id",  # noqa: S608 - ours
            [run_id],
        ).fetchall()


def endpoints(connection: Connection, *, created_by: str | None, after: Place | None, limit: int) -> list[EndpointRow]:
    """The oldest first; `created_by` None: everybody's."""
    time, identity = after or (None, None)
    with connection.cursor(row_factory=class_row(EndpointRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS} FROM webhook_endpoints
            WHERE (%(by)s::text IS NULL OR created_by = %(by)s)
                AND (%(time)s::timestamptz IS NULL OR (created_at, id) > (%(time)s, %(id)s::uuid))
            ORDER BY created_at, id LIMIT %(limit)s
            """,  # noqa: S608 - ours
            {"by": created_by, "time": time, "id": identity, "limit": limit},
        ).fetchall()


def remove(connection: Connection, endpoint_id: str) -> bool:
    """With its deliveries; False where it isn't there."""
    return connection.execute("DELETE FROM webhook_endpoints WHERE id = %s", [endpoint_id]).rowcount == 1


def disable(connection: Connection, endpoint_id: str, why: str) -> None:
    """It hears of nothing more, and what waits for it is not sent."""
    connection.execute(
        "UPDATE webhook_endpoints SET disabled_at = now(), disabled_why = %s WHERE id = %s AND disabled_at IS NULL",
        [clean(why), endpoint_id],
    )
    connection.execute(
        """
        UPDATE webhook_deliveries SET state = 'gone', claimed_until = NULL
        WHERE endpoint_id = %s AND state = 'waiting'
        """,
        [endpoint_id],
    )


def _insert(connection: Connection, identity: str, new: NewEndpoint, run_id: str | None, created_by: str) -> None:
    connection.execute(
        """
        INSERT INTO webhook_endpoints (id, url, events, lane, sealed_secret, run_id, created_by)
        VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (run_id, url) DO NOTHING
        """,
        [identity, new.url, list(new.events), new.lane, new.sealed_secret, run_id, clean(created_by)],
    )


def _there(connection: Connection, where: str, *values: Any) -> EndpointRow:
    row = _one(connection, where, *values)
    assert row is not None  # it was inserted in this transaction, or was there
    return row


def _one(connection: Connection, where: str, *values: Any) -> EndpointRow | None:
    with connection.cursor(row_factory=class_row(EndpointRow)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM webhook_endpoints WHERE {where}",  # noqa: S608 - ours
            values,
        ).fetchone()

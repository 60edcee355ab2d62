"""Every statement on what came in through the API. As in queries.py, the caller commits."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.db.cleaning import clean_json
from include.db.rows import Connection


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """`video_id` is of the row that stood for it when it came; `request` is what was asked for, without secrets."""

    run_id: str
    client_id: str | None
    submitted_by: str
    video_id: str
    priority: str
    request: dict[str, Any]


def add(connection: Connection, submission: SubmissionRow) -> bool:
    """False where the run is there already, or this client has used the id before; waits for others who just do so."""
    done = connection.execute(
        """
        INSERT INTO submissions (run_id, client_id, submitted_by, video_id, priority, request)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        [
            submission.run_id,
            submission.client_id,
            submission.submitted_by,
            submission.video_id,
            submission.priority,
            Jsonb(clean_json(submission.request)),
        ],
    )
    return done.rowcount == 1


def of_client(connection: Connection, submitted_by: str, client_id: str) -> SubmissionRow | None:
    return _one(connection, "submitted_by = %s AND client_id = %s", submitted_by, client_id)


def of_run(connection: Connection, run_id: str) -> SubmissionRow | None:
    return _one(connection, "run_id = %s", run_id)


def _one(connection: Connection, where: str, *values: str) -> SubmissionRow | None:
    with connection.cursor(row_factory=class_row(SubmissionRow)) as cursor:
        return cursor.execute(
            "SELECT run_id, client_id, submitted_by, video_id::text, priority, request"  # noqa: S608 - ours
            f" FROM submissions WHERE {where}",
            values,
        ).fetchone()

"""Every statement that lists videos, or tells how far one is. As in queries.py, the caller's transaction.

How far a run is stands in `processing_jobs` alone. A stage of a chunk counts as done when one attempt completed it,
else its last attempt says how it is; an attempt that was given up (`abandoned`) left it waiting. Events, such as a
missed deadline, are no stages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from psycopg.rows import class_row

from include.db.cleaning import clean
from include.db.rows import Connection, VideoStatus

STAGES = ("plan", "extract", "transcribe", "ocr", "publish")
"""In the order of the work; the first and the last are of the whole video, the others of each chunk."""
ChunkState = Literal["waiting", "running", "completed", "failed"]

_FACTS = """
    v.id::text, v.filename, v.source, v.status, v.needs_review, v.duration_seconds, v.size_bytes, v.created_at,
    v.updated_at, v.processed_at, v.error_message, v.result_key, v.run_id
"""
_EACH = """
    SELECT stage, chunk_index, bool_or(status = 'completed') AS done,
        (array_agg(status ORDER BY attempt DESC))[1] AS last
    FROM processing_jobs WHERE run_id = {run} AND stage = ANY(%(stages)s) GROUP BY stage, chunk_index
"""
_LISTED = f"""
WITH page AS (
    SELECT {_FACTS} FROM videos v WHERE {{where}} ORDER BY v.created_at DESC, v.id DESC LIMIT %(limit)s
)
SELECT page.*, coalesce(s.priority, 'normal') AS priority, coalesce(work.stages, '{{{{}}}}') AS stages,
    facts.chunks, coalesce(facts.busy, 0)::double precision AS busy
FROM page
LEFT JOIN submissions s ON s.run_id = page.run_id
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(stage, jsonb_build_array(done, running, failed)) AS stages FROM (
        SELECT stage, count(*) FILTER (WHERE done) AS done,
            count(*) FILTER (WHERE NOT done AND last = 'running') AS running,
            count(*) FILTER (WHERE NOT done AND last = 'failed') AS failed
        FROM ({_EACH.format(run="page.run_id")}) AS each GROUP BY stage
    ) AS counted
) AS work ON {{works}}
LEFT JOIN LATERAL (
    SELECT max(jsonb_array_length(details -> 'edges')) FILTER (WHERE stage = 'plan') - 1 AS chunks, (
        SELECT sum(extract(epoch FROM upper(span) - lower(span))) FROM unnest(range_agg(
            tstzrange(started_at, greatest(started_at, coalesce(completed_at, now())), '[]')
        ) FILTER (WHERE status <> 'abandoned')) AS span
    ) AS busy
    FROM processing_jobs WHERE run_id = page.run_id AND stage = ANY(%(stages)s)
) AS facts ON {{works}}
ORDER BY page.created_at DESC, page.id DESC
"""  # noqa: S608 - ours
_WORKS = "page.status IN ('queued', 'running')"
_FILTERS = {
    "statuses": "v.status = ANY(%(statuses)s)",
    "name": "v.filename ILIKE %(name)s",
    "needs_review": "v.needs_review = %(needs_review)s",
    "created_from": "v.created_at >= %(created_from)s",
    "created_to": "v.created_at < %(created_to)s",
    "after_time": "(v.created_at, v.id) < (%(after_time)s, %(after_id)s::uuid)",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is None does not narrow. `name` is a part of the file name; `created_to` is exclusive; `after` is the place
    of the last video of the page before."""

    statuses: Sequence[VideoStatus] | None = None
    name: str | None = None
    needs_review: bool | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A video as a library shows it. `stages` has (done, running, failed) of each stage that has begun, `chunks` how
    many there are once plan has said so, and `busy` the seconds in which somebody worked on the run."""

    id: str
    filename: str
    source: str
    status: VideoStatus
    needs_review: bool
    duration_seconds: int | None
    size_bytes: int | None
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    error_message: str | None
    result_key: str | None
    run_id: str | None
    priority: str = "normal"
    stages: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    chunks: int | None = None
    busy: float = 0.0


@dataclass(frozen=True, slots=True)
class ChunkWork:
    """`start` and `end` in seconds of the video."""

    index: int
    start: float | None
    end: float | None
    extract: ChunkState
    transcribe: ChunkState
    ocr: ChunkState


def videos(connection: Connection, wanted: Wanted) -> list[Listed]:
    """The newest first; how far they are is told of those that are not over."""
    after_time, after_id = wanted.after or (None, None)
    values = {
        "statuses": None if wanted.statuses is None else list(wanted.statuses),
        "name": None if wanted.name is None else _anywhere(wanted.name),
        "needs_review": wanted.needs_review,
        "created_from": wanted.created_from,
        "created_to": wanted.created_to,
        "after_time": after_time,
    }
    where = [sql for name, sql in _FILTERS.items() if values[name] is not None]
    return _found(connection, where, _WORKS, values | {"after_id": after_id, "limit": wanted.limit})


def video(connection: Connection, video_id: str) -> Listed | None:
    """How far it is, or its last run came, also when that is over."""
    found = _found(connection, ["v.id = %(id)s"], "true", {"id": video_id, "limit": 1})
    return found[0] if found else None


def current(connection: Connection, video_id: str) -> Listed | None:
    """The same, also by the id that a submission was answered with before anybody knew the video."""
    found = video(connection, video_id)
    if found is None and (other := known_as(connection, video_id)):
        return video(connection, other)
    return found


def chunks(connection: Connection, run_id: str) -> list[ChunkWork]:
    """In order; none before plan has said which there are."""
    row = connection.execute(
        """
        SELECT details -> 'edges' FROM processing_jobs
        WHERE run_id = %s AND stage = 'plan' AND details ? 'edges' ORDER BY attempt DESC LIMIT 1
        """,
        [run_id],
    ).fetchone()
    edges: list[float] = row[0] if row else []
    if not edges:
        return []
    each = connection.execute(_EACH.format(run="%(run)s"), {"run": run_id, "stages": list(STAGES[1:-1])})
    states = {(stage, index): _state(done, last) for stage, index, done, last in each}
    return [
        ChunkWork(index, start, end, *(states.get((stage, index), "waiting") for stage in STAGES[1:-1]))
        for index, (start, end) in enumerate(pairwise(edges))
    ]


def known_as(connection: Connection, video_id: str) -> str | None:
    """The id of the video whose submission was answered with `video_id`, once plan has found out which it is."""
    row = connection.execute(
        """
        SELECT coalesce(
            (SELECT id FROM videos v WHERE v.run_id = s.run_id ORDER BY v.created_at LIMIT 1),
            (SELECT video_id FROM processing_jobs j WHERE j.run_id = s.run_id ORDER BY j.started_at LIMIT 1)
        )::text
        FROM submissions s WHERE s.video_id = %s ORDER BY s.created_at DESC LIMIT 1
        """,
        [video_id],
    ).fetchone()
    return row[0] if row else None


def receipt_key(connection: Connection, run_id: str) -> str | None:
    """Of what the last publish of this run said to have cost."""
    row = connection.execute(
        """
        SELECT details ->> 'receipt' FROM processing_jobs
        WHERE run_id = %s AND stage = 'publish' AND details ? 'receipt' ORDER BY attempt DESC LIMIT 1
        """,
        [run_id],
    ).fetchone()
    return row[0] if row else None


def _found(connection: Connection, where: Sequence[str], works: str, values: dict[str, Any]) -> list[Listed]:
    statement = _LISTED.format(where=" AND ".join(where) or "true", works=works)
    with connection.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(statement, values | {"stages": list(STAGES)}).fetchall()


def _anywhere(text: str) -> str:
    """A pattern of LIKE for the text itself."""
    escaped = clean(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _state(done: bool, last: str) -> ChunkState:
    if done:
        return "completed"
    return "running" if last == "running" else "failed" if last == "failed" else "waiting"

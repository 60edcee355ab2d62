"""Every statement on our tables. Writes are upserts under ids that say what they are of: a retry finds, it never adds.

They run in the connection's transaction, and the caller commits (`with psycopg.connect(…) as connection:` does).
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.db.rows import JobRow, JobStatus, ResultRow, VideoRow, VideoStatus
from include.processing.errors import PermanentError
from include.processing.types import Chunk, Moment

JOB_NAMESPACE = uuid.UUID("b2e7a3de-31f8-4c0b-8f0e-6f4f5d8c2a11")
MAX_FILENAME = 255

Connection = psycopg.Connection[Any]


def upsert_video(
    connection: Connection,
    video_id: str,
    *,
    filename: str,
    source: str,
    run_id: str,
    size_bytes: int | None = None,
    sha256: str | None = None,
    duration: float | None = None,
) -> None:
    """The video belongs to `run_id` from now on: a new run queues it again, the same run leaves its status alone.

    `duration` is in seconds. What is None stays as it was, and so does an earlier run's result until the next publish.
    """
    connection.execute(
        """
        INSERT INTO videos AS v (id, filename, source, run_id, size_bytes, sha256, duration_seconds)
        VALUES (%(id)s, %(filename)s, %(source)s, %(run_id)s, %(size_bytes)s, %(sha256)s, %(duration)s)
        ON CONFLICT (id) DO UPDATE SET
            filename = excluded.filename,
            source = excluded.source,
            size_bytes = coalesce(excluded.size_bytes, v.size_bytes),
            sha256 = coalesce(excluded.sha256, v.sha256),
            duration_seconds = coalesce(excluded.duration_seconds, v.duration_seconds),
            status = CASE WHEN v.run_id IS DISTINCT FROM excluded.run_id THEN 'queued' ELSE v.status END,
            error_message = CASE WHEN v.run_id IS DISTINCT FROM excluded.run_id THEN NULL ELSE v.error_message END,
            run_id = excluded.run_id,
            updated_at = now()
        """,
        {
            "id": video_id,
            "filename": _clean(filename)[:MAX_FILENAME],
            "source": _clean(source),
            "run_id": run_id,
            "size_bytes": size_bytes,
            "sha256": sha256,
            "duration": None if duration is None else round(duration),
        },
    )


def set_video_status(
    connection: Connection,
    video_id: str,
    status: VideoStatus,
    error: str | None = None,
    *,
    run_id: str | None = None,
) -> bool:
    """Whether it was set. A result stays one, and a finished video never runs again within its run: so a late word of
    a dead attempt changes nothing. With `run_id`, neither does one of a run that the video no longer belongs to."""
    done = connection.execute(
        """
        UPDATE videos SET
            status = %(status)s,
            error_message = %(error)s,
            processed_at = CASE WHEN %(status)s IN ('queued', 'running') THEN processed_at ELSE now() END,
            updated_at = now()
        WHERE id = %(id)s
            AND (%(run_id)s::text IS NULL OR run_id = %(run_id)s)
            AND (status IN ('queued', 'running')
                OR status IN ('failed', 'cancelled') AND %(status)s NOT IN ('queued', 'running'))
        """,
        {"id": video_id, "status": status, "error": _clean_or_none(error), "run_id": run_id},
    )
    return done.rowcount == 1


def job_id(run_id: str, stage: str, chunk_index: int | None, attempt: int) -> str:
    return str(uuid.uuid5(JOB_NAMESPACE, json.dumps([run_id, stage, chunk_index, attempt])))


def start_job(
    connection: Connection, video_id: str, stage: str, *, run_id: str, attempt: int, chunk: Chunk | None = None
) -> str:
    """The job's id, for finish_job. `chunk` is None for a stage of the whole video, whose row must be there."""
    identity = job_id(run_id, stage, chunk.index if chunk else None, attempt)
    connection.execute(
        """
        INSERT INTO processing_jobs (id, video_id, stage, run_id, attempt, chunk_index, chunk_start, chunk_end)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET
            status = 'running', started_at = now(), completed_at = NULL, error_message = NULL
        """,
        [identity, video_id, stage, run_id, attempt]
        + ([chunk.index, chunk.start, chunk.end] if chunk else [None, None, None]),
    )
    return identity


def finish_job(
    connection: Connection,
    job_id: str,
    status: JobStatus,
    error: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """`details` are JSON-like; they are added to what the job said before."""
    connection.execute(
        """
        UPDATE processing_jobs
        SET status = %s, completed_at = now(), error_message = %s, details = details || %s
        WHERE id = %s
        """,
        [status, _clean_or_none(error), Jsonb(_clean_json(details or {})), job_id],
    )


def close_dead_jobs(connection: Connection, run_id: str, *, except_job: str | None = None) -> int:
    """How many of the run's jobs still said `running`: nobody will finish them. `except_job` is the caller's own."""
    done = connection.execute(
        """
        UPDATE processing_jobs SET status = 'abandoned', completed_at = now()
        WHERE run_id = %s AND status = 'running' AND id IS DISTINCT FROM %s::uuid
        """,
        [run_id, except_job],
    )
    return done.rowcount


def publish(
    connection: Connection,
    video_id: str,
    *,
    status: VideoStatus,
    result_key: str,
    needs_review: bool,
    moments: Sequence[Moment],
    error: str | None = None,
) -> None:
    """The video's rows become `moments` and its result `result_key`, in one transaction (or savepoint).

    The second time changes nothing. `error` says what a partial result lacks.
    """
    with connection.transaction():
        _point_at_result(connection, video_id, status, result_key, needs_review, error)  # locks out another publish
        connection.execute("DELETE FROM video_results WHERE video_id = %s", [video_id])
        rows = {round(moment.time * 1000): moment for moment in moments}
        columns = "id, video_id, frame_number, timestamp_seconds, audio_text, ocr_text, confidence_score"
        with connection.cursor().copy(f"COPY video_results ({columns}) FROM STDIN") as copy:
            for milliseconds, moment in rows.items():
                copy.write_row(_result_row(video_id, milliseconds, moment))


def video(connection: Connection, video_id: str) -> VideoRow | None:
    with connection.cursor(row_factory=class_row(VideoRow)) as cursor:
        return cursor.execute(
            """
            SELECT id::text, filename, duration_seconds, status, created_at, processed_at, source, size_bytes, sha256,
                result_key, error_message, needs_review, run_id, updated_at
            FROM videos WHERE id = %s
            """,
            [video_id],
        ).fetchone()


def jobs(connection: Connection, run_id: str) -> list[JobRow]:
    """In the order they started."""
    with connection.cursor(row_factory=class_row(JobRow)) as cursor:
        return cursor.execute(
            """
            SELECT id::text, video_id::text, stage, status, started_at, completed_at, error_message, run_id,
                chunk_index, chunk_start, chunk_end, attempt, details
            FROM processing_jobs WHERE run_id = %s ORDER BY started_at, stage, chunk_index, attempt
            """,
            [run_id],
        ).fetchall()


def results(connection: Connection, video_id: str) -> list[ResultRow]:
    """In the order of their times."""
    with connection.cursor(row_factory=class_row(ResultRow)) as cursor:
        return cursor.execute(
            """
            SELECT id::text, video_id::text, frame_number, timestamp_seconds, audio_text, ocr_text, confidence_score
            FROM video_results WHERE video_id = %s ORDER BY timestamp_seconds
            """,
            [video_id],
        ).fetchall()


def _point_at_result(
    connection: Connection, video_id: str, status: VideoStatus, result_key: str, needs_review: bool, error: str | None
) -> None:
    done = connection.execute(
        """
        UPDATE videos SET
            processed_at = CASE WHEN status = %(status)s AND result_key = %(result_key)s AND processed_at IS NOT NULL
                THEN processed_at ELSE now() END,
            status = %(status)s,
            result_key = %(result_key)s,
            needs_review = %(needs_review)s,
            error_message = %(error)s,
            updated_at = now()
        WHERE id = %(id)s
        """,
        {
            "id": video_id,
            "status": status,
            "result_key": result_key,
            "needs_review": needs_review,
            "error": _clean_or_none(error),
        },
    )
    if done.rowcount != 1:
        raise PermanentError("VIDEO_MISSING", f"no row in videos has the id {video_id}", "run plan first")


def _result_row(video_id: str, milliseconds: int, moment: Moment) -> tuple[object, ...]:
    identity = uuid.uuid5(uuid.UUID(video_id), str(milliseconds))
    texts = _clean_or_none(moment.audio_text), _clean_or_none(moment.ocr_text)
    return (identity, video_id, moment.frame_number, moment.time, *texts, moment.confidence)


def _clean(text: str) -> str:
    """Postgres takes neither NUL characters nor halves of surrogate pairs, and foreign texts and names have both."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _clean_or_none(text: str | None) -> str | None:
    return None if text is None else _clean(text)


def _clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(str(name)): _clean_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean_json(item) for item in value]
    return value

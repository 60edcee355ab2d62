"""Every statement on videos and jobs. Writes are upserts under ids that say what they are of: a retry finds, it never
adds. What publishing writes is in publishing.py, what searching reads in search_statements.py.

They run in the connection's transaction, and the caller commits (`with psycopg.connect(…) as connection:` does).
"""

import json
import uuid
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.db.cleaning import clean, clean_json, clean_or_none
from include.db.rows import Connection as Connection
from include.db.rows import JobRow, JobStatus, ResultRow, VideoRow, VideoStatus
from include.processing.types import Chunk

JOB_NAMESPACE = uuid.UUID("b2e7a3de-31f8-4c0b-8f0e-6f4f5d8c2a11")
MAX_FILENAME = 255


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
            "filename": clean(filename)[:MAX_FILENAME],
            "source": clean(source),
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
        {"id": video_id, "status": status, "error": clean_or_none(error), "run_id": run_id},
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
) -> bool:
    """Whether it was still running: what somebody has given up meanwhile (a cancelled run, a dead attempt) stays so.

    `details` are JSON-like; they are added to what the job said before.
    """
    done = connection.execute(
        """
        UPDATE processing_jobs
        SET status = %s, completed_at = now(), error_message = %s, details = details || %s
        WHERE id = %s AND status = 'running'
        """,
        [status, clean_or_none(error), Jsonb(clean_json(details or {})), job_id],
    )
    return done.rowcount == 1


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

"""Events of a run as a whole: rows of processing_jobs that are over as soon as they are there."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from include.db.cleaning import clean, clean_json
from include.db.queries import MAX_FILENAME, job_id
from include.db.rows import Connection

REPLACED = "SOURCE_CHANGED: the source was replaced before its run began; submit it again"


@dataclass(frozen=True, slots=True)
class Unknown:
    """The video of a run that hasn't looked at its source yet: its row stands for it until then."""

    video_id: str
    filename: str
    source: str


def note_event(
    connection: Connection, stage: str, *, run_id: str, line: str, details: dict[str, Any], unknown: Unknown
) -> None:
    """Once per run and `stage`; `line` says what happened. Where no row knows the run's video, `unknown` stands in."""
    connection.execute(
        """
        INSERT INTO videos (id, filename, source, run_id)
        SELECT %(id)s, %(filename)s, %(source)s, %(run)s
        WHERE NOT EXISTS (SELECT FROM processing_jobs WHERE run_id = %(run)s)
            AND NOT EXISTS (SELECT FROM videos WHERE run_id = %(run)s)
        ON CONFLICT (id) DO NOTHING
        """,
        {
            "id": unknown.video_id,
            "filename": clean(unknown.filename)[:MAX_FILENAME],
            "source": clean(unknown.source),
            "run": run_id,
        },
    )
    connection.execute(
        """
        INSERT INTO processing_jobs
            (id, video_id, stage, status, completed_at, error_message, run_id, attempt, details)
        SELECT %(job)s, coalesce(
                (SELECT video_id FROM processing_jobs WHERE run_id = %(run)s ORDER BY started_at LIMIT 1),
                (SELECT id FROM videos WHERE run_id = %(run)s ORDER BY created_at LIMIT 1),
                %(unknown)s
            ), %(stage)s, 'failed', now(), %(line)s, %(run)s, 1, %(details)s
        ON CONFLICT (id) DO NOTHING
        """,
        {
            "job": job_id(run_id, stage, None, 1),
            "unknown": unknown.video_id,
            "stage": stage,
            "line": clean(line),
            "run": run_id,
            "details": Jsonb(clean_json(details)),
        },
    )


def adopt(connection: Connection, run_id: str, video_id: str) -> None:
    """What happened before the run knew its video belongs to it, and the row that stood for it goes.

    A row with an earlier result stays, without this run, and says that its source is another one by now.
    """
    moved = connection.execute(
        """
        UPDATE processing_jobs AS j SET video_id = %(video)s
        FROM processing_jobs AS old
        WHERE old.id = j.id AND j.run_id = %(run)s AND j.video_id <> %(video)s
        RETURNING old.video_id
        """,
        {"run": run_id, "video": video_id},
    ).fetchall()
    stood = connection.execute(
        "SELECT id FROM videos WHERE run_id = %s AND id <> %s AND result_key IS NULL", [run_id, video_id]
    ).fetchall()
    gone = [row[0] for row in stood]
    connection.execute("UPDATE processing_jobs SET video_id = %s WHERE video_id = ANY(%s)", [video_id, gone])
    connection.execute("DELETE FROM videos WHERE id = ANY(%s)", [gone])
    connection.execute(
        """
        DELETE FROM videos AS v WHERE id = ANY(%s) AND status = 'queued'
            AND NOT EXISTS (SELECT FROM processing_jobs WHERE video_id = v.id)
        """,
        [[row[0] for row in moved]],
    )
    connection.execute(
        """
        UPDATE videos
        SET status = 'failed', error_message = %s, processed_at = now(), updated_at = now(), run_id = NULL
        WHERE run_id = %s AND id <> %s
        """,
        [REPLACED, run_id, video_id],
    )


def stand_in(connection: Connection, run_id: str) -> str | None:
    """The id of the row that stands for the run's video, if somebody made one."""
    row = connection.execute(
        "SELECT id::text FROM videos WHERE run_id = %s ORDER BY created_at LIMIT 1", [run_id]
    ).fetchone()
    return row[0] if row else None

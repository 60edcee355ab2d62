"""Events of a run as a whole: rows of processing_jobs that are over as soon as they are there."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from include.db.cleaning import clean, clean_json
from include.db.queries import MAX_FILENAME, job_id
from include.db.rows import Connection


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


def adopt_events(connection: Connection, stage: str, run_id: str, video_id: str) -> None:
    """What happened before the run knew its video belongs to it; the row that stood for it goes."""
    moved = connection.execute(
        """
        UPDATE processing_jobs AS j SET video_id = %(video)s
        FROM processing_jobs AS old
        WHERE old.id = j.id AND j.run_id = %(run)s AND j.stage = %(stage)s AND j.video_id <> %(video)s
        RETURNING old.video_id
        """,
        {"run": run_id, "stage": stage, "video": video_id},
    ).fetchall()
    if moved:
        connection.execute(
            """
            DELETE FROM videos AS v WHERE id = ANY(%s) AND status = 'queued'
                AND NOT EXISTS (SELECT FROM processing_jobs WHERE video_id = v.id)
            """,
            [[row[0] for row in moved]],
        )

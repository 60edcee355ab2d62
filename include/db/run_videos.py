"""Which video a run is about."""

from include.db.rows import Connection


def video_of_run(connection: Connection, run: str) -> str | None:
    """`run` as `run_name` writes it. A later run of the same video doesn't take it from an earlier one."""
    row = connection.execute(
        """
        SELECT coalesce(
            (SELECT id FROM videos WHERE run_id = %(run)s ORDER BY created_at LIMIT 1),
            (SELECT video_id FROM processing_jobs WHERE run_id = %(run)s ORDER BY started_at LIMIT 1),
            (SELECT video_id FROM submissions WHERE run_id = %(run)s)
        )::text
        """,
        {"run": run},
    ).fetchone()
    return row[0] if row else None

"""Every statement by which people steer runs: stop, go on, away with it. As in queries.py, the caller commits."""

from include.db import webhook_deliveries
from include.db.queries import video
from include.db.rows import Connection, VideoRow


def locked(connection: Connection, video_id: str) -> VideoRow | None:
    """The video, which nobody else changes until the caller commits: stages and other people's wishes wait. Two who
    ask for one that isn't there yet come one after the other too."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [video_id])
    connection.execute("SELECT 1 FROM videos WHERE id = %s FOR UPDATE", [video_id])
    return video(connection, video_id)


def reopen(connection: Connection, video_id: str) -> None:
    """Its run goes on: stages of chunks say nothing about the video, so it counts as running from now."""
    connection.execute(
        "UPDATE videos SET status = 'running', error_message = NULL, updated_at = now() WHERE id = %s", [video_id]
    )


def runs_of(connection: Connection, video_id: str) -> list[str]:
    """Every run that we know to have worked on it, or to be about to."""
    found = connection.execute(
        """
        SELECT run_id FROM processing_jobs WHERE video_id = %(id)s
        UNION SELECT run_id FROM videos WHERE id = %(id)s AND run_id IS NOT NULL
        UNION SELECT run_id FROM submissions WHERE video_id = %(id)s
        ORDER BY run_id
        """,
        {"id": video_id},
    )
    return [run_id for (run_id,) in found]


def answers_of(connection: Connection, video_id: str) -> list[str]:
    """Keys of what was bought for this video alone, in the ledger."""
    found = connection.execute("SELECT key FROM speech_answers WHERE video_id = %s ORDER BY key", [video_id])
    return [key for (key,) in found]


def source_is_shared(connection: Connection, video_id: str, source: str) -> bool:
    """Whether another video came from there too."""
    found = connection.execute("SELECT 1 FROM videos WHERE source = %s AND id <> %s LIMIT 1", [source, video_id])
    return found.fetchone() is not None


def delete(connection: Connection, video_id: str, runs: list[str], upload: str | None) -> None:
    """Its rows, and all that is said of it elsewhere; `upload` is the key that it was uploaded to. What was spent stays
    spent."""
    webhook_deliveries.forget(connection, video_id, runs)
    connection.execute("DELETE FROM uploads WHERE key = %s", [upload])
    connection.execute("DELETE FROM submissions WHERE video_id = %s OR run_id = ANY(%s)", [video_id, runs])
    connection.execute("DELETE FROM budgets WHERE run_id = ANY(%s)", [runs])
    connection.execute("DELETE FROM videos WHERE id = %s", [video_id])

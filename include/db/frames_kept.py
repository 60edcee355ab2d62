"""Every statement on how long pictures are kept. As in queries.py, the caller commits, and times are the database's.

A video was last worked on when its row last changed, or when one of its jobs last began or ended: a task that somebody
cleared works again while the row still says `completed`.
"""

from include.db.queries import Connection

LONGEST_DAYS = 36_500.0
"""What is kept longer is kept for ever: Postgres has no time before its calendar begins."""

# A job that began after the row's last change belongs to cleared tasks: others of them may still wait for a worker, and
# until a day has passed they keep the pictures. The index on jobs is by their start: none takes a day.
_OLD = """
    v.status NOT IN ('queued', 'running')
    AND v.updated_at < now() - make_interval(secs => %(days)s * 86400)
    AND NOT EXISTS (
        SELECT FROM processing_jobs j WHERE j.video_id = v.id AND j.started_at > v.updated_at
            AND coalesce(j.completed_at, j.started_at) > now() - make_interval(secs => greatest(%(days)s, 1) * 86400))
    AND (v.frames_removed_at IS NULL
        OR v.frames_removed_at < v.updated_at
        OR EXISTS (
            SELECT FROM processing_jobs j WHERE j.video_id = v.id
                AND j.started_at > v.frames_removed_at - interval '1 day'
                AND coalesce(j.completed_at, j.started_at) > v.frames_removed_at))
"""


def old_frames(connection: Connection, days: float, limit: int) -> list[str]:
    """Ids of videos that nobody has worked on for so many days and whose pictures may be there, the oldest first."""
    found = connection.execute(
        f"SELECT v.id::text FROM videos v WHERE {_OLD} ORDER BY v.updated_at, v.id LIMIT %(limit)s",  # noqa: S608 - ours
        {"days": min(days, LONGEST_DAYS), "limit": limit},
    )
    return [video_id for (video_id,) in found]


def lock_old_frames(connection: Connection, video_id: str, days: float) -> bool:
    """Whether that is still so. Then it stays so until the caller commits: a run's row and every job wait for that."""
    locked = connection.execute("SELECT 1 FROM videos WHERE id = %s FOR UPDATE SKIP LOCKED", [video_id]).fetchone()
    if locked is None:
        return False
    # in a second statement, which sees all that was committed before the lock was ours
    old = connection.execute(
        f"SELECT 1 FROM videos v WHERE v.id = %(id)s AND {_OLD}",  # noqa: S608 - ours
        {"id": video_id, "days": min(days, LONGEST_DAYS)},
    )
    return old.fetchone() is not None


def set_frames_removed(connection: Connection, video_id: str) -> None:
    """Not a change of the video: `updated_at` stays."""
    connection.execute("UPDATE videos SET frames_removed_at = now() WHERE id = %s", [video_id])


def were_removed(connection: Connection, video_id: str) -> bool | None:
    """Whether they ever were; None where there is no such video."""
    found = connection.execute("SELECT frames_removed_at IS NOT NULL FROM videos WHERE id = %s", [video_id]).fetchone()
    return None if found is None else bool(found[0])

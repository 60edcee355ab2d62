"""Whose pictures may go, and that nobody begins while they do. Against a real Postgres."""

import uuid
from collections.abc import Callable

import psycopg
import pytest

from include.db import frames_kept, queries

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"
RUN = "run-1"


def submit(db: psycopg.Connection, video_id: str = VIDEO, run_id: str = RUN) -> None:
    queries.upsert_video(db, video_id, filename="talk.mp4", source="s3://bucket/talk.mp4", run_id=run_id)


def video(
    db: psycopg.Connection, status: str, changed: float, removed: float | None = None, video_id: str = VIDEO
) -> None:
    """`changed` and `removed` are days ago."""
    submit(db, video_id)
    db.execute(
        """
        UPDATE videos SET status = %s, updated_at = now() - make_interval(secs => %s * 86400),
            frames_removed_at = now() - make_interval(secs => %s * 86400)
        WHERE id = %s
        """,
        [status, changed, removed, video_id],
    )


def job(db: psycopg.Connection, started: float, completed: float | None = None) -> None:
    """`started` and `completed` are days ago."""
    db.execute(
        """
        INSERT INTO processing_jobs (id, video_id, stage, run_id, attempt, status, started_at, completed_at)
        VALUES (%s, %s, 'extract', %s, 1, %s, now() - make_interval(secs => %s * 86400),
            now() - make_interval(secs => %s * 86400))
        """,
        [uuid.uuid4(), VIDEO, RUN, "running" if completed is None else "completed", started, completed],
    )


@pytest.mark.parametrize("status", ["completed", "partial", "failed", "cancelled"])
@pytest.mark.parametrize(
    ("changed", "days", "old"),
    [
        pytest.param(31, 30.0, True, id="old"),
        pytest.param(29, 30.0, False, id="young"),
        pytest.param(0.6, 0.5, True, id="half-a-day"),
        pytest.param(0.001, 0.0, True, id="zero-days"),
        pytest.param(9000, 1e9, False, id="more-days-than-the-calendar-has"),
        pytest.param(9000, float("inf"), False, id="endless"),
    ],
)
def test_a_finished_video(db: psycopg.Connection, status: str, changed: float, days: float, old: bool) -> None:
    video(db, status, changed)
    assert frames_kept.old_frames(db, days, 10) == [VIDEO] * old
    assert frames_kept.lock_old_frames(db, VIDEO, days) is old


@pytest.mark.parametrize("status", ["queued", "running"])
def test_an_unfinished_video_keeps_its_pictures_however_old(db: psycopg.Connection, status: str) -> None:
    video(db, status, changed=400)
    assert frames_kept.old_frames(db, 0.0, 10) == []
    assert frames_kept.lock_old_frames(db, VIDEO, 0.0) is False


@pytest.mark.parametrize(
    ("changed", "jobs", "days", "old"),
    [
        pytest.param(40, [(40.2, 40.1)], 30.0, True, id="of-the-run-that-ended"),
        pytest.param(40, [(40.2, None)], 30.0, True, id="killed-before-the-run-ended"),
        pytest.param(40, [(5, 4.9)], 30.0, False, id="cleared-and-done-lately"),
        pytest.param(40, [(5, None)], 30.0, False, id="cleared-and-still-running"),
        pytest.param(40, [(35, 34.9)], 30.0, True, id="cleared-and-done-long-ago"),
        pytest.param(40, [(35, None)], 30.0, True, id="cleared-and-dead-long-ago"),
        pytest.param(1, [(0.2, 0.1)], 0.0, False, id="zero-days-and-others-may-wait"),
        pytest.param(3, [(1.2, 1.1)], 0.0, True, id="zero-days-and-nothing-came"),
        pytest.param(0.01, [(0.03, 0.02)], 0.0, True, id="zero-days-and-published"),
    ],
)
def test_cleared_tasks_are_work_too(
    db: psycopg.Connection, changed: float, jobs: list[tuple[float, float | None]], days: float, old: bool
) -> None:
    video(db, "completed", changed)
    for started, completed in jobs:
        job(db, started, completed)
    assert frames_kept.old_frames(db, days, 10) == [VIDEO] * old
    assert frames_kept.lock_old_frames(db, VIDEO, days) is old


@pytest.mark.parametrize(
    ("changed", "removed", "jobs", "old"),
    [
        pytest.param(90, 60, [(90.2, 90.1)], False, id="all-gone"),
        pytest.param(40, 60, [(40.2, 40.1)], True, id="a-run-since-then"),
        pytest.param(90, 60, [(40.2, 40.1)], True, id="cleared-since-then"),
        pytest.param(90, 60, [(40.2, None)], True, id="cleared-and-killed-since-then"),
        pytest.param(90, 60, [(60.01, 59.99)], True, id="began-before-and-ended-since-then"),
        pytest.param(90, 60, [(5, 4)], False, id="cleared-lately"),
    ],
)
def test_what_was_removed_is_removed_again_only_where_it_may_be_there_again(
    db: psycopg.Connection, changed: float, removed: float, jobs: list[tuple[float, float | None]], old: bool
) -> None:
    video(db, "completed", changed, removed)
    for started, completed in jobs:
        job(db, started, completed)
    assert frames_kept.old_frames(db, 30.0, 10) == [VIDEO] * old


def test_the_oldest_first_and_no_more_than_asked_for(db: psycopg.Connection) -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(5)]
    for days_ago, video_id in zip([40, 60, 31, 50, 10], ids, strict=True):
        video(db, "completed", days_ago, video_id=video_id)
    assert frames_kept.old_frames(db, 30.0, 10) == [ids[1], ids[3], ids[0], ids[2]]
    assert frames_kept.old_frames(db, 30.0, 2) == [ids[1], ids[3]]


def test_marking_changes_nothing_else(db: psycopg.Connection) -> None:
    video(db, "partial", 40)
    before = queries.video(db, VIDEO)
    frames_kept.set_frames_removed(db, VIDEO)
    assert queries.video(db, VIDEO) == before
    assert frames_kept.old_frames(db, 30.0, 10) == []


def test_while_it_is_locked_neither_a_run_nor_a_job_begins(db: psycopg.Connection, db_url: str) -> None:
    video(db, "completed", 40)
    db.commit()
    assert frames_kept.lock_old_frames(db, VIDEO, 30.0) is True
    with psycopg.connect(db_url, options="-c lock_timeout=50ms") as run:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            submit(run, run_id="run-2")
        run.rollback()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            queries.start_job(run, VIDEO, "extract", run_id=RUN, attempt=2)
        run.rollback()
        db.commit()
        submit(run, run_id="run-2")
        queries.start_job(run, VIDEO, "extract", run_id=RUN, attempt=2)


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(lambda run: submit(run, run_id="run-2"), id="a-run"),
        pytest.param(lambda run: queries.start_job(run, VIDEO, "ocr", run_id=RUN, attempt=2), id="a-cleared-task"),
    ],
)
def test_a_video_that_somebody_begins_to_work_on_is_left_alone(
    db: psycopg.Connection, db_url: str, begin: Callable[[psycopg.Connection], object]
) -> None:
    video(db, "completed", 40)
    db.commit()
    assert frames_kept.old_frames(db, 30.0, 10) == [VIDEO]
    with psycopg.connect(db_url) as run:
        begin(run)
        assert frames_kept.lock_old_frames(db, VIDEO, 30.0) is False
        run.commit()
        assert frames_kept.lock_old_frames(db, VIDEO, 30.0) is False


def test_a_video_that_somebody_deleted(db: psycopg.Connection) -> None:
    assert frames_kept.lock_old_frames(db, VIDEO, 30.0) is False

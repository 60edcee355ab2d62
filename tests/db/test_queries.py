"""Against a real Postgres; expected rows are written out."""

import threading
import uuid
from typing import Any

import psycopg
import pytest

from include.db import publishing, queries
from include.processing.errors import PermanentError
from include.processing.types import Chunk, Moment

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"


def submit(db: psycopg.Connection, run_id: str = "run-1", **changes: Any) -> None:
    values = {"filename": "talk.mp4", "source": "s3://bucket/talk.mp4", "run_id": run_id, **changes}
    queries.upsert_video(db, VIDEO, **values)


def status(db: psycopg.Connection) -> tuple[str, str | None]:
    row = queries.video(db, VIDEO)
    assert row is not None
    return row.status, row.error_message


def publish(db: psycopg.Connection, moments: list[Moment], **changes: Any) -> None:
    values = {"status": "completed", "result_key": "videos/1/result/d1/result.json", "needs_review": False, **changes}
    publishing.publish(db, VIDEO, moments=moments, **values)


def rows(db: psycopg.Connection) -> list[tuple[object, ...]]:
    return [
        (row.timestamp_seconds, row.frame_number, row.audio_text, row.ocr_text, row.confidence_score)
        for row in queries.results(db, VIDEO)
    ]


def test_a_video_from_its_submission_to_its_probe(db: psycopg.Connection) -> None:
    assert queries.video(db, VIDEO) is None
    submit(db)
    submit(db, size_bytes=5_000_000_000, sha256="ab" * 32, duration=3599.6)
    submit(db)
    row = queries.video(db, VIDEO)
    assert row is not None
    assert (row.id, row.filename, row.source, row.run_id) == (VIDEO, "talk.mp4", "s3://bucket/talk.mp4", "run-1")
    assert (row.size_bytes, row.sha256, row.duration_seconds) == (5_000_000_000, "ab" * 32, 3600)
    assert (row.status, row.error_message, row.result_key, row.needs_review) == ("queued", None, None, False)
    assert row.processed_at is None
    assert str(row.created_at.tzinfo) == "UTC"


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        pytest.param("é" * 300, "é" * 255, id="long"),
        pytest.param("a\0b.mp4", "ab.mp4", id="nul"),
        pytest.param("a\udcff.mp4", "a?.mp4", id="undecodable"),
        pytest.param("", "", id="empty"),
    ],
)
def test_file_names_that_postgres_would_refuse(db: psycopg.Connection, filename: str, expected: str) -> None:
    submit(db, filename=filename)
    row = queries.video(db, VIDEO)
    assert row is not None
    assert row.filename == expected


@pytest.mark.parametrize(
    ("said", "then", "expected"),
    [
        pytest.param([], "running", "running", id="starts"),
        pytest.param(["running"], "queued", "queued", id="waits-again"),
        pytest.param(["running"], "failed", "failed", id="fails"),
        pytest.param(["running"], "cancelled", "cancelled", id="is-cancelled"),
        pytest.param(["failed"], "running", "failed", id="late-running-after-failed"),
        pytest.param(["cancelled"], "running", "cancelled", id="late-running-after-cancelled"),
        pytest.param(["completed"], "running", "completed", id="late-running-after-completed"),
        pytest.param(["partial"], "queued", "partial", id="late-queued-after-partial"),
        pytest.param(["completed"], "failed", "completed", id="a-result-stays"),
        pytest.param(["partial"], "failed", "partial", id="a-partial-result-stays"),
        pytest.param(["completed"], "cancelled", "completed", id="too-late-to-cancel"),
        pytest.param(["failed"], "completed", "completed", id="a-retry-succeeds"),
        pytest.param(["cancelled"], "failed", "failed", id="failed-after-cancelled"),
    ],
)
def test_a_status_within_a_run(db: psycopg.Connection, said: list[Any], then: Any, expected: str) -> None:
    submit(db)
    for word in said:
        assert queries.set_video_status(db, VIDEO, word) is True
    assert queries.set_video_status(db, VIDEO, then) is (expected == then)
    submit(db)
    assert status(db)[0] == expected


@pytest.mark.parametrize("finished", ["completed", "partial", "failed", "cancelled"])
def test_a_new_run_of_the_same_video_may_run_again(db: psycopg.Connection, finished: Any) -> None:
    submit(db, "run-1")
    queries.set_video_status(db, VIDEO, finished, "why")
    submit(db, "run-2")
    assert status(db) == ("queued", None)
    assert queries.set_video_status(db, VIDEO, "running", run_id="run-2") is True
    assert queries.set_video_status(db, VIDEO, "failed", "late", run_id="run-1") is False
    assert status(db) == ("running", None)


def test_an_error_is_kept_without_what_postgres_refuses_and_goes_when_all_is_well(db: psycopg.Connection) -> None:
    submit(db)
    queries.set_video_status(db, VIDEO, "failed", "NOT_A_VIDEO: \0it is text\udcff; give a video")
    assert status(db) == ("failed", "NOT_A_VIDEO: it is text?; give a video")
    publish(db, [])
    assert status(db) == ("completed", None)


def test_processed_at_is_when_it_ended(db: psycopg.Connection) -> None:
    submit(db)
    queries.set_video_status(db, VIDEO, "running")
    running = queries.video(db, VIDEO)
    queries.set_video_status(db, VIDEO, "failed", "x")
    failed = queries.video(db, VIDEO)
    assert running is not None
    assert running.processed_at is None
    assert failed is not None
    assert failed.processed_at is not None


def test_a_status_of_no_video(db: psycopg.Connection) -> None:
    assert queries.set_video_status(db, VIDEO, "running") is False


CHUNK = Chunk(VIDEO, 1, 600.0, 1200.5, 2)


def test_a_job_and_its_retry(db: psycopg.Connection) -> None:
    submit(db)
    first = queries.start_job(db, VIDEO, "ocr", run_id="run-1", attempt=1, chunk=CHUNK)
    assert queries.start_job(db, VIDEO, "ocr", run_id="run-1", attempt=1, chunk=CHUNK) == first
    queries.finish_job(db, first, "failed", "ENGINE_DOWN: \0gone; try again", {"frames": 3})
    db.commit()
    second = queries.start_job(db, VIDEO, "ocr", run_id="run-1", attempt=2, chunk=CHUNK)
    queries.finish_job(db, second, "completed", details={"frames": 9, "texts": ["a\0b"], "nested": {"k\0": (1, None)}})
    jobs = queries.jobs(db, "run-1")
    assert [(j.id, j.attempt, j.status, j.error_message, j.details) for j in jobs] == [
        (first, 1, "failed", "ENGINE_DOWN: gone; try again", {"frames": 3}),
        (second, 2, "completed", None, {"frames": 9, "texts": ["ab"], "nested": {"k": [1, None]}}),
    ]
    assert {(j.video_id, j.stage, j.run_id) for j in jobs} == {(VIDEO, "ocr", "run-1")}
    assert {(j.chunk_index, j.chunk_start, j.chunk_end) for j in jobs} == {(1, 600.0, 1200.5)}
    assert all(j.completed_at and j.completed_at >= j.started_at for j in jobs)


def test_the_same_attempt_delivered_again_runs_again(db: psycopg.Connection) -> None:
    submit(db)
    job = queries.start_job(db, VIDEO, "plan", run_id="run-1", attempt=1)
    queries.finish_job(db, job, "failed", "x", {"a": 1})
    queries.start_job(db, VIDEO, "plan", run_id="run-1", attempt=1)
    queries.finish_job(db, job, "completed", details={"b": 2})
    (row,) = queries.jobs(db, "run-1")
    assert (row.status, row.error_message, row.details, row.chunk_index) == ("completed", None, {"a": 1, "b": 2}, None)


def test_job_ids_differ_by_everything_they_are_of() -> None:
    jobs = [
        ("r", "ocr", 1, 1),
        ("r2", "ocr", 1, 1),
        ("r", "asr", 1, 1),
        ("r", "ocr", 2, 1),
        ("r", "ocr", None, 1),
        ("r", "ocr", 1, 2),
    ]
    assert len({queries.job_id(*job) for job in jobs}) == 6
    assert queries.job_id("r", "ocr", 1, 1) == "1ba53eef-d3e4-571a-8fb8-dbb50d7ea79b"


def test_dead_jobs_are_closed_and_nobody_elses(db: psycopg.Connection) -> None:
    submit(db)
    dead = queries.start_job(db, VIDEO, "ocr", run_id="run-1", attempt=1, chunk=CHUNK)
    done = queries.start_job(db, VIDEO, "plan", run_id="run-1", attempt=1)
    queries.finish_job(db, done, "completed")
    own = queries.start_job(db, VIDEO, "publish", run_id="run-1", attempt=1)
    other = queries.start_job(db, VIDEO, "plan", run_id="run-2", attempt=1)
    assert queries.close_dead_jobs(db, "run-1", except_job=own) == 1
    assert queries.close_dead_jobs(db, "run-1", except_job=own) == 0
    found = {job.id: job.status for run in ("run-1", "run-2") for job in queries.jobs(db, run)}
    assert found == {dead: "abandoned", done: "completed", own: "running", other: "running"}
    assert queries.close_dead_jobs(db, "run-1") == 1


MOMENTS = [
    Moment(0.0, 0, None, "Title", 0.9),
    Moment(1.25, 31, "hello", "Title", 0.8),
    Moment(601.003, 15025, "a\0b\tc\\N\nd\udcff", None, None),
]
ROWS = [
    (0.0, 0, None, "Title", 0.9),
    (1.25, 31, "hello", "Title", 0.8),
    (601.003, 15025, "ab\tc\\N\nd?", None, None),
]


def test_publishing_twice_gives_the_same_rows(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, MOMENTS)
    first = queries.results(db, VIDEO), queries.video(db, VIDEO)
    assert rows(db) == ROWS
    assert first[1] is not None
    assert (first[1].status, first[1].result_key) == ("completed", "videos/1/result/d1/result.json")
    publish(db, list(reversed(MOMENTS)))
    again = queries.video(db, VIDEO)
    assert queries.results(db, VIDEO) == first[0]
    assert again is not None
    assert again.processed_at == first[1].processed_at


def test_ids_of_results_are_the_videos_and_the_milliseconds(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, MOMENTS)
    assert [row.id for row in queries.results(db, VIDEO)] == [
        str(uuid.uuid5(uuid.UUID(VIDEO), milliseconds)) for milliseconds in ("0", "1250", "601003")
    ]


def test_a_smaller_second_result_leaves_no_rows_behind(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, MOMENTS)
    publish(db, MOMENTS[:1], status="partial", needs_review=True, error="TRUNCATED: the end is missing; get it whole")
    assert rows(db) == ROWS[:1]
    assert status(db) == ("partial", "TRUNCATED: the end is missing; get it whole")
    publish(db, [])
    assert rows(db) == []


def test_two_moments_in_one_millisecond_are_one(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, [Moment(1.0, 25, "a", None, None), Moment(1.0, 25, "b", None, None)])
    assert rows(db) == [(1.0, 25, "b", None, None)]


def test_a_publish_that_fails_changes_nothing(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, MOMENTS)
    with pytest.raises(psycopg.DataError):
        publish(db, [Moment(5.0, 2**40, "too large a number", None, None)], result_key="other")
    assert rows(db) == ROWS
    row = queries.video(db, VIDEO)
    assert row is not None
    assert row.result_key == "videos/1/result/d1/result.json"


def test_a_video_that_nobody_planned_is_not_published(db: psycopg.Connection) -> None:
    with pytest.raises(PermanentError, match="VIDEO_MISSING"):
        publish(db, MOMENTS)


def test_publishing_needs_no_commit_by_the_caller(db: psycopg.Connection, db_url: str) -> None:
    submit(db)
    db.commit()
    publish(db, MOMENTS)
    with psycopg.connect(db_url) as other:
        assert rows(other) == ROWS


def test_of_many_who_publish_at_once_one_whole_result_stays(db: psycopg.Connection, db_url: str) -> None:
    submit(db)
    db.commit()
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with psycopg.connect(db_url) as connection:
                moments = [Moment(float(n), n, str(number), None, None) for n in range(50 + number)]
                publish(connection, moments, result_key=str(number))
        except psycopg.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = queries.video(db, VIDEO)
    assert errors == []
    assert row is not None
    assert row.result_key is not None
    assert [(r.audio_text, r.frame_number) for r in queries.results(db, VIDEO)] == [
        (row.result_key, n) for n in range(50 + int(row.result_key))
    ]


def test_ten_thousand_moments(db: psycopg.Connection) -> None:
    submit(db)
    publish(db, [Moment(n / 2, n, f"word {n}", "screen " * 50, 0.5) for n in range(10_000)])
    assert len(queries.results(db, VIDEO)) == 10_000

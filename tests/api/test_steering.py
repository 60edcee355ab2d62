"""Cancel, retry, rerun, delete: what Airflow is asked for, and what becomes of the rows and objects."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from far_airflow import FarAirflow, far_airflow
from shelf import db as db
from shelf import get, job, make, name

from include.api.app import API
from include.db import queries, spending, submissions
from include.db.spending import Asker

RUN = ("process_video", "run-1")


@pytest.fixture
def far(front: Any) -> Iterator[FarAirflow]:
    with far_airflow() as airflow:
        front.airflow_url = airflow.url
        airflow.runs[RUN] = {"source": "incoming/talk-1.mp4", "language": "de", "priority": "bulk"}
        airflow.states[RUN] = "failed"
        yield airflow


def ask(front: Any, what: str, role: str = "user", number: int = 1) -> Any:
    return front.client.post(f"{API}/videos/{name(number)}/{what}", headers=front.headers(role))


def delete(front: Any, number: int = 1) -> Any:
    return front.client.delete(f"{API}/videos/{name(number)}", headers=front.headers("admin"))


def status(front: Any) -> str:
    return str(get(front, f"/videos/{name(1)}").json()["status"])


def test_cancel(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "running")
    job(db, "extract", 0, "completed")
    job(db, "ocr", 0, "running")
    far.states[RUN] = "running"
    answer = ask(front, "cancel")
    assert (answer.status_code, answer.json()["status"], far.states[RUN]) == (200, "cancelled", "failed")
    running = queries.job_id("run-1", "ocr", 0, 1)
    assert [(row.stage, row.status) for row in queries.jobs(db, "run-1")] == [
        ("extract", "completed"),
        ("ocr", "abandoned"),
    ]
    assert queries.finish_job(db, running, "failed", "X: y; z") is False  # the last word of the task that was stopped
    again = ask(front, "cancel")
    assert (again.status_code, again.json()["code"]) == (409, "NOT_RUNNING")


def test_a_run_that_airflow_does_not_know_can_be_cancelled(
    front: Any, far: FarAirflow, db: psycopg.Connection[Any]
) -> None:
    make(db, 1, "running", run_id="run-0")
    assert ask(front, "cancel").json()["status"] == "cancelled"


@pytest.mark.parametrize("what", ["cancel", "retry", "rerun"])
def test_where_airflow_refuses_nothing_changes(
    front: Any, far: FarAirflow, db: psycopg.Connection[Any], what: str
) -> None:
    make(db, 1, "running" if what == "cancel" else "failed", "X: y; z")
    before = status(front)
    far.refusals = [503]
    answer = ask(front, what)
    assert (answer.status_code, answer.json()["code"], status(front)) == (503, "AIRFLOW_REFUSED", before)
    assert submissions.of_run(db, "run-1") is None


def test_retry_of_what_failed(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "failed", "X: y; z")
    nothing = ask(front, "retry")
    assert (nothing.status_code, nothing.json()["code"], status(front)) == (409, "NOTHING_FAILED", "failed")
    far.tasks = [{"task_id": "publish", "map_index": -1, "state": "failed"}]
    answer = ask(front, "retry")
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (202, "running", None)
    wanted = {"dry_run": False, "dag_run_id": "run-1", "reset_dag_runs": True, "only_failed": True}
    assert far.cleared[-1] == wanted
    assert ask(front, "retry").json()["code"] == "STILL_RUNNING"
    assert queries.set_video_status(db, name(1), "failed", "again", run_id="run-1") is True


def test_retry_of_what_was_cancelled(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    """Tasks that were stopped have failed, those that never began were skipped."""
    make(db, 1, "cancelled")
    done = [{"task_id": "process_chunk.extract", "map_index": n, "state": "success"} for n in range(150)]
    rest = [{"task_id": "process_chunk.ocr", "map_index": n, "state": "skipped"} for n in range(150)]
    far.tasks = [*done, *rest, {"task_id": "publish", "map_index": -1, "state": "skipped"}]
    assert ask(front, "retry").status_code == 202
    asked = far.cleared[-1]
    assert asked["only_failed"] is False
    assert asked["task_ids"] == [*(["process_chunk.ocr", n] for n in range(150)), "publish"]


def test_a_run_that_is_gone_can_only_be_started_again(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "failed", "X: y; z")
    far.runs.clear()
    answer = ask(front, "retry")
    assert (answer.status_code, answer.json()["code"], status(front)) == (409, "RUN_GONE", "failed")
    assert ask(front, "rerun").status_code == 202
    assert list(far.runs.values()) == [{"source": "incoming/talk-1.mp4"}]


def test_rerun(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "completed")
    answer = ask(front, "rerun")
    video = answer.json()
    assert (answer.status_code, video["id"], video["status"], video["priority"]) == (202, name(1), "queued", "bulk")
    assert video["run"]["run_id"] != "run-1"
    assert far.runs["process_video", video["run"]["run_id"]] == far.runs[RUN]
    assert ask(front, "rerun").json()["code"] == "STILL_RUNNING"


def test_delete_takes_all_that_belongs_to_it(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    store = front.services.store
    make(db, 1, "completed", source="uploads/u1/talk.mp4")
    make(db, 2, "completed", source="accepted/x/talk.mp4")
    make(db, 3, "completed", source="accepted/x/talk.mp4")
    far.runs["process_video", "run-2"] = far.runs["process_video_slides", "old"] = {}
    far.states["process_video", "run-2"] = far.states["process_video_slides", "old"] = "success"
    queries.start_job(db, name(1), "plan", run_id="process_video_slides/old", attempt=1)
    spending.claim(db, "ab12", "somebody", 1.0, Asker("run-1", name(1)))
    kept = [f"videos/{name(2)}/original/source", "accepted/x/talk.mp4", "incoming/other.mp4"]
    gone = [
        f"videos/{name(1)}/original/source",
        f"videos/{name(1)}/result/d1/result.json",
        "uploads/u1/talk.mp4",
        "ledger/ab/ab12",
    ]
    for key in (*kept, *gone):
        store.put(key, b"x")
    assert delete(front).status_code == 204
    assert sorted(info.key for info in store.list("")) == sorted(kept)
    assert list(far.runs) == [("process_video", "run-2")]
    assert get(front, f"/videos/{name(1)}").status_code == 404
    assert delete(front).status_code == 404
    assert delete(front, 2).status_code == 204
    assert [info.key for info in store.list("accepted/")] == ["accepted/x/talk.mp4"]  # another video came from there
    assert delete(front, 3).status_code == 204
    assert [info.key for info in store.list("")] == ["incoming/other.mp4"]


def test_nothing_that_runs_is_deleted(front: Any, far: FarAirflow, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "running")
    front.services.store.put(f"videos/{name(1)}/original/source", b"x")
    first = delete(front)
    queries.set_video_status(db, name(1), "failed", "X: y; z")
    far.states[RUN] = "running"
    second = delete(front)
    assert [(one.status_code, one.json()["code"]) for one in (first, second)] == [(409, "STILL_RUNNING")] * 2
    assert front.services.store.head(f"videos/{name(1)}/original/source")
    assert status(front) == "failed"
    far.states[RUN] = "failed"
    assert delete(front).status_code == 204


@pytest.mark.parametrize("what", ["cancel", "retry", "rerun"])
def test_no_such_video(front: Any, far: FarAirflow, what: str) -> None:
    answer = ask(front, what)
    assert (answer.status_code, answer.json()["code"]) == (404, "VIDEO_MISSING")

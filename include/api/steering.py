"""Stop a run, go on with one, start one again, away with a video. Airflow does its part first; where it refuses, our
rows stay as they were."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn
from urllib.parse import quote

from include.airflow_api import AirflowApi
from include.api.access import Caller
from include.api.problems import Problem
from include.api.services import Services
from include.api.sources import Place
from include.api.submitting import Submission, note, queue
from include.db import queries, steering, submissions
from include.db.rows import Connection, VideoRow
from include.runs import run_name, run_parts
from include.storage import ObjectStore, keys

NOT_THERE, CONFLICT = 404, 409
ACTIVE = ("queued", "running")
OURS = ("uploads/", "accepted/")  # where originals of ours lie before they are staged
PAGE = 100  # of task instances; Airflow gives no more at once
THREADS = 8


def cancel(services: Services, caller: Caller, video_id: str) -> None:
    """Its tasks are stopped; what is done stays, for a retry."""
    with services.airflow(caller) as airflow, services.database() as connection:
        row = _locked(connection, video_id)
        if row.status not in ACTIVE or row.run_id is None:
            raise Problem(409, "NOT_RUNNING", f"the video is {row.status}", "nothing is left to stop")
        airflow.asked("PATCH", _run_path(row.run_id), json={"state": "failed"}, but={NOT_THERE})
        queries.close_dead_jobs(connection, row.run_id)
        queries.set_video_status(connection, video_id, "cancelled", run_id=row.run_id)


def retry(services: Services, caller: Caller, video_id: str) -> None:
    """What failed (of a cancelled run: what was not done) runs again, in the same run."""
    with services.airflow(caller) as airflow, services.database() as connection:
        row = _over(connection, video_id)
        if row.run_id is None:
            _gone(video_id)
        dag, run_id = run_parts(row.run_id)
        wanted: dict[str, Any] = {"dry_run": False, "dag_run_id": run_id, "reset_dag_runs": True, "only_failed": True}
        if row.status == "cancelled":
            tasks = _undone(airflow, row.run_id) or _gone(video_id)
            wanted |= {"only_failed": False, "task_ids": tasks}
        path = f"/api/v2/dags/{quote(dag)}/clearTaskInstances"
        answer = airflow.asked("POST", path, json=wanted, but={NOT_THERE})
        if answer.status_code == NOT_THERE:
            _gone(video_id)
        if not answer.json()["total_entries"]:
            raise Problem(409, "NOTHING_FAILED", "no task of its run has failed", "start it again to do it all anew")
        steering.reopen(connection, video_id)


def rerun(services: Services, caller: Caller, video_id: str) -> str:
    """A new run of the same source with the same options; its name in our tables. What is stored is found again."""
    with services.airflow(caller) as airflow, services.database() as connection:
        row = _over(connection, video_id)
        wanted = _as_before(airflow, connection, row)
        run_id = f"api-{uuid.uuid4().hex}"
        name = run_name(wanted.dag, run_id)
        note(connection, caller, wanted, video_id, name)
        queue(connection, Place(video_id, row.filename, row.source, row.size_bytes), name)
        airflow.start(wanted.dag, run_id, wanted.conf)
    return name


def delete(services: Services, caller: Caller, video_id: str) -> None:
    """The runs first, the rows last: what broke off is finished by deleting again."""
    with services.airflow(caller) as airflow, services.database() as connection:
        row = _over(connection, video_id)
        runs = steering.runs_of(connection, video_id)
        for run in runs:
            answer = airflow.asked("DELETE", _run_path(run), but={NOT_THERE, CONFLICT})
            if answer.status_code == CONFLICT:
                raise _still_running("its run has not ended in Airflow yet")
        bought = [keys.ledger(key) for key in steering.answers_of(connection, video_id)]
        _remove(services.store, video_id, bought)
        upload = _upload(services.store, connection, row)
        if upload:
            services.store.delete(upload)
        steering.delete(connection, video_id, runs, upload)


def missing(video_id: str) -> Problem:
    return Problem(404, "VIDEO_MISSING", f"there is no video {video_id}", "look it up in the list of videos")


def _locked(connection: Connection, video_id: str) -> VideoRow:
    row = steering.locked(connection, video_id)
    if row is None:
        raise missing(video_id)
    return row


def _over(connection: Connection, video_id: str) -> VideoRow:
    row = _locked(connection, video_id)
    if row.status in ACTIVE:
        raise _still_running(f"the video is {row.status}")
    return row


def _as_before(airflow: AirflowApi, connection: Connection, row: VideoRow) -> Submission:
    """From Airflow, which alone has the whole source; without the run, from what we know."""
    if row.run_id is None:
        return Submission(row.source)
    answer = airflow.asked("GET", _run_path(row.run_id), but={NOT_THERE})
    dag = run_parts(row.run_id)[0]
    if answer.status_code == NOT_THERE:
        kept = submissions.of_run(connection, row.run_id)
        return Submission(row.source, dag, kept.request["options"] if kept else {})
    conf = dict(answer.json()["conf"] or {})
    return Submission(conf.pop("source", row.source), dag, conf)


def _undone(airflow: AirflowApi, run: str) -> list[str | list[Any]]:
    """Tasks that Airflow stopped or never began; a chunk's with its number."""
    found: list[dict[str, Any]] = []
    while True:
        window: dict[str, Any] = {
            "state": ["failed", "upstream_failed", "skipped"],
            "limit": PAGE,
            "offset": len(found),
        }
        answer = airflow.asked("GET", f"{_run_path(run)}/taskInstances", params=window, but={NOT_THERE})
        page = [] if answer.status_code == NOT_THERE else answer.json()["task_instances"]
        found += page
        if len(page) < PAGE:
            return [
                each["task_id"] if each["map_index"] < 0 else [each["task_id"], each["map_index"]] for each in found
            ]


def _remove(store: ObjectStore, video_id: str, others: list[str]) -> None:
    found = [info.key for info in store.list(f"videos/{video_id}/")]
    delete_one: Callable[[str], None] = store.delete
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(delete_one, [*found, *others]))


def _upload(store: ObjectStore, connection: Connection, row: VideoRow) -> str | None:
    """The key of what came to us for this video alone; what people put elsewhere stays theirs."""
    key = row.source.removeprefix(f"{store.url}/")
    if not key.startswith(OURS) or steering.source_is_shared(connection, row.id, row.source):
        return None
    return key


def _run_path(run: str) -> str:
    dag, run_id = run_parts(run)
    return f"/api/v2/dags/{quote(dag)}/dagRuns/{quote(run_id, safe='')}"


def _still_running(cause: str) -> Problem:
    return Problem(409, "STILL_RUNNING", cause, "cancel it, or wait until it is over")


def _gone(video_id: str) -> NoReturn:
    raise Problem(409, "RUN_GONE", f"Airflow has no run of video {video_id} any more", "start it again")

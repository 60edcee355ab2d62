"""Many videos through a stack at once, and what its databases say of it afterwards."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.rows import class_row, dict_row

from include.airflow_api import AirflowApi
from include.local.config import AIRFLOW_DATABASE, OUR_DATABASE
from include.local.fleet import Fleet
from include.local.home import USER
from include.local.servers import REELSCRIBE
from include.runs import MAIN_DAG, run_name

AT_ONCE = 4
POLL = 2.0  # seconds
ENDED = """SELECT count(*) FROM dag_run WHERE dag_id = %s AND run_id LIKE %s AND state IN ('success', 'failed')"""
TASKS = """
    SELECT run_id, task_id, map_index, state, scheduled_dttm AS scheduled, queued_dttm AS queued, start_date AS start,
           end_date AS "end"
    FROM task_instance WHERE dag_id = %s AND run_id LIKE %s AND start_date IS NOT NULL ORDER BY start_date"""
RUNS = """
    SELECT run_id, state, queued_at AS queued, start_date AS start, end_date AS "end"
    FROM dag_run WHERE dag_id = %s AND run_id LIKE %s ORDER BY end_date"""
SPENT = """
    SELECT stage, sum((details->>'cpu_s')::float) AS seconds
    FROM processing_jobs WHERE run_id LIKE %s AND details ? 'cpu_s' GROUP BY stage"""
DONE = "SELECT id, status, run_id FROM videos WHERE run_id LIKE %s"


@dataclass(frozen=True, slots=True)
class Task:
    run_id: str
    task_id: str
    map_index: int
    state: str | None
    scheduled: datetime | None
    queued: datetime | None
    start: datetime
    end: datetime

    @property
    def waited(self) -> float:
        """Seconds from the moment that it could have begun."""
        return (self.start - (self.scheduled or self.start)).total_seconds()

    @property
    def worked(self) -> float:
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Run:
    run_id: str
    state: str
    queued: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """`stages`: CPU-seconds that the stages themselves spent, from `processing_jobs`. `videos`: run -> (id, status)."""

    runs: tuple[Run, ...]
    tasks: tuple[Task, ...]
    stages: dict[str, float]
    videos: dict[str, tuple[str, str]]

    def failed(self) -> int:
        whole = {run for run, (_, status) in self.videos.items() if status == "completed"}
        return sum(run.state != "success" or run_name(MAIN_DAG, run.run_id) not in whole for run in self.runs)

    def per_hour(self) -> float:
        """Between the 10th and the 90th percentile of the ends: neither the warming up nor the last ones."""
        ends = sorted(run.end for run in self.runs)
        low, high = len(ends) // 10, len(ends) - 1 - len(ends) // 10
        between = (ends[high] - ends[low]).total_seconds()
        return (high - low) / between * 3600 if between else 0.0

    def seconds(self) -> float:
        return (max(run.end for run in self.runs) - min(run.queued for run in self.runs)).total_seconds()


def upload(fleet: Fleet, videos: Sequence[Path], tag: str) -> list[str]:
    """Their keys; one object for each."""
    s3 = fleet.servers().s3
    assert s3 is not None, "the bench brings its own store"
    client = s3.client()
    keys = [f"bench/{tag}/{number:04d}-{video.name}" for number, video in enumerate(videos)]
    for key, video in zip(keys, videos, strict=True):
        client.upload_file(str(video), REELSCRIBE, key)
    return keys


def work(fleet: Fleet, keys: Sequence[str], tag: str, patience: float) -> Batch:
    """All at once; returns when all have ended. `patience`: seconds."""
    api = AirflowApi(fleet.servers().page, USER, fleet.home.password())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [f"{tag}-{number:04d}" for number in range(len(keys))]
        list(pool.map(lambda run, key: api.start(MAIN_DAG, run, {"source": key}), runs, keys))
    api.close()
    _wait(fleet, len(keys), tag, patience)
    return told(fleet, tag)


def _wait(fleet: Fleet, count: int, tag: str, patience: float) -> None:
    end, shown = time.monotonic() + patience, 0
    with psycopg.connect(fleet.servers().postgres.url(AIRFLOW_DATABASE), autocommit=True) as database:
        while True:
            row = database.execute(ENDED, [MAIN_DAG, f"{tag}-%"]).fetchone()
            ended = row[0] if row else 0
            if ended - shown >= 20 or ended == count:
                print(f"{tag}: {ended} of {count}", flush=True)
                shown = ended
            if ended == count:
                return
            if time.monotonic() > end:
                raise SystemExit(f"after {patience:.0f} s {count - ended} of {count} have not ended: make stack-status")
            time.sleep(POLL)


def told(fleet: Fleet, tag: str) -> Batch:
    postgres, ours = fleet.servers().postgres, f"{run_name(MAIN_DAG, tag)}-%"
    with psycopg.connect(postgres.url(AIRFLOW_DATABASE)) as airflow:
        of = [MAIN_DAG, f"{tag}-%"]
        runs = airflow.cursor(row_factory=class_row(Run)).execute(RUNS, of).fetchall()
        tasks = airflow.cursor(row_factory=class_row(Task)).execute(TASKS, of).fetchall()
    with psycopg.connect(postgres.url(OUR_DATABASE), row_factory=dict_row) as database:
        stages = {row["stage"]: row["seconds"] for row in database.execute(SPENT, [ours])}
        videos = {row["run_id"]: (str(row["id"]), row["status"]) for row in database.execute(DONE, [ours])}
    return Batch(tuple(runs), tuple(tasks), stages, videos)

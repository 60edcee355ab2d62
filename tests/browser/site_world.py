"""The real front door on a free port, over a real Postgres and a folder store, with videos in every state.

One video was really worked on, by the operators, with the engines that need no weights.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.far_airflow import FarAirflow, far_airflow
from api.front_server import Served, served
from include.db import queries
from include.local import sample
from include.processing.types import Chunk
from include.settings import settings
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from stage_world import World, world_of

SAMPLE = Path(sample.__file__).parent / "sample.mp4"
TRUTH: dict[str, Any] = json.loads(SAMPLE.with_name("sample.truth.json").read_text())
QUEUED, RUNNING, FAILED = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
PART_MIB = 5  # of an upload


@dataclass(frozen=True, slots=True)
class Site:
    """`url` ends with a slash; `talk` is the video that was worked on."""

    url: str
    talk: str
    world: World
    server: Served
    airflow: FarAirflow

    def token(self, role: str) -> str:
        return self.server.token(role)


@contextmanager
def site(folder: Path, db_url: str) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        world = world_of(folder, db_url, patch)
        patch.setenv("REELSCRIBE_API_RATE", "")  # the tests are one busy user
        patch.setenv("REELSCRIBE_UPLOAD_PART_MIB", str(PART_MIB))
        settings.cache_clear()
        talk = _worked_on(world)
        _others(db_url)
        with far_airflow() as far, served(db_url, settings(), airflow_url=far.url) as there:
            yield Site(f"{there.url}/", talk, world, there, far)
    settings.cache_clear()


def _worked_on(world: World) -> str:
    world.store.put_file("incoming/weather.mp4", SAMPLE)
    context = world.context("run-of-weather", source="incoming/weather.mp4", chunk_minutes=10)
    PlanVideoOperator(task_id="plan", in_place=True).execute(context)
    return PublishVideoOperator(task_id="publish", chunks=[], transcripts=None, screens=None).execute(context)[
        "video_id"
    ]


def _others(db_url: str) -> None:
    """A video that waits, one that is being worked on, one that failed."""
    with psycopg.connect(db_url) as db:
        names = {QUEUED: "town hall.mp4", RUNNING: "lecture 07 – optimisation.mp4", FAILED: "notes.mp4"}
        for video_id, name in names.items():
            source, run = f"incoming/{name}", f"run-{video_id[-1]}"
            queries.upsert_video(db, video_id, filename=name, source=source, run_id=run, size_bytes=734_003_200)
        error = "UNRECOGNISED: notes.mp4 does not begin as any video format that we know; give a video file"
        queries.set_video_status(db, FAILED, "failed", error)
        db.execute("UPDATE videos SET duration_seconds = 3600 WHERE id = %s", [RUNNING])
        queries.set_video_status(db, RUNNING, "running")
        begin_chunks(db, RUNNING, "run-2", chunks=6, extracted=4, heard=2)


def begin_chunks(db: psycopg.Connection, video_id: str, run: str, *, chunks: int, extracted: int, heard: int) -> None:
    """As rows say of a run that is under way: `extracted` chunks are done, of which `heard` were heard and read."""
    plan = queries.start_job(db, video_id, "plan", run_id=run, attempt=1)
    queries.finish_job(db, plan, "completed", details={"edges": [600.0 * n for n in range(chunks + 1)]})
    for index in range(extracted):
        chunk = Chunk(video_id, index, index * 600.0, (index + 1) * 600.0, chunks)
        stages = ["extract", *(["transcribe", "ocr"] if index < heard else [])]
        for stage in stages:
            job = queries.start_job(db, video_id, stage, run_id=run, attempt=1, chunk=chunk)
            queries.finish_job(db, job, "completed")
    db.execute("UPDATE processing_jobs SET started_at = now() - interval '4 minutes' WHERE run_id = %s", [run])


def store_result(site: Site, video_id: str, name: str, result: dict[str, Any]) -> None:
    """A result that nobody made, with a row that points at it."""
    key = f"videos/{video_id}/result/0000000000000000/result.json"
    site.world.store.put(key, json.dumps(result).encode())
    with psycopg.connect(site.world.db_url) as db:
        duration = result["video"]["duration"]
        queries.upsert_video(db, video_id, filename=name, source=f"incoming/{name}", run_id="run-x", duration=duration)
        db.execute("UPDATE videos SET status = 'completed', result_key = %s WHERE id = %s", [key, video_id])
        db.execute("UPDATE videos SET created_at = now() - interval '1 year' WHERE id = %s", [video_id])

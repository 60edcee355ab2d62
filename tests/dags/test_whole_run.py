"""The whole DAG by `dag.test()`: Airflow's own mapping, XCom and trigger rules around our stages, without a scheduler.

In a process of its own: a metadata database is chosen where Airflow is first imported.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from include.db import queries
from stage_world import World, world_of, write_clip

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, os, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb
initdb()
dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags["process_video"]
states = []
for conf in json.loads(sys.argv[1]):
    run = dag.test(run_conf=conf)
    tasks = {f"{ti.task_id} {ti.rendered_map_index or ''}".strip(): ti.state for ti in run.get_task_instances()}
    states.append({"run_id": run.run_id, "state": run.state, "tasks": tasks})
print(json.dumps(states))
"""


@pytest.fixture
def world(tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(tmp_path, db_url, monkeypatch)


def runs(world: World, *confs: dict[str, object]) -> list[dict[str, object]]:
    home = world.folder / "airflow"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(confs)],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "REELSCRIBE_SHORT_SECONDS": "30",
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags")),
        },
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    states: list[dict[str, object]] = json.loads(done.stdout.strip().splitlines()[-1])
    return states


@pytest.mark.slow
def test_runs(world: World, db: psycopg.Connection) -> None:
    """Two chunks, again, a video that plan does alone, and a source that is refused."""
    two = write_clip(world.folder / "two.mp4", [(70, "FIRST SLIDE"), (20, "SECOND SLIDE")], fps=2)
    world.store.put_file("incoming/two.mp4", two)
    world.store.put_file("incoming/one.mp4", write_clip(world.folder / "one.mp4", [(3, "ONE CHUNK")]))
    long = {"source": "incoming/two.mp4", "asr": "sphinx", "chunk_minutes": 1}
    first, again, one, refused = runs(
        world,
        long,
        long,
        {"source": "incoming/one.mp4", "asr": "sphinx"},
        {"source": "file:///etc/passwd"},
    )

    chunks = ["00:00:00–00:01:00", "00:01:00–00:01:30"]
    stages = ["process_chunk.extract", "process_chunk.transcribe", "process_chunk.ocr"]
    assert first["tasks"] == {
        "plan": "success",
        **{f"{stage} {chunk}": "success" for stage in stages for chunk in chunks},
        "publish": "success",
    }
    assert [run["state"] for run in (first, again, one, refused)] == ["success", "success", "success", "failed"]
    assert one["tasks"] == {"plan": "success", **dict.fromkeys(stages, "skipped"), "publish": "success"}
    assert refused["tasks"] == {"plan": "failed", **dict.fromkeys(stages, "upstream_failed"), "publish": "failed"}

    videos = {job.video_id: queries.video(db, job.video_id) for job in queries.jobs(db, str(again["run_id"]))}
    ((video_id, video),) = videos.items()
    assert video is not None
    assert (video.status, video.filename, video.duration_seconds) == ("completed", "two.mp4", 90)
    rows = [(round(row.timestamp_seconds), row.ocr_text) for row in queries.results(db, video_id)]
    assert rows == [(0, "FIRST SLIDE"), (70, "SECOND SLIDE"), (90, None)]
    (job,) = {job.error_message for job in queries.jobs(db, str(refused["run_id"]))}
    assert str(job).startswith("SOURCE_NOT_ALLOWED: file:///etc/passwd: ")

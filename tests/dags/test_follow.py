"""A user's DAG follows: the example of docs/outputs.md, word for word, under Airflow's own scheduler."""

import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.local.airflow import Stack
from include.local.home import Home
from include.local.rest import Airflow
from include.local.stores import stack_store
from include.storage import ObjectStore
from stage_world import write_clip

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 180.0
FAILS = """
from airflow.sdk import DAG, task
from operators.publish_video import VIDEOS

with DAG("partial", schedule=None):
    @task(outlets=[VIDEOS])
    def publish(outlet_events=None):
        outlet_events[VIDEOS].extra = {"video_id": "partial"}
        raise ValueError("PARTIAL")
    publish()
"""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Running:
    airflow: Airflow
    store: ObjectStore
    folder: Path

    def wait(self, what: str, done: Callable[[], Any]) -> Any:
        end = time.monotonic() + SECONDS
        while not (found := done()):
            assert time.monotonic() < end, f"no {what} after {SECONDS:.0f} s"
            time.sleep(0.5)
        return found

    def run(self, dag: str, **conf: Any) -> str:
        """Its last state."""
        self.airflow.trigger(dag, "by-hand", conf)
        ended = {"success", "failed"}
        return str(self.wait(dag, lambda: (state := self.airflow.run_state(dag, "by-hand")) in ended and state))

    def asked(self, path: str) -> Any:
        return self.airflow._ask("GET", f"/api/v2/{path}")


@pytest.fixture
def running(postgres_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        monkeypatch.setenv("REELSCRIBE_API_PORT", str(probe.getsockname()[1]))
    monkeypatch.setenv("REELSCRIBE_POSTGRES_DIR", str(postgres_directory / "follow"))
    for name in ("OPENAI_API_KEY", "REELSCRIBE_STORE"):
        monkeypatch.delenv(name, raising=False)
    dags = tmp_path / "dags"
    dags.mkdir()
    shutil.copy(ROOT / "dags" / "process_video.py", dags)
    (dags / "follow.py").write_text(example())
    (dags / "fails.py").write_text(FAILS)
    home = Home(tmp_path / "home")
    stack = Stack(home, print, dags)
    try:
        airflow = stack.launch()
        for dag in ("after_each_video", "partial", "process_video"):
            stack.ready(airflow, dag)
        yield Running(airflow, stack_store(home), tmp_path)
    finally:
        stack.stop()


def example() -> str:
    """The first Python of the page that makes a DAG."""
    found = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "outputs.md").read_text(), re.MULTILINE | re.DOTALL)
    return str(next(code for code in found if "DAG(" in code))


def test_it_runs_after_a_video_is_published(running: Running) -> None:
    clip = write_clip(running.folder / "tides.mp4", [(3, "HIGH WATER")])
    running.store.put_file("incoming/tides.mp4", clip)
    assert running.run("process_video", source="incoming/tides.mp4", asr="sphinx", language="en") == "success"

    def followed() -> Any:
        runs = running.asked("dags/after_each_video/dagRuns")["dag_runs"]
        return runs and runs[0]["state"] == "success" and runs[0]

    run = running.wait("run that follows", followed)
    assert run["run_type"] == "asset_triggered"
    path = f"dags/after_each_video/dagRuns/{run['dag_run_id']}"
    (event,) = running.asked(f"{path}/upstreamAssetEvents")["asset_events"]
    assert (event["name"], event["uri"]) == ("reelscribe_videos", "x-reelscribe://videos")
    said = event["extra"]
    assert (said["filename"], said["status"]) == ("tides.mp4", "completed")
    assert re.fullmatch(rf"videos/{said['video_id']}/result/[0-9a-f]{{16}}/result\.json", said["result"])
    assert running.store.get(said["result"].replace("result.json", "transcript.md")).startswith(b"# tides.mp4\n")
    tasks = {
        (task.name, task.label): task.state for task in running.airflow.tasks("after_each_video", run["dag_run_id"])
    }
    assert tasks == {("published", "-1"): "success", ("follow", "tides.mp4"): "success"}

    # what docs/outputs.md says of partial results rests on this: a task that fails after it set its event has none
    assert running.run("partial") == "failed"
    events = running.asked("assets/events")["asset_events"]
    assert [each["extra"]["video_id"] for each in events] == [said["video_id"]]

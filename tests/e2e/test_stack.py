"""The distributed system, as `make stack` runs it: Celery workers per queue, Redis, S3, Airflow, each a process.

The tests are one story, in order: they share a stack, because starting it is most of the time.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from include.local.fleet import listening
from include.local.fleet_config import WORKERS
from include.local.home import INGEST, USER
from include.processing.record import from_json
from include.processing.types import VideoText
from include.queues import QUEUES
from stack_machine import DAG, SECONDS, Machine, ended_well, machine_in

STAGES = {
    "plan": "extract",
    "process_chunk.extract": "extract",
    "process_chunk.transcribe": "transcribe",
    "process_chunk.ocr": "ocr",
    "publish": "merge",
}

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def machine(postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = machine_in(tmp_path_factory.mktemp("fleet") / "home", postgres_directory / "fleet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REELSCRIBE_POSTGRES_DIR", str(made.postgres))
        patch.delenv("REELSCRIBE_STORE", raising=False)
        yield made
    made.run(module="include.local.down")


@pytest.fixture(scope="module")
def started(machine: Machine) -> subprocess.CompletedProcess[str]:
    done = machine.run("up")
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def first(machine: Machine, started: subprocess.CompletedProcess[str]) -> str:
    machine.start("first")
    assert machine.wait("first") == "success", machine.tasks("first")
    return "first"


def log_of(machine: Machine, worker: str) -> str:
    return machine.fleet.processes.log(worker).read_text(errors="replace")


def test_each_stage_runs_on_its_own_worker(machine: Machine, first: str) -> None:
    assert machine.tasks(first) == dict.fromkeys(STAGES, "success")
    for queue in QUEUES:
        log = machine.fleet.processes.log(f"worker-{queue.name}")
        assert ended_well(log, list(STAGES.values()).count(queue.name)), queue.name


def test_the_result_is_in_the_database_and_in_the_store(machine: Machine, first: str) -> None:
    with psycopg.connect(machine.home.database_file.read_text().strip()) as connection:
        rows = connection.execute("SELECT filename, status, result_key FROM videos").fetchall()
        stages = connection.execute("SELECT DISTINCT stage FROM processing_jobs WHERE status = 'completed'").fetchall()
    ((filename, status, key),) = rows
    assert (filename, status) == ("sample.mp4", "completed")
    assert {stage for (stage,) in stages} == {"plan", "extract", "transcribe", "ocr", "publish"}
    client = machine.fleet.servers().s3.client()  # type: ignore[union-attr]
    text = from_json(VideoText, client.get_object(Bucket="reelscribe", Key=key)["Body"].read())
    assert text.speech
    assert text.screen


def test_the_log_of_a_task_is_readable_in_the_ui(machine: Machine, first: str) -> None:
    path = f"/api/v2/dags/{DAG}/dagRuns/{first}/taskInstances/plan/logs/1"
    lines = machine.airflow._ask("GET", path)["content"]
    events = [str(line["event"]) for line in lines]
    assert any(event.startswith("s3://reelscribe/logs/") for event in events)
    assert any("Worker startup parse complete" in event for event in events)


def test_status_says_that_all_is_well(machine: Machine, first: str) -> None:
    done = machine.run("status")
    assert done.returncode == 0, done.stdout
    names = ["postgres", "redis", "s3", "api-server", "scheduler", "dag-processor", "triggerer", "webhooks", *WORKERS]
    shown = [line.split() for line in done.stdout.splitlines()]
    assert [words[0] for words in shown if words[1:2] == ["healthy"]] == names
    assert "extract 0  transcribe 0  ocr 0  merge 0" in done.stdout


def test_no_secret_is_printed_logged_or_in_a_command_line(
    machine: Machine, started: subprocess.CompletedProcess[str], first: str
) -> None:
    files = [*(machine.home.root / "secrets").iterdir(), machine.home.root / "postgres" / "password"]
    passwords = [machine.home.password(account) for account in (USER, INGEST)]
    secrets = [*passwords, *(file.read_text().strip() for file in files)]
    said = started.stdout + started.stderr + "".join(log_of(machine, name) for name in machine.fleet.processes.names())
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert [secret for secret in secrets if secret in said or any(secret in line for line in lines)] == []
    assert (machine.home.root / "worker.env").stat().st_mode & 0o077 == 0


def test_what_a_worker_wrote_is_needed_by_no_other(machine: Machine, first: str) -> None:
    """Extract's folder is deleted before anybody reads the pictures that it made."""
    processes = machine.fleet.processes
    processes.stop(["worker-ocr", "worker-transcribe"])
    machine.start("apart", frames_per_second=0.5)
    end = time.monotonic() + SECONDS
    while machine.tasks("apart").get("process_chunk.extract") != "success" and time.monotonic() < end:
        time.sleep(1)
    processes.stop(["worker-extract"])
    shutil.rmtree(machine.home.root / "workers" / "extract")
    assert machine.run("status").returncode == 1
    again = machine.run("up")
    assert again.returncode == 0, again.stderr
    assert machine.wait("apart") == "success", machine.tasks("apart")


def test_workers_of_another_home_take_over(machine: Machine, first: str, tmp_path: Path) -> None:
    other = machine_in(tmp_path / "other", machine.postgres)
    machine.fleet.processes.stop(WORKERS)
    try:
        joined = other.run("workers", "--join", str(machine.home.root / "worker.env"))
        assert joined.returncode == 0, joined.stderr
        machine.start("joined", frames_per_second=0.4)
        assert machine.wait("joined") == "success", machine.tasks("joined")
        heard = listening(machine.fleet.servers().redis, 3)
        assert len(heard) == len(QUEUES)
        assert not heard & {f"{queue.name}@{machine.fleet.name()}" for queue in QUEUES}
    finally:
        other.run("down")


def test_down_leaves_no_process_and_the_rows(machine: Machine, first: str) -> None:
    up = machine.run("up")
    assert up.returncode == 0, up.stderr
    machine.start("cut-short", frames_per_second=0.3)
    end = time.monotonic() + SECONDS
    while "running" not in machine.tasks("cut-short").values() and time.monotonic() < end:
        time.sleep(0.2)
    down = machine.run(module="include.local.down")
    assert down.returncode == 0, down.stderr
    assert machine.processes() == []
    postgres = machine.fleet.servers().postgres
    postgres.start()
    with psycopg.connect(postgres.url("reelscribe")) as connection:
        assert connection.execute("SELECT count(*) FROM videos").fetchone() == (1,)
    postgres.stop()

"""What the containers must do with videos: one that is dropped comes out, two workers share, a killed one is made up
for. Each check returns what it saw, in a few words; AssertionError says what was wrong."""

import os
import signal
import tempfile
from pathlib import Path

from botocore.exceptions import ClientError

from compose.clients import BUCKET, SAMPLE, Clients, Ran, repeated, wait
from compose.project import Project
from include.queues import OCR, TRANSCRIBE

OPTIONS = {"chunk_minutes": "1", "language": "en", "asr": "sphinx"}  # the engine that needs no network
READ, HEARD = "process_chunk.ocr", "process_chunk.transcribe"
SHARED = f"worker-{OCR.name}"
KILLED = f"worker-{TRANSCRIBE.name}"
REPEATS = 6  # of the sample of half a minute: four chunks of a minute at most


def film(repeats: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return repeated(SAMPLE, repeats, Path(folder) / "film.mp4")


def strangers_are_refused(clients: Clients) -> str:
    try:
        clients.strangers_s3.list_objects_v2(Bucket=BUCKET)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
            return "S3 refuses a wrong secret"
        raise
    raise AssertionError("S3 takes any secret")


def dropped_comes_out(clients: Clients) -> str:
    clients.drop("first.mp4", SAMPLE.read_bytes(), language="en", asr="sphinx")
    run = clients.run_of("first.mp4")
    assert clients.ended(run) == "success", told(clients.ran(run))
    return f"a dropped video came out: {published(clients, run, 'first.mp4')}"


def published(clients: Clients, run: str, name: str) -> str:
    """One video, one result, complete."""
    video, filename, status, key = clients.video_row(run)
    assert (filename, status) == (name, "completed")
    text = clients.result(key)
    assert text.speech
    assert text.screen
    keys = clients.s3.list_objects_v2(Bucket=BUCKET, Prefix="videos/")["Contents"]
    results = [item["Key"] for item in keys if video in item["Key"] and item["Key"].endswith("/result.json")]
    assert results == [key], results
    rows = clients.count("video_results", video)
    assert rows
    return f"{len(text.speech)} pieces of speech, {len(text.screen)} of screen text, {rows} rows, one result"


def two_share(project: Project, clients: Clients) -> str:
    """The pool grows with the workers, as docs/fleet.md says. Both are held until the work has piled up."""
    both = [project.container(SHARED), project.start(SHARED, 2)]
    project.wait_healthy(both)
    hosts = [host(project, container) for container in both]
    pool = {"slots": 2 * OCR.slots, "description": OCR.description, "include_deferred": False}
    clients.airflow.set_pools({OCR.pool: pool})
    project.podman("pause", *both)
    try:
        clients.drop("shared.mp4", film(REPEATS), **OPTIONS)
        run = clients.run_of("shared.mp4")
        wait(lambda: piled_up(clients, run), "chunks that wait to be read")
    finally:
        project.podman("unpause", *both)
    assert clients.ended(run) == "success", told(clients.ran(run))
    published(clients, run, "shared.mp4")
    done = [task.host for task in clients.ran(run) if task.name == READ and task.state == "success"]
    counts = [done.count(name) for name in hosts]
    assert all(counts), f"{counts} of {done}"
    assert sum(counts) == len(done)
    return f"{len(done)} chunks, read by two containers: {counts[0]} + {counts[1]}"


def piled_up(clients: Clients, run: str) -> bool:
    states = [task.state for task in clients.ran(run) if task.name == READ]
    return len(states) > OCR.slots and set(states) <= {"queued", "scheduled"}


def killed_loses_nothing(project: Project, clients: Clients) -> str:
    """Power off for one container, in the middle of a task: no signal that it could answer."""
    container = project.container(KILLED)
    clients.drop("killed.mp4", film(REPEATS + 1), **OPTIONS)
    run = clients.run_of("killed.mp4")
    wait(lambda: bool(at_work(clients, run)), f"a task on {container}", pause=0.3)
    lost = at_work(clients, run)
    os.kill(project.podman.inspect(container)["State"]["Pid"], signal.SIGKILL)
    back = project.podman.inspect
    wait(lambda: back(container)["State"]["Running"], f"{container} to be started again", patience=60)
    assert clients.ended(run) == "success", told(clients.ran(run))
    said = published(clients, run, "killed.mp4")
    again = [task for task in clients.ran(run) if task.name == HEARD and task.attempt > 1]
    assert {task.map_index for task in again} & {task.map_index for task in lost}, told(clients.ran(run))
    project.wait_healthy([container])
    return f"a killed container: {len(again)} of its tasks were done again; {said}"


def at_work(clients: Clients, run: str) -> list[Ran]:
    return [task for task in clients.ran(run) if task.name == HEARD and task.state == "running"]


def host(project: Project, container: str) -> str:
    """What it calls itself, and what Airflow calls it."""
    return project.podman("exec", container, "python", "-c", "import socket; print(socket.getfqdn())").stdout.strip()


def told(tasks: list[Ran]) -> str:
    return ", ".join(f"{task.name}[{task.map_index}] {task.state} ({task.attempt})" for task in tasks)

"""The whole embedded stack, as `make demo` runs it: Postgres, Airflow, the folder store and the sample video.

The tests are one story, in order: they share a stack, because starting it is most of the time.
"""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "include" / "local" / "sample"
SECONDS = 420

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Machine:
    """A private home for a stack, and the environment that leads to it."""

    home: Path
    postgres: Path
    environment: dict[str, str]

    def run(self, module: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=self.environment | variables, capture_output=True, text=True, check=False, timeout=SECONDS
        )  # fmt: skip

    def processes(self) -> list[str]:
        """Everything alive that was started for this home."""
        found = []
        for process in psutil.process_iter():
            try:
                line, mark = " ".join(process.cmdline()), process.environ().get("REELSCRIBE_STACK")
                ours = mark == str(self.home) or str(self.postgres) in line
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {line}")
            except psutil.Error:
                continue
        return found


@pytest.fixture(scope="module")
def machine(postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    home = tmp_path_factory.mktemp("stack") / "home"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    dropped = ("OPENAI_", "AIRFLOW", "REELSCRIBE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    ours = {
        "REELSCRIBE_HOME": str(home),
        "REELSCRIBE_POSTGRES_DIR": str(postgres_directory / "e2e"),
        "REELSCRIBE_API_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    made = Machine(home, postgres_directory / "e2e", kept | ours)
    yield made
    made.run("include.local.down")


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def section(output: str, start: str, end: str) -> str:
    return output.partition(f"\n{start}")[2].partition(f"\n{end}")[0]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLE / "sample.truth.json").read_text())
    return read


@pytest.fixture(scope="module")
def first(machine: Machine) -> subprocess.CompletedProcess[str]:
    return machine.run("include.local.demo")


def test_the_sample_becomes_text(first: subprocess.CompletedProcess[str], truth: dict[str, Any]) -> None:
    assert first.returncode == 0, first.stdout + first.stderr
    said = section(first.stdout, "Said", "Shown")
    spoken = [word for utterance in truth["utterances"] for word in words(utterance["text"])]
    heard = words(said)
    assert sum(word in heard for word in spoken) >= 0.8 * len(spoken), said
    assert re.search(r"^  00:00:0[0-2]\.\d\d  \w", said, re.MULTILINE), said
    shown = section(first.stdout, "Shown", "  result.json")
    visible = [word for screen in truth["on_screen"] for word in words(screen["text"])]
    read = words(shown)
    assert sum(word in read for word in visible) >= 0.98 * len(visible), shown


def test_it_says_where_everything_is(first: subprocess.CompletedProcess[str], machine: Machine) -> None:
    places = dict(re.findall(r"^  (\S+) +(/\S+|http\S+)$", first.stdout, re.MULTILINE))
    for name in ("result.json", "transcript.srt", "transcript.vtt", "receipt.json"):
        assert Path(places[name]).stat().st_size > 100
    assert json.loads(Path(places["result.json"]).read_text())["schema_version"] == 1
    assert httpx.get(places["Airflow"], trust_env=False).status_code == 200
    with psycopg.connect((machine.home / "database-url").read_text().strip()) as connection:
        videos = connection.execute("SELECT filename, duration_seconds, status FROM videos").fetchall()
        (moments,) = connection.execute("SELECT count(*) FROM video_results").fetchone() or (0,)
    assert videos == [("sample.mp4", 31, "completed")]
    assert moments >= 5


def test_progress_names_stages_and_chunks(first: subprocess.CompletedProcess[str]) -> None:
    for line in (r"plan: done", r"extract 00:00:00–00:00:31: done", r"transcribe .*: done", r"ocr .*: done"):
        assert re.search(rf"^ *\d+ s  {line}$", first.stdout, re.MULTILINE), first.stdout


def test_no_secret_is_printed_or_readable(first: subprocess.CompletedProcess[str], machine: Machine) -> None:
    passwords = json.loads((machine.home / "airflow-password.json").read_text()).values()
    database = (machine.home / "database-url").read_text().partition("@")[0].rpartition(":")[2]
    secrets = [*passwords, database, *(file.read_text().strip() for file in (machine.home / "secrets").iterdir())]
    logs = "".join(file.read_text(errors="replace") for file in (machine.home / "logs").rglob("*.log"))
    assert [secret for secret in secrets if secret in first.stdout + first.stderr + logs] == []
    assert stat.S_IMODE(machine.home.stat().st_mode) == 0o700
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


def test_a_second_run_reuses_everything(first: subprocess.CompletedProcess[str], machine: Machine) -> None:
    before = machine.processes()
    again = machine.run("include.local.demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "starting" not in again.stdout
    results = [re.findall(r"^  result.json +(\S+)$", output, re.MULTILINE) for output in (first.stdout, again.stdout)]
    assert results[0] == results[1] != []
    leaders = [line for line in before if "-m airflow" in line]
    assert set(leaders) <= set(machine.processes())


def test_a_bad_video_fails_with_its_reason(machine: Machine, tmp_path: Path) -> None:
    bad = tmp_path / "notes.mp4"
    bad.write_text("This is not a video.\n" * 100)
    done = machine.run("include.local.demo", str(bad))
    assert done.returncode == 1, done.stdout
    assert re.fullmatch(r"[A-Z_]+: .+; .+", done.stderr.splitlines()[-1]), done.stderr


def test_the_front_door(machine: Machine, tmp_path: Path) -> None:
    """A file of one's own, from a terminal: uploaded, processed, found, fetched."""
    talk = tmp_path / "my talk.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(SAMPLE / "sample.mp4"), "-t", "12", "-c", "copy", str(talk)], check=True
    )
    done = machine.run("include.client", "submit", str(talk), "--watch", "-o", "language=en")
    assert done.returncode == 0, done.stdout + done.stderr
    submitted, ended = done.stdout.splitlines()
    video_id = submitted.split()[0]
    assert ended == f"{video_id} completed my talk.mp4"
    found = machine.run("include.client", "search", "telegraph", "--video", video_id)
    assert "my talk.mp4" in found.stdout, found.stdout + found.stderr
    got = machine.run("include.client", "get", video_id, "--out", str(tmp_path / "out"))
    assert got.returncode == 0, got.stderr
    assert json.loads((tmp_path / "out" / "result.json").read_text())["video"]["filename"] == "my talk.mp4"
    front = f"http://127.0.0.1:{(machine.home / 'api-port').read_text().strip()}/reelscribe"
    page = httpx.get(f"{front}/videos/{video_id}", trust_env=False)
    assert (page.is_redirect, "/auth/login" in page.headers["location"]) == (True, True)
    hidden = httpx.get(f"{front}/api/v1/videos/{video_id}/media", trust_env=False)
    assert (hidden.status_code, hidden.json()["code"]) == (401, "LOGIN_NEEDED")


@pytest.mark.parametrize(
    ("video", "code"),
    [
        pytest.param("/nowhere/at-all.mp4", "SOURCE_UNREADABLE", id="no-such-file"),
        pytest.param("http://127.0.0.1:9/talk.mp4", "SOURCE_UNREADABLE", id="no-such-server"),
    ],
)
def test_nothing_to_run(machine: Machine, video: str, code: str) -> None:
    done = machine.run("include.local.demo", video)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"{code}: ")


def test_other_settings_reach_the_tasks_of_a_running_stack(machine: Machine) -> None:
    """A key that nobody knows: the run fails for that reason, so the tasks have seen it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    command = [sys.executable, "-m", "include.local.demo"]
    variables = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": nobody}
    with subprocess.Popen(
        command, cwd=ROOT, env=machine.environment | variables, stdout=subprocess.PIPE, text=True
    ) as demo:
        seen = ""
        for line in demo.stdout or ():
            seen += line
            if re.search(r"transcribe .*: (will be tried again|failed)", line):
                break
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=120)
    assert re.search(r"restarting Airflow's .*scheduler", seen), seen
    assert re.search(r"transcribe .*: will be tried again", seen), seen
    assert demo.returncode == 130
    assert machine.processes() == []


def test_down_leaves_no_process_and_all_data(machine: Machine) -> None:
    started = time.monotonic()
    again = machine.run("include.local.demo")
    seconds = time.monotonic() - started
    assert again.returncode == 0, again.stdout + again.stderr
    assert seconds < 240
    assert "made the tables" not in again.stdout
    assert machine.processes() != []
    with psycopg.connect((machine.home / "database-url").read_text().strip(), dbname="airflow") as connection:
        unfinished = connection.execute("SELECT run_id FROM dag_run WHERE state IN ('queued', 'running')").fetchall()
    assert unfinished == []  # what Ctrl-C stopped doesn't go on
    down = machine.run("include.local.down")
    assert down.returncode == 0, down.stderr
    assert machine.processes() == []
    assert (machine.home / "store").is_dir()

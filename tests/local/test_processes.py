"""Real processes: what is started is found again by another, and stopping leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from include.local.processes import Processes, Spec

SLEEP = "import time; time.sleep(600)"
# ends only by SIGKILL, and so does its child, which leaves the process group as Airflow's tasks do
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
time.sleep(600)
"""
# its child leaves the session, and is orphaned as soon as its parent ends
RUNAWAY = """
import os, time
if os.fork() == 0:
    os.setsid()
time.sleep(600)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), print("finished", flush=True), sys.exit(0)))
print("ready", flush=True)
time.sleep(600)
"""


def spec(name: str, code: str = SLEEP, version: str = "1") -> Spec:
    return Spec(name, (sys.executable, "-c", code), {"PATH": os.environ["PATH"]}, version)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.stop_all()


def until(done: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE for p in pids)


def test_another_finds_what_one_started(processes: Processes, tmp_path: Path) -> None:
    processes.start(spec("worker"))
    other = Processes(tmp_path)
    assert other.current(spec("worker"))
    assert other.names() == {"worker"}
    other.stop_all()
    assert not processes.alive("worker")
    assert other.names() == set()


def test_another_version_is_not_current(processes: Processes) -> None:
    processes.start(spec("worker", version="1"))
    assert processes.alive("worker")
    assert not processes.current(spec("worker", version="2"))


@pytest.mark.parametrize(
    "code", [pytest.param(STUBBORN, id="ignores-sigterm"), pytest.param(RUNAWAY, id="leaves-session")]
)
def test_stop_leaves_no_child(processes: Processes, code: str) -> None:
    processes.start(spec("worker", code))
    until(lambda: len(processes.members(["worker"])) == 2)
    pids = [member.pid for member in processes.members(["worker"])]
    processes.stop(["worker"], patience=0.5)
    assert gone(pids)


def test_orphans_are_found_by_their_mark(processes: Processes) -> None:
    leader = processes.start(spec("worker", RUNAWAY))
    until(lambda: len(processes.members(["worker"])) == 2)
    leader.kill()
    until(lambda: not processes.alive("worker"))
    (orphan,) = processes.members(["worker"])
    assert processes.names() == {"worker"}
    processes.stop_all()
    assert gone([orphan.pid])


def test_drain_lets_the_leader_finish(processes: Processes) -> None:
    processes.start(spec("worker", POLITE))
    until(lambda: "ready" in processes.log("worker").read_text())
    processes.stop(["worker"], drain=10)
    assert processes.log("worker").read_text() == "ready\nfinished\n"


def test_a_recycled_number_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as stranger:
        record = {"pid": stranger.pid, "started": psutil.Process(stranger.pid).create_time() - 60, "version": ""}
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "worker.json").write_text(json.dumps(record))
        assert not processes.alive("worker")
        processes.stop_all()
        assert stranger.poll() is None
        stranger.kill()


def test_a_stack_elsewhere_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    processes.start(spec("worker"))
    Processes(tmp_path / "other").stop(["worker"])
    assert processes.alive("worker")


def test_it_survives_the_terminal(processes: Processes) -> None:
    """Ctrl-C goes to the terminal's process group, a hang-up to its session: ours is neither."""
    process = processes.start(spec("worker"))
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    os.kill(process.pid, signal.SIGCONT)
    assert processes.alive("worker")


def test_nobody_else_reads_what_it_writes(processes: Processes, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    processes.start(spec("worker", f"open({str(secret)!r}, 'w').write('x')"))
    until(secret.exists)
    assert secret.stat().st_mode & 0o077 == 0


def test_nothing_is_inherited(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    processes.start(spec("worker", "import os; print(sorted(n for n in os.environ if n.startswith('OPENAI')))"))
    until(lambda: processes.log("worker").read_text())
    assert processes.log("worker").read_text() == "[]\n"

"""A stack of its own for a test: a private home, and the environment that leads there."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from include.local.fleet import Fleet
from include.local.home import HOST, Home
from include.local.rest import Airflow

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "include" / "local" / "sample" / "sample.mp4"
SECONDS = 600
DAG = "process_video"


@dataclass(frozen=True, slots=True)
class Machine:
    """A private home for a stack, or for workers that join one, and the environment that leads there.

    `address`: where its servers listen. `within`: what puts a command on another host.
    """

    environment: dict[str, str]
    postgres: Path
    address: str = HOST
    within: Sequence[str] = ()

    @property
    def home(self) -> Home:
        return Home(Path(self.environment["REELSCRIBE_HOME"]) / "stack")

    @property
    def fleet(self) -> Fleet:
        return Fleet(self.home, print)

    @property
    def airflow(self) -> Airflow:
        return Airflow(self.fleet.servers().api.port, self.home.password(), self.address)

    def run(self, *arguments: str, module: str = "include.local.stack") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.within, sys.executable, "-m", module, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip

    def start(self, run: str, **conf: object) -> None:
        client = self.fleet.servers().s3.client()  # type: ignore[union-attr]
        client.put_object(Bucket="reelscribe", Key="uploads/sample.mp4", Body=SAMPLE.read_bytes())
        self.airflow.trigger(DAG, run, {"source": "uploads/sample.mp4", **conf})

    def tasks(self, run: str) -> dict[str, str | None]:
        return {task.name: task.state for task in self.airflow.tasks(DAG, run)}

    def wait(self, run: str) -> str:
        end = time.monotonic() + SECONDS
        while (state := self.airflow.run_state(DAG, run)) not in ("success", "failed") and time.monotonic() < end:
            time.sleep(1)
        return state

    def processes(self) -> list[str]:
        """Everything alive that was started for this home."""
        found, home = [], self.environment["REELSCRIBE_HOME"]
        for process in psutil.process_iter():
            try:
                line, mark = " ".join(process.cmdline()), process.environ().get("REELSCRIBE_STACK") or ""
                if (mark.startswith(home) or str(self.postgres) in line) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {line}")
            except psutil.Error:
                continue
        return found


def ended_well(log: Path, count: int = 1, patience: float = 30.0) -> bool:
    """Whether a worker's log tells of `count` tasks that succeeded; it does so a moment after the run's end."""
    end = time.monotonic() + patience
    while log.read_text(errors="replace").count("final_state=success") < count:
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def machine_in(home: Path, postgres: Path) -> Machine:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    dropped = ("OPENAI_", "AIRFLOW", "REELSCRIBE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    ours = {
        "REELSCRIBE_HOME": str(home),
        "REELSCRIBE_POSTGRES_DIR": str(postgres),
        "REELSCRIBE_API_PORT": str(port),
        "REELSCRIBE_SHORT_SECONDS": "0",  # every stage on its own worker, however short the sample
        "PYTHONPATH": str(ROOT),
    }
    return Machine(kept | ours, postgres)

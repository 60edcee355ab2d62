"""A real Airflow API server over a real Postgres, and no scheduler: runs are made, and stay queued."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
ADMIN, SERVICE = "admin", "ingest"
PATIENCE = 240.0  # seconds


@dataclass(frozen=True, slots=True)
class AirflowServer:
    """`passwords` by user: an administrator, and the service account, which may do no more than a user may."""

    url: str
    database: str
    passwords: dict[str, str]
    environment: dict[str, str]
    process: psutil.Process
    log: Path

    def cpu_seconds(self) -> float:
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)

    def connection(self, user: str = SERVICE) -> str:
        """As Airflow reads connections from the environment."""
        return _connection(int(self.url.rpartition(":")[2]), user, self.passwords[user])


@contextmanager
def airflow_server(
    folder: Path, database: str, more: Mapping[str, str] | None = None, **options: str
) -> Iterator[AirflowServer]:
    """`database` is postgresql://… of an empty database; `options` are more of Airflow's: SECTION__OPTION=value;
    `more` are more variables, such as connections.

    Every DAG of the repository is known there, and paused.
    """
    passwords = {ADMIN: secrets.token_urlsafe(12), SERVICE: secrets.token_urlsafe(12)}
    port = free_port()
    environment = _environment(folder, database, port, passwords) | {f"AIRFLOW__{k}": v for k, v in options.items()}
    environment |= more or {}
    for command in (("db", "migrate"), ("dags", "reserialize")):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    log = folder / "api-server.log"
    argv = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output, subprocess.Popen(argv, env=environment, stdout=output, stderr=output) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, log)
            yield AirflowServer(url, database, passwords, environment, psutil.Process(process.pid), log)
        finally:
            _end(psutil.Process(process.pid))


def _connection(port: int, user: str, password: str) -> str:
    login = {"login": user, "password": password}
    return json.dumps({"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": port, **login})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _environment(folder: Path, database: str, port: int, passwords: dict[str, str]) -> dict[str, str]:
    password_file = folder / "passwords.json"
    password_file.write_text(json.dumps(passwords))
    address = database.partition("://")[2]
    options = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin,{SERVICE}:user",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file),
        "CORE__UNIT_TEST_MODE": "False",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{address}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{address}",
        "API__PORT": str(port),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_urlsafe(32),
        "API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "REELSCRIBE_"))}
    return kept | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW_CONN_REELSCRIBE_API": _connection(port, SERVICE, passwords[SERVICE]),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags")),
    }


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{url}/api/v2/version", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.3)


def _end(leader: psutil.Process) -> None:
    """With its workers, which outlive it otherwise."""
    family = [*leader.children(recursive=True), leader]
    for member in family:
        member.terminate()
    _, alive = psutil.wait_procs(family, timeout=15)
    for member in alive:
        member.kill()

"""The distributed system without Docker: every part of docker-compose.yaml as a process of its own, on one address."""

import hashlib
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from include.local import servers
from include.local.config import AIRFLOW_COMMAND, API, DAG_PROCESSOR, ROLES, SCHEDULER
from include.local.fleet_config import (
    CELERY_DATABASE,
    WORKERS,
    Servers,
    core_environment,
    core_specification,
    node,
    worker_settings,
)
from include.local.home import HOST, INGEST, REPOSITORY, Home, write_private
from include.local.joining import DRAIN_SECONDS, start_workers, write_settings
from include.local.launching import Say, parsed, renew, wait
from include.local.migrate import MIGRATE, migrate
from include.local.postgres import EmbeddedPostgres
from include.local.processes import Processes, Spec
from include.local.rest import Airflow
from include.local.servers import REDIS, REELSCRIBE, S3, Place, Redis, S3Server
from include.local.webhooks import webhooks_specification
from include.processing.errors import PermanentError
from include.queues import QUEUES, Queue, pools

DAG = "process_video"
SERVER_SECONDS = 60
AIRFLOW_SECONDS = 300  # eight Pythons that import Airflow on two cores
ADDRESS_VARIABLE = "REELSCRIBE_ADDRESS"


class Fleet:
    """`say` gets one line per step that takes time. `address` is where its servers listen and are reached."""

    def __init__(self, home: Home, say: Say, address: str | None = None, dags: Path = REPOSITORY / "dags") -> None:
        self.home, self._say, self._dags = home, say, dags
        self.address = address or self._last_address()
        self.processes = Processes(home.root)

    def servers(self) -> Servers:
        """Where each listens, or is going to."""

        def place(role: str, first: int) -> Place:
            return Place(
                self.address, self.home.port(role, first, in_use=self.processes.alive(role), host=self.address)
            )

        api = Place(self.address, self.home.api_port(in_use=self.processes.alive(API), host=self.address))
        redis = Redis(place(REDIS, servers.REDIS_PORT), self.home.secret(REDIS))
        s3 = None if own_store() else S3Server(place(S3, servers.S3_PORT), self.home.secret(S3))
        return Servers(
            api, EmbeddedPostgres(self.home.postgres, host=self.address), redis, s3, self.home.password(INGEST)
        )

    def launch(self, queues: Sequence[Queue] = QUEUES) -> Airflow:
        """Start what isn't running, and replace what runs with other settings or older code. Returns when all of it
        answers: Airflow knows the DAG, and every worker takes tasks."""
        with self.home.locked():
            self._move()
            there = self.servers()
            self._serve(there)
            self._prepare(there)
            settings = worker_settings(there)
            write_settings(self.home.root / "worker.env", settings)
            specs = [core_specification(self.home, there, role, self._dags) for role in ROLES]
            specs.append(webhooks_specification(core_environment(self.home, there, self._dags)))
            renew(self.processes, specs, self._say)
            start_workers(self.home, self.processes, settings, queues, self.name(), self._say)
        airflow = Airflow(there.api.port, self.home.password(), self.address)
        self._ready(airflow, there, queues)
        return airflow

    def stop(self) -> None:
        """Leaves no process, and all data but those of the object store, which has only memory."""
        with self.home.locked():
            self.processes.stop(WORKERS, drain=DRAIN_SECONDS if self.processes.members(WORKERS) else 0)
            self.processes.stop(ROLES)
            self.processes.stop_all()
            EmbeddedPostgres(self.home.postgres, host=self.address).stop()

    def name(self) -> str:
        return worker_set(self.home)

    def _last_address(self) -> str:
        file = self.home.root / "address"
        return file.read_text().strip() if file.exists() else HOST

    def _move(self) -> None:
        """Postgres and what was told an address would stay at the old one."""
        if self._last_address() != self.address:
            self._say(f"moving to {self.address}")
            self.processes.stop_all()
            EmbeddedPostgres(self.home.postgres, host=self._last_address()).stop()
        (self.home.root / "address").write_text(self.address)

    def _serve(self, there: Servers) -> None:
        if not there.postgres.running():
            self._say("starting postgres")
            there.postgres.start()
        specs = [servers.redis_specification(self.home, there.redis)]
        if there.s3:
            specs.append(servers.s3_specification(self.home, there.s3))
        renew(self.processes, specs, self._say)
        wait(self.processes, [REDIS], SERVER_SECONDS, "the broker", there.redis.answers)
        if there.s3:
            wait(self.processes, [S3], SERVER_SECONDS, "the object store", there.s3.answers)
            there.s3.make_bucket(REELSCRIBE)

    def _prepare(self, there: Servers) -> None:
        """Databases and their tables."""
        there.postgres.create_database(CELERY_DATABASE)
        environment = core_environment(self.home, there, self._dags)
        command = Spec(MIGRATE, (*AIRFLOW_COMMAND, "db", "migrate"), environment)
        if migrate(self.home, there.postgres, self.processes, command):
            self._say("made the tables")
        write_private(self.home.database_file, environment["AIRFLOW_CONN_REELSCRIBE_DB"])

    def _ready(self, airflow: Airflow, there: Servers, queues: Sequence[Queue]) -> None:
        def until(roles: Sequence[str], what: str, done: object) -> None:
            wait(self.processes, roles, AIRFLOW_SECONDS, what, done)  # type: ignore[arg-type]

        until([API], "the API server", lambda: airflow.health() is not None)
        until([API], "the API server's side for tasks", airflow.warm)
        airflow.set_pools(pools())
        until([API, SCHEDULER, DAG_PROCESSOR], f"the DAG {DAG}", lambda: parsed(airflow, DAG, self._dags))
        wanted = {node(queue, self.name()) for queue in queues}
        until([f"worker-{queue.name}" for queue in queues], "a worker", lambda: wanted <= listening(there.redis))


def worker_set(home: Home) -> str:
    """The name of the workers of one home: two homes on a machine are two."""
    return f"{socket.gethostname()}-{hashlib.sha256(str(home.root).encode()).hexdigest()[:6]}"


def listening(redis: Redis, seconds: float = 1.0) -> set[str]:
    """The workers, wherever they are, that answer over the broker within `seconds`."""
    from celery import Celery  # type: ignore[import-untyped]

    with Celery(broker=redis.url(0), set_as_current=False) as app:
        return {name for answer in app.control.ping(timeout=seconds) or () for name in answer}


def own_store() -> bool:
    """Whether the user named an object store of their own. Raises STORE_NOT_SHARED where it is a folder."""
    store = os.environ.get("REELSCRIBE_STORE", "")
    if store and not store.startswith("s3://"):
        cause = f"{store} is on one machine, and workers share no disk"
        raise PermanentError("STORE_NOT_SHARED", cause, "set REELSCRIBE_STORE to s3://…, or leave it out")
    return bool(store)

"""The embedded stack: Postgres, and Airflow's four processes. What runs already and is up to date stays as it is."""

import datetime
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from include.local.config import (
    AIRFLOW_COMMAND,
    AIRFLOW_DATABASE,
    API,
    DAG_PROCESSOR,
    OUR_DATABASE,
    SCHEDULER,
    TRIGGERER,
    Databases,
    environment,
    specification,
)
from include.local.home import REPOSITORY, Home, write_private
from include.local.migrate import MIGRATE, migrate
from include.local.postgres import EmbeddedPostgres
from include.local.processes import Processes, Spec
from include.local.rest import Airflow
from include.processing.errors import PermanentError, TransientError
from include.queues import pools

API_SECONDS = 120
DAG_SECONDS = 90
DRAIN_SECONDS = 5.0
LOG_LINES = 8
# Each start costs seconds of CPU: what only deadlines and deferred tasks need comes last.
NEEDED_FIRST = (API, SCHEDULER, DAG_PROCESSOR)
Say = Callable[[str], None]


class Stack:
    """`say` gets one line per step that takes time."""

    def __init__(self, home: Home, say: Say, dags: Path = REPOSITORY / "dags") -> None:
        self.home, self._say, self._dags = home, say, dags
        self.postgres = EmbeddedPostgres(home.postgres)
        self.processes = Processes(home.root)

    def launch(self) -> Airflow:
        """Start what isn't running, and replace what runs with other settings or older code. `ready` waits for it."""
        with self.home.locked():
            if not self.postgres.running():
                self._say("starting PostgreSQL")
                self.postgres.start()
            port = self.home.api_port(in_use=self.processes.alive(API))
            write_private(self.home.database_file, f"postgresql://{self._databases().ours}")
            if migrate(self.home, self.postgres, self.processes, self._migration(port)):
                self._say("made the tables")
            self._renew(port, NEEDED_FIRST)
        return Airflow(port, self.home.password())

    def ready(self, airflow: Airflow, dag: str) -> None:
        """Returns once Airflow answers, and knows the DAG as it stands in its file."""
        self._wait(API_SECONDS, "the API server", lambda: airflow.health() is not None)
        airflow.set_pools(pools())
        self._wait(DAG_SECONDS, f"the DAG {dag}", lambda: self._parsed(airflow, dag))
        with self.home.locked():
            self._renew(airflow.port, [TRIGGERER])

    def stop(self) -> None:
        """Leaves no process, and all data."""
        with self.home.locked():
            self.processes.stop_all()
            self.postgres.stop()

    def _databases(self) -> Databases:
        airflow, ours = (self.postgres.url(name, "") for name in (AIRFLOW_DATABASE, OUR_DATABASE))
        return Databases(airflow.removeprefix("://"), ours.removeprefix("://"))

    def _migration(self, port: int) -> Spec:
        variables = environment(self.home, port, self._databases(), MIGRATE, dags=self._dags)
        return Spec(MIGRATE, (*AIRFLOW_COMMAND, "db", "migrate"), variables)

    def _renew(self, port: int, roles: Iterable[str]) -> None:
        databases = self._databases()
        specs = [specification(self.home, port, databases, role, dags=self._dags) for role in roles]
        stale = [spec for spec in specs if not self.processes.current(spec)]
        if not stale:
            return
        names = [spec.name for spec in stale]
        running = [name for name in names if self.processes.alive(name)]
        self._say(f"{'restarting' if running else 'starting'} Airflow's {', '.join(names)}")
        # the scheduler's children are the tasks: let those that are nearly done finish
        self.processes.stop(names, drain=DRAIN_SECONDS if SCHEDULER in running else 0)
        for spec in stale:
            self.processes.start(spec)

    def _parsed(self, airflow: Airflow, dag: str) -> bool:
        """Airflow's view of the DAG is as new as the files it is made from."""
        if errors := airflow.import_errors():
            raise PermanentError("DAG_BROKEN", "; ".join(errors), "correct the file")
        found = airflow.dag(dag)
        if found is None or not found["last_parsed_time"]:
            return False
        changed = max((path.stat().st_mtime for path in self._dags.glob("*.py")), default=0.0)
        return datetime.datetime.fromisoformat(found["last_parsed_time"]).timestamp() >= changed

    def _wait(self, seconds: float, what: str, done: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while not done():
            for role in NEEDED_FIRST:
                if not self.processes.alive(role):
                    raise self._failure(role, f"Airflow's {role} ended")
            if time.monotonic() > end:
                raise self._failure(API, f"{what} wasn't there after {seconds:.0f} s")
            time.sleep(0.2)

    def _failure(self, name: str, cause: str) -> TransientError:
        log = self.processes.log(name)
        lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
        return TransientError("AIRFLOW_FAILED", f"{cause}. {' | '.join(lines)}", f"read {log.parent}")

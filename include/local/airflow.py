"""The embedded stack: Postgres, and Airflow's four processes. What runs already and is up to date stays as it is."""

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
from include.local.launching import Say, parsed, renew, wait
from include.local.migrate import MIGRATE, migrate
from include.local.postgres import EmbeddedPostgres
from include.local.processes import Processes, Spec
from include.local.rest import Airflow
from include.local.webhooks import WEBHOOKS, webhooks_specification
from include.queues import pools

API_SECONDS = 120
DAG_SECONDS = 90
DRAIN_SECONDS = 5.0
# Each start costs seconds of CPU: what only deadlines and deferred tasks need comes last.
NEEDED_FIRST = (API, SCHEDULER, DAG_PROCESSOR)


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
        self._wait(DAG_SECONDS, f"the DAG {dag}", lambda: parsed(airflow, dag, self._dags))
        with self.home.locked():
            self._renew(airflow.port, [TRIGGERER])
            whole = environment(self.home, airflow.port, self._databases(), WEBHOOKS, dags=self._dags)
            renew(self.processes, [webhooks_specification(whole)], self._say)

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
        # the scheduler's children are the tasks: let those that are nearly done finish
        drain = DRAIN_SECONDS if self.processes.alive(SCHEDULER) else 0
        renew(self.processes, specs, lambda line: self._say(line.replace("ing ", "ing Airflow's ", 1)), drain=drain)

    def _wait(self, seconds: float, what: str, done: Callable[[], bool]) -> None:
        wait(self.processes, NEEDED_FIRST, seconds, what, done)

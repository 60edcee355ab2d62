"""The environment and the command of each of the fleet's Airflow processes.

Workers get what stands in a WorkerSettings and nothing else that is secret: no access to Airflow's database, none of
the keys that Airflow signs with. So the same settings, in a file, make workers of a second machine (joining.py).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from include.local.config import (
    AIRFLOW_COMMAND,
    AIRFLOW_DATABASE,
    API,
    API_VARIABLE,
    DAG_PROCESSOR,
    LOCAL,
    OUR_DATABASE,
    SCHEDULER,
    TASKS_ONLY,
    TRIGGERER,
    api_connection,
    deployed,
    fingerprint,
    process_variables,
    users_own,
    variables,
)
from include.local.home import REPOSITORY, Home
from include.local.postgres import EmbeddedPostgres
from include.local.processes import Spec
from include.local.servers import REELSCRIBE, REGION, Place, Redis, S3Server
from include.queues import QUEUES, Queue, worker_options
from include.settings import S3_CONNECTION

WORKER = "worker-"
WORKERS = tuple(f"{WORKER}{queue.name}" for queue in QUEUES)
CELERY_DATABASE = "celery"
S3_VARIABLE = f"AIRFLOW_CONN_{S3_CONNECTION.upper()}"
# of the user's own settings, those that say where a stack lives and not what it does
WHERE = ("REELSCRIBE_HOME", "REELSCRIBE_POSTGRES_DIR", "REELSCRIBE_API_PORT", "REELSCRIBE_ADDRESS")


@dataclass(frozen=True, slots=True)
class Servers:
    """`s3` is None where the user named a store of their own."""

    api: Place
    postgres: EmbeddedPostgres
    redis: Redis
    s3: S3Server | None
    ingest: str = field(repr=False)  # the password of the account that starts runs

    @property
    def page(self) -> str:
        return f"http://{self.api.host}:{self.api.port}"


def shared(servers: Servers) -> dict[str, str]:
    """What every Airflow process of the fleet is told, on whichever machine: REELSCRIBE_*, the store, our database."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("REELSCRIBE_", "AIRFLOW_CONN_")) and name not in WHERE
    }
    if servers.s3 is not None:
        ours |= {"REELSCRIBE_STORE": f"s3://{REELSCRIBE}", S3_VARIABLE: s3_connection(servers.s3)}
    return ours | {
        "AIRFLOW_CONN_REELSCRIBE_DB": servers.postgres.url(OUR_DATABASE),
        API_VARIABLE: api_connection(servers.api.host, servers.api.port, servers.ingest),
        "REELSCRIBE_REDIS_URL": servers.redis.url(1),
        **variables({"LOGGING.REMOTE_BASE_LOG_FOLDER": f"{ours['REELSCRIBE_STORE'].rstrip('/')}/logs"}),
    }


def s3_connection(server: S3Server) -> str:
    extra = {"endpoint_url": server.endpoint, "region_name": REGION}
    return json.dumps({"conn_type": "aws", "login": REELSCRIBE, "password": server.secret, "extra": extra})


def worker_settings(servers: Servers) -> dict[str, str]:
    """With the key that speech costs money with, if there is one: only workers of queues that spend are given it."""
    paid = {name: value for name, value in os.environ.items() if name.startswith(TASKS_ONLY)}
    celery = {
        "CORE.EXECUTION_API_SERVER_URL": f"{servers.page}/execution/",
        "CELERY.BROKER_URL": servers.redis.url(0),
        "CELERY.RESULT_BACKEND": f"db+{servers.postgres.url(CELERY_DATABASE, 'postgresql+psycopg2')}",
    }
    return {**paid, **shared(servers), **variables(celery)}


def core_environment(home: Home, servers: Servers, dags: Path) -> dict[str, str]:
    """Of the processes that share Airflow's database."""
    options = LOCAL | {
        "CORE.DAGS_FOLDER": str(dags),
        "CORE.FERNET_KEY": home.fernet_key(),
        "CORE.SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.password_file),
        "DATABASE.SQL_ALCHEMY_CONN": servers.postgres.url(AIRFLOW_DATABASE, "postgresql+psycopg2"),
        "DATABASE.SQL_ALCHEMY_CONN_ASYNC": servers.postgres.url(AIRFLOW_DATABASE, "postgresql+asyncpg"),
        "LOGGING.BASE_LOG_FOLDER": str(home.task_logs),
        "LOGGING.DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.root / "logs" / "dags"),
        "API.HOST": servers.api.host,
        "API.PORT": str(servers.api.port),
        "API.BASE_URL": servers.page,
        "API.SECRET_KEY": home.secret("api"),
        "API_AUTH.JWT_SECRET": home.secret("jwt"),
    }
    told = {name: value for name, value in worker_settings(servers).items() if not name.startswith(TASKS_ONLY)}
    return {
        **users_own(tasks=False),
        **deployed(),
        **process_variables(),
        **told,
        **variables(options),
        "AIRFLOW_HOME": str(home.airflow),
    }


def core_specification(home: Home, servers: Servers, role: str, dags: Path) -> Spec:
    argv = {
        API: ("api-server", "--host", servers.api.host, "--port", str(servers.api.port), "--workers", "1"),
        SCHEDULER: ("scheduler", "--skip-serve-logs"),
        DAG_PROCESSOR: ("dag-processor",),
        TRIGGERER: ("triggerer", "--skip-serve-logs"),
    }[role]
    whole = core_environment(home, servers, dags)
    return Spec(role, (*AIRFLOW_COMMAND, *argv), whole, version=fingerprint(whole))


def worker_environment(home: Home, settings: Mapping[str, str], queue: Queue, dags: Path) -> dict[str, str]:
    """All that a worker writes goes into a folder of its own."""
    folder = worker_folder(home, queue)
    options = LOCAL | {
        "CORE.DAGS_FOLDER": str(dags),
        "LOGGING.BASE_LOG_FOLDER": str(folder / "logs"),
    }
    told = {name: value for name, value in settings.items() if queue.spends or not name.startswith(TASKS_ONLY)}
    return {
        **users_own(tasks=False),
        **deployed(),
        **process_variables(),
        **told,
        **variables(options),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "TMPDIR": str(folder / "tmp"),
    }


def worker_specification(
    home: Home, settings: Mapping[str, str], queue: Queue, name: str, dags: Path = REPOSITORY / "dags"
) -> Spec:
    """`name` tells this set of workers from others that share the broker."""
    folder = worker_folder(home, queue)
    for part in ("airflow", "logs", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    whole = worker_environment(home, settings, queue, dags)
    argv = (*AIRFLOW_COMMAND, "celery", "worker", *worker_options(queue), "--celery-hostname", node(queue, name))
    return Spec(f"{WORKER}{queue.name}", argv, whole, version=fingerprint(whole), directory=folder)


def node(queue: Queue, name: str) -> str:
    """A worker's name among all that share the broker."""
    return f"{queue.name}@{name}"


def worker_folder(home: Home, queue: Queue) -> Path:
    return home.root / "workers" / queue.name

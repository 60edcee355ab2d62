"""The environment of every Airflow process of the demo, and what it has in common with the fleet's.

Airflow's options come from deploy/airflow.env; only what differs from place to place is added here.

What the user's shell holds passes through (proxies, certificates, REELSCRIBE_*, AWS_*, AIRFLOW_CONN_*), except
Airflow's own options; what speech costs money with (OPENAI_*) reaches the process that runs the tasks and no other.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from include.local.home import HOST, INGEST, REPOSITORY, Home
from include.local.processes import Spec
from include.settings import API_CONNECTION

API, SCHEDULER, DAG_PROCESSOR, TRIGGERER = "api-server", "scheduler", "dag-processor", "triggerer"
ROLES = (API, SCHEDULER, DAG_PROCESSOR, TRIGGERER)
AIRFLOW_COMMAND = (sys.executable, "-m", "airflow")
AIRFLOW_DATABASE, OUR_DATABASE = "airflow", "reelscribe"
API_VARIABLE = f"AIRFLOW_CONN_{API_CONNECTION.upper()}"

# What a terminal or a session changes from call to call must not look like a reason to restart.
RELEVANT = (
    "REELSCRIBE_", "OPENAI_", "AWS_", "AIRFLOW_", "PYTHONPATH", "OMP_", "SSL_CERT", "REQUESTS_CA_BUNDLE",
    "TESSDATA_PREFIX", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
CODE = ("include", "plugins")
TASKS_ONLY = ("OPENAI_",)
DROPPED = ("AIRFLOW__", "AIRFLOW_HOME", "AIRFLOW_CONFIG", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH")


@dataclass(frozen=True, slots=True)
class Databases:
    """URLs of the form user:password@host:port/database, without a scheme."""

    airflow: str
    ours: str


def store_url(home: Home) -> str:
    """A folder of the stack's own, unless the user names another store."""
    return os.environ.get("REELSCRIBE_STORE") or home.store.as_uri()


# `SECTION.OPTION` -> value: what deploy/airflow.env leaves open and is the same in every home
LOCAL = {
    "CORE.PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    "DATABASE.CHECK_MIGRATIONS": "False",  # include/local/migrate.py does it, once
    "DAG_PROCESSOR.REFRESH_INTERVAL": "10",  # somebody may be writing a DAG here
}
# what the demo, which is one machine, does otherwise than a fleet
DEMO = {
    "CORE.EXECUTOR": "LocalExecutor",
    "CORE.PARALLELISM": str((os.cpu_count() or 2) + 2),  # speech by API waits more than it works
    "WORKERS.MIN_HEARTBEAT_INTERVAL": "1",  # no slot_release outside Celery's workers
    "LOGGING.REMOTE_LOGGING": "False",
    "API.HOST": HOST,
}


def deployed() -> dict[str, str]:
    """The variables of deploy/airflow.env."""
    lines = [line.strip() for line in (REPOSITORY / "deploy" / "airflow.env").read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables(options: Mapping[str, str]) -> dict[str, str]:
    """`SECTION.OPTION` as Airflow reads it from the environment."""
    return {f"AIRFLOW__{name.replace('.', '__')}": value for name, value in options.items()}


def users_own(*, tasks: bool) -> dict[str, str]:
    """The shell's environment without what is not for a process of ours; `tasks`: whether it may spend money."""
    dropped = DROPPED if tasks else (*DROPPED, *TASKS_ONLY)
    return {name: value for name, value in os.environ.items() if not name.startswith(dropped)}


def process_variables() -> dict[str, str]:
    """What any Python process of ours needs."""
    return {
        "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in ("", "plugins")),
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        # setproctitle would overwrite the part of memory by which a process is recognised as ours
        "SPT_NOENV": "1",
    }


def api_connection(host: str, port: int, password: str) -> str:
    return json.dumps(
        {"conn_type": "http", "schema": "http", "host": host, "port": port, "login": INGEST, "password": password}
    )


def airflow_options(home: Home, port: int, databases: Databases, dags: Path) -> dict[str, str]:
    return LOCAL | {
        "CORE.DAGS_FOLDER": str(dags),
        "CORE.FERNET_KEY": home.fernet_key(),
        "CORE.SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.password_file),
        "CORE.EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "DATABASE.SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{databases.airflow}",
        "DATABASE.SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{databases.airflow}",
        "LOGGING.BASE_LOG_FOLDER": str(home.task_logs),
        "LOGGING.DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.root / "logs" / "dags"),
        "API.PORT": str(port),
        "API.BASE_URL": f"http://{HOST}:{port}",
        "API.SECRET_KEY": home.secret("api"),
        "API_AUTH.JWT_SECRET": home.secret("jwt"),
    }


def environment(home: Home, port: int, databases: Databases, role: str, *, dags: Path) -> dict[str, str]:
    """All of it; `role` is one of ROLES, or any other name for a command of the moment such as `migrate`."""
    options = airflow_options(home, port, databases, dags) | DEMO
    return {
        **users_own(tasks=role == SCHEDULER),
        **deployed(),
        **process_variables(),
        **variables(options),
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW_CONN_REELSCRIBE_DB": f"postgresql://{databases.ours}",
        API_VARIABLE: api_connection(HOST, port, home.password(INGEST)),
        "REELSCRIBE_STORE": store_url(home),
        # the sample is short: here each stage is to be seen
        "REELSCRIBE_SHORT_SECONDS": os.environ.get("REELSCRIBE_SHORT_SECONDS", "0"),
    }


def specification(home: Home, port: int, databases: Databases, role: str, *, dags: Path) -> Spec:
    argv = {
        API: ("api-server", "--host", HOST, "--port", str(port), "--workers", "1"),
        # logs are read from the disk they were written to: no log servers
        SCHEDULER: ("scheduler", "--skip-serve-logs"),
        DAG_PROCESSOR: ("dag-processor",),
        TRIGGERER: ("triggerer", "--skip-serve-logs"),
    }[role]
    whole = environment(home, port, databases, role, dags=dags)
    return Spec(
        name=role,
        argv=(*AIRFLOW_COMMAND, *argv),
        environment=whole,
        version=fingerprint(whole),
    )


def fingerprint(environment: Mapping[str, str]) -> str:
    """Of what a process would have to be restarted for: its settings, and the code it holds in memory."""
    relevant = sorted(f"{name}={value}" for name, value in environment.items() if name.startswith(RELEVANT))
    code = [
        f"{path}:{path.stat().st_mtime_ns}"
        for folder in CODE
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        if "tests" not in path.parts
    ]
    return hashlib.sha256("\n".join(relevant + code).encode()).hexdigest()

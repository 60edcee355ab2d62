"""The environment of every Airflow process of the embedded stack. Nothing else sets an Airflow option.

What the user's shell holds passes through (proxies, certificates, REELSCRIBE_*, AWS_*, AIRFLOW_CONN_*), except
Airflow's own options; what speech costs money with (OPENAI_*) reaches the process that runs the tasks and no other.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.local.home import HOST, REPOSITORY, USER, Home
from include.local.processes import Spec

API, SCHEDULER, DAG_PROCESSOR, TRIGGERER = "api-server", "scheduler", "dag-processor", "triggerer"
ROLES = (API, SCHEDULER, DAG_PROCESSOR, TRIGGERER)
AIRFLOW_COMMAND = (sys.executable, "-m", "airflow")
AIRFLOW_DATABASE, OUR_DATABASE = "airflow", "reelscribe"

# What a terminal or a session changes from call to call must not look like a reason to restart.
RELEVANT = (
    "REELSCRIBE_", "OPENAI_", "AWS_", "AIRFLOW_", "PYTHONPATH", "OMP_", "SSL_CERT", "REQUESTS_CA_BUNDLE",
    "TESSDATA_PREFIX", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
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


# `SECTION.OPTION` -> value, the same in every home
FIXED = {
    "CORE.PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    "CORE.LOAD_EXAMPLES": "False",
    "CORE.EXECUTOR": "LocalExecutor",
    "CORE.PARALLELISM": str((os.cpu_count() or 2) + 2),  # speech by API waits more than it works
    # a fan-out beyond the defaults (1024, 16, 16) fails or crawls
    "CORE.MAX_MAP_LENGTH": "10000",
    "CORE.MAX_ACTIVE_TASKS_PER_DAG": "256",
    "CORE.MAX_ACTIVE_RUNS_PER_DAG": "64",
    "CORE.DAGS_ARE_PAUSED_AT_CREATION": "False",
    "CORE.SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
    "DATABASE.CHECK_MIGRATIONS": "False",  # include/local/migrate.py does it, once
    "LOGGING.FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
    "LOGGING.FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
    "API.HOST": HOST,
    "API.WORKERS": "1",
    "API.EXPOSE_CONFIG": "False",
    # at the default 5 a slot stays held for 5 s after its task ended
    "WORKERS.MIN_HEARTBEAT_INTERVAL": "1",
    "SCHEDULER.SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    # a task whose machine was switched off is tried again after a minute, not after five
    "SCHEDULER.TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "SCHEDULER.TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "10",
    "SCHEDULER.ENABLE_HEALTH_CHECK": "False",
    "DAG_PROCESSOR.REFRESH_INTERVAL": "10",
    "DAG_PROCESSOR.PARSING_PROCESSES": "1",
    "DAG_PROCESSOR.PRINT_STATS_INTERVAL": "0",
}


def airflow_options(home: Home, port: int, databases: Databases, dags: Path) -> dict[str, str]:
    return FIXED | {
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
    options = airflow_options(home, port, databases, dags)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    if role != SCHEDULER:
        inherited = {name: value for name, value in inherited.items() if not name.startswith(TASKS_ONLY)}
    return inherited | {
        "AIRFLOW_HOME": str(home.airflow),
        **{f"AIRFLOW__{name.replace('.', '__')}": value for name, value in options.items()},
        "AIRFLOW_CONN_REELSCRIBE_DB": f"postgresql://{databases.ours}",
        "REELSCRIBE_STORE": store_url(home),
        "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in ("", "plugins")),
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        # setproctitle would overwrite the part of memory by which a process is recognised as ours
        "SPT_NOENV": "1",
        "DO_NOT_TRACK": "1",
        "SCARF_ANALYTICS": "false",
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
        version=fingerprint(whole, (REPOSITORY / part for part in ("include", "plugins"))),
    )


def fingerprint(environment: Mapping[str, str], folders: Iterable[Path]) -> str:
    """Of what a process would have to be restarted for: its settings, and the code it holds in memory."""
    relevant = sorted(f"{name}={value}" for name, value in environment.items() if name.startswith(RELEVANT))
    code = [
        f"{path}:{path.stat().st_mtime_ns}"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if "tests" not in path.parts
    ]
    return hashlib.sha256("\n".join(relevant + code).encode()).hexdigest()

"""Airflow's tables and ours, each in its database: made or brought up to date once, then only looked at."""

import importlib.metadata
import json
import subprocess
from pathlib import Path

import psycopg

from include.db.schema import upgrade
from include.local.config import AIRFLOW_DATABASE, OUR_DATABASE
from include.local.home import REPOSITORY, Home
from include.local.postgres import EmbeddedPostgres
from include.local.processes import Processes, Spec
from include.processing.errors import TransientError

MIGRATE = "migrate"
MIGRATE_SECONDS = 300
MIGRATIONS = REPOSITORY / "include" / "db" / "migrations"


def migrate(home: Home, postgres: EmbeddedPostgres, processes: Processes, command: Spec) -> bool:
    """Whether there was anything to do. `command` runs `airflow db migrate`, side by side with our own migrations."""
    for database in (AIRFLOW_DATABASE, OUR_DATABASE):
        postgres.create_database(database)
    if _stamp(home.stamp_file) == _state(postgres):
        return False
    airflow = processes.start(command)
    upgrade(postgres.url(OUR_DATABASE))
    try:
        code = airflow.wait(MIGRATE_SECONDS)
    except subprocess.TimeoutExpired:
        code = None
    processes.stop([MIGRATE])
    if code != 0:
        raise TransientError(
            "AIRFLOW_FAILED", f"`airflow db migrate` ended with {code}", f"read {processes.log(MIGRATE)}"
        )
    home.stamp_file.write_text(json.dumps(_state(postgres)))
    return True


def _stamp(file: Path) -> object:
    """What `_state` was after the last migration. Without it a fresh database looks finished to nobody."""
    return json.loads(file.read_text()) if file.exists() else None


def _state(postgres: EmbeddedPostgres) -> dict[str, object]:
    """Of code and databases together: if either changed, by an update or a lost directory, it must run again."""
    return {
        "airflow": importlib.metadata.version("apache-airflow-core"),
        "airflow_revision": _revision(postgres.url(AIRFLOW_DATABASE)),
        "ours": sorted(path.name for path in MIGRATIONS.rglob("*.py")),
        "our_revision": _revision(postgres.url(OUR_DATABASE)),
    }


def _revision(url: str) -> str | None:
    with psycopg.connect(url) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return str(row[0]) if row else None

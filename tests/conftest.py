"""Fixtures of the whole suite. Airflow makes its home where it is first imported: it gets a private one before that."""

import atexit
import os
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.db.schema import upgrade
from include.local.postgres import EmbeddedPostgres

AIRFLOW_HOME = tempfile.mkdtemp(prefix="reelscribe-airflow-")
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = AIRFLOW_HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = secrets.token_urlsafe(64)

TEMPLATE = "reelscribe_template"


@pytest.fixture(scope="session")
def postgres_directory() -> Iterator[Path]:
    """Where servers live when the tests run as root: pytest's own directories are closed to their user."""
    folder = Path(tempfile.mkdtemp(prefix="reelscribe-postgres-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REELSCRIBE_POSTGRES_DIR", str(folder))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A real server on a free port, one per test process, with a migrated template database."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    try:
        server.start()
        server.create_database(TEMPLATE)
        upgrade(server.url(TEMPLATE))
        yield server
    finally:
        server.remove()


@pytest.fixture
def db_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """Of a fresh database with our tables."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield postgres.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(db_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def media_dir() -> Path:
    folder = Path(__file__).resolve().parents[2] / "shared" / "media"
    if not folder.is_dir():
        pytest.skip(f"no test media at {folder}")
    return folder

"""What the fleet's processes are told, and what workers on another machine are handed."""

import json
from pathlib import Path

import pytest

from include.local import servers as local_servers
from include.local.config import ROLES, deployed
from include.local.fleet import own_store
from include.local.fleet_config import (
    WORKERS,
    Servers,
    core_specification,
    worker_environment,
    worker_settings,
    worker_specification,
)
from include.local.home import INGEST, USER, Home
from include.local.joining import read_settings, write_settings
from include.local.postgres import EmbeddedPostgres
from include.local.servers import Place, Redis, S3Server
from include.processing.errors import PermanentError
from include.queues import QUEUES, Queue
from include.worker_preload import queues_of

DAGS = Path("/dags")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("REELSCRIBE_STORE", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    made = Home(tmp_path / "stack")
    made.prepare()
    return made


@pytest.fixture
def servers(home: Home) -> Servers:
    home.postgres.mkdir()
    (home.postgres / "port").write_text("5432\n")
    (home.postgres / "password").write_text("pg-secret\n")
    return Servers(
        api=Place("10.0.0.1", 8080),
        postgres=EmbeddedPostgres(home.postgres, host="10.0.0.1"),
        redis=Redis(Place("10.0.0.1", 6379), "redis-secret"),
        s3=S3Server(Place("10.0.0.1", 9000), "s3-secret"),
        ingest="ingest-secret",
    )


def worker(home: Home, servers: Servers, queue: Queue) -> dict[str, str]:
    return worker_environment(home, worker_settings(servers), queue, DAGS)


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_a_worker_knows_the_way_and_no_key_to_airflow(home: Home, servers: Servers, queue: Queue) -> None:
    told = worker(home, servers, queue)
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://10.0.0.1:8080/execution/"
    assert told["AIRFLOW__CELERY__BROKER_URL"] == "redis://:redis-secret@10.0.0.1:6379/0"
    assert told["AIRFLOW__CELERY__RESULT_BACKEND"].startswith("db+postgresql+psycopg2://")
    assert told["REELSCRIBE_STORE"] == "s3://reelscribe"
    assert json.loads(told["AIRFLOW_CONN_REELSCRIBE_S3"])["extra"]["endpoint_url"] == "http://10.0.0.1:9000"
    keys = ("SQL_ALCHEMY", "FERNET", "JWT", "SECRET_KEY", "PASSWORDS_FILE")
    assert [name for name in told if any(key in name for key in keys)] == []


def test_workers_share_no_folder(home: Home, servers: Servers) -> None:
    names = ("AIRFLOW_HOME", "TMPDIR", "AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    folders = [worker(home, servers, queue)[name] for queue in QUEUES for name in names]
    assert len(set(folders)) == len(folders)
    owners = [worker_specification(home, worker_settings(servers), queue, "here").directory for queue in QUEUES]
    for owner, queue in zip(owners, QUEUES, strict=True):
        assert owner is not None
        mine = worker(home, servers, queue)
        assert all(Path(mine[name]).is_relative_to(owner) for name in names)


def test_only_queues_that_spend_get_the_key(home: Home, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    given = [queue.name for queue in QUEUES if "sk-secret" in worker(home, servers, queue).values()]
    assert given == ["extract", "transcribe"]
    for role in ROLES:
        assert "sk-secret" not in core_specification(home, servers, role, DAGS).environment.values()


def test_no_secret_in_a_command_line(home: Home, servers: Servers) -> None:
    settings = worker_settings(servers)
    specs = [core_specification(home, servers, role, DAGS) for role in ROLES]
    specs += [worker_specification(home, settings, queue, "here") for queue in QUEUES]
    specs += [local_servers.redis_specification(home, servers.redis)]
    assert servers.s3
    specs += [local_servers.s3_specification(home, servers.s3)]
    assert [spec.argv for spec in specs if "-secret" in " ".join(spec.argv)] == []
    assert (home.root / "redis" / "redis.conf").stat().st_mode & 0o077 == 0


def test_workers_of_two_homes_have_two_names(home: Home, servers: Servers) -> None:
    settings = worker_settings(servers)
    lines = [worker_specification(home, settings, QUEUES[0], name).argv for name in ("here", "there")]
    assert [line[-1] for line in lines] == ["extract@here", "extract@there"]
    assert tuple(f"worker-{queue.name}" for queue in QUEUES) == WORKERS


def test_a_store_of_the_users_own(home: Home, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELSCRIBE_STORE", "s3://theirs/prefix/")
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", "aws://")
    assert own_store()
    told = worker_settings(Servers(servers.api, servers.postgres, servers.redis, None, servers.ingest))
    assert told["REELSCRIBE_STORE"] == "s3://theirs/prefix/"
    assert told["AIRFLOW_CONN_REELSCRIBE_S3"] == "aws://"
    assert told["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://theirs/prefix/logs"


def test_a_folder_is_no_store_for_a_fleet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELSCRIBE_STORE", "file:///mine")
    with pytest.raises(PermanentError, match="STORE_NOT_SHARED"):
        own_store()


def test_settings_are_handed_over_in_a_private_file(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "worker.env"
    write_settings(file, worker_settings(servers))
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_settings(file) == worker_settings(servers)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="missing"),
        pytest.param("nothing of the kind\n", id="another-file"),
        pytest.param("AIRFLOW__CELERY__BROKER_URL=redis://x\n", id="incomplete"),
    ],
)
def test_what_is_no_such_file_is_one_line(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "worker.env"
    if text is not None:
        file.write_text(text)
    with pytest.raises(PermanentError, match=r"JOIN_FILE: .+worker\.env"):
        read_settings(file)


def test_what_airflow_is_told_everywhere() -> None:
    settings = deployed()
    assert settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == f"{USER}:admin,{INGEST}:user"
    assert json.loads(settings["AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"])["imports"][0] == "include.worker_preload"
    longest = 2 * 3600  # of the DAG's time-outs, dags/process_video.py
    assert int(settings["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"]) > longest
    assert int(settings["AIRFLOW__CORE__PARALLELISM"]) >= sum(queue.slots for queue in QUEUES)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param("airflow celery worker --queues ocr --concurrency 2", ["ocr"], id="one"),
        pytest.param("airflow celery worker -q ocr,merge", ["ocr", "merge"], id="two"),
        pytest.param("airflow celery worker", ["extract", "transcribe", "ocr", "merge"], id="all"),
    ],
)
def test_a_worker_imports_for_its_queues(arguments: str, names: list[str]) -> None:
    assert [queue.name for queue in queues_of(arguments.split())] == names

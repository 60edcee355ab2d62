"""Files become runs of a real Airflow: its API server, Postgres, moto's S3 server. No scheduler: runs stay queued."""

import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from include.local.postgres import EmbeddedPostgres
from include.settings import settings
from operators.ingest import IngestOperator
from servers.airflow_server import SERVICE, AirflowServer, airflow_server

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "airflow_ingest"
KEYS = 300
RUN_DAG = """
import os
from airflow.dag_processing.dagbag import DagBag
dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"] + "/ingest_bucket.py").dags["ingest_bucket"]
run = dag.test()
print("states", run.state, *(f"{ti.task_id}={ti.state}" for ti in run.get_task_instances()))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """Tokens live for so short a time that each longer pass needs several."""
    postgres.create_database(DATABASE)
    folder = tmp_path_factory.mktemp("airflow")
    brief = {"API_AUTH__JWT_EXPIRATION_TIME": "4", "API_AUTH__JWT_LEEWAY": "0"}
    with airflow_server(folder, postgres.url(DATABASE), **brief) as started:
        yield started


@pytest.fixture(scope="module")
def moto() -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def bucket(
    moto: ThreadedMotoServer, server: AirflowServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, str]]:
    """A client and a bucket of its own; the operators find both through Airflow's connections."""
    host, port = moto.get_host_and_port()
    place = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
    name = "bucket-" + re.sub("[^a-z0-9]+", "-", request.node.name)[:50].strip("-")
    extra = place | {"config_kwargs": {"max_pool_connections": 16}}
    connection = {"conn_type": "aws", "login": "test", "password": "test", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", json.dumps(connection))
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_API", server.connection())
    monkeypatch.setenv("REELSCRIBE_STORE", f"s3://{name}")
    settings.cache_clear()
    client = boto3.client(
        "s3", aws_access_key_id="test", aws_secret_access_key="test", config=Config(max_pool_connections=16), **place
    )
    client.create_bucket(Bucket=name)
    yield client, name
    settings.cache_clear()


def ingest() -> dict[str, int]:
    return IngestOperator(task_id="trigger", workers=8, most=20_000, minutes=30, settle=0).execute({})


def runs(server: AirflowServer, prefix: str = "ingest-") -> list[tuple[str, dict[str, Any]]]:
    """Ids and parameters of all runs of process_video, from the database."""
    with psycopg.connect(server.database) as connection:
        asked = "SELECT run_id, conf FROM dag_run WHERE dag_id = 'process_video' AND starts_with(run_id, %s) ORDER BY 1"
        return list(connection.execute(asked, [prefix]))


def test_hundreds_of_keys_with_duplicates_and_foreign_files(server: AirflowServer, bucket: tuple[Any, str]) -> None:
    client, name = bucket
    for number in range(KEYS):
        client.put_object(Bucket=name, Key=f"incoming/batch/{number:04d}.mp4", Body=b"%d" % number)
    for number in range(20):
        client.put_object(Bucket=name, Key=f"incoming/notes-{number}.txt", Body=b"x")
    assert ingest() == {"started": KEYS}
    found = runs(server, "ingest-0")
    assert len(found) == len({run_id for run_id, _ in found}) == KEYS
    assert len({conf["source"] for _, conf in found}) == KEYS
    assert server.log.read_text().count("path=/auth/token") > 1  # the first one ran out
    for number in range(30):  # the same bytes again: S3 tells no difference
        client.put_object(Bucket=name, Key=f"incoming/batch/{number:04d}.mp4", Body=b"%d" % number)
    assert ingest() == {"there": 30}
    assert ingest() == {}
    assert runs(server, "ingest-0") == found
    left = [item["Key"] for item in client.list_objects_v2(Bucket=name, Prefix="incoming/")["Contents"]]
    assert len(left) == 20
    assert all(key.endswith(".txt") for key in left)
    (source,) = [conf["source"] for run_id, conf in found if run_id.startswith("ingest-0007.mp4-")]
    assert client.get_object(Bucket=name, Key=source)["Body"].read() == b"7"


def test_options_reach_the_run_and_bad_ones_are_answered(server: AirflowServer, bucket: tuple[Any, str]) -> None:
    client, name = bucket
    client.put_object(Bucket=name, Key="incoming/good.mp4", Body=b"1", Metadata={"reelscribe-language": "de"})
    client.put_object(Bucket=name, Key="incoming/good.mp4.json", Body=b'{"chunk_minutes": 5}')
    client.put_object(Bucket=name, Key="incoming/bad.mp4", Body=b"2", Metadata={"reelscribe-ocr": "paddle"})
    assert ingest() == {"rejected": 1, "started": 1}
    ((_, conf),) = runs(server, "ingest-good.mp4-")
    assert {key: conf[key] for key in conf if key != "source"} == {"language": "de", "chunk_minutes": 5}
    assert runs(server, "ingest-bad.mp4-") == []
    rejected = {item["Key"] for item in client.list_objects_v2(Bucket=name, Prefix="rejected/")["Contents"]}
    (reason,) = [key for key in rejected if key.endswith("/reason.json")]
    said = json.loads(client.get_object(Bucket=name, Key=reason)["Body"].read())
    assert said["error"].startswith("BAD_OPTIONS: ocr: 'paddle' does not match ")
    assert reason.replace("reason.json", "bad.mp4") in rejected


def test_the_dag_waits_and_then_starts_the_run(
    server: AirflowServer, moto: ThreadedMotoServer, bucket: tuple[Any, str]
) -> None:
    """By `dag.test()`: the sensor defers, its trigger wakes it, and the other task starts the run."""
    client, name = bucket
    client.put_object(Bucket=name, Key="incoming/readme.txt", Body=b"x")
    asked = after_requests(moto, 3, f"/{name}", lambda: client.put_object(
        Bucket=name, Key="incoming/late.mp4", Body=b"late"))  # fmt: skip
    mine = {key: value for key, value in os.environ.items() if key.startswith(("AIRFLOW_CONN_", "REELSCRIBE_"))}
    done = subprocess.run(
        [sys.executable, "-c", RUN_DAG],
        env=server.environment | mine, capture_output=True, text=True, timeout=280, check=False
    )  # fmt: skip
    assert "states success" in done.stdout, done.stdout[-3000:] + done.stderr[-3000:]
    assert asked.is_set()
    assert len(runs(server, "ingest-late.mp4-")) == 1
    assert [item["Key"] for item in client.list_objects_v2(Bucket=name, Prefix="incoming/")["Contents"]] == [
        "incoming/readme.txt"
    ]


def after_requests(moto: ThreadedMotoServer, count: int, path: str, act: Callable[[], Any]) -> threading.Event:
    """Once the bucket has been listed so many times, `act` is called."""
    assert moto._server is not None
    answer, seen, acted = moto._server.app, iter(range(1, 10**6)), threading.Event()

    def counting(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == path and environ["REQUEST_METHOD"] == "GET" and next(seen) == count:
            threading.Thread(target=lambda: (act(), acted.set())).start()
        return answer(environ, start_response)

    moto._server.app = counting
    return acted


@pytest.mark.parametrize(("language", "run_id"), [("python", "talk-42"), ("sh", "talk-42-curl")])
def test_examples_of_the_page(server: AirflowServer, language: str, run_id: str) -> None:
    """Twice: the second time the run is there. curl then fails by the 409."""
    page = (ROOT / "docs" / "ingest.md").read_text()
    example = next(
        code
        for code in re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
        if "dagRuns" in code or "airflow_client" in code
    )
    command = [sys.executable, "-c"] if language == "python" else ["sh", "-euc"]
    account = {"AIRFLOW_URL": server.url, "AIRFLOW_USER": SERVICE, "AIRFLOW_PASSWORD": server.passwords[SERVICE]}
    done = [
        subprocess.run(
            [*command, example], env=os.environ | account | {"NO_PROXY": "127.0.0.1"},
            capture_output=True, text=True, timeout=120, check=False,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert done[0].returncode == 0, done[0].stderr
    assert run_id in done[0].stdout
    assert done[1].returncode == (0 if language == "python" else 22), done[1].stderr
    ((_, conf),) = [run for run in runs(server, "talk-42") if run[0] == run_id]
    assert conf == {"source": "uploads/talk-42.mp4", "language": "de"}

"""The front door where it stands: in Airflow's own API server, and alone beside it. Both real."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from include.db.schema import upgrade
from include.local.postgres import EmbeddedPostgres
from include.runs import URL_PREFIX
from servers.airflow_server import ADMIN, SERVICE, AirflowServer, airflow_server, free_port

API = f"{URL_PREFIX}/api/v1"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def airflow(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    folder = tmp_path_factory.mktemp("mounted")
    for name in ("mounted_airflow", "mounted_ours"):
        postgres.create_database(name)
    upgrade(postgres.url("mounted_ours"))
    (folder / "store" / "incoming").mkdir(parents=True)
    for name in ("talk.mp4", "other.mp4"):
        (folder / "store" / "incoming" / name).write_bytes(name.encode() * 10)
    more = {
        "AIRFLOW_CONN_REELSCRIBE_DB": postgres.url("mounted_ours"),
        "REELSCRIBE_STORE": (folder / "store").as_uri(),
    }
    with airflow_server(folder, postgres.url("mounted_airflow"), more) as server:
        yield server


@pytest.fixture(scope="module")
def alone(airflow: AirflowServer) -> Iterator[str]:
    """`python -m include.api`, its address."""
    port = free_port()
    log = airflow.log.with_name("alone.log")
    argv = [sys.executable, "-m", "include.api", "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, env=airflow.environment, stdout=output, stderr=output) as done,
    ):
        try:
            url, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
            while not _answers(url):
                assert done.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < end, log.read_text()[-3000:]
                time.sleep(0.3)
            yield url
        finally:
            done.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}{API}/openapi.json", timeout=30).is_success
    except httpx.TransportError:
        return False


def headers(airflow: AirflowServer, user: str) -> dict[str, str]:
    login = {"username": user, "password": airflow.passwords[user]}
    token = httpx.post(f"{airflow.url}/auth/token", json=login, timeout=60).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_a_submission_is_a_run_of_the_caller(airflow: AirflowServer) -> None:
    as_user = headers(airflow, SERVICE)
    wish = {"source": "incoming/talk.mp4", "id": "one", "options": {"language": "de"}}
    answer = httpx.post(f"{airflow.url}{API}/videos", json=wish, headers=as_user, timeout=60)
    assert answer.status_code == 202, answer.text
    run = answer.json()["run"]
    found = httpx.get(
        f"{airflow.url}/api/v2/dags/{run['dag_id']}/dagRuns/{run['run_id']}", headers=as_user, timeout=60
    ).json()
    assert (found["state"], found["conf"]) == ("queued", {"source": "incoming/talk.mp4", "language": "de"})
    assert found["triggering_user_name"] == SERVICE
    again = httpx.post(f"{airflow.url}{API}/videos", json=wish, headers=as_user, timeout=60)
    assert (again.status_code, again.json()["run"]) == (200, run)


def test_what_airflow_refuses_leaves_nothing(airflow: AirflowServer) -> None:
    as_user = headers(airflow, SERVICE)
    wish = {"source": "incoming/talk.mp4", "options": {"frames_per_second": 99}}
    answer = httpx.post(f"{airflow.url}{API}/videos", json=wish, headers=as_user, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_OPTIONS")


def test_the_page_needs_a_login(airflow: AirflowServer) -> None:
    answer = httpx.get(f"{airflow.url}{URL_PREFIX}/", timeout=60)
    assert answer.is_redirect
    assert urlsplit(answer.headers["location"]).path.endswith("/auth/login")
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"next": [f"{URL_PREFIX}/"]}


def test_alone(airflow: AirflowServer, alone: str) -> None:
    """The same tokens, the same videos, the same Airflow behind it."""
    assert httpx.get(f"{alone}{API}/videos", timeout=60).status_code == 401
    as_user, as_admin = headers(airflow, SERVICE), headers(airflow, ADMIN)
    wish = {"source": "incoming/other.mp4", "id": "alone"}
    video = httpx.post(f"{alone}{API}/videos", json=wish, headers=as_user, timeout=60).json()
    listed = httpx.get(f"{airflow.url}{API}/videos", headers=as_user, timeout=60).json()["videos"]
    assert video["id"] in {found["id"] for found in listed}
    answer = httpx.delete(f"{alone}{API}/videos/{video['id']}", headers=as_user, timeout=60)
    assert answer.status_code == 403, json.dumps(answer.json())
    cancelled = httpx.post(f"{alone}{API}/videos/{video['id']}/cancel", headers=as_user, timeout=60)
    assert cancelled.json()["status"] == "cancelled", cancelled.text
    deleted = httpx.delete(f"{alone}{API}/videos/{video['id']}", headers=as_admin, timeout=60)
    assert deleted.status_code == 204, deleted.text
    with psycopg.connect(airflow.environment["AIRFLOW_CONN_REELSCRIBE_DB"]) as connection:
        left = connection.execute("SELECT filename FROM videos").fetchall()
    assert ("other.mp4",) not in left

"""What the dispatcher's process is told, here and in docker-compose.yaml."""

import os
import time
from pathlib import Path

import pytest
import yaml

from include.local.config import Databases, environment
from include.local.home import Home
from include.local.processes import Processes
from include.local.webhooks import FRESH, WEBHOOKS, webhooks_alive, webhooks_specification
from include.settings import Settings
from include.webhooks import ALIVE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_it_has_no_more_of_airflow_than_it_needs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("REELSCRIBE_WEBHOOK_HOSTS", "hooks.example")
    databases = Databases("airflow:pw@host/airflow", "ours:pw@host/ours")
    spec = webhooks_specification(environment(home, 8080, databases, WEBHOOKS, dags=Path("/dags")))
    assert {name for name in spec.environment if name.startswith(("AIRFLOW", "OPENAI"))} == {
        "AIRFLOW_HOME", "AIRFLOW_CONN_REELSCRIBE_DB", "AIRFLOW__CORE__FERNET_KEY"
    }  # fmt: skip
    assert spec.environment["REELSCRIBE_WEBHOOK_HOSTS"] == "hooks.example"
    assert "pw@" not in " ".join(spec.argv)


def test_it_runs_as_it_is_told(home: Home, db_url: str) -> None:
    databases = Databases("nobody:pw@127.0.0.1:9/airflow", db_url.partition("://")[2])
    processes = Processes(home.root)
    processes.start(webhooks_specification(environment(home, 8080, databases, WEBHOOKS, dags=Path("/dags"))))
    try:
        end = time.monotonic() + 60
        while not webhooks_alive(home):
            assert processes.alive(WEBHOOKS), processes.log(WEBHOOKS).read_text()
            assert time.monotonic() < end
            time.sleep(0.1)
    finally:
        processes.stop_all()
    assert processes.names() == set()
    assert processes.log(WEBHOOKS).read_text() == ""


def test_the_service_has_no_more_either() -> None:
    service = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]["webhooks"]
    told = {"REELSCRIBE_WEBHOOK_HOSTS", "REELSCRIBE_KEEP_WEBHOOKS_DAYS"}
    assert set(service["environment"]) == {"AIRFLOW_CONN_REELSCRIBE_DB", "AIRFLOW__CORE__FERNET_KEY", *told}
    assert {name.removeprefix("REELSCRIBE_").lower() for name in told} <= set(Settings.model_fields)
    assert ALIVE in service["healthcheck"]["test"][1]


def test_it_is_alive_while_its_file_is_young(home: Home) -> None:
    assert not webhooks_alive(home)
    file = home.airflow / ALIVE
    file.touch()
    assert webhooks_alive(home)
    old = time.time() - FRESH - 1
    os.utime(file, (old, old))
    assert not webhooks_alive(home)

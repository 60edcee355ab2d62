"""docker-compose.yaml as far as it can be judged without running it."""

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from include.local.config import deployed
from include.queues import QUEUES, worker_options
from include.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT.parent / "shared" / "schemas" / "compose-spec.json"
REQUIRED = re.compile(r"\$\{(\w+):\?")


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yaml").read_text()


@pytest.fixture(scope="module")
def compose(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def generated() -> dict[str, str]:
    script = ROOT / "deploy" / "compose" / "secrets.sh"
    lines = subprocess.run([script], check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_it_follows_the_specification(compose: dict[str, Any]) -> None:
    if not SCHEMA.is_file():
        pytest.skip(f"no Compose schema at {SCHEMA}")
    problems = [
        f"{list(error.path)}: {error.message}"
        for error in Draft7Validator(json.loads(SCHEMA.read_text())).iter_errors(compose)
    ]
    assert problems == []


def test_each_queue_has_a_worker_as_wide_as_its_pool(compose: dict[str, Any]) -> None:
    commands = {name: service["command"] for name, service in compose["services"].items() if name.startswith("worker-")}
    assert commands == {
        f"worker-{queue.name}": ["airflow", "celery", "worker", *worker_options(queue)] for queue in QUEUES
    }


def test_airflows_settings_have_one_owner(compose: dict[str, Any]) -> None:
    ours = {
        name: service for name, service in compose["services"].items() if service.get("image", "").startswith("reel")
    }
    assert {name: service["env_file"] for name, service in ours.items()} == {
        name: ["deploy/airflow.env"] for name in ours
    }
    said = {name for service in ours.values() for name in service["environment"] if name.startswith("AIRFLOW__")}
    assert said & set(deployed()) == set()
    in_the_image = set(re.findall(r"AIRFLOW__\w+", (ROOT / "Dockerfile").read_text()))
    assert in_the_image & set(deployed()) == set()


def test_a_worker_has_no_key_to_airflow(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name.startswith("worker-"):
            told = " ".join(map(str, service["environment"].values()))
            assert re.findall(r"AIRFLOW_DB_PASSWORD|AIRFLOW_JWT_SECRET|AIRFLOW_API_SECRET|FERNET|ADMIN", told) == []


def test_workers_share_no_disk(compose: dict[str, Any]) -> None:
    mounted = {name for name, service in compose["services"].items() if service.get("volumes")}
    assert mounted == {"postgres", "redis", "s3"}


def test_each_service_knows_its_size(compose: dict[str, Any]) -> None:
    limits = {name: service["deploy"]["resources"]["limits"] for name, service in compose["services"].items()}
    assert all(set(limit) == {"cpus", "memory"} for limit in limits.values())


def test_each_service_is_watched(compose: dict[str, Any]) -> None:
    unwatched = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert unwatched == {"init"}


def test_each_secret_is_asked_for_and_made(text: str) -> None:
    secrets = generated()
    assert set(REQUIRED.findall(text)) == set(secrets)
    assert len(base64.urlsafe_b64decode(secrets["AIRFLOW_FERNET_KEY"])) == 32
    assert len(secrets["S3_ACCESS_KEY"]) == 20
    assert all(len(value) >= 32 for name, value in secrets.items() if name != "S3_ACCESS_KEY")


def test_secrets_are_never_the_same() -> None:
    first, second = generated(), generated()
    assert [name for name in first if first[name] == second[name]] == []


@pytest.mark.parametrize(
    "name", ["POSTGRES_PASSWORD", "AIRFLOW_ADMIN_PASSWORD", "OPENAI_API_KEY", "REDIS_PASSWORD", "AIRFLOW_JWT_SECRET"]
)
def test_no_secret_has_a_default(text: str, name: str) -> None:
    assert re.findall(rf"\$\{{{name}:-[^}}]+\}}", text) == []


def test_only_speech_is_given_the_key(compose: dict[str, Any]) -> None:
    given = [
        name for name, service in compose["services"].items() if "OPENAI_API_KEY" in service.get("environment", {})
    ]
    assert given == [f"worker-{queue.name}" for queue in QUEUES if queue.spends]


def test_what_it_sets_is_a_setting(compose: dict[str, Any]) -> None:
    given = {name for name in compose["x-shared"] if name.startswith("REELSCRIBE_")}
    assert given >= {"REELSCRIBE_STORE", "REELSCRIBE_KEEP_FRAMES_DAYS", "REELSCRIBE_OCR_WEIGHTS"}
    assert {name.removeprefix("REELSCRIBE_").lower() for name in given} <= set(Settings.model_fields)


def test_only_this_machine_is_let_in(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:${REELSCRIBE_PORT:-8080}:8080"]


def test_the_image_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER 50000"]


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_plain_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111

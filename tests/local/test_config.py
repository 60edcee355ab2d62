"""The environment of the embedded stack's processes, and the files with its secrets."""

import base64
import json
import socket
from pathlib import Path

import pytest

from include.local.config import API, ROLES, SCHEDULER, Databases, environment, specification
from include.local.home import HOST, Home

DATABASES = Databases("me:pw@127.0.0.1:1/airflow", "me:pw@127.0.0.1:1/reelscribe")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def variables(home: Home, role: str = SCHEDULER, port: int = 8080) -> dict[str, str]:
    return environment(home, port, DATABASES, role, dags=Path("/dags"))


def test_secrets_are_made_once_and_for_their_owner_alone(home: Home) -> None:
    first = variables(home), home.password()
    assert (variables(home), home.password()) == first
    assert home.root.stat().st_mode & 0o077 == 0
    files = [*home.root.glob("secrets/*"), home.password_file]
    assert sorted(file.name for file in files) == ["airflow-password.json", "api", "fernet", "jwt"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 4


def test_airflow_can_read_its_password_file(home: Home) -> None:
    password = home.password()
    assert json.loads(home.password_file.read_text()) == {"admin": password}
    assert len(password) >= 32


def test_the_fernet_key_is_one(home: Home) -> None:
    assert len(base64.urlsafe_b64decode(home.fernet_key())) == 32


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    one, two = (Home(tmp_path / name) for name in ("one", "two"))
    assert one.password() != two.password()
    assert one.fernet_key() != two.fernet_key()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("AIRFLOW__CORE__EXECUTOR", "LocalExecutor", id="executor"),
        pytest.param("AIRFLOW__CORE__LOAD_EXAMPLES", "False", id="examples"),
        pytest.param("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:8080/execution/", id="execution-api"),
        pytest.param(
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://me:pw@127.0.0.1:1/airflow", id="database"
        ),
        pytest.param("AIRFLOW_CONN_REELSCRIBE_DB", "postgresql://me:pw@127.0.0.1:1/reelscribe", id="our-database"),
        pytest.param("AIRFLOW__API__HOST", "127.0.0.1", id="host"),
        pytest.param("AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL", "1", id="heartbeat"),
        pytest.param("DO_NOT_TRACK", "1", id="no-telemetry"),
    ],
)
def test_options(home: Home, name: str, expected: str) -> None:
    assert variables(home)[name] == expected


def test_the_users_own_airflow_stays_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    monkeypatch.setenv("AIRFLOW__EMAIL__FROM_EMAIL", "me@example.org")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    made = variables(home)
    assert made["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert made["AIRFLOW_HOME"] == str(home.airflow)
    assert "AIRFLOW__EMAIL__FROM_EMAIL" not in made
    assert "PYTHONDONTWRITEBYTECODE" not in made


@pytest.mark.parametrize("role", ROLES)
def test_only_the_tasks_get_the_key(home: Home, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert ("sk-secret" in variables(home, role).values()) == (role == SCHEDULER)


@pytest.mark.parametrize(
    ("variable", "restarted"),
    [
        pytest.param("OPENAI_BASE_URL", [SCHEDULER], id="tasks-only"),
        pytest.param("REELSCRIBE_SOURCE_HOSTS", list(ROLES), id="setting"),
        pytest.param("AIRFLOW_CONN_REELSCRIBE_S3", list(ROLES), id="connection"),
        pytest.param("SHLVL", [], id="of-the-shell"),
        pytest.param("COLUMNS", [], id="of-the-terminal"),
    ],
)
def test_what_calls_for_a_restart(
    home: Home, variable: str, restarted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def versions() -> dict[str, str]:
        return {role: specification(home, 8080, DATABASES, role, dags=Path("/dags")).version for role in ROLES}

    monkeypatch.delenv(variable, raising=False)
    before = versions()
    monkeypatch.setenv(variable, "http://127.0.0.1:9/v1")
    after = versions()
    assert [role for role in ROLES if before[role] != after[role]] == restarted


def test_no_secret_in_a_command_line(home: Home) -> None:
    secrets = [file.read_text().strip() for file in home.root.glob("secrets/*")]
    for role in ROLES:
        line = " ".join(specification(home, 8080, DATABASES, role, dags=Path("/dags")).argv)
        assert not [secret for secret in [*secrets, "pw@"] if secret in line]


def test_the_port_is_kept_unless_somebody_took_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as taken:
        busy = taken.getsockname()[1]
        monkeypatch.setenv("REELSCRIBE_API_PORT", str(busy))
        first = home.api_port(in_use=False)
        assert first > busy
        assert home.api_port(in_use=False) == first
        with socket.create_server((HOST, first)):
            assert home.api_port(in_use=True) == first
            assert home.api_port(in_use=False) not in (busy, first)


def test_a_store_of_the_users_own(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REELSCRIBE_STORE", raising=False)
    assert variables(home, API)["REELSCRIBE_STORE"] == home.store.as_uri()
    monkeypatch.setenv("REELSCRIBE_STORE", "s3://bucket/prefix")
    assert variables(home, API)["REELSCRIBE_STORE"] == "s3://bucket/prefix"

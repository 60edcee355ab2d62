"""The real front door over a real Postgres, with Airflow's own tokens; a folder store or S3."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.revoked_token import RevokedToken
from airflow.settings import engine
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from include.airflow_api import AirflowApi
from include.api.app import create_app
from include.api.services import Services
from include.runs import URL_PREFIX
from include.settings import Settings

BUCKET = "reelscribe"


@dataclass
class Front:
    """`airflow_url` is where Airflow's REST API is looked for: nowhere, until a test says where."""

    client: TestClient
    services: Services
    db_url: str
    airflow_url: str = "http://127.0.0.1:9"

    @staticmethod
    def token(role: str | None) -> str:
        return create_auth_manager().generate_jwt(SimpleAuthManagerUser(username=f"a-{role}", role=role))

    def headers(self, role: str | None) -> dict[str, str]:
        """Of a user with that role of Airflow's (admin, op, user, viewer); None: anonymous."""
        return {} if role is None else {"Authorization": f"Bearer {self.token(role)}"}

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.db_url)


@pytest.fixture(scope="session", autouse=True)
def _tokens_are_checked() -> None:
    """Airflow asks its database whether a token was revoked."""
    RevokedToken.__table__.create(engine, checkfirst=True)


def _front(db_url: str, settings: Settings, s3_client: Any = None) -> Iterator[Front]:
    made: list[Front] = []

    def airflow(connections: int, token: str) -> AirflowApi:
        return AirflowApi(made[0].airflow_url, "ingest", "secret", connections, token=token)

    services = Services(settings, psycopg.conninfo.conninfo_to_dict(db_url), s3_client, airflow)
    app = Starlette(routes=[Mount(URL_PREFIX, create_app(services))])
    with TestClient(app, base_url=f"http://testserver{URL_PREFIX}", raise_server_exceptions=False) as client:
        made.append(Front(client, services, db_url))
        yield made[0]
    services.close()


@pytest.fixture
def front(db_url: str, tmp_path: Path) -> Iterator[Front]:
    (tmp_path / "store").mkdir()
    yield from _front(db_url, Settings(store=(tmp_path / "store").as_uri()))


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def front_s3(db_url: str, moto_server: str) -> Iterator[Front]:
    prefix = os.urandom(4).hex()

    def client() -> Any:
        session = boto3.session.Session("key", "secret", region_name="us-east-1")
        return session.client("s3", endpoint_url=moto_server)

    client().create_bucket(Bucket=BUCKET)
    yield from _front(db_url, Settings(store=f"s3://{BUCKET}/{prefix}"), client)

"""The real front door over a real Postgres, with Airflow's own tokens; a folder store or S3."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.front_server import NOWHERE, services_of, token_of
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
    airflow_url: str = NOWHERE

    @staticmethod
    def token(role: str | None) -> str:
        return token_of(role)

    def headers(self, role: str | None) -> dict[str, str]:
        """Of a user with that role of Airflow's (admin, op, user, viewer); None: anonymous."""
        return {} if role is None else {"Authorization": f"Bearer {self.token(role)}"}

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.db_url)


def _front(db_url: str, settings: Settings, s3_client: Any = None) -> Iterator[Front]:
    made: list[Front] = []
    services = services_of(db_url, settings, lambda: made[0].airflow_url, s3_client)
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

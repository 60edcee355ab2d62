"""The front door as a server on a free port, for whatever speaks HTTP: a fuzzer, a browser, a bench.

    python tests/api/front_server.py [--seconds N] [--database URL]     prints its URL, and a token per role

Real Postgres, a folder store, Airflow's tokens; no Airflow behind it, so that what needs one answers 503.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

ROLES = ("admin", "user", "viewer")
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Served:
    """`url` ends with the prefix; `origin` is without it."""

    origin: str
    url: str
    services: Any
    app: Any

    @staticmethod
    def token(role: str) -> str:
        return token_of(role)


def token_of(role: str | None) -> str:
    """Airflow's own, of a user with that role."""
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return str(create_auth_manager().generate_jwt(SimpleAuthManagerUser(username=f"a-{role}", role=role)))


def services_of(db_url: str, settings: Any, airflow_url: Callable[[], str], s3_client: Any = None) -> Any:
    """`airflow_url` is asked at each request. Airflow's own database gets the table that tells of revoked tokens."""
    from airflow.models.revoked_token import RevokedToken
    from airflow.settings import engine

    from include.airflow_api import AirflowApi
    from include.api.services import Services

    def airflow(connections: int, token: str) -> AirflowApi:
        return AirflowApi(airflow_url(), "ingest", "secret", connections, token=token)

    RevokedToken.__table__.create(engine, checkfirst=True)
    return Services(settings, psycopg.conninfo.conninfo_to_dict(db_url), s3_client, airflow)


@contextmanager
def served(db_url: str, settings: Any, *, airflow_url: str = NOWHERE, s3_client: Any = None) -> Iterator[Served]:
    """In a thread of this process. AIRFLOW_HOME must be a private one."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.routing import Mount

    from include.api.app import create_app
    from include.api.problems import of_http
    from include.runs import URL_PREFIX

    services = services_of(db_url, settings, lambda: airflow_url, s3_client)
    front = create_app(services)
    app = Starlette(routes=[Mount(URL_PREFIX, front)], exception_handlers={HTTPException: of_http})
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, name="front door")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        origin = f"http://{host}:{port}"
        yield Served(origin, f"{origin}{URL_PREFIX}", services, front)
    finally:
        server.should_exit = True
        thread.join(20)
        services.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--database", help="URL of one with our tables; else one is made")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # what was started ends with us
    with tempfile.TemporaryDirectory(prefix="front-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["AIRFLOW_HOME"] = str(folder / "airflow")
        (folder / "store").mkdir()
        from include.settings import Settings

        settings = Settings(store=(folder / "store").as_uri(), api_rate="")
        with _database(chosen.database, folder) as url, served(url, settings) as there:
            print(json.dumps({"url": there.url} | {role: there.token(role) for role in ROLES}), flush=True)
            time.sleep(chosen.seconds)


@contextmanager
def _database(given: str | None, folder: Path) -> Iterator[str]:
    if given:
        yield given
        return
    os.environ["REELSCRIBE_POSTGRES_DIR"] = str(folder / "pg")
    (folder / "pg").mkdir(mode=0o755)
    from include.db.schema import upgrade
    from include.local.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(folder / "postgres")
    try:
        postgres.start()
        postgres.create_database("reelscribe")
        upgrade(postgres.url("reelscribe"))
        yield postgres.url("reelscribe")
    finally:
        postgres.remove()


if __name__ == "__main__":
    main()

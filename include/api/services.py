"""What routes work with: settings, the database, the store, Airflow."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
from fastapi import Depends, Request
from psycopg_pool import ConnectionPool, PoolTimeout

from include.airflow_api import AirflowApi
from include.db.rows import Connection
from include.processing.errors import TransientError, one_line
from include.settings import Settings, settings
from include.storage import ObjectStore, open_store
from include.storage.parts import Parts, open_parts
from include.storage.presigned import Presigner, open_presigner

if TYPE_CHECKING:
    from include.api.access import Caller

MOST_CONNECTIONS = 10
WAIT_SECONDS = 5.0  # for a free connection


class Services:
    """`database_parameters` are libpq's; `airflow_api(connections, token)` speaks to Airflow's REST API with a user's
    token, or as the service account without one. Whoever makes one closes it."""

    def __init__(
        self,
        settings: Settings,
        database_parameters: Mapping[str, Any],
        s3_client: Callable[[], Any],
        airflow_api: Callable[[int, str], AirflowApi],
    ) -> None:
        self.settings, self.s3_client, self.airflow_api = settings, s3_client, airflow_api
        self.store: ObjectStore = open_store(settings.store, s3_client)
        self._pool = ConnectionPool(
            kwargs=dict(database_parameters),
            min_size=0,
            max_size=MOST_CONNECTIONS,
            check=ConnectionPool.check_connection,
            timeout=WAIT_SECONDS,
            name="reelscribe-api",
            open=True,
        )

    @cached_property
    def parts(self) -> Parts:
        """Where uploads arrive."""
        return open_parts(self.settings.store, self.s3_client)

    @cached_property
    def presigner(self) -> Presigner | None:
        """None where everything goes through us."""
        return open_presigner(self.settings.store, self.settings.public_s3_endpoint, self.s3_client)

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """One transaction, committed at the end."""
        try:
            with self._pool.connection(WAIT_SECONDS) as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise TransientError("DATABASE_UNREACHABLE", one_line(str(error))[:300], "try again") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The same, and nothing can be written in it."""
        with self.database() as connection:
            connection.execute("SET TRANSACTION READ ONLY")
            yield connection

    @contextmanager
    def airflow(self, caller: "Caller") -> Iterator[AirflowApi]:
        """As the caller: Airflow itself judges what they may, and its audit log has their name."""
        api = self.airflow_api(1, caller.token)
        try:
            yield api
        finally:
            api.close()

    def close(self) -> None:
        self._pool.close()


def services_of_airflow() -> Services:
    """As Airflow's connections and our settings say."""
    from include.airflow_connections import airflow_api, database_parameters, s3_client

    return Services(settings(), database_parameters(), s3_client, airflow_api)


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(_services)]

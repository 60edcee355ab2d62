"""What Airflow's connections say: the database, the object store's credentials, the account that starts runs.

Needs a process of Airflow's, or its environment. Secrets live there and nowhere else.
"""

from typing import TYPE_CHECKING, Any

from include.airflow_api import AirflowApi
from include.processing.errors import PermanentError
from include.settings import API_CONNECTION, DB_CONNECTION, S3_CONNECTION

if TYPE_CHECKING:
    from airflow.sdk import Connection

CONNECT_SECONDS = 5
OF_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "options", "target_session_attrs", "application_name")


def s3_client() -> Any:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id=S3_CONNECTION).get_conn()


def airflow_api(connections: int, token: str = "") -> AirflowApi:
    """As the connection's account, or with a user's own `token`. The connection's host may be a whole URL.

    Raises PermanentError AIRFLOW_LOGIN where there is no such connection."""
    found = _connection(API_CONNECTION, "AIRFLOW_LOGIN", "http: host, port, login, password")
    url = found.host or ""
    if "://" not in url:
        url = f"{found.schema or 'http'}://{url}" + (f":{found.port}" if found.port else "")
    return AirflowApi(url, found.login or "", found.password or "", connections, token=token)


def database_parameters() -> dict[str, Any]:
    """libpq's, of our database. Raises PermanentError DATABASE_UNNAMED where there is no such connection."""
    found = _connection(DB_CONNECTION, "DATABASE_UNNAMED", "postgres: host, port, login, password, schema")
    given = {
        "host": found.host,
        "port": found.port,
        "user": found.login,
        "password": found.password,
        "dbname": found.schema,
        "connect_timeout": CONNECT_SECONDS,
    }
    more = {name: value for name, value in found.extra_dejson.items() if name in (*OF_LIBPQ, "connect_timeout")}
    return {name: value for name, value in (given | more).items() if value not in (None, "")}


def _connection(name: str, code: str, needs: str) -> "Connection":
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found: Connection = Connection.get(name)
    except AirflowNotFoundException as error:
        remedy = f"make it (type {needs}) or set AIRFLOW_CONN_{name.upper()}"
        raise PermanentError(code, f"there is no connection {name}", remedy) from error
    return found

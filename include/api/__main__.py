"""python -m include.api: the front door alone, behind a load balancer.

In the environment of Airflow's API server: it checks the same tokens, and asks that server to start runs.
"""

import argparse

import uvicorn
from airflow.api_fastapi.app import create_auth_manager
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from include.api.app import create_app
from include.api.problems import of_http
from include.api.services import services_of_airflow
from include.runs import URL_PREFIX


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m include.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    chosen = parser.parse_args()
    create_auth_manager()
    routes = [Mount(URL_PREFIX, create_app(services_of_airflow()))]
    app = Starlette(routes=routes, exception_handlers={HTTPException: of_http})
    uvicorn.run(app, host=chosen.host, port=chosen.port, log_level="info", proxy_headers=True)


if __name__ == "__main__":
    main()

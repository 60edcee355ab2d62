"""`python -m include.webhooks`: delivers what endpoints are to be told, until SIGTERM. Several may run.

In the environment of Airflow's API server, or with AIRFLOW_CONN_REELSCRIBE_DB and Airflow's Fernet key alone.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from include.db.rows import Connection
from include.processing.errors import ProcessingError
from include.settings import settings
from include.webhooks import ALIVE, DATABASE_VARIABLE
from include.webhooks.dispatching import Dispatcher
from include.webhooks.pace import Pace
from include.webhooks.sealing import check_keys
from include.webhooks.sending import Sender


def main(pace: Pace | None = None) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log each URL, and some hold secrets
    try:
        check_keys()
        connect = _connect()
    except ProcessingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    asyncio.run(_run(connect, pace or Pace()))
    return 0


async def _run(connect: Callable[[], Connection], pace: Pace) -> None:
    chosen = settings()
    sender = Sender(chosen.webhook_hosts, pace.patience)
    dispatcher = Dispatcher(connect, sender, pace, chosen.keep_webhooks_days, alive)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, dispatcher.stop)
    await dispatcher.run()


def alive() -> None:
    if home := os.environ.get("AIRFLOW_HOME"):
        Path(home, ALIVE).touch()


def _connect() -> Callable[[], Connection]:
    """From Airflow's variable where it is a plain URL: importing Airflow would triple the process."""
    url = os.environ.get(DATABASE_VARIABLE, "")
    if url.startswith("postgres"):
        return lambda: psycopg.connect(url, connect_timeout=5)
    from include.airflow_connections import database_parameters

    parameters = database_parameters()
    return lambda: psycopg.connect(**parameters)


if __name__ == "__main__":
    sys.exit(main())

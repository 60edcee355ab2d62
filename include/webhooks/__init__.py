"""Tells programs what happens to videos: signed requests to the endpoints they named (docs/webhooks.md).

What is to be told is in the outbox, written by the database's triggers (migration 0006); `python -m include.webhooks`
delivers it.
"""

from include.settings import DB_CONNECTION

ALIVE = "webhooks-alive"
"""A file in AIRFLOW_HOME: its age tells a watcher that the outbox is looked into."""
DATABASE_VARIABLE = f"AIRFLOW_CONN_{DB_CONNECTION.upper()}"
KEY_VARIABLE = "AIRFLOW__CORE__FERNET_KEY"

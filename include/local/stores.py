"""The store that the stack's tasks use, opened from outside of Airflow."""

import os
from typing import Any

from include.local.config import store_url
from include.local.home import Home
from include.settings import S3_CONNECTION
from include.storage import ObjectStore, open_store


def stack_store(home: Home) -> ObjectStore:
    """With the credentials of Airflow's connection where the environment has it, else boto3's own."""
    if f"AIRFLOW_CONN_{S3_CONNECTION.upper()}" not in os.environ:
        return open_store(store_url(home))

    def client() -> Any:
        os.environ["AIRFLOW_HOME"] = str(home.airflow)  # importing Airflow makes a folder there
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook(aws_conn_id=S3_CONNECTION).get_conn()

    return open_store(store_url(home), client)

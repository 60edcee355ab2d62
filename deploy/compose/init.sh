#!/bin/sh
# Everything that must be there before the first service starts; the second time it changes nothing.
set -eu
airflow db migrate
python - <<'PY'
import os

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from include.db.schema import upgrade
from include.settings import S3_CONNECTION, settings

upgrade(os.environ["AIRFLOW_CONN_REELSCRIBE_DB"])
bucket = settings().store.removeprefix("s3://").partition("/")[0]
hook = S3Hook(aws_conn_id=S3_CONNECTION)
if not hook.check_for_bucket(bucket):
    hook.create_bucket(bucket)
PY
python -m include.queues >/tmp/pools.json
airflow pools import /tmp/pools.json

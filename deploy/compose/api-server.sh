#!/bin/sh
# Airflow's simple auth manager takes its passwords from a file that it also wants to write.
set -eu
umask 077
python -c 'import json, os
print(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"], "ingest": os.environ["AIRFLOW_INGEST_PASSWORD"]}))' \
    >"$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
exec airflow api-server

#!/bin/sh
# Prints a .env with fresh secrets for docker-compose.yaml:  (umask 077; deploy/compose/secrets.sh >.env)
set -eu
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
for name in POSTGRES_PASSWORD AIRFLOW_DB_PASSWORD CELERY_DB_PASSWORD REELSCRIBE_DB_PASSWORD REDIS_PASSWORD \
    S3_SECRET_KEY AIRFLOW_API_SECRET AIRFLOW_ADMIN_PASSWORD AIRFLOW_INGEST_PASSWORD; do
    printf '%s=%s\n' "$name" "$(random)"
done
printf 'AIRFLOW_JWT_SECRET=%s%s\n' "$(random)" "$(random)"
printf 'S3_ACCESS_KEY=%s\n' "$(random | cut -c 1-20)"
printf 'AIRFLOW_FERNET_KEY=%s\n' "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"

#!/bin/sh
# Run by the postgres image when its volume is new: one database and one owner each for Airflow, Celery and us.
set -eu
for name in airflow reelscribe celery; do
    case $name in
    airflow) password=$AIRFLOW_DB_PASSWORD ;;
    celery) password=$CELERY_DB_PASSWORD ;;
    *) password=$REELSCRIBE_DB_PASSWORD ;;
    esac
    psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set name="$name" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done

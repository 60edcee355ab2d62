# One image for every Airflow service of docker-compose.yaml. It holds no secret: they come from the environment.
ARG BASE=python:3.11.14-slim-bookworm
FROM ${BASE}

# The languages that screens can be read in, as Debian names their packages (tesseract-ocr-…).
ARG LANGUAGES="eng deu fra ita por spa"
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tesseract-ocr $(printf ' tesseract-ocr-%s' $LANGUAGES) \
    && rm -rf /var/lib/apt/lists/*

# The uid is the one of Airflow's own image, so that volumes can change hands; group 0 suits clusters that pick a uid.
RUN useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
    && mkdir -p /opt/airflow/logs \
    && chown -R 50000:0 /opt/airflow && chmod -R g=u /opt/airflow

WORKDIR /opt/reelscribe
COPY constraints.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --requirement constraints.txt
ENV PATH=/opt/venv/bin:$PATH

COPY include include
COPY plugins plugins
COPY dags dags
COPY deploy/compose deploy/compose
# its user may not write bytecode here, and without it every process compiles what it imports
RUN python -m compileall -q include plugins dags

# Airflow's other settings are in deploy/airflow.env
ENV PYTHONPATH=/opt/reelscribe:/opt/reelscribe/plugins \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/reelscribe/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/reelscribe/plugins

USER 50000
CMD ["airflow", "version"]

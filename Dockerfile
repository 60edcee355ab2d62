# One image for every Airflow service of docker-compose.yaml. It holds no secret: they come from the environment.
ARG BASE=python:3.11.14-slim-bookworm
FROM ${BASE}

RUN apt-get update \
    && apt-get install --yes --no-install-recommends tesseract-ocr tesseract-ocr-eng \
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

ENV PYTHONPATH=/opt/reelscribe:/opt/reelscribe/plugins \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/reelscribe/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/reelscribe/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False

USER 50000
CMD ["airflow", "version"]

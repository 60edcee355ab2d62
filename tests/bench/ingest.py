"""`python tests/bench/ingest.py [KEYS]`: so many keys at once, through S3 and a real API server, into Postgres.

20 foreign files lie between them, and before the second pass 50 of them are put again with the same bytes. Prints
key=value lines: seconds and CPU-seconds by component, runs in the database after each of three passes.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError

DUPLICATES, FOREIGN, WORKERS = 50, 20, 8
BUCKET = "bench-ingest"


def main() -> None:
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory(prefix="reelscribe-ingest-") as folder:
        Path(folder).chmod(0o755)
        os.environ["AIRFLOW_HOME"] = str(Path(folder, "home"))
        os.environ["REELSCRIBE_POSTGRES_DIR"] = str(Path(folder, "postgres-of-user"))
        measure(keys, Path(folder))


def measure(keys: int, folder: Path) -> None:
    from include.local.postgres import EmbeddedPostgres
    from servers.airflow_server import airflow_server

    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    try:
        postgres.create_database("airflow")
        with airflow_server(folder, postgres.url("airflow")) as server, s3_server(folder) as (place, s3):
            os.environ["AIRFLOW_CONN_REELSCRIBE_API"] = server.connection()
            client = s3_client(place)
            seconds("upload", lambda: fill(client, keys))
            report(keys, {"api": server.process, "s3": s3}, server.database)
            seconds("put_again", lambda: again(client))
            for name in ("second", "third"):
                _, fates = seconds(f"{name}_pass", ingest)
                print(f"runs_after_{name}={count(server.database)} {name}={json.dumps(fates).replace(' ', '')}")
    finally:
        postgres.remove()


def report(keys: int, servers: dict[str, psutil.Process], database: str) -> None:
    def now() -> dict[str, float]:
        found = {name: cpu(process, *process.children(recursive=True)) for name, process in servers.items()}
        return found | {"client": cpu(psutil.Process()), "postgres": postgres_cpu(database)}

    before = now()
    took, fates = seconds("first_pass", ingest)
    after = now()
    print(f"keys={keys} runs_after_first={count(database)} first={json.dumps(fates).replace(' ', '')}")
    for name, start in before.items():
        print(f"{name}_cpu_s={after[name] - start:.1f} {name}_cpu_ms_per_run={1000 * (after[name] - start) / keys:.1f}")
    print(f"runs_per_s={keys / took:.1f}")


def ingest() -> dict[str, int]:
    from operators.ingest import IngestOperator

    return IngestOperator(task_id="trigger", workers=WORKERS, most=20_000, minutes=60, settle=0).execute({})


def fill(client: Any, keys: int) -> None:
    names = [f"{number:05d}.mp4" for number in range(keys)] + [f"note-{number}.txt" for number in range(FOREIGN)]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda name: client.put_object(Bucket=BUCKET, Key=f"incoming/{name}", Body=name.encode()), names))


def again(client: Any) -> None:
    for number in range(DUPLICATES):
        name = f"{number:05d}.mp4"
        client.put_object(Bucket=BUCKET, Key=f"incoming/{name}", Body=name.encode())


@contextmanager
def s3_server(folder: Path) -> Iterator[tuple[dict[str, str], psutil.Process]]:
    from servers.airflow_server import free_port

    port = free_port()
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "s3.log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        place = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"}
        extra = place | {"config_kwargs": {"max_pool_connections": WORKERS}}
        connection = {"conn_type": "aws", "login": "test", "password": "test", "extra": extra}
        os.environ |= {"AIRFLOW_CONN_REELSCRIBE_S3": json.dumps(connection), "REELSCRIBE_STORE": f"s3://{BUCKET}"}
        for _ in range(300):
            try:
                s3_client(place).create_bucket(Bucket=BUCKET)
                break
            except BotoCoreError:
                time.sleep(0.2)
        yield place, psutil.Process(process.pid)
        process.terminate()


def s3_client(place: dict[str, str]) -> Any:
    config = Config(max_pool_connections=WORKERS)
    return boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test", config=config, **place)


def seconds(name: str, act: Callable[[], Any]) -> tuple[float, Any]:
    start = time.monotonic()
    result = act()
    took = time.monotonic() - start
    print(f"{name}_s={took:.1f}", flush=True)
    return took, result


def count(database: str) -> int:
    with psycopg.connect(database) as connection:
        (found,) = connection.execute("SELECT count(*) FROM dag_run WHERE dag_id = 'process_video'").fetchone() or (0,)
        return int(found)


def cpu(*processes: psutil.Process) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def postgres_cpu(database: str) -> float:
    """With the processes that have ended."""
    with psycopg.connect(database) as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        leader = psutil.Process(pid).parent()
        assert leader is not None
        return sum(leader.cpu_times()[:4]) + cpu(*leader.children())


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()

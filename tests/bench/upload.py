"""`python tests/bench/upload.py [--gib 5] [--alone] [--s3]`: what a large upload costs the server that takes it.

A file of so many GiB is sent in parts, several at a time, to a real Airflow API server with our plugin, or to
`python -m include.api`, over a real Postgres; its store is a folder, or S3 (moto's server). Prints key=value lines:
seconds, CPU-seconds, and the memory (PSS, MiB) of the server and its children before, at the most, and the growth.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

MIB = 1 << 20
START = b"\0\0\0\x18ftypmp42"
BLOCK = bytes(64 * 1024)
BUCKET = "bench-upload"
EVERY = 0.1  # seconds between two looks at the memory
PATIENCE = httpx.Timeout(600.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=5.0)
    parser.add_argument("--together", type=int, default=3, help="parts that are sent at the same time")
    parser.add_argument("--alone", action="store_true", help="python -m include.api instead of Airflow's server")
    parser.add_argument("--s3", action="store_true", help="through the server into moto's S3")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelscribe-upload-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["AIRFLOW_HOME"] = str(folder / "home")
        os.environ["REELSCRIBE_POSTGRES_DIR"] = str(folder / "postgres-of-user")
        measure(folder, chosen)


def measure(folder: Path, chosen: argparse.Namespace) -> None:
    from include.db.schema import upgrade
    from include.local.postgres import EmbeddedPostgres
    from servers.airflow_server import ADMIN, airflow_server

    with ExitStack() as stack:
        postgres = EmbeddedPostgres(folder / "postgres")
        stack.callback(postgres.remove)
        postgres.start()
        for database in ("airflow", "ours"):
            postgres.create_database(database)
        upgrade(postgres.url("ours"))
        (folder / "store").mkdir()
        more = {
            "REELSCRIBE_STORE": f"s3://{BUCKET}" if chosen.s3 else (folder / "store").as_uri(),
            "REELSCRIBE_API_RATE": "",
            "AIRFLOW_CONN_REELSCRIBE_DB": postgres.url("ours"),
        }
        if chosen.s3:
            more["AIRFLOW_CONN_REELSCRIBE_S3"] = stack.enter_context(s3(folder))
        airflow = stack.enter_context(airflow_server(folder, postgres.url("airflow"), more))
        account = {"username": ADMIN, "password": airflow.passwords[ADMIN]}
        token = httpx.post(f"{airflow.url}/auth/token", json=account).raise_for_status().json()["access_token"]
        origin, process = airflow.url, airflow.process
        if chosen.alone:
            origin, process = stack.enter_context(alone(airflow.environment, folder))
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=origin, headers=headers, timeout=PATIENCE, trust_env=False) as client:
            report(client, process, int(chosen.gib * 1024) * MIB, chosen.together)


def report(client: httpx.Client, process: psutil.Process, size: int, together: int) -> None:
    send(client, 20 * MIB, together)  # what is made at the first request
    before, cpu, began = memory(process), cpu_seconds(process), time.monotonic()
    with watched(process) as most:
        send(client, size, together)
    seconds = time.monotonic() - began
    print(f"bytes={size} seconds={seconds:.1f} mb_per_s={size / seconds / 1e6:.0f}")
    print(f"cpu_seconds={cpu_seconds(process) - cpu:.1f}")
    print(
        f"pss_before_mib={before / MIB:.0f} pss_most_mib={most[0] / MIB:.0f} growth_mib={(most[0] - before) / MIB:.1f}"
    )


def send(client: httpx.Client, size: int, together: int) -> None:
    wanted = {"filename": "bench.mp4", "size": size}
    upload = client.post("/reelscribe/api/v1/uploads", json=wanted).raise_for_status().json()
    at = f"/reelscribe/api/v1/uploads/{upload['id']}"

    def put(number: int) -> None:
        length = min(upload["part_size"], size - (number - 1) * upload["part_size"])
        headers = {"Content-Length": str(length)}
        client.put(f"{at}/parts/{number}", content=bytes_of(number, length), headers=headers).raise_for_status()

    with ThreadPoolExecutor(together) as pool:
        list(pool.map(put, range(1, upload["parts"] + 1)))
    while (
        answer := client.post(f"{at}/complete", json={"submit": False})
    ).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        time.sleep(1)  # moto's S3 joins gigabytes more slowly than the client waits
    done = answer.raise_for_status().json()
    assert (done["state"], done["size"]) == ("completed", size)


def bytes_of(number: int, length: int) -> Iterator[bytes]:
    start = START if number == 1 else b""
    yield start
    for offset in range(len(start), length, len(BLOCK)):
        yield BLOCK[: length - offset]


@contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """The most memory that was seen meanwhile."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            most[0] = max(most[0], memory(process))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def memory(process: psutil.Process) -> int:
    """Bytes, of all its processes; what they share counts once."""
    return sum(member.memory_full_info().pss for member in (process, *process.children(recursive=True)))


def cpu_seconds(process: psutil.Process) -> float:
    return sum(sum(member.cpu_times()[:2]) for member in (process, *process.children(recursive=True)))


@contextmanager
def alone(environment: dict[str, str], folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    from servers.airflow_server import free_port

    port = free_port()
    argv, log = [sys.executable, "-m", "include.api", "--port", str(port)], folder / "alone.log"
    with log.open("wb") as output, started(argv, env=environment, stdout=output, stderr=output) as process:
        origin = f"http://127.0.0.1:{port}"
        wait(f"{origin}/reelscribe/api/v1/openapi.json", process, log)
        yield origin, psutil.Process(process.pid)


@contextmanager
def s3(folder: Path) -> Iterator[str]:
    """Airflow's connection to it. What it holds lies in temporary files."""
    import boto3

    from servers.airflow_server import free_port

    port = free_port()
    argv, log = [sys.executable, "-m", "moto.server", "--port", str(port)], folder / "s3.log"
    environment = {**os.environ, "TMPDIR": str(folder)}
    with log.open("wb") as output, started(argv, env=environment, stdout=output, stderr=output) as process:
        origin = f"http://127.0.0.1:{port}"
        wait(origin, process, log)
        key = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=origin, **key).create_bucket(Bucket=BUCKET)
        extra = {"endpoint_url": origin, "region_name": "us-east-1"}
        yield json.dumps({"conn_type": "aws", "login": "bench", "password": "bench", "extra": extra})


@contextmanager
def started(argv: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(argv, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            if httpx.get(url, trust_env=False).status_code < 500:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.3)


if __name__ == "__main__":
    main()

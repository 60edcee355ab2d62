"""How the checks look into the containers: S3 and Postgres over their network, Airflow by its published port."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import boto3
import psycopg
from botocore.config import Config

from compose.podman import PodmanError
from compose.project import Project
from include.local.rest import Airflow
from include.processing.record import from_json
from include.processing.types import VideoText

DAG = "process_video"
BUCKET = "reelscribe"
ENDED = ("success", "failed")
PATIENCE = 1200  # seconds: a task whose message died with its worker waits for [scheduler] task_queued_timeout
SAMPLE = Path(__file__).resolve().parents[2] / "include" / "local" / "sample" / "sample.mp4"


@dataclass(frozen=True, slots=True)
class Ran:
    """One try of a task: `host` is the container that it was on."""

    name: str
    map_index: int
    state: str | None
    attempt: int
    host: str


@dataclass(frozen=True)
class Clients:
    project: Project
    secrets: dict[str, str]
    port: int

    @cached_property
    def airflow(self) -> Airflow:
        return Airflow(self.port, self.secrets["AIRFLOW_ADMIN_PASSWORD"])

    @cached_property
    def s3(self) -> Any:
        return self._s3(self.secrets["S3_SECRET_KEY"])

    @cached_property
    def strangers_s3(self) -> Any:
        """Of somebody who knows the account's name and not its secret."""
        return self._s3("not the secret")

    def video_row(self, run: str) -> tuple[str, str, str, str]:
        """Id, file name, status and the key of result.json of the one video that `run` made."""
        with psycopg.connect(self._database()) as connection:
            asked = "SELECT id::text, filename, status, result_key FROM videos WHERE run_id = %s"
            (row,) = connection.execute(asked, [run]).fetchall()
        return row

    def count(self, table: str, video: str) -> int:
        with psycopg.connect(self._database()) as connection:
            asked = psycopg.sql.SQL("SELECT count(*) FROM {} WHERE video_id = %s")
            (found,) = connection.execute(asked.format(psycopg.sql.Identifier(table)), [video]).fetchone() or (0,)
        return int(found)

    def result(self, key: str) -> VideoText:
        return from_json(VideoText, self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def drop(self, name: str, video: bytes, **options: str) -> None:
        """Under incoming/, with the file's own options as metadata."""
        told = {f"reelscribe-{option.replace('_', '-')}": value for option, value in options.items()}
        self.s3.put_object(Bucket=BUCKET, Key=f"incoming/{name}", Body=video, Metadata=told)

    def run_of(self, name: str) -> str:
        """The run that was started for that file, once there is one."""
        begins, found = f"ingest-{name}-", ""

        def there() -> bool:
            nonlocal found
            runs = self.airflow._ask("GET", f"/api/v2/dags/{DAG}/dagRuns", params={"limit": 100})["dag_runs"]
            ours = [run["dag_run_id"] for run in runs if run["dag_run_id"].startswith(begins)]
            found = ours[0] if ours else ""
            return len(ours) == 1

        wait(there, f"one run for {name}")
        return found

    def ran(self, run: str) -> list[Ran]:
        path = f"/api/v2/dags/{DAG}/dagRuns/{quote(run, safe='')}/taskInstances"
        answer = self.airflow._ask("GET", path, params={"limit": 100})["task_instances"]
        return [
            Ran(task["task_id"], task["map_index"], task["state"], task["try_number"], task["hostname"] or "")
            for task in answer
        ]

    def ended(self, run: str) -> str:
        wait(lambda: self.airflow.run_state(DAG, run) in ENDED, f"the end of {run}")
        return self.airflow.run_state(DAG, run)

    def _s3(self, secret: str) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://{self.project.address('s3')}:8333",
            region_name="us-east-1",
            aws_access_key_id=self.secrets["S3_ACCESS_KEY"],
            aws_secret_access_key=secret,
            config=Config(proxies={}, retries={"max_attempts": 2}),
        )

    def _database(self) -> str:
        host, password = self.project.address("postgres"), self.secrets["REELSCRIBE_DB_PASSWORD"]
        return f"postgresql://reelscribe:{password}@{host}:5432/reelscribe"


def wait(true: Callable[[], bool], what: str, patience: float = PATIENCE, pause: float = 1.0) -> None:
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise PodmanError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(pause)


def repeated(video: Path, times: int, into: Path) -> bytes:
    """The film so many times in a row; its packets are copied."""
    with av.open(str(into), "w") as output:
        streams: dict[int, Any] = {}
        offset = 0.0
        for _ in range(times):
            with av.open(str(video)) as source:
                for stream in source.streams:
                    if stream.index not in streams:
                        streams[stream.index] = output.add_stream_from_template(stream)
                for packet in source.demux():
                    if packet.dts is None:
                        continue
                    ticks = round(offset / packet.time_base)
                    packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                    packet.stream = streams[packet.stream.index]
                    output.mux(packet)
                offset += math.ceil(float(source.duration) / av.time_base) + 1  # each stream ends elsewhere
    return into.read_bytes()

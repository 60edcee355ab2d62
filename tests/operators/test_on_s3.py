"""The same operators over S3, through Airflow's connection, against moto's server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from include.db import queries
from include.processing.errors import PermanentError
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from stage_world import World, write_clip


@pytest.fixture
def s3(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two buckets; the store is a prefix of the first."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    place = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
    connection = {"conn_type": "aws", "login": "test", "password": "test", "extra": place}
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", json.dumps(connection))
    monkeypatch.setenv("REELSCRIBE_STORE", "s3://ours/some/prefix")
    monkeypatch.setenv("REELSCRIBE_SOURCE_BUCKETS", "media, other")
    world.reload()
    client = boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test", **place)
    client.create_bucket(Bucket="ours")
    client.create_bucket(Bucket="media")
    client.create_bucket(Bucket="private")
    yield client
    server.stop()


def test_a_video_over_s3(world: World, s3: Any, tmp_path: Path, db: psycopg.Connection) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [(2, "FROM A BUCKET")])
    s3.upload_file(str(clip), "ours", "some/prefix/incoming/clip.mp4")
    context = world.context(source="incoming/clip.mp4", chunk_minutes=10)
    (chunk,) = PlanVideoOperator(task_id="plan").execute(context)
    extracted = ExtractChunkOperator(task_id="extract", chunk=chunk).execute(context)
    given = {"chunk": chunk, "extracted": extracted}
    made = {
        "transcripts": dict(TranscribeChunkOperator(task_id="transcribe", **given).execute(context)),
        "screens": dict(ReadChunkOperator(task_id="ocr", **given).execute(context)),
    }
    published = PublishVideoOperator(task_id="publish", chunks=[chunk], **made).execute(context)
    stored = s3.get_object(Bucket="ours", Key=f"some/prefix/{published['result']}")["Body"].read()
    assert [screen["text"] for screen in json.loads(stored)["screen"]] == ["FROM A BUCKET"]
    rows = queries.results(db, chunk["video_id"])
    assert [row.ocr_text for row in rows] == ["FROM A BUCKET", None]

    address = world.context("run-2", source="s3://ours/some/prefix/incoming/clip.mp4", chunk_minutes=10)
    assert PlanVideoOperator(task_id="plan").execute(address) == [chunk]


def test_another_bucket(world: World, s3: Any, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [(1, "ELSEWHERE")])
    for bucket in ("media", "private"):
        s3.upload_file(str(clip), bucket, "talks/clip.mp4")
    context = world.context(source="s3://media/talks/clip.mp4", chunk_minutes=10)
    assert len(PlanVideoOperator(task_id="plan").execute(context)) == 1
    with pytest.raises(PermanentError) as refusal:
        PlanVideoOperator(task_id="plan").execute(world.context(source="s3://private/talks/clip.mp4"))
    assert refusal.value.code == "SOURCE_NOT_ALLOWED"

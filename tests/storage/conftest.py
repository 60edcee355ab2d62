"""The two stores: a folder, and S3 over HTTP against moto's server."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from include.storage import ObjectStore, open_store


def create_atomically(server: ThreadedMotoServer) -> None:
    """S3 checks If-None-Match and creates in one step; moto in two, between which another thread may get."""
    assert server._server is not None
    answer, one_at_a_time = server._server.app, threading.Lock()

    def conditional(environ: Any, start_response: Any) -> Any:
        with one_at_a_time if "HTTP_IF_NONE_MATCH" in environ else contextlib.nullcontext():
            return answer(environ, start_response)

    server._server.app = conditional


@pytest.fixture(scope="session")
def s3_client() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    create_atomically(server)
    host, port = server.get_host_and_port()
    yield boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=Config(max_pool_connections=32, retries={"total_max_attempts": 1}),
    )
    server.stop()


@pytest.fixture
def bucket(s3_client: Any) -> str:
    name = f"bucket-{uuid.uuid4().hex}"
    s3_client.create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["folder", "s3", "s3-with-prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return open_store((tmp_path / "store").as_uri())
    client, name = request.getfixturevalue("s3_client"), request.getfixturevalue("bucket")
    return open_store(f"s3://{name}" + ("/some/prefix" if "prefix" in request.param else ""), lambda: client)

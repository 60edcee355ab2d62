"""The demo and the tasks must reach the same store with the same credentials."""

import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

from include.local.home import Home
from include.local.stores import stack_store


@pytest.fixture
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    yield endpoint, boto3.client("s3", endpoint_url=endpoint, **keys)
    server.stop()


def test_a_folder_of_the_stacks_own(tmp_path, monkeypatch):
    monkeypatch.delenv("REELSCRIBE_STORE", raising=False)
    store = stack_store(Home(tmp_path))
    assert store.put("incoming/a.txt", b"words")
    assert (tmp_path / "store" / "incoming" / "a.txt").read_bytes() == b"words"


@pytest.mark.parametrize("by", ["connection", "environment"])
def test_s3_with_the_tasks_credentials(by, tmp_path, monkeypatch, s3_server):
    endpoint, client = s3_server
    client.create_bucket(Bucket=f"by-{by}")
    monkeypatch.setenv("REELSCRIBE_STORE", f"s3://by-{by}/all")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AIRFLOW_CONN_REELSCRIBE_S3"):
        monkeypatch.delenv(name, raising=False)
    if by == "connection":
        extra = {"endpoint_url": endpoint, "region_name": "us-east-1"}
        connection = {"conn_type": "aws", "login": "a", "password": "b", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", json.dumps(connection))
    else:
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    assert stack_store(Home(tmp_path)).put("incoming/a.txt", b"words")
    assert client.get_object(Bucket=f"by-{by}", Key="all/incoming/a.txt")["Body"].read() == b"words"

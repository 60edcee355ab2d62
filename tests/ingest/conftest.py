"""A bucket on moto's server or a folder, with what somebody drops there; and runs that are only written down."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer
from process_video import PARAMS

from include.ingest.one_pass import Limits, Pass
from include.ingest.taking import Taker
from include.storage import ObjectStore, open_store
from include.storage.listing import Inbox, Version, open_inbox

SCHEMAS = {name: param.schema for name, param in PARAMS.items()}
GIB = 2**30


@pytest.fixture(scope="session")
def s3_client() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", aws_access_key_id="test", aws_secret_access_key="test",
        region_name="us-east-1", config=Config(max_pool_connections=32, retries={"total_max_attempts": 1}),
    )  # fmt: skip
    server.stop()


@dataclass
class Runs:
    """What the REST API would have; `error` is raised instead, once for each time it is in the list."""

    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0
    errors: list[Exception] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def start(self, run_id: str, conf: Mapping[str, Any]) -> bool:
        with self.lock:
            self.asked += 1
            if self.errors:
                raise self.errors.pop()
            new = run_id not in self.started
            self.started.setdefault(run_id, dict(conf))
            return new

    @property
    def sources(self) -> list[str]:
        return sorted(conf["source"].rpartition("/")[2] for conf in self.started.values())


@dataclass(frozen=True)
class Desk:
    """Where things are dropped and taken."""

    kind: Literal["s3", "folder"]
    store: ObjectStore
    inbox: Inbox
    runs: Runs
    client: Any
    bucket: str
    root: Path

    def drop(self, name: str, data: bytes = b"video", **metadata: str) -> None:
        """As others do: whatever was there before is replaced."""
        if self.kind == "folder":
            path = self.root / "incoming" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # as tools do that write beside and rename
            path.write_bytes(data)
        else:
            named = {f"reelscribe-{key}": value for key, value in metadata.items()}
            self.client.put_object(Bucket=self.bucket, Key=f"some/prefix/incoming/{name}", Body=data, Metadata=named)

    def taker(self, inbox: Any = None, max_bytes: int = GIB) -> Taker:
        return Taker(self.store, inbox or self.inbox, self.runs.start, SCHEMAS, max_bytes)

    def run(self, inbox: Any = None, settle: float = 0.0, workers: int = 4, **limits: Any) -> dict[str, int]:
        given = {"workers": workers, "most": 1000, "minutes": 30.0, "settle": settle} | limits
        return Pass(self.taker(inbox), Limits(**given)).run()

    def names(self, prefix: str = "incoming/") -> list[str]:
        return [info.key.removeprefix(prefix) for info in self.store.list(prefix)]

    def version(self, name: str) -> Version:
        (found,) = [version for version in self.inbox.listed("incoming/") if version.key == f"incoming/{name}"]
        return found


@pytest.fixture(params=["s3", "folder"])
def desk(request: pytest.FixtureRequest) -> Desk:
    made: Desk = request.getfixturevalue(f"{request.param}_desk")
    return made


@pytest.fixture
def folder_desk(tmp_path: Path) -> Desk:
    root = tmp_path / "store"
    root.mkdir()
    return Desk("folder", open_store(root.as_uri()), open_inbox(root.as_uri()), Runs(), None, "", root)


@pytest.fixture
def s3_desk(s3_client: Any, tmp_path: Path) -> Desk:
    return bucket_desk(s3_client, tmp_path)


def bucket_desk(client: Any, root: Path) -> Desk:
    bucket = f"bucket-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    url = f"s3://{bucket}/some/prefix"
    return Desk("s3", open_store(url, lambda: client), open_inbox(url, lambda: client), Runs(), client, bucket, root)

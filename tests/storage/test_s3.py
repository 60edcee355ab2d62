"""What only S3 can suffer: the network, rights, half-done uploads."""

import socket
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config

from include.processing.errors import PermanentError, TransientError
from include.storage import open_store
from include.storage.s3 import S3Store, part_size

MIB = 1 << 20


def client_at(port: int, **options: Any) -> Any:
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    quick = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", config=quick, **{**credentials, **options})


@pytest.fixture
def answering() -> Iterator[Any]:
    """Starts a server that answers every request with one status, S3 error code and declared length."""
    servers = []

    def start(status: int, code: str = "", cut: bool = False) -> int:
        body = f"<Error><Code>{code}</Code><Message>said</Message></Error>".encode() if code else b""

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
                self.send_header("ETag", '"etag"')
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else body)
                self.close_connection = True

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return int(server.server_address[1])

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(500, "InternalError", TransientError, id="internal"),
        pytest.param(503, "SlowDown", TransientError, id="slow-down"),
        pytest.param(429, "TooManyRequests", TransientError, id="too-many"),
        pytest.param(400, "RequestTimeout", TransientError, id="request-time-out"),
        pytest.param(400, "ExpiredToken", TransientError, id="expired-token"),
        pytest.param(403, "AccessDenied", PermanentError, id="denied"),
        pytest.param(403, "SignatureDoesNotMatch", PermanentError, id="signature"),
        pytest.param(404, "NoSuchBucket", PermanentError, id="no-bucket"),
        pytest.param(501, "NotImplemented", PermanentError, id="no-conditional-writes"),
    ],
)
def test_an_error_answer(answering: Any, status: int, code: str, error: type[Exception], tmp_path: Path) -> None:
    port = answering(status, code)
    store = S3Store("bucket", "", lambda: client_at(port))
    for request in (
        lambda: store.get("a"),
        lambda: store.put("a", b""),
        lambda: list(store.list("")),
        lambda: store.delete("a"),
        lambda: store.download("a", tmp_path / "a"),
    ):
        with pytest.raises(error, match=r"^STORE_(UNREACHABLE|DENIED): s3://bucket/.*; check the"):
            request()


def test_a_conflict_is_tried_again_later(answering: Any) -> None:
    port = answering(409, "ConditionalRequestConflict")
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        S3Store("bucket", "", lambda: client_at(port)).put("a", b"")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        S3Store("bucket", "", lambda: client_at(port)).head("a")


def test_somebody_listens_and_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        S3Store("bucket", "", lambda: client_at(silent.getsockname()[1])).get("a")


def test_a_body_that_is_cut_is_not_taken_for_the_object(answering: Any, tmp_path: Path) -> None:
    port = answering(200, "half", cut=True)
    store = S3Store("bucket", "", lambda: client_at(port))
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        store.get("a")
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        store.download("a", tmp_path / "a")
    assert not (tmp_path / "a").exists()
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        store.open("a").read_at(0, 100)


def test_without_credentials_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(PermanentError, match=r"STORE_DENIED: s3://bucket/p/a: .*credentials"):
        open_store("s3://bucket/p").head("a")


def test_the_client_is_made_at_the_first_request_and_once(s3_client: Any, bucket: str) -> None:
    made = []

    def factory() -> Any:
        made.append(1)
        return s3_client

    store = open_store(f"s3://{bucket}", factory)
    assert made == []
    store.put("a", b"")
    store.get("a")
    assert made == [1]


def test_the_prefix_is_where_objects_lie_and_nothing_else_is_seen(s3_client: Any, bucket: str) -> None:
    s3_client.put_object(Bucket=bucket, Key="other/a", Body=b"")
    s3_client.put_object(Bucket=bucket, Key="team/videosX/a", Body=b"")
    store = open_store(f"s3://{bucket}/team/videos/", lambda: s3_client)
    store.put("a", b"")
    assert store.url == f"s3://{bucket}/team/videos"
    assert store.describe("a") == f"s3://{bucket}/team/videos/a"
    assert [info.key for info in store.list("")] == ["a"]
    assert s3_client.head_object(Bucket=bucket, Key="team/videos/a")["ContentLength"] == 0


def test_the_prefix_counts_in_the_length_of_a_key(s3_client: Any, bucket: str) -> None:
    store = open_store(f"s3://{bucket}/{'p' * 100}", lambda: s3_client)
    with pytest.raises(PermanentError, match="BAD_KEY"):
        store.put("/".join(["x" * 240] * 4), b"")


def test_names_that_are_no_keys_are_left_out(s3_client: Any, bucket: str) -> None:
    for name in ("incoming/", "incoming//a", "incoming/good"):
        s3_client.put_object(Bucket=bucket, Key=name, Body=b"")
    assert [info.key for info in open_store(f"s3://{bucket}", lambda: s3_client).list("")] == ["incoming/good"]


@pytest.mark.parametrize("taken", [pytest.param(True, id="taken-meanwhile"), pytest.param(False, id="stream-broke")])
def test_no_half_done_upload_is_left(s3_client: Any, bucket: str, taken: bool) -> None:
    store = open_store(f"s3://{bucket}", lambda: s3_client)

    def blocks() -> Iterator[bytes]:
        yield b"x" * 20 * MIB
        if not taken:
            raise ValueError("broke")
        store.put("a", b"first")

    if taken:
        assert store.put_stream("a", blocks()) is False
        assert store.get("a") == b"first"
    else:
        with pytest.raises(ValueError, match="broke"):
            store.put_stream("a", blocks())
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=bucket)


def test_memory_stays_bounded(s3_client: Any, bucket: str, tmp_path: Path) -> None:
    store = open_store(f"s3://{bucket}", lambda: s3_client)
    block = b"x" * MIB
    sent = 0

    def blocks() -> Iterator[bytes]:
        nonlocal sent, most
        for _ in range(100):
            sent += MIB
            yield block

    class Discard:
        """Takes parts and forgets them: moto itself would keep them in this process."""

        def __getattr__(self, name: str) -> Any:
            return getattr(s3_client, name)

        def upload_part(self, **request: Any) -> dict[str, str]:
            return {"ETag": str(len(request["Body"]))}

        def complete_multipart_upload(self, **request: Any) -> None:
            sizes.extend(int(part["ETag"]) for part in request["MultipartUpload"]["Parts"])

    sizes: list[int] = []
    most = 0
    tracemalloc.start()
    S3Store(bucket, "", Discard).put_stream("a", blocks())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [8 * MIB] * 12 + [4 * MIB]
    assert most < 40 * MIB
    assert sent == 100 * MIB
    assert store.head("a") is None


def test_parts_grow_so_that_10000_hold_the_largest_source() -> None:
    assert {part_size(number) for number in range(1, 1001)} == {8 * MIB}
    assert part_size(1001) == 16 * MIB
    assert sum(part_size(number) for number in range(1, 10_001)) > 400 << 30

"""What browsers may do with the addresses that they are given. Moto's server checks no signature and no policy, so
these are looked at themselves."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from botocore.config import Config

from include.processing.errors import PermanentError
from include.storage import keys, open_store
from include.storage.parts import LEAST_PART, Parts, Upload, open_parts
from include.storage.presigned import Presigner, open_presigner

PUBLIC = "https://media.example.org"


@pytest.fixture
def reached(s3_client: Any) -> str:
    """Where a browser would reach moto's server: another name of the same machine."""
    return str(s3_client.meta.endpoint_url).replace("127.0.0.1", "localhost")


@pytest.fixture
def parts(s3_client: Any, bucket: str) -> Parts:
    return open_parts(f"s3://{bucket}/pre", lambda: s3_client)


def client_at(endpoint: str | None, **config: Any) -> Any:
    session = boto3.session.Session("test", "test", region_name="eu-central-1")
    return session.client("s3", endpoint_url=endpoint, config=Config(**config))


def begun(parts: Parts, size: int) -> Upload:
    upload = Upload("0-1", keys.upload("0-1", "tälk 1.mp4"), size, LEAST_PART)
    return replace(upload, token=parts.begin(upload, "video/mp4"))


def test_parts_straight_to_the_store(parts: Parts, s3_client: Any, bucket: str, reached: str) -> None:
    presigner = Presigner(reached, bucket, "pre", lambda: s3_client)
    upload = begun(parts, LEAST_PART + 10)
    urls = presigner.parts(upload, [1, 2])
    assert httpx.put(urls[1], content=b"a" * LEAST_PART).status_code == 200
    assert httpx.put(urls[2], content=b"b" * 10).status_code == 200
    assert parts.received(upload) == {1, 2}
    parts.complete(upload)
    store = open_store(f"s3://{bucket}/pre", lambda: s3_client)
    assert store.get(upload.key)[-11:] == b"a" + b"b" * 10
    read = httpx.get(presigner.reading(upload.key, "video/mp4", "inline"), headers={"Range": "bytes=-10"})
    assert (read.status_code, read.content, read.headers["content-type"]) == (206, b"b" * 10, "video/mp4")


def test_the_length_of_a_part_is_signed() -> None:
    presigner = Presigner(PUBLIC, "videos", "", lambda: client_at("http://s3:8333"))
    (url,) = presigner.parts(Upload("0-1", "uploads/0-1/a.mp4", 100, LEAST_PART, "token"), [1]).values()
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert query["X-Amz-Expires"] == ["3600"]
    assert (query["uploadId"], query["partNumber"]) == (["token"], ["1"])


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("http://s3:8333", id="path"),
        pytest.param(None, id="amazon-with-the-bucket-in-the-host"),
    ],
)
def test_it_is_signed_as_if_the_client_had_known_the_address(inside: str | None) -> None:
    ours = Presigner(PUBLIC, "videos", "pre", lambda: client_at(inside))
    as_should_be = client_at(PUBLIC, signature_version="s3v4", s3={"addressing_style": "path"})
    place = {"Bucket": "videos", "Key": "pre/a ü.mp4"}
    for _ in range(5):  # both within a second
        url = ours.reading("a ü.mp4", "video/mp4", "inline")
        headers = {"ResponseContentType": "video/mp4", "ResponseContentDisposition": "inline"}
        expected = as_should_be.generate_presigned_url("get_object", {**place, **headers}, 4 * 3600)
        if url == expected:
            return
    assert url == expected


def test_what_the_policy_of_a_form_says() -> None:
    presigner = Presigner(PUBLIC, "videos", "pre", lambda: client_at("http://s3:8333"))
    form = presigner.form(Upload("0-1", "uploads/0-1/a.mp4", 1234, LEAST_PART, "token"), "video/mp4")
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert form.url == f"{PUBLIC}/videos"
    assert policy["conditions"][:4] == [
        ["content-length-range", 1234, 1234],
        {"Content-Type": "video/mp4"},
        {"bucket": "videos"},
        {"key": "pre/uploads/0-1/.posted"},
    ]
    ends = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(minutes=58) < ends - datetime.now(UTC) <= timedelta(hours=1)
    assert form.fields["Content-Type"] == "video/mp4"
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def post(form: Any, data: bytes) -> int:
    files = {"file": ("a.mp4", data, "video/mp4")}
    return httpx.post(form.url, data=form.fields, files=files).status_code


@pytest.fixture
def presigner(s3_client: Any, bucket: str, reached: str) -> Iterator[Presigner]:
    return Presigner(reached, bucket, "pre", lambda: s3_client)


def test_a_form_straight_to_the_store(presigner: Presigner, parts: Parts, s3_client: Any, bucket: str) -> None:
    upload, store = begun(parts, 10), open_store(f"s3://{bucket}/pre", lambda: s3_client)
    form = presigner.form(upload, "video/mp4")
    assert post(form, b"0123456789") == 204
    assert parts.received(upload) == {1}
    parts.complete(upload)
    assert [info.key for info in store.list("")] == [upload.key]
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=bucket)
    assert post(form, b"9876543210") == 204  # it may come again for an hour
    parts.complete(upload)
    assert store.get(upload.key) == b"0123456789"
    assert [info.key for info in store.list("")] == [upload.key]


def test_a_form_with_other_bytes_than_were_declared(presigner: Presigner, parts: Parts) -> None:
    """S3 refuses it; moto does not."""
    upload = begun(parts, 10)
    assert post(presigner.form(upload, "video/mp4"), b"012345678901234567890") == 204
    assert parts.received(upload) == frozenset()
    with pytest.raises(PermanentError, match=r"^UPLOAD_INCOMPLETE"):
        parts.complete(upload)
    parts.abort(upload)


def test_requests_of_our_own_go_where_they_went(s3_client: Any, bucket: str, reached: str) -> None:
    before = s3_client.meta.endpoint_url
    Presigner("https://nowhere.invalid", bucket, "", lambda: s3_client)
    s3_client.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert s3_client.meta.endpoint_url == before
    assert s3_client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("store", "endpoint"), [("file:///tmp/store", PUBLIC), ("s3://bucket", "")], ids=["folder", "no-endpoint"]
)
def test_where_everything_goes_through_us(store: str, endpoint: str) -> None:
    assert open_presigner(store, endpoint, lambda: client_at(None)) is None


@pytest.mark.parametrize("endpoint", ["media.example.org", "ftp://media", "https://"])
def test_an_endpoint_that_is_no_address(endpoint: str) -> None:
    with pytest.raises(PermanentError, match=r"^BAD_STORE_URL: REELSCRIBE_PUBLIC_S3_ENDPOINT"):
        open_presigner("s3://bucket", endpoint, lambda: client_at(None))

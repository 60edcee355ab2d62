"""What every way to take a file in parts promises, over each of them."""

import os
import random
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from include.processing.errors import PermanentError
from include.storage import ObjectStore, keys, open_store
from include.storage.parts import LEAST_PART, MOST_PARTS, Parts, Upload, open_parts, part_size

SIZE = 2 * LEAST_PART + 1000
BYTES = random.Random(7).randbytes(SIZE)


@pytest.fixture
def parts(store: ObjectStore, request: pytest.FixtureRequest) -> Parts:
    client = None if store.url.startswith("file:") else request.getfixturevalue("s3_client")
    return open_parts(store.url, lambda: client)


def begun(parts: Parts, size: int = SIZE, name: str = "talk.mp4") -> Upload:
    upload_id = str(uuid.uuid4())
    upload = Upload(upload_id, keys.upload(upload_id, name), size, LEAST_PART)
    return replace(upload, token=parts.begin(upload, "video/mp4"))


def send(parts: Parts, upload: Upload, *numbers: int, data: bytes = BYTES) -> None:
    for number in numbers:
        sink = parts.open(upload, number)
        start = (number - 1) * upload.part_size
        part = data[start : start + upload.length(number)]
        sink.write(part[:1000])
        sink.write(part[1000:])
        sink.commit()


def test_in_any_order_and_again(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts)
    assert upload.parts == 3
    assert parts.received(upload) == frozenset()
    send(parts, upload, 3)
    send(parts, upload, 1, data=bytes(SIZE))
    assert parts.received(upload) == {1, 3}
    send(parts, upload, 1, 2)
    assert parts.received(upload) == {1, 2, 3}
    assert list(store.list("")) == []
    parts.complete(upload)
    assert store.get(upload.key) == BYTES
    assert [info.key for info in store.list("")] == [upload.key]


def test_of_one_small_part(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts, size=10)
    send(parts, upload, 1)
    parts.complete(upload)
    assert store.get(upload.key) == BYTES[:10]


def test_completing_twice(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts)
    send(parts, upload, 1, 2, 3)
    parts.complete(upload)
    before = store.head(upload.key)
    parts.complete(upload)
    assert store.head(upload.key) == before


def test_what_is_missing_keeps_it_open(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts)
    send(parts, upload, 1, 3)
    with pytest.raises(PermanentError, match=r"^UPLOAD_INCOMPLETE: 1 of 3 parts are missing; send them"):
        parts.complete(upload)
    assert store.head(upload.key) is None
    send(parts, upload, 2)
    parts.complete(upload)
    assert store.get(upload.key) == BYTES


def test_a_part_that_broke_off_was_never_received(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts)
    send(parts, upload, 1, 2)
    sink = parts.open(upload, 3)
    sink.write(b"half")
    sink.discard()
    assert parts.received(upload) == {1, 2}
    with pytest.raises(PermanentError, match=r"^UPLOAD_INCOMPLETE"):
        parts.complete(upload)


def test_beginning_again_keeps_what_arrived_in_a_folder(tmp_path: Path) -> None:
    """Where the process died before the token was written down, it is begun a second time."""
    parts = open_parts((tmp_path / "store").as_uri())
    upload = begun(parts)
    send(parts, upload, 1)
    assert parts.begin(upload, None) == upload.token
    assert parts.received(upload) == {1}


def test_aborting_leaves_nothing(parts: Parts, store: ObjectStore, request: pytest.FixtureRequest) -> None:
    upload = begun(parts)
    send(parts, upload, 1)
    parts.abort(upload)
    parts.abort(upload)
    assert parts.received(upload) == frozenset()
    assert list(store.list("")) == []
    assert nothing_hidden(store, request)
    with pytest.raises(PermanentError, match=r"^(UPLOAD_GONE|UPLOAD_INCOMPLETE): "):
        parts.complete(upload)
    assert nothing_hidden(store, request)


def test_aborting_what_was_completed_keeps_the_object(parts: Parts, store: ObjectStore) -> None:
    upload = begun(parts)
    send(parts, upload, 1, 2, 3)
    parts.complete(upload)
    parts.abort(upload)
    assert store.get(upload.key) == BYTES


def test_aborting_without_the_token(parts: Parts, store: ObjectStore, request: pytest.FixtureRequest) -> None:
    """It was begun, and nobody wrote down how it is called."""
    upload = begun(parts)
    parts.abort(replace(upload, token=""))
    assert nothing_hidden(store, request)


def nothing_hidden(store: ObjectStore, request: pytest.FixtureRequest) -> bool:
    """Neither parts nor folders are left where nobody sees them."""
    if store.url.startswith("file:"):
        root = Path(store.url.removeprefix("file://"))
        left = [path for path in root.rglob("*") if path.name not in ("uploads", keys.PARTIAL)]
        return left == []
    bucket = store.url.removeprefix("s3://").partition("/")[0]
    return "Uploads" not in request.getfixturevalue("s3_client").list_multipart_uploads(Bucket=bucket)


@pytest.fixture
def folder(tmp_path: Path) -> tuple[ObjectStore, Parts]:
    url = (tmp_path / "store").as_uri()
    return open_store(url), open_parts(url)


def test_in_a_folder_nothing_is_written_to_what_is_complete(folder: tuple[ObjectStore, Parts]) -> None:
    store, parts = folder
    upload = begun(parts)
    send(parts, upload, 1, 2, 3)
    late = parts.open(upload, 2)
    late.write(bytes(upload.length(2)))
    parts.complete(upload)
    with pytest.raises(PermanentError, match=r"^UPLOAD_GONE"):
        late.commit()
    with pytest.raises(PermanentError, match=r"^UPLOAD_GONE"):
        parts.open(upload, 2)
    assert store.get(upload.key) == BYTES


def test_two_that_send_the_same_part(parts: Parts, store: ObjectStore) -> None:
    """The first connection hangs, and the client sends it again over another one."""
    upload = begun(parts)
    hanging = parts.open(upload, 2)
    hanging.write(b"other")
    send(parts, upload, 1, 2, 3)
    hanging.write(b"other")
    hanging.discard()
    parts.complete(upload)
    assert store.get(upload.key) == BYTES


def test_in_a_folder_a_writer_whose_upload_was_aborted(folder: tuple[ObjectStore, Parts]) -> None:
    store, parts = folder
    upload = begun(parts)
    sink = parts.open(upload, 1)
    parts.abort(upload)
    sink.write(BYTES[: upload.length(1)])
    with pytest.raises(PermanentError, match=r"^UPLOAD_GONE"):
        sink.commit()
    assert list(store.list("")) == []


def test_in_a_folder_room_is_taken_as_it_fills(folder: tuple[ObjectStore, Parts], tmp_path: Path) -> None:
    _, parts = folder
    begun(parts, size=1 << 40)
    (data,) = (tmp_path / "store").rglob("data")
    assert data.stat().st_size == 1 << 40
    assert data.stat().st_blocks * 512 < 1 << 20


def test_other_writers_leave_old_parts_alone(folder: tuple[ObjectStore, Parts], tmp_path: Path) -> None:
    """What killed writers left beside the objects is swept after two days; an upload may take longer."""
    store, parts = folder
    upload = begun(parts)
    send(parts, upload, 1)
    for path in (tmp_path / "store" / keys.PARTIAL).rglob("*"):
        os.utime(path, (1, 1))
    store.put("other", b"x")
    assert parts.received(upload) == {1}


def test_in_s3_a_writer_whose_upload_was_aborted() -> None:
    """Moto's server answers with a 500, where S3 says what it is."""
    client = boto3.client("s3", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    upload = Upload("1", keys.upload("1", "a.mp4"), 10, LEAST_PART, "token")
    with Stubber(client) as far_side:
        far_side.add_client_error("upload_part", "NoSuchUpload", http_status_code=404)
        sink = open_parts("s3://bucket", lambda: client).open(upload, 1)
        sink.write(b"0123456789")
        with pytest.raises(PermanentError, match=r"^UPLOAD_GONE"):
            sink.commit()


def test_in_s3_a_part_of_another_length_does_not_count(s3_client: Any, bucket: str) -> None:
    """Who has an address may have sent less."""
    parts = open_parts(f"s3://{bucket}", lambda: s3_client)
    upload = begun(parts)
    send(parts, upload, 1, 2)
    s3_client.upload_part(Bucket=bucket, Key=upload.key, UploadId=upload.token, PartNumber=3, Body=b"less")
    s3_client.upload_part(Bucket=bucket, Key=upload.key, UploadId=upload.token, PartNumber=4, Body=b"more")
    assert parts.received(upload) == {1, 2}


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        pytest.param(1, 16 << 20, 16 << 20, id="as-wanted"),
        pytest.param(MOST_PARTS * (16 << 20), 16 << 20, 16 << 20, id="just-not-too-many"),
        pytest.param(MOST_PARTS * (16 << 20) + 1, 16 << 20, 32 << 20, id="too-many"),
        pytest.param(10**12, 1, 5 << 25, id="very-large"),
    ],
)
def test_the_size_of_a_part(size: int, wanted: int, expected: int) -> None:
    assert part_size(size, wanted) == expected
    assert -(-size // part_size(size, wanted)) <= MOST_PARTS

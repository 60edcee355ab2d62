"""Which sources are read, and that what is read is kept whole."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.processing.errors import PermanentError, TransientError
from include.processing.record import from_json
from include.storage import ObjectStore, keys, open_store
from include.storage.staging import Found, Original, Policy, filename_of, found, limited, stage, without_secrets

BYTES = b"not really a video, but somebody's" * 1000
ANYTHING = Policy(hosts=("media.example.org", "127.0.0.1"), buckets=(), max_bytes=10**9)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


def no_bucket(name: str) -> ObjectStore:
    raise AssertionError(f"bucket {name} was opened")


def look(source: str, store: ObjectStore, policy: Policy = ANYTHING) -> None:
    with found(source, store, policy, no_bucket):
        raise AssertionError(f"{source} was found")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param("file:///etc/passwd", "SOURCE_NOT_ALLOWED", id="file"),
        pytest.param("file:/etc/passwd", "SOURCE_NOT_ALLOWED", id="file-one-slash"),
        pytest.param("FILE:///etc/passwd", "SOURCE_NOT_ALLOWED", id="file-upper-case"),
        pytest.param("/etc/passwd", "SOURCE_NOT_ALLOWED", id="path"),
        pytest.param("../../etc/passwd", "SOURCE_NOT_ALLOWED", id="path-upwards"),
        pytest.param("incoming/../../x", "SOURCE_NOT_ALLOWED", id="key-upwards"),
        pytest.param("//media.example.org/a.mp4", "SOURCE_NOT_ALLOWED", id="no-scheme"),
        pytest.param("http://media.example.org/a.mp4", "SOURCE_NOT_ALLOWED", id="http"),
        pytest.param("ftp://media.example.org/a.mp4", "SOURCE_NOT_ALLOWED", id="ftp"),
        pytest.param("concat:a|b", "SOURCE_NOT_ALLOWED", id="a-protocol-of-ffmpeg"),
        pytest.param("data:video/mp4;base64,AAAA", "SOURCE_NOT_ALLOWED", id="data"),
        pytest.param("s3://elsewhere/a.mp4", "SOURCE_NOT_ALLOWED", id="bucket-not-on-the-list"),
        pytest.param("s3:///a.mp4", "SOURCE_NOT_ALLOWED", id="no-bucket"),
        pytest.param("s3:a.mp4", "SOURCE_NOT_ALLOWED", id="s3-without-slashes"),
        pytest.param("https://other.example.org/a.mp4", "SOURCE_NOT_ALLOWED", id="host-not-on-the-list"),
        pytest.param("https://media.example.org.evil.example/a", "SOURCE_NOT_ALLOWED", id="host-with-a-suffix"),
        pytest.param("https://media.example.org@evil.example/a", "SOURCE_NOT_ALLOWED", id="host-as-user"),
        pytest.param("https://evil.example#@media.example.org/a", "SOURCE_NOT_ALLOWED", id="host-as-fragment"),
        pytest.param("https://media.example.org:8443/a.mp4", "SOURCE_NOT_ALLOWED", id="port-not-on-the-list"),
        pytest.param("https://a:b@media.example.org/a.mp4", "SOURCE_NOT_ALLOWED", id="password"),
        pytest.param("https://127.0.0.1/a.mp4", "SOURCE_NOT_ALLOWED", id="loopback-though-on-the-list"),
        pytest.param("https://[::1", "SOURCE_NOT_ALLOWED", id="not-a-url"),
        pytest.param("", "SOURCE_NOT_ALLOWED", id="empty"),
        pytest.param("incoming/missing.mp4", "SOURCE_UNREADABLE", id="no-such-key"),
    ],
)
def test_refused(source: str, code: str, store: ObjectStore) -> None:
    with pytest.raises(PermanentError) as refusal:
        look(source, store)
    assert refusal.value.code == code
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]", "2130706433", "0x7f.1", "localhost",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(address: str, store: ObjectStore) -> None:
    """An allow-list that names them does not help: names of one's own network are not for this DAG's users."""
    from httpx import URL

    policy = Policy(hosts=(address, URL(f"https://{address}/").host), buckets=(), max_bytes=10**9)
    with pytest.raises((PermanentError, TransientError)) as refusal:
        look(f"https://{address}/a.mp4", store, policy)
    if refusal.type is TransientError:  # a name that does not resolve, or no such port: nothing was read either way
        assert "ConnectError" in str(refusal.value)
        assert address in ("localhost", "0x7f.1", "2130706433")
    else:
        assert refusal.value.code == "SOURCE_NOT_ALLOWED"


def test_a_key_of_the_store(store: ObjectStore) -> None:
    store.put("incoming/abc/My talk.mp4", BYTES)
    with found("incoming/abc/My talk.mp4", store, ANYTHING, no_bucket) as there:
        original = stage(there, store)
    info = store.head("incoming/abc/My talk.mp4")
    assert info is not None
    assert original == Original(
        video_id=keys.video_id("store", "incoming/abc/My talk.mp4", info.etag),
        filename="My talk.mp4",
        source="incoming/abc/My talk.mp4",
        size=34000,
        sha256=hashlib.sha256(BYTES).hexdigest(),
        etag=info.etag,
    )
    assert store.get(keys.original(original.video_id)) == BYTES
    assert from_json(Original, store.get(keys.original_record(original.video_id))) == original


def test_the_second_time_it_is_found(store: ObjectStore) -> None:
    store.put("incoming/a.mp4", BYTES)
    with found("incoming/a.mp4", store, ANYTHING, no_bucket) as there:
        first = stage(there, store)

    def unread() -> Iterator[bytes]:
        raise AssertionError("the source was read again")
        yield b""

    with found("incoming/a.mp4", store, ANYTHING, no_bucket) as there:
        again = Found(there.video_id, there.filename, there.source, there.etag, there.size, unread())
        assert stage(again, store) == first


def test_an_attempt_that_died_before_the_record(store: ObjectStore) -> None:
    store.put("incoming/a.mp4", BYTES)
    with found("incoming/a.mp4", store, ANYTHING, no_bucket) as there:
        store.put(keys.original(there.video_id), BYTES)
        original = stage(there, store)
    assert (original.size, original.sha256) == (34000, hashlib.sha256(BYTES).hexdigest())


def test_new_bytes_under_the_same_key_are_another_video(store: ObjectStore) -> None:
    store.put("incoming/a.mp4", BYTES)
    with found("incoming/a.mp4", store, ANYTHING, no_bucket) as there:
        first = there.video_id
    store.delete("incoming/a.mp4")
    store.put("incoming/a.mp4", BYTES + b"!")
    with found("incoming/a.mp4", store, ANYTHING, no_bucket) as there:
        assert there.video_id != first


@pytest.mark.parametrize(
    ("data", "code"), [pytest.param(b"", "EMPTY", id="empty"), pytest.param(b"x" * 101, "SOURCE_TOO_LARGE", id="large")]
)
def test_sizes(data: bytes, code: str, store: ObjectStore) -> None:
    store.put("incoming/a.mp4", data)
    with pytest.raises(PermanentError) as refusal:
        look("incoming/a.mp4", store, Policy((), (), max_bytes=100))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        pytest.param([], "EMPTY", id="empty"),
        pytest.param([b"x" * 60, b"x" * 60], "SOURCE_TOO_LARGE", id="grows-too-large"),
    ],
)
def test_sizes_that_no_header_told(blocks: list[bytes], code: str, store: ObjectStore) -> None:
    there = Found("id", "a.mp4", "https://a/b", "etag", None, limited(blocks, "https://a/b", 100))
    with pytest.raises(PermanentError) as refusal:
        stage(there, store)
    assert refusal.value.code == code
    assert list(store.list("videos/")) == []


@pytest.mark.parametrize("buckets", [("media",), ("*",)], ids=["named", "any"])
def test_another_bucket(buckets: tuple[str, ...], store: ObjectStore, tmp_path: Path) -> None:
    other = open_store((tmp_path / "media").as_uri())
    other.put("talks/a.mp4", BYTES)
    with found("s3://media/talks/a.mp4", store, Policy((), buckets, 10**9), lambda name: other) as there:
        original = stage(there, store)
    assert original.source == "s3://media/talks/a.mp4"
    assert original.video_id == keys.video_id("media", "talks/a.mp4", there.etag)
    assert json.loads(store.get(keys.original_record(original.video_id)))["filename"] == "a.mp4"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("https://h/a.mp4?X-Signature=secret", "https://h/a.mp4", id="query"),
        pytest.param("https://user:secret@h/a.mp4", "https://h/a.mp4", id="password"),
        pytest.param("https://h#secret", "https://h", id="fragment"),
        pytest.param("incoming/what?.mp4", "incoming/what?.mp4", id="key"),
        pytest.param("incoming/a\nb.mp4", "incoming/a b.mp4", id="line-break"),
    ],
)
def test_what_is_shown_of_a_source(source: str, shown: str) -> None:
    assert without_secrets(source) == shown


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/a/b/My%20talk.mp4", "My talk.mp4", id="quoted"),
        pytest.param("/", "video", id="none"),
        pytest.param("/a/" + "x" * 300 + ".mp4", "x" * 251 + ".mp4", id="too-long"),
        pytest.param("/a/b\x00c.mp4", "b c.mp4", id="control-character"),
    ],
)
def test_filename(path: str, name: str) -> None:
    assert filename_of(path) == name

"""Copying and removing by version, where the store itself makes it hard."""

import errno
import os
from typing import Any

import pytest

from include.processing.errors import PermanentError, TransientError
from include.storage import listing_s3
from include.storage.listing import open_inbox
from ingest.conftest import Desk


def test_a_copy_keeps_the_version_and_is_made_once(desk: Desk) -> None:
    desk.drop("a.mp4", b"one")
    version = desk.version("a.mp4")
    assert desk.inbox.copy(version, "accepted/x/a.mp4")
    made = desk.store.head("accepted/x/a.mp4")
    assert made is not None
    assert (made.size, made.etag) == (3, version.etag)
    desk.drop("a.mp4", b"another")
    assert desk.inbox.copy(version, "accepted/x/a.mp4")  # it is there since the first time
    assert desk.store.get("accepted/x/a.mp4") == b"one"


def test_nothing_happens_to_another_version(desk: Desk) -> None:
    desk.drop("a.mp4", b"one")
    old = desk.version("a.mp4")
    desk.drop("a.mp4", b"another")
    assert desk.inbox.metadata(old) is None
    assert not desk.inbox.copy(old, "accepted/x/a.mp4")
    assert not desk.inbox.remove(old)
    assert desk.names("accepted/") == []
    assert desk.store.get("incoming/a.mp4") == b"another"


def test_nothing_happens_to_what_is_gone(desk: Desk) -> None:
    desk.drop("a.mp4")
    old = desk.version("a.mp4")
    assert desk.inbox.remove(old)
    assert desk.inbox.metadata(old) is None
    assert not desk.inbox.copy(old, "accepted/x/a.mp4")
    assert not desk.inbox.remove(old)


def test_names_that_are_no_keys_are_left_out(s3_desk: Desk) -> None:
    for name in ("", "a//b.mp4", "folder/", "ok.mp4", "x/../y.mp4"):
        s3_desk.drop(name)
    assert [version.key for version in s3_desk.inbox.listed("incoming/")] == ["incoming/ok.mp4"]


def test_more_than_a_page(s3_desk: Desk) -> None:
    for number in range(1003):
        s3_desk.drop(f"{number:04d}.mp4")
    listed = list(s3_desk.inbox.listed("incoming/"))
    assert len({version.key for version in listed}) == 1003
    assert s3_desk.inbox.identity("incoming/a.mp4") == (s3_desk.bucket, "some/prefix/incoming/a.mp4")


def test_what_is_too_large_for_one_request_is_copied_in_parts(s3_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mebibytes = 2**20
    monkeypatch.setattr(listing_s3, "COPIED_AT_ONCE", 5 * mebibytes)
    monkeypatch.setattr(listing_s3, "PART", 5 * mebibytes)
    data = os.urandom(11 * mebibytes)
    s3_desk.drop("long.mp4", data)
    version = s3_desk.version("long.mp4")
    assert s3_desk.inbox.copy(version, "accepted/x/long.mp4")
    assert s3_desk.store.get("accepted/x/long.mp4") == data
    made = s3_desk.store.head("accepted/x/long.mp4")
    assert made is not None
    assert made.etag.endswith("-3")  # another ETag, the same bytes
    assert s3_desk.inbox.copy(version, "accepted/x/long.mp4")
    assert s3_desk.inbox.remove(version)


def test_a_folder_on_another_file_system_is_copied(folder_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def elsewhere(source: Any, target: Any, **options: Any) -> None:
        if "incoming" in str(source):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target, **options)

    monkeypatch.setattr(os, "link", elsewhere)
    folder_desk.drop("a.mp4", b"one")
    assert folder_desk.inbox.copy(folder_desk.version("a.mp4"), "accepted/x/a.mp4")
    assert folder_desk.store.get("accepted/x/a.mp4") == b"one"


def test_a_link_is_not_followed(folder_desk: Desk) -> None:
    secret = folder_desk.root.parent / "secret.mp4"
    secret.write_bytes(b"secret")
    (folder_desk.root / "incoming").mkdir()
    (folder_desk.root / "incoming" / "a.mp4").symlink_to(secret)
    assert folder_desk.run() == {}


def test_errors_of_the_store(s3_desk: Desk) -> None:
    def nowhere() -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", endpoint_url="http://127.0.0.1:9", aws_access_key_id="t", aws_secret_access_key="t",
            region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
        )  # fmt: skip

    with pytest.raises(TransientError, match=r"^STORE_UNREACHABLE: "):
        list(open_inbox("s3://bucket", nowhere).listed("incoming/"))
    with pytest.raises(PermanentError, match=r"^STORE_DENIED: "):
        list(open_inbox("s3://no-such-bucket", lambda: s3_desk.client).listed("incoming/"))
    with pytest.raises(PermanentError, match=r"^BAD_STORE_URL: "):
        open_inbox("ftp://host/folder")

"""The video by range, and its thumbnails out of the archives."""

import io
import tarfile
from typing import Any

import cv2
import httpx
import numpy as np
import psycopg
import pytest
from shelf import db as db
from shelf import get, make, name

from include.api.app import API
from include.api.byte_ranges import BLOCK, Span, span_of
from include.db import frames_kept
from include.processing import frames_archive
from include.processing.record import to_json
from include.processing.types import Chunk, Frame, FrameIndex
from include.storage import keys

SIZE = 2 * BLOCK + 77
BYTES = bytes(range(251)) * (SIZE // 251 + 1)
BYTES = BYTES[:SIZE]
MEDIA = f"/videos/{name(1)}/media"


def head(front: Any, path: str, **headers: str) -> Any:
    return front.client.head(f"{API}{path}", headers=front.headers("viewer") | headers)


@pytest.fixture
def video(front: Any, db: psycopg.Connection[Any]) -> str:
    video_id = make(db, 1, filename='Größe "1";\r\n.mp4')
    front.services.store.put(keys.original(video_id), BYTES)
    return video_id


def test_whole(front: Any, video: str) -> None:
    answer = get(front, MEDIA)
    assert (answer.status_code, answer.content) == (200, BYTES)
    headers = answer.headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(SIZE)
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-disposition"] == "inline; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%3B%0D%0A.mp4"
    assert headers["content-security-policy"] == "sandbox allow-same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, max-age=3600"
    found = head(front, MEDIA)
    assert (found.status_code, found.content) == (200, b"")
    same = ("content-length", "etag", "content-type", "accept-ranges", "content-disposition")
    assert [found.headers[each] for each in same] == [headers[each] for each in same]
    download = get(front, MEDIA, params={"download": 1}).headers["content-disposition"]
    assert download.startswith("attachment; filename*=UTF-8''")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        pytest.param("bytes=0-", 0, SIZE, id="all-as-a-player-asks"),
        pytest.param("bytes=0-0", 0, 1, id="one"),
        pytest.param("bytes=100-199", 100, 200, id="some"),
        pytest.param(f"bytes={BLOCK - 5}-{BLOCK + 4}", BLOCK - 5, BLOCK + 5, id="across-blocks"),
        pytest.param(f"bytes={SIZE - 1}-", SIZE - 1, SIZE, id="the-last"),
        pytest.param("bytes=-77", SIZE - 77, SIZE, id="the-last-77"),
        pytest.param(f"bytes=-{SIZE * 2}", 0, SIZE, id="more-than-there-are"),
        pytest.param(f"bytes=5-{SIZE * 2}", 5, SIZE, id="past-the-end"),
        pytest.param("Bytes = 5 - 9".replace(" =", "="), 5, 10, id="spaces"),
    ],
)
def test_by_range(front: Any, video: str, asked: str, start: int, end: int) -> None:
    answer = get(front, MEDIA, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, BYTES[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)
    found = head(front, MEDIA, Range=asked)
    assert (found.status_code, found.headers["content-range"]) == (206, answer.headers["content-range"])


@pytest.mark.parametrize(
    "asked",
    ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=a-b", "bytes=0-1,5-9", "items=0-5", "bytes=1-2-3",
     f"bytes={'9' * 5000}-"],
)  # fmt: skip
def test_what_is_no_range_we_know_is_all(front: Any, video: str, asked: str) -> None:
    answer = get(front, MEDIA, headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
def test_past_the_end(front: Any, video: str, asked: str) -> None:
    answer = get(front, MEDIA, headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "BAD_RANGE")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_only_of_the_same_version(front: Any, video: str) -> None:
    etag = get(front, MEDIA).headers["etag"]
    asked = {"Range": "bytes=0-9"}
    assert get(front, MEDIA, headers=asked | {"If-Range": etag}).status_code == 206
    assert get(front, MEDIA, headers=asked | {"If-Range": '"other"'}).status_code == 200
    assert get(front, MEDIA, headers=asked | {"If-Range": "Mon, 23 Nov 2026 08:00:00 GMT"}).status_code == 200
    unchanged = get(front, MEDIA, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", etag)


def test_of_nothing() -> None:
    assert span_of(None, 0) is None
    assert span_of("bytes=-5", 3) == Span(0, 3)


@pytest.mark.parametrize(
    ("filename", "start", "expected"),
    [
        pytest.param("a.mkv", b"\x1a\x45\xdf\xa3", "video/x-matroska", id="matroska"),
        pytest.param("a.webm", b"\x1a\x45\xdf\xa3", "video/webm", id="webm"),
        pytest.param("a.MOV", b"\0\0\0\x14ftypqt  ", "video/mp4", id="quicktime"),
        pytest.param("watch", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm", id="webm-without-suffix"),
        pytest.param("watch", b"\0\0\0\x18ftypmp42", "video/mp4", id="mp4-without-suffix"),
        pytest.param("watch.html", b"<html>", "application/octet-stream", id="nothing-to-be-shown"),
    ],
)
def test_types(front: Any, db: psycopg.Connection[Any], filename: str, start: bytes, expected: str) -> None:
    front.services.store.put(keys.original(make(db, 1, filename=filename)), start)
    assert get(front, MEDIA).headers["content-type"] == expected


def test_not_there(front: Any, db: psycopg.Connection[Any]) -> None:
    answer = get(front, MEDIA)
    assert (answer.status_code, answer.json()["code"]) == (404, "VIDEO_MISSING")
    make(db, 1)
    answer = get(front, MEDIA)
    assert (answer.status_code, answer.json()["code"]) == (404, "MEDIA_NOT_READY")
    assert front.client.get(f"{API}{MEDIA}").status_code == 401


@pytest.mark.parametrize("public", [True, False])
def test_from_s3(front_s3: Any, moto_server: str, public: bool) -> None:
    with front_s3.database() as connection:
        video_id = make(connection, 1, filename="talk.mp4")
    front_s3.services.store.put(keys.original(video_id), BYTES)
    if public:
        front_s3.services.settings.public_s3_endpoint = moto_server.replace("127.0.0.1", "localhost")
    asked = {"Range": f"bytes={BLOCK - 5}-{BLOCK + 4}"}
    answer = get(front_s3, MEDIA, headers=asked, follow_redirects=False)
    if public:
        assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
        assert head(front_s3, MEDIA).status_code == 200
        answer = httpx.get(answer.headers["location"], headers=asked)
        assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''talk.mp4"
    assert (answer.status_code, answer.content) == (206, BYTES[BLOCK - 5 : BLOCK + 5])
    assert answer.headers["content-type"] == "video/mp4"


def extracted(store: Any, video_id: str, start: int, end: int, recipe: str = "9f3c", *, shade: int = 200) -> str:
    """A chunk with two pictures at its beginning and after 2 seconds; the first has no thumbnail of its own."""
    chunk, buffer = Chunk(video_id, 0, float(start), float(end), 1), io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        stored = [
            frames_archive.store(archive, each, np.full((180, 320, 3), shade, np.uint8))
            for each in ("0000000000.jpg", "0000002000.jpg", "0000002000.thumb.jpg")
        ]
    frames = (
        Frame(0.0, 0.0, 0.0, "0000000000.jpg"),
        Frame(2.0, 2.0, 1.25, "0000002000.jpg", thumbnail="0000002000.thumb.jpg"),
    )
    index = FrameIndex(chunk, 320, 180, 2, float(end - start), frames, stored=tuple(stored))
    for file, data in ((keys.FRAMES, buffer.getvalue()), (keys.FRAME_INDEX, to_json(index))):
        key = keys.chunk_object(video_id, "extract", recipe, chunk, file)
        store.delete(key)
        store.put(key, data)
    return key


@pytest.fixture(params=["front", "front_s3"])
def door(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_thumbnails(door: Any) -> None:
    with door.database() as connection:
        video_id = make(connection, 1)
    store, path = door.services.store, f"/videos/{name(1)}/frames"
    assert get(door, path).json() == {"frames": []}
    extracted(store, video_id, 10, 20)
    extracted(store, video_id, 0, 10)
    extracted(store, video_id, 0, 10, "aaaa")  # in another way, and only half of it
    answer = get(door, path)
    at = f"/reelscribe{API}{path}"
    assert answer.json()["frames"] == [
        {"time": 1.25, "url": f"{at}/9f3c-0-10000/0000002000.thumb.jpg"},
        {"time": 11.25, "url": f"{at}/9f3c-10000-20000/0000002000.thumb.jpg"},
    ]
    assert get(door, path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    shown = get(door, f"{path}/9f3c-10000-20000/0000002000.thumb.jpg")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    picture = cv2.imdecode(np.frombuffer(shown.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (180, 320, 3)
    known = {"If-None-Match": shown.headers["etag"]}
    assert get(door, f"{path}/9f3c-10000-20000/0000002000.thumb.jpg", headers=known).status_code == 304


def test_thumbnails_that_are_not_there(front: Any, db: psycopg.Connection[Any]) -> None:
    path = f"/videos/{name(1)}/frames"
    assert get(front, path).json()["code"] == "VIDEO_MISSING"
    video_id = make(db, 1)
    key = extracted(front.services.store, video_id, 0, 10)
    url = f"{path}/9f3c-0-10000"
    for wrong in ("9f3c-0-10001/0000002000.thumb.jpg", "9f3c-0-10000/0000000000.thumb.jpg"):
        assert get(front, f"{path}/{wrong}").json()["code"] == "FRAMES_GONE"
    for broken in ("9f3c-0/0000002000.thumb.jpg", "9f3c-0-10000/0000002000.jpg", "x-0-1/1.thumb.jpg"):
        assert get(front, f"{path}/{broken}").status_code in (404, 422)
    front.services.store.delete(key.replace(keys.FRAME_INDEX, keys.FRAMES))
    assert get(front, f"{url}/0000002000.thumb.jpg").json()["code"] == "FRAMES_GONE"
    front.services.store.delete(key)
    frames_kept.set_frames_removed(db, video_id)
    gone = get(front, path)
    assert (gone.status_code, gone.json()["code"]) == (404, "FRAMES_GONE")
    extracted(front.services.store, video_id, 0, 10, shade=10)
    assert len(get(front, path).json()["frames"]) == 1
    assert get(front, f"{url}/0000002000.thumb.jpg").status_code == 200

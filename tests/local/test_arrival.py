"""How the demo's video gets its place in the store."""

import hashlib
from pathlib import Path

import pytest

from include.local.arrival import arrive, file_name, open_video
from include.processing.errors import PermanentError
from include.storage.folder import FolderStore


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("talk.mp4", "talk.mp4", id="plain"),
        pytest.param("Übung 3 (final).mp4", "Übung 3 (final).mp4", id="letters-and-spaces"),
        pytest.param("a/b\\c.mp4", "a_b_c.mp4", id="separators"),
        pytest.param("..", "video", id="dots"),
        pytest.param("x\n\x1b[31m\0.mp4", "x___31m_.mp4", id="control-characters"),
        pytest.param("", "video", id="nothing"),
        pytest.param("a" * 300 + ".mp4", "a" * 96 + ".mp4", id="long"),
    ],
)
def test_file_names(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_the_same_content_arrives_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    one, two = tmp_path / "one" / "talk.mp4", tmp_path / "two" / "talk.mp4"
    for path in (one, two):
        path.parent.mkdir()
        path.write_bytes(b"video" * 1000)
    keys = [arrive(str(path), open_video(str(path)), store) for path in (one, two, one)]
    digest = hashlib.sha256(b"video" * 1000).hexdigest()[:16]
    assert keys == [f"uploads/{digest}/talk.mp4"] * 3
    assert [info.key for info in store.list("uploads/")] == keys[:1]
    assert store.get(keys[0]) == b"video" * 1000


def test_other_content_under_the_same_name_arrives_too(tmp_path: Path) -> None:
    store, path = FolderStore(tmp_path / "store"), tmp_path / "talk.mp4"
    for content in (b"first", b"second"):
        path.write_bytes(content)
        arrive(str(path), open_video(str(path)), store)
    assert sorted(store.get(info.key) for info in store.list("uploads/")) == [b"first", b"second"]


@pytest.mark.parametrize("video", ["/nowhere/talk.mp4", "/", ""])
def test_what_cannot_be_read(video: str) -> None:
    with pytest.raises(PermanentError, match=r"^SOURCE_UNREADABLE: "):
        open_video(video)

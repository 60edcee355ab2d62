"""What only a folder can suffer."""

import os
import time
from pathlib import Path

import pytest

from include.processing.errors import PermanentError
from include.storage.folder import FolderStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store" / "incoming").mkdir(parents=True)
    return tmp_path / "store"


def test_a_file_that_somebody_dropped_is_an_object(folder: Path) -> None:
    (folder / "incoming" / "talk.mp4").write_bytes(b"bytes")
    store = FolderStore(folder)
    assert [(info.key, info.size) for info in store.list("incoming/")] == [("incoming/talk.mp4", 5)]
    assert store.open("incoming/talk.mp4").read_at(1, 3) == b"yte"


def test_the_etag_changes_when_the_file_was_written_again(folder: Path) -> None:
    file, store = folder / "incoming" / "a", FolderStore(folder)
    file.write_bytes(b"12345")
    os.utime(file, ns=(0, 1_700_000_000_000_000_000))
    first = store.head("incoming/a")
    assert first == store.head("incoming/a") == next(store.list("incoming/a"))
    os.utime(file, ns=(0, 1_700_000_000_000_000_001))
    assert store.head("incoming/a") != first


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("incoming/file", "outside.txt", id="file"),
        pytest.param("incoming/dir", ".", id="directory"),
    ],
)
def test_a_symbolic_link_leads_nowhere(folder: Path, link: str, target: str) -> None:
    (folder.parent / "outside.txt").write_text("secret")
    (folder / link).symlink_to(folder.parent / target)
    store = FolderStore(folder)
    assert list(store.list("")) == []
    for key in (link, f"{link}/outside.txt"):
        with pytest.raises(PermanentError, match="BAD_KEY"):
            store.get(key)
        with pytest.raises(PermanentError, match="BAD_KEY"):
            store.put(key, b"")
    assert (folder.parent / "outside.txt").read_text() == "secret"


def test_a_link_to_itself_is_no_object(folder: Path) -> None:
    (folder / "incoming" / "loop").symlink_to(folder / "incoming" / "loop")
    store = FolderStore(folder)
    assert list(store.list("")) == []
    with pytest.raises(PermanentError, match="BAD_KEY"):
        store.put("incoming/loop", b"")
    with pytest.raises(PermanentError, match="BAD_KEY"):
        store.put("incoming/loop/a", b"")


def test_a_source_swapped_for_a_link_is_not_followed(folder: Path) -> None:
    (folder / "incoming" / "a").write_bytes(b"mine")
    (folder.parent / "outside.txt").write_text("secret")
    source = FolderStore(folder).open("incoming/a")
    (folder / "incoming" / "a").unlink()
    (folder / "incoming" / "a").symlink_to(folder.parent / "outside.txt")
    with pytest.raises(PermanentError, match="SOURCE_CHANGED"):
        source.read_at(0, 100)


def test_the_root_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = FolderStore(tmp_path / "link")
    assert store.put("a", b"1") is True
    assert (tmp_path / "real" / "a").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("first", "second"),
    [pytest.param("a", "a/b", id="under-an-object"), pytest.param("a/b", "a", id="over-a-folder")],
)
def test_an_object_is_no_folder(folder: Path, first: str, second: str) -> None:
    store = FolderStore(folder)
    store.put(first, b"1")
    with pytest.raises(PermanentError, match="BAD_KEY"):
        store.put(second, b"2")
    assert store.head(second) is None
    assert store.get(first) == b"1"


def test_a_name_that_is_no_key_is_left_out(folder: Path) -> None:
    for name in (b"\xff.mp4", b"back\\slash", b"good.mp4"):
        Path(os.fsdecode(os.fsencode(folder) + b"/incoming/" + name)).write_bytes(b"x")
    assert [info.key for info in FolderStore(folder).list("")] == ["incoming/good.mp4"]


def test_what_a_killed_writer_left_is_swept_and_what_one_still_writes_is_not(folder: Path) -> None:
    store = FolderStore(folder)
    store.put("a", b"1")
    assert list((folder / ".partial").iterdir()) == []
    stale, fresh = folder / ".partial" / "stale", folder / ".partial" / "fresh"
    stale.write_bytes(b"")
    fresh.write_bytes(b"")
    os.utime(stale, (0, time.time() - 3 * 24 * 3600))
    store.put("b", b"2")
    assert list((folder / ".partial").iterdir()) == [fresh]


def test_objects_are_as_readable_as_the_umask_says(folder: Path) -> None:
    before = os.umask(0o022)
    try:
        FolderStore(folder).put("a", b"1")
    finally:
        os.umask(before)
    assert (folder / "a").stat().st_mode & 0o777 == 0o644

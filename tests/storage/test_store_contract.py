"""What every ObjectStore promises, over each of them."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from include.processing.errors import PermanentError
from include.storage import ObjectStore

MIB = 1 << 20
LONGEST = "/".join(["d" * 200] * 4 + ["f" * 100])


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("a", id="one-part"),
        pytest.param("videos/1/plan/plan.json", id="parts"),
        pytest.param("incoming/Vorlesung – Größe, 講義 №1 🎥.mp4", id="utf-8"),
        pytest.param("incoming/a b+c%20d&e?f#g=h;i'j\"k.mp4", id="url-characters"),
        pytest.param("incoming/..hidden/.x/a..b", id="dots-in-names"),
        pytest.param("incoming/line\nbreak", id="line-break"),
        pytest.param("x" * 255, id="longest-part"),
        pytest.param("é" * 127, id="longest-utf-8-part"),
        pytest.param(LONGEST, id="long-key"),
    ],
)
def test_what_is_put_comes_back(store: ObjectStore, key: str, tmp_path: Path) -> None:
    if "\n" in key and store.url.startswith("s3:"):
        pytest.skip("moto's router knows no line break in a path")
    assert store.head(key) is None
    assert store.put(key, b"content") is True
    assert store.get(key) == b"content"
    info = store.head(key)
    assert info is not None
    assert (info.key, info.size) == (key, 7)
    assert info.etag
    assert '"' not in info.etag
    assert list(store.list("")) == [info]
    store.download(key, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"content"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("out")] == ["out"]
    assert store.describe(key).endswith(key)


BAD_KEYS = [
    pytest.param("", id="empty"),
    pytest.param("/etc/passwd", id="absolute"),
    pytest.param("../outside", id="parent"),
    pytest.param("a/../../outside", id="parent-inside"),
    pytest.param("a/..", id="parent-last"),
    pytest.param("a//b", id="empty-part"),
    pytest.param("a/", id="slash-last"),
    pytest.param("./a", id="here"),
    pytest.param("a\\b", id="backslash"),
    pytest.param("a\0b", id="nul"),
    pytest.param("x" * 256, id="part-too-long"),
    pytest.param("é" * 128, id="part-too-long-in-bytes"),
    pytest.param("/".join(["x" * 250] * 5), id="key-too-long"),
    pytest.param("a\ud800", id="half-a-surrogate-pair"),
    pytest.param(".partial/a", id="reserved"),
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_bad_key_is_refused_by_everything(store: ObjectStore, key: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for refused in (
        lambda: store.head(key),
        lambda: store.open(key),
        lambda: store.get(key),
        lambda: store.put(key, b""),
        lambda: store.put_file(key, tmp_path / "file"),
        lambda: store.put_stream(key, [b""]),
        lambda: store.download(key, tmp_path / "out"),
        lambda: store.delete(key),
        lambda: store.describe(key),
    ):
        with pytest.raises(PermanentError, match=r"^BAD_KEY: .*; rename the object$"):
            refused()
    assert list(store.list("")) == []


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("/", id="absolute"),
        pytest.param("../", id="parent"),
        pytest.param("a/../b", id="parent-inside"),
        pytest.param("a//", id="empty-part"),
    ],
)
def test_a_bad_prefix_is_refused(store: ObjectStore, prefix: str) -> None:
    with pytest.raises(PermanentError, match="BAD_KEY"):
        list(store.list(prefix))


def test_an_object_never_changes(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "second").write_bytes(b"second")
    assert store.put("a/b", b"first") is True
    before = store.head("a/b")
    assert store.put("a/b", b"second") is False
    assert store.put_file("a/b", tmp_path / "second") is False
    assert store.put_stream("a/b", [b"sec", b"ond"]) is False
    assert store.get("a/b") == b"first"
    assert store.head("a/b") == before


@pytest.mark.parametrize("size", [pytest.param(10, id="small"), pytest.param(9 * MIB, id="multipart")])
def test_of_16_writers_exactly_one_creates(store: ObjectStore, size: int) -> None:
    barrier = threading.Barrier(16)

    def write(number: int) -> bool:
        def blocks() -> Iterator[bytes]:
            barrier.wait()  # everybody has found the key free
            yield bytes([number]) * size

        return store.put_stream("race", blocks())

    with ThreadPoolExecutor(16) as pool:
        created = list(pool.map(write, range(16)))
    assert created.count(True) == 1
    assert store.get("race") == bytes([created.index(True)]) * size
    assert [info.key for info in store.list("")] == ["race"]


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([], id="nothing"),
        pytest.param([0, 0], id="empty-blocks"),
        pytest.param([1, 2, 3], id="small"),
        pytest.param([8 * MIB], id="one-full-part"),
        pytest.param([8 * MIB - 1, 2], id="one-byte-over"),
        pytest.param([MIB] * 19 + [7], id="many-blocks"),
        pytest.param([20 * MIB], id="one-large-block"),
    ],
)
def test_a_stream_of_unknown_length(store: ObjectStore, sizes: list[int], tmp_path: Path) -> None:
    source = random.Random(1)
    blocks = [source.randbytes(size) for size in sizes]
    assert store.put_stream("videos/1/original/source", iter(blocks)) is True
    assert store.get("videos/1/original/source") == b"".join(blocks)
    (tmp_path / "file").write_bytes(b"".join(blocks))
    assert store.put_file("file", tmp_path / "file") is True
    assert store.get("file") == b"".join(blocks)


@pytest.mark.parametrize("size", [pytest.param(10, id="small"), pytest.param(9 * MIB, id="multipart")])
@pytest.mark.parametrize("error", [pytest.param(OSError("gone"), id="os"), pytest.param(ValueError("bad"), id="other")])
def test_a_stream_that_raises_leaves_nothing(store: ObjectStore, size: int, error: Exception) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x" * size
        raise error

    with pytest.raises(type(error)) as caught:
        store.put_stream("a/b", blocks())
    assert caught.value is error
    assert store.head("a/b") is None
    assert list(store.list("")) == []
    assert store.put("a/b", b"later") is True


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        pytest.param(0, 10, b"0123456789", id="all"),
        pytest.param(0, 1, b"0", id="first"),
        pytest.param(9, 1, b"9", id="last"),
        pytest.param(3, 4, b"3456", id="middle"),
        pytest.param(8, 5, b"89", id="over-the-end"),
        pytest.param(0, 1000, b"0123456789", id="longer-than-all"),
        pytest.param(10, 1, b"", id="at-the-end"),
        pytest.param(11, 5, b"", id="behind-the-end"),
        pytest.param(5, 0, b"", id="nothing"),
    ],
)
def test_a_range(store: ObjectStore, offset: int, length: int, expected: bytes) -> None:
    store.put("a/b", b"0123456789")
    source = store.open("a/b")
    assert source.size == 10
    assert source.name == store.describe("a/b")
    assert source.read_at(offset, length) == expected


def test_an_empty_object_is_one(store: ObjectStore) -> None:
    assert store.put("empty", b"") is True
    assert store.get("empty") == b""
    assert store.open("empty").read_at(0, 10) == b""
    assert store.put("empty", b"x") is False


def test_ranges_by_many_threads(store: ObjectStore) -> None:
    data = random.Random(2).randbytes(4 * MIB)
    store.put("a", data)
    source = store.open("a")
    with ThreadPoolExecutor(8) as pool:
        pieces = pool.map(lambda number: source.read_at(number * 65536, 65536), range(64))
    assert b"".join(pieces) == data


@pytest.mark.parametrize("gone", [pytest.param(True, id="deleted"), pytest.param(False, id="replaced")])
def test_a_source_that_was_replaced_is_not_read_as_the_old_one(store: ObjectStore, gone: bool) -> None:
    store.put("a", b"0123456789")
    source = store.open("a")
    store.delete("a")
    if not gone:
        store.put("a", b"other bytes")
    with pytest.raises(PermanentError, match=r"^SOURCE_(CHANGED|UNREADABLE): "):
        source.read_at(0, 5)


def test_a_missing_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put("folder/there", b"")
    for key in ("missing", "folder", "folder/missing", "folder/missing/deeper"):
        assert store.head(key) is None
        store.delete(key)
        with pytest.raises(PermanentError, match=r"^OBJECT_MISSING: "):
            store.get(key)
        with pytest.raises(PermanentError, match=r"^OBJECT_MISSING: "):
            store.download(key, tmp_path / "out")
        with pytest.raises(PermanentError, match=r"^SOURCE_UNREADABLE: "):
            store.open(key)
    assert not (tmp_path / "out").exists()
    assert store.head("folder/there") is not None


def test_delete_makes_the_key_free(store: ObjectStore) -> None:
    store.put("a/b", b"1")
    store.delete("a/b")
    store.delete("a/b")
    assert store.head("a/b") is None
    assert store.put("a/b", b"2") is True


def test_an_empty_store_lists_nothing(store: ObjectStore) -> None:
    assert list(store.list("")) == []
    assert list(store.list("videos/")) == []


KEYS = ["a", "a-b", "a.b", "ab/c", "b/a/x", "b/a0", "b/aé", "b/a😀", "b/b/c", "incoming/x.mp4"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param("", KEYS, id="all-in-byte-order"),
        pytest.param("b/", ["b/a/x", "b/a0", "b/aé", "b/a😀", "b/b/c"], id="folder"),
        pytest.param("b/a", ["b/a/x", "b/a0", "b/aé", "b/a😀"], id="within-a-part"),
        pytest.param("b/a/", ["b/a/x"], id="deeper-folder"),
        pytest.param("a", ["a", "a-b", "a.b", "ab/c"], id="object-and-others"),
        pytest.param("a/", [], id="object-is-no-folder"),
        pytest.param("incoming/x.mp4", ["incoming/x.mp4"], id="whole-key"),
        pytest.param("none/", [], id="nothing"),
    ],
)
def test_a_listing(store: ObjectStore, prefix: str, expected: list[str]) -> None:
    for key in reversed(KEYS):
        store.put(key, key.encode())
    found = list(store.list(prefix))
    assert [info.key for info in found] == expected
    assert found == [store.head(key) for key in expected]


def test_a_listing_of_more_than_a_page(store: ObjectStore) -> None:
    names = [f"incoming/{number:04}.mp4" for number in range(1005)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda key: store.put(key, b"x"), names))
    assert [info.key for info in store.list("incoming/")] == names

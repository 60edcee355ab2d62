"""Which objects go and in which order, over each kind of store."""

from collections.abc import Iterator

import pytest

from include.processing.errors import TransientError
from include.processing.types import Chunk
from include.storage import ObjectInfo, ObjectStore, keys
from include.storage.retention import Removed, remove_frames

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"
OTHER = "3d6f2f3e-0000-4000-8000-000000000002"
CHUNKS = [Chunk(VIDEO, 0, 0.0, 600.0, 2), Chunk(VIDEO, 1, 600.0, 1200.5, 2)]


def extracted(store: ObjectStore, chunk: Chunk, recipe: str = "r1", *, sound: bool = True) -> None:
    for name in ["audio.flac"] * sound + ["frames.tar", "index.json"]:
        store.put(keys.chunk_object(chunk.video_id, "extract", recipe, chunk, name), name.encode())


def stored(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("")]


def test_pictures_go_and_all_else_stays(store: ObjectStore) -> None:
    extracted(store, CHUNKS[0])
    extracted(store, CHUNKS[0], "r2")
    extracted(store, CHUNKS[1], sound=False)
    kept = [
        "incoming/talk.mp4",
        f"videos/{VIDEO}/extract/r1/0-600000/audio.flac",
        f"videos/{VIDEO}/extract/r2/0-600000/audio.flac",
        f"videos/{VIDEO}/ocr/r3/0-600000/screens.json",
        f"videos/{VIDEO}/original/source",
        f"videos/{VIDEO}/plan/r4/plan.json",
        f"videos/{VIDEO}/result/d1/result.json",
        f"videos/{OTHER}/extract/r1/0-600000/frames.tar",
        f"videos/{OTHER}/extract/r1/0-600000/index.json",
    ]
    for key in kept:
        store.put(key, b"stays")
    assert remove_frames(store, VIDEO) == Removed(objects=6, bytes=60)
    assert stored(store) == kept
    assert remove_frames(store, VIDEO) == Removed(objects=0, bytes=0)


def test_what_a_later_version_lays_beside_the_pictures_goes_too(store: ObjectStore) -> None:
    store.put(f"videos/{VIDEO}/extract/r1/0-600000/thumbnails.tar", b"12345")
    assert remove_frames(store, VIDEO) == Removed(objects=1, bytes=5)
    assert stored(store) == []


def test_a_video_that_was_never_extracted(store: ObjectStore) -> None:
    assert remove_frames(store, VIDEO) == Removed(objects=0, bytes=0)


class Breaking:
    """A store that is lost when it is asked to delete an object of this name."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        self._store, self._name = store, name

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._store.list(prefix)

    def delete(self, key: str) -> None:
        if key.endswith(self._name):
            raise TransientError("STORE_UNREACHABLE", "no answer", "it is tried again")
        self._store.delete(key)


@pytest.mark.parametrize(
    ("breaks_at", "left"),
    [
        pytest.param("600000-1200500/index.json", ["frames.tar", "frames.tar", "index.json"], id="at-an-index"),
        pytest.param("0-600000/frames.tar", ["frames.tar"], id="at-an-archive"),
    ],
)
def test_an_index_never_outlives_its_archive(store: ObjectStore, breaks_at: str, left: list[str]) -> None:
    """`extract` takes a chunk that has an index for whole."""
    for chunk in CHUNKS:
        extracted(store, chunk, sound=False)
    with pytest.raises(TransientError, match="STORE_UNREACHABLE"):
        remove_frames(Breaking(store, breaks_at), VIDEO)  # type: ignore[arg-type]
    there = stored(store)
    assert sorted(key.rpartition("/")[2] for key in there) == left
    assert all(key.replace("index.json", "frames.tar") in there for key in there)
    assert remove_frames(store, VIDEO).objects == len(left)
    assert stored(store) == []

"""The small pictures that `extract` kept, out of its archives by range: nothing is unpacked."""

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

from include.processing.errors import PermanentError
from include.processing.record import readable
from include.processing.types import FrameIndex, StoredPicture
from include.storage import ObjectInfo, ObjectStore, keys

THREADS = 8
REMEMBERED = 512  # indices of chunks
_INDEX = re.compile(
    rf"videos/[^/]+/extract/(?P<recipe>[^/]+)/(?P<start>\d+)-(?P<end>\d+)/{re.escape(keys.FRAME_INDEX)}"
)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """`time` is when what is new on it first stood, in seconds of the video; `picture` lies in the chunk's archive."""

    time: float
    picture: StoredPicture


def indices(store: ObjectStore, video_id: str) -> list[ObjectInfo]:
    """Of the chunks, in their order. Where the video was extracted in several ways, of the one that shows the most."""
    ways: dict[str, list[tuple[int, int, ObjectInfo]]] = {}
    for info in store.list(keys.extracted(video_id)):
        if match := _INDEX.fullmatch(info.key):
            ways.setdefault(match["recipe"], []).append((int(match["start"]), int(match["end"]), info))
    best = max(ways.values(), key=lambda way: (sum(end - start for start, end, _ in way), way[0][2].key), default=[])
    return [info for _, _, info in sorted(best, key=lambda each: each[:2])]


def chunk_name(info: ObjectInfo) -> str:
    """`<recipe>-<start>-<end>`, in a URL."""
    match = _INDEX.fullmatch(info.key)
    assert match is not None  # it came from `indices`
    return f"{match['recipe']}-{match['start']}-{match['end']}"


def index_key(video_id: str, chunk: str) -> str:
    """The way back."""
    recipe, _, span = chunk.partition("-")
    return f"{keys.extracted(video_id)}{recipe}/{span}/{keys.FRAME_INDEX}"


def all_thumbnails(store: ObjectStore, found: Sequence[ObjectInfo]) -> list[tuple[ObjectInfo, tuple[Thumbnail, ...]]]:
    """Of each index, in the order of their times. One that vanished meanwhile has none."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(zip(found, pool.map(partial(_of_index, store), found), strict=True))


def picture(store: ObjectStore, video_id: str, chunk: str, name: str) -> bytes | None:
    """A JPEG; None where there is none of that name, or pictures have been removed."""
    key = index_key(video_id, chunk)
    info = store.head(key)
    for thumbnail in _of_index(store, info) if info else ():
        if thumbnail.picture.file == name:
            return _read(store, key.removesuffix(keys.FRAME_INDEX) + keys.FRAMES, thumbnail.picture)
    return None


def _of_index(store: ObjectStore, info: ObjectInfo) -> tuple[Thumbnail, ...]:
    try:
        return _thumbnails(store, info)  # type: ignore[arg-type] # a store is itself, whatever its protocol says
    except PermanentError as error:
        if error.code != "OBJECT_MISSING":
            raise
        return ()


@lru_cache(maxsize=REMEMBERED)
def _thumbnails(store: ObjectStore, info: ObjectInfo) -> tuple[Thumbnail, ...]:
    """Of this version of an index: an index that was made again has another ETag."""
    index = readable(FrameIndex, store.get(info.key))
    if index is None:  # of an older version
        return ()
    stored = {each.file: each for each in index.stored}
    found = (
        Thumbnail(round(index.chunk.start + frame.appeared, 3), stored[frame.thumbnail])
        for frame in index.frames
        if frame.thumbnail and frame.thumbnail in stored
    )
    return tuple(sorted(found, key=lambda each: each.time))


def _read(store: ObjectStore, key: str, picture: StoredPicture) -> bytes | None:
    """None where the archive is gone, or is being made again just now."""
    try:
        data = store.open(key).read_at(picture.offset, picture.size)
    except PermanentError as error:
        if error.code not in ("SOURCE_UNREADABLE", "SOURCE_CHANGED"):
            raise
        return None
    return data if hashlib.sha256(data).hexdigest().startswith(picture.sha256) else None

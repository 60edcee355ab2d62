"""Takes the pictures of a video out of the store. A run that needs them again makes them again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from include.storage import ObjectStore, keys

THREADS = 8


@dataclass(frozen=True, slots=True)
class Removed:
    objects: int
    bytes: int


def remove_frames(store: ObjectStore, video_id: str) -> Removed:
    """All that `extract` made of the video, under any parameters, but its sound.

    Where a chunk's index is, `extract` takes the rest to be there, so all indices go first: what a run finds after
    half of the work is no index, and it extracts that chunk again. Nobody else may be extracting meanwhile.
    """
    found = [info for info in store.list(keys.extracted(video_id)) if _name(info.key) != keys.SOUND]
    indices = [info.key for info in found if _name(info.key) == keys.FRAME_INDEX]
    rest = [info.key for info in found if _name(info.key) != keys.FRAME_INDEX]
    with ThreadPoolExecutor(THREADS) as pool:
        for group in (indices, rest):
            list(pool.map(store.delete, group))
    return Removed(len(found), sum(info.size for info in found))


def _name(key: str) -> str:
    return key.rpartition("/")[2]

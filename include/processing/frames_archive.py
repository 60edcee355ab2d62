"""The archive of a chunk's pictures: a tar in which each stands by itself, so that a page can fetch one by range."""

import hashlib
import io
import tarfile
from collections import deque

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.errors import PermanentError
from include.processing.frame_dedup import differ, halved
from include.processing.pictures import Gray
from include.processing.types import StoredPicture

Picture = Gray | npt.NDArray[np.uint16]
QUALITY = 90  # JPEG's, of what stands still: it is read from that
FILM_QUALITY = 80  # … of what moves: one picture for each tick
REMEMBERED = 24  # whole pictures that may return


def store(archive: tarfile.TarFile, name: str, picture: Picture, quality: int = QUALITY) -> StoredPicture:
    """By the name's ending as JPEG (of this quality) or PNG, which may have 16 bits. Three channels are BGR."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if name.endswith(".jpg") else []
    _, encoded = cv2.imencode(name[name.rindex(".") :], picture, options)
    data = encoded.tobytes()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
    offset = archive.offset - -(-len(data) // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    return StoredPicture(name, offset, len(data), hashlib.sha256(data).hexdigest()[:16])


def load(archive: tarfile.TarFile, name: str) -> Gray:
    """A stored picture, gray. Raises CORRUPT where the archive is not the one of the index."""
    return np.asarray(cv2.imdecode(_bytes(archive, name), cv2.IMREAD_GRAYSCALE), np.uint8)


def load_map(archive: tarfile.TarFile, name: str) -> npt.NDArray[np.uint16]:
    """As `load`, of 16 bits."""
    return np.asarray(cv2.imdecode(_bytes(archive, name), cv2.IMREAD_UNCHANGED), np.uint16)


def _bytes(archive: tarfile.TarFile, name: str) -> Gray:
    try:
        file = archive.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise PermanentError("CORRUPT", f"frames archive and its index differ at {name}", "clear the extract task")
    return np.frombuffer(file.read(), np.uint8)


class FramesArchive:
    """Stores each picture once; `stored` says where."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._whole: deque[tuple[str, Gray]] = deque(maxlen=REMEMBERED)
        self.stored: list[StoredPicture] = []

    def keep(self, tick: float, picture: Gray, first: int, end: int, *, film: bool) -> str:
        """The name under which these rows of the picture lie; that of an earlier picture where it is the same."""
        whole = not film and (first, end) == (0, picture.shape[0])
        half = halved(picture) if whole else None
        if half is not None and (twin := self._same(half)):
            return twin
        name = f"{round(tick * 1000):010d}.jpg"
        self.add(name, picture[first:end], FILM_QUALITY if film else QUALITY)
        if half is not None:
            self._whole.append((name, half))
        return name

    def add(self, name: str, picture: Picture, quality: int = QUALITY) -> None:
        self.stored.append(store(self._archive, name, picture, quality))

    def _same(self, half: Gray) -> str | None:
        """An earlier picture that differs by nothing that counts."""
        for name, before in reversed(self._whole):
            if before.shape == half.shape and not differ(np.asarray(cv2.absdiff(before, half), np.uint8)):
                return name
        return None

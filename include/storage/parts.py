"""Files that arrive in parts, in any order and again after a break: nobody sees the object until all of it is there.

A folder keeps them beside its objects, S3 has multipart uploads. Who sends what is in the database (db/uploads.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from include.processing.errors import PermanentError
from include.storage import open_store
from include.storage.folder import translated

MOST_PARTS = 10_000  # of S3
LEAST_PART = 5 << 20  # bytes, of S3: all but the last are at least as large


@dataclass(frozen=True, slots=True)
class Upload:
    """What is to become of the object `key`; `size` and `part_size` in bytes, `token` is what `begin` gave."""

    id: str
    key: str
    size: int
    part_size: int
    token: str = ""

    @property
    def parts(self) -> int:
        return -(-self.size // self.part_size)

    def length(self, number: int) -> int:
        """Bytes of the part with this number, from 1: all are alike but the last."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


class PartSink(Protocol):
    """Takes one part's bytes; one of `commit` and `discard` ends it, and what isn't committed was never received."""

    def write(self, block: bytes) -> None: ...

    def commit(self) -> None:
        """The bytes are the part's length: the caller has counted."""
        ...

    def discard(self) -> None: ...


class Spool:
    """A part in a file of its own until it is whole; `place` takes it from there."""

    def __init__(self, file: IO[bytes], place: Callable[[IO[bytes]], None], key: str) -> None:
        self._file, self._place, self._key = file, place, key

    def write(self, block: bytes) -> None:
        with translated(self._key):
            self._file.write(block)

    def commit(self) -> None:
        with self._file:
            with translated(self._key):
                self._file.seek(0)
            self._place(self._file)

    def discard(self) -> None:
        self._file.close()


class Parts(Protocol):
    """Raises as `ObjectStore` does, and PermanentError UPLOAD_GONE where the upload was aborted meanwhile."""

    def begin(self, upload: Upload, content_type: str | None) -> str:
        """The token of an upload that has none yet."""
        ...

    def open(self, upload: Upload, number: int) -> PartSink:
        """For a part, again too: the last one that is committed counts."""
        ...

    def received(self, upload: Upload) -> frozenset[int]:
        """Numbers of the parts that are here whole."""
        ...

    def complete(self, upload: Upload) -> None:
        """The object is there, with its declared size; again is harmless. PermanentError UPLOAD_INCOMPLETE where parts
        are missing."""
        ...

    def abort(self, upload: Upload) -> None:
        """Nothing of what was sent is left; a completed object stays. Harmless again, and where nothing began."""
        ...


def part_size(size: int, wanted: int) -> int:
    """Bytes of a part so that they are not too many; `wanted` unless the file is very large."""
    chosen = max(wanted, LEAST_PART)
    while chosen * MOST_PARTS < size:
        chosen *= 2
    return chosen


def incomplete(upload: Upload, received: frozenset[int]) -> PermanentError:
    missing = upload.parts - len(received)
    return PermanentError(
        "UPLOAD_INCOMPLETE",
        f"{missing} of {upload.parts} parts are missing",
        "send them: GET the upload says which have been received",
    )


def gone(upload: Upload) -> PermanentError:
    return PermanentError("UPLOAD_GONE", f"upload {upload.id} was aborted", "begin a new one")


def open_parts(url: str, s3_client_factory: Callable[[], Any] | None = None) -> Parts:
    """Of the store at `url`. Raises BAD_STORE_URL as `open_store` does."""
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        from include.storage.parts_s3 import S3Parts
        from include.storage.s3 import client_from_environment

        return S3Parts(parts.netloc, parts.path.strip("/"), s3_client_factory or client_from_environment)
    from include.storage.parts_folder import FolderParts

    open_store(url)
    return FolderParts(Path(unquote(parts.path)))

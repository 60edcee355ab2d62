"""Objects: videos that arrive, what the stages make of them, results. A folder or S3 behind one protocol.

An object is created exclusively and never changes: whoever comes second finds it there. Keys are in keys.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from include.processing.errors import PermanentError
from include.processing.ports import ByteSource


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """`size` is in bytes; `etag` changes whenever the object does, and says nothing else."""

    key: str
    size: int
    etag: str


class ObjectStore(Protocol):
    """Every method raises `PermanentError` BAD_KEY for a key that keys.validate refuses, STORE_DENIED where the
    configuration is wrong, and `TransientError` STORE_UNREACHABLE where the store may recover."""

    url: str

    def head(self, key: str) -> ObjectInfo | None:
        """None where there is no such object."""
        ...

    def open(self, key: str) -> ByteSource:
        """For reading by range. SOURCE_UNREADABLE if missing, SOURCE_CHANGED on a read after somebody replaced it."""
        ...

    def get(self, key: str) -> bytes:
        """The whole of a small object. OBJECT_MISSING if missing."""
        ...

    def put(self, key: str, data: bytes) -> bool:
        """Whether it was created; False where the key was taken, whose object stays as it was."""
        ...

    def put_file(self, key: str, path: Path) -> bool: ...

    def put_stream(self, key: str, blocks: Iterable[bytes]) -> bool:
        """Of unknown length, in bounded memory; if `blocks` raises, nothing is created.

        `blocks` may stay unread where the key is taken already.
        """
        ...

    def download(self, key: str, path: Path) -> None:
        """`path` appears when it is complete. OBJECT_MISSING if missing."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, in the order of the keys' UTF-8 bytes."""
        ...

    def delete(self, key: str) -> None:
        """Does nothing where there is no such object."""
        ...

    def describe(self, key: str) -> str:
        """The object's full address, for people: a path or an s3:// URL."""
        ...


def open_store(url: str, s3_client_factory: Callable[[], Any] | None = None) -> ObjectStore:
    """`file:///absolute/folder` or `s3://bucket/prefix`. The factory gives a boto3 S3 client, by default from the
    environment; it is called at the first request."""
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        from include.storage.s3 import S3Store, client_from_environment

        return S3Store(parts.netloc, parts.path.strip("/"), s3_client_factory or client_from_environment)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.strip("/"):
        from include.storage.folder import FolderStore

        return FolderStore(Path(unquote(parts.path)))
    raise PermanentError(
        "BAD_STORE_URL",
        f"{url!r} names no store",
        "set REELSCRIBE_STORE to file:///absolute/folder or s3://bucket/prefix",
    )

"""What others bring into the store: seen by version, copied beside, and removed only as long as it is that version.

`ObjectStore` never changes an object. Here somebody else does, while we look: a key may hold another video a moment
later. So everything is asked of a `Version`, and the answer may be that it isn't there any more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from include.storage import open_store


@dataclass(frozen=True, slots=True)
class Version:
    """An object as it was when it was listed; `size` in bytes, `modified` in seconds since 1970."""

    key: str
    size: int
    etag: str
    modified: float


class Inbox(Protocol):
    """Raises as `ObjectStore` does. Keys are those of the store with the same URL."""

    def listed(self, prefix: str) -> Iterator[Version]:
        """Every object whose key starts with `prefix`; names that are no valid keys are left out."""
        ...

    def identity(self, key: str) -> tuple[str, str]:
        """(bucket, key) of an object of this store, as `video_id` takes them."""
        ...

    def metadata(self, version: Version) -> Mapping[str, str] | None:
        """What the uploader said about it, names in lower case. None: another version is there, or none."""
        ...

    def read(self, version: Version) -> bytes | None:
        """The whole of a small object. None: another version is there, or none."""
        ...

    def copy(self, version: Version, key: str) -> bool:
        """Without the bytes passing through here. True: `key` holds it, now or since an earlier try.

        False: another version is there, or none, and `key` is as it was.
        """
        ...

    def remove(self, version: Version) -> bool:
        """Whether it was there and is gone. Another version under the same key stays."""
        ...


def open_inbox(url: str, s3_client_factory: Callable[[], Any] | None = None) -> Inbox:
    """Of the store at `url`. Raises BAD_STORE_URL as `open_store` does."""
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        from include.storage.listing_s3 import S3Inbox
        from include.storage.s3 import client_from_environment

        return S3Inbox(parts.netloc, parts.path.strip("/"), s3_client_factory or client_from_environment)
    from include.storage.listing_folder import FolderInbox

    open_store(url)
    return FolderInbox(Path(unquote(parts.path)))

"""Puts the demo's video into the store, once, under a name that its content decides."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from include.processing.http_source import HttpSource
from include.processing.ports import ByteSource
from include.processing.sources import FileSource
from include.storage import ObjectStore, keys

BLOCK = 4 * 2**20
LONGEST_NAME = 100


def is_url(video: str) -> bool:
    return video.lower().startswith(("http://", "https://"))


def open_video(video: str) -> ByteSource:
    """A path or an http(s) URL, as typed by the person at the keyboard. Raises SOURCE_UNREADABLE."""
    return HttpSource(video) if is_url(video) else FileSource(Path(video))


def arrive(video: str, source: ByteSource, store: ObjectStore) -> str:
    """The key. The same content finds itself there; a URL counts as the same while its server says so."""
    name = identity(video, source)
    key = keys.uploaded(f"{name}/{file_name(source.name)}")
    if store.head(key) is None:
        store.put_stream(key, blocks(source))
    return key


def identity(video: str, source: ByteSource) -> str:
    digest = hashlib.sha256()
    if isinstance(source, HttpSource):
        digest.update(repr((video, source.size, source.version)).encode())
    else:
        for block in blocks(source):
            digest.update(block)
    return digest.hexdigest()[:16]


def file_name(name: str) -> str:
    """What is left of a foreign name where only what is harmless in keys and paths may stay."""
    return re.sub(r"[^\w.,()+ -]", "_", name).strip(". ")[-LONGEST_NAME:] or "video"


def blocks(source: ByteSource) -> Iterator[bytes]:
    for offset in range(0, source.size, BLOCK):
        yield source.read_at(offset, BLOCK)

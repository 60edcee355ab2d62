"""Brings a video's original into the store before anything else is done with it.

A source is a key of our own store, `s3://bucket/key` or `https://host/path`; what is allowed is said by a `Policy`.
`found()` looks at it (and says which video it is), `stage()` copies it, hashed and in bounded memory, and writes its
record last: an original with a record is whole.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from include.processing.errors import PermanentError, one_line
from include.processing.ports import ByteSource
from include.processing.record import from_json, to_json
from include.settings import Settings
from include.storage import ObjectStore, keys

BLOCK = 8 * 1024 * 1024
LONGEST_FILENAME = 255  # the column in `videos`
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
WAYS = "give a key of the store, s3://bucket/key of an allowed bucket or https:// on an allowed host"


@dataclass(frozen=True, slots=True)
class Policy:
    """Where sources may come from. `hosts` may name a port (`host:8443`); a bucket `*` allows any."""

    hosts: tuple[str, ...]
    buckets: tuple[str, ...]
    max_bytes: int

    @classmethod
    def of(cls, chosen: Settings) -> "Policy":
        return cls(chosen.source_hosts, chosen.source_buckets, int(chosen.max_source_gib * 2**30))


@dataclass(frozen=True, slots=True)
class Original:
    """The record beside an original. `source` is without query and credentials, which may be secrets."""

    video_id: str
    filename: str
    source: str
    size: int
    sha256: str
    etag: str
    content_type: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A source that exists and may be read. `blocks` gives its bytes, once; `size` is None where nobody says."""

    video_id: str
    filename: str
    source: str
    etag: str
    size: int | None
    blocks: Iterable[bytes]
    content_type: str | None = None
    last_modified: str | None = None


@contextmanager
def found(
    source: str, store: ObjectStore, policy: Policy, open_bucket: Callable[[str], ObjectStore]
) -> Iterator[Found]:
    """Raises PermanentError SOURCE_NOT_ALLOWED, SOURCE_UNREADABLE, SOURCE_TOO_LARGE, EMPTY, or TransientError."""
    from include.storage.https_source import https_source

    scheme = match.group(1).lower() if (match := _SCHEME.match(source)) else ""
    if scheme == "https":
        with https_source(source, policy) as there:
            yield there
    elif scheme == "s3":
        yield _in_bucket(source, store, policy, open_bucket)
    elif scheme or not keys.valid(source):
        raise not_allowed(source, "this kind of source is not read")
    else:
        yield _object(store, source, source, _own(store, source), policy)


def stage(there: Found, store: ObjectStore) -> Original:
    """Copies what was found, unless that was done before."""
    key, record = keys.original(there.video_id), keys.original_record(there.video_id)
    if store.head(record) and store.head(key):
        return from_json(Original, store.get(record))
    meter = _Meter()
    if not store.put_stream(key, meter.through(there.blocks)):
        meter = _Meter()  # an attempt that died had copied it: what counts are the bytes in the store
        for _ in meter.through(read_blocks(store.open(key))):
            pass
    original = Original(
        video_id=there.video_id,
        filename=there.filename,
        source=there.source,
        size=meter.size,
        sha256=meter.sha256.hexdigest(),
        etag=there.etag,
        content_type=there.content_type,
        last_modified=there.last_modified,
    )
    store.put(record, to_json(original, indent=2))
    return original


class _Meter:
    def __init__(self) -> None:
        self.size, self.sha256 = 0, hashlib.sha256()

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            self.sha256.update(block)
            yield block


def limited(blocks: Iterable[bytes], source: str, max_bytes: int) -> Iterator[bytes]:
    """The same blocks, of a source that is neither empty nor too large, whatever its headers said."""
    size = 0
    for block in blocks:
        size += len(block)
        check_size(source, size, max_bytes)
        yield block
    check_size(source, size, max_bytes)


def check_size(source: str, size: int, max_bytes: int) -> None:
    if size == 0:
        raise PermanentError("EMPTY", f"{source} has no bytes", "upload the video again")
    if size > max_bytes:
        limit = f"{max_bytes / 2**30:.4g} GiB"
        raise PermanentError(
            "SOURCE_TOO_LARGE", f"{source} is larger than {limit}", "cut it, or raise REELSCRIBE_MAX_SOURCE_GIB"
        )


def read_blocks(source: ByteSource) -> Iterator[bytes]:
    for offset in range(0, source.size, BLOCK):
        yield source.read_at(offset, BLOCK)


def not_allowed(source: str, why: str, remedy: str = WAYS) -> PermanentError:
    return PermanentError("SOURCE_NOT_ALLOWED", f"{without_secrets(source)}: {why}", remedy)


def without_secrets(source: str) -> str:
    """For logs, rows and records: presigned URLs carry a signature, others a password. At most 500 characters."""
    start, separator, rest = source.partition("://")
    if separator:
        host, slash, path = rest.split("?")[0].split("#")[0].partition("/")
        source = f"{start}://{host.rpartition('@')[2]}{slash}{path}"
    return one_line(source)[:500] or "the source"


def filename_of(path: str) -> str:
    name = one_line(unquote(path).rstrip("/").rpartition("/")[2])
    return name[-LONGEST_FILENAME:] or "video"


def _in_bucket(source: str, store: ObjectStore, policy: Policy, open_bucket: Callable[[str], ObjectStore]) -> Found:
    bucket, _, key = source.partition("://")[2].partition("/")
    own = urlsplit(store.url)
    if not (own.scheme == "s3" and own.netloc == bucket) and not {bucket, "*"} & set(policy.buckets):
        raise not_allowed(
            source, f"bucket {bucket} is not on the list", "add it to REELSCRIBE_SOURCE_BUCKETS or copy the video"
        )
    if not keys.valid(key):
        raise not_allowed(source, "that is no object's key", "give s3://bucket/key")
    return _object(open_bucket(bucket), key, source, (bucket, key), policy)


def _own(store: ObjectStore, key: str) -> tuple[str, str]:
    """(bucket, key) of an object of ours: the same for both ways to write the source."""
    own = urlsplit(store.url)
    return (own.netloc, f"{own.path.strip('/')}/{key}".lstrip("/")) if own.scheme == "s3" else ("store", key)


def _object(store: ObjectStore, key: str, source: str, identity: tuple[str, str], policy: Policy) -> Found:
    info = store.head(key)
    if info is None:
        cause = f"{without_secrets(source)}: there is no such object in {store.url}"
        raise PermanentError("SOURCE_UNREADABLE", cause, "upload it, or correct the source")
    check_size(without_secrets(source), info.size, policy.max_bytes)
    video_id, blocks = keys.video_id(*identity, info.etag), read_blocks(store.open(key))
    return Found(video_id, filename_of(key), without_secrets(source), info.etag, info.size, blocks)

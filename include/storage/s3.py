"""Objects in an S3 bucket, or in anything that speaks S3 and honours If-None-Match."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from include.processing.errors import PermanentError, ProcessingError
from include.processing.ports import ByteSource
from include.storage import ObjectInfo
from include.storage.keys import MAX_KEY_BYTES, PARTIAL, valid, validate, validate_prefix
from include.storage.s3_errors import CONFLICT, MISSING, TAKEN, code, translated

BLOCK = 1 << 20
PART = 8 << 20
GROW_AFTER = 1000


def client_from_environment() -> Any:
    import boto3

    return boto3.session.Session().client("s3")  # the default session would remember an earlier environment


def part_size(number: int) -> int:
    """Bytes of the part with this number, from 1. S3 takes 10,000 parts: with these, 430 GiB."""
    return PART * (1 + (number - 1) // GROW_AFTER)


class S3Store:
    def __init__(self, bucket: str, prefix: str, client_factory: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._prefix = f"{validate(prefix)}/" if prefix else ""
        self._client_factory = client_factory
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")

    def head(self, key: str) -> ObjectInfo | None:
        place = self._place(key)
        with translated(self.describe(key)):
            try:
                found = self._client.head_object(**place)
            except ClientError as error:
                if code(error) in MISSING:
                    return None
                raise
        return ObjectInfo(key, found["ContentLength"], found["ETag"].strip('"'))

    def open(self, key: str) -> ByteSource:
        info = self.head(key)
        if info is None:
            raise PermanentError("SOURCE_UNREADABLE", f"there is no {self.describe(key)}", "check the address")
        return S3Source(self._client, self._place(key), self.describe(key), info)

    def get(self, key: str) -> bytes:
        return b"".join(self._blocks(key))

    def put(self, key: str, data: bytes) -> bool:
        place = self._place(key)
        with translated(self.describe(key)):
            try:
                self._client.put_object(**place, Body=data, IfNoneMatch="*")
            except ClientError as error:
                return self._was_there(key, error)
        return True

    def put_file(self, key: str, path: Path) -> bool:
        with path.open("rb") as file:
            return self.put_stream(key, iter(lambda: file.read(BLOCK), b""))

    def put_stream(self, key: str, blocks: Iterable[bytes]) -> bool:
        if self.head(key) is not None:
            return False
        parts = _parts(blocks)
        first = next(parts)
        if len(first) < PART:
            return self.put(key, bytes(first))
        return self._put_parts(key, first, parts)

    def download(self, key: str, path: Path) -> None:
        partial = path.with_name(path.name + PARTIAL)
        with partial.open("wb") as file:
            for block in self._blocks(key):
                file.write(block)
        partial.replace(path)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects whose names are no valid keys are left out, e.g. a console's folder markers."""
        start = len(self._prefix)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + validate_prefix(prefix)
        )
        with translated(f"{self.url}/{prefix}"):
            for page in pages:
                for found in page.get("Contents", ()):
                    if valid(found["Key"][start:]):
                        yield ObjectInfo(found["Key"][start:], found["Size"], found["ETag"].strip('"'))

    def delete(self, key: str) -> None:
        place = self._place(key)
        with translated(self.describe(key)):
            self._client.delete_object(**place)

    def describe(self, key: str) -> str:
        return f"{self.url}/{validate(key)}"

    @cached_property
    def _client(self) -> Any:
        return self._client_factory()

    def _place(self, key: str) -> dict[str, str]:
        full = self._prefix + validate(key)
        if len(full.encode()) > MAX_KEY_BYTES:
            raise PermanentError("BAD_KEY", f"{full[:200]!r} has more than {MAX_KEY_BYTES} bytes", "rename the object")
        return {"Bucket": self._bucket, "Key": full}

    def _blocks(self, key: str) -> Iterator[bytes]:
        place = self._place(key)
        with translated(self.describe(key)):
            try:
                body = self._client.get_object(**place)["Body"]
            except ClientError as error:
                if code(error) in MISSING:
                    remedy = "run the stage that makes it again"
                    raise PermanentError("OBJECT_MISSING", f"there is no {self.describe(key)}", remedy) from error
                raise
            with closing(body):
                yield from body.iter_chunks(BLOCK)

    def _put_parts(self, key: str, first: bytearray, rest: Iterator[bytearray]) -> bool:
        """Parts are invisible until the upload is completed; whatever happens before that, it is aborted."""
        place = self._place(key)
        with translated(self.describe(key)):
            upload = {**place, "UploadId": self._client.create_multipart_upload(**place)["UploadId"]}
        completed = False
        try:
            parts = enumerate(chain([first], rest), start=1)
            completed = self._complete(key, upload, [self._put_part(key, upload, *part) for part in parts])
        finally:
            if not completed:
                with suppress(ProcessingError), translated(self.describe(key)):  # what led here matters more
                    self._client.abort_multipart_upload(**upload)
        return completed

    def _put_part(self, key: str, upload: dict[str, str], number: int, data: bytearray) -> dict[str, Any]:
        with translated(self.describe(key)):
            answer = self._client.upload_part(**upload, PartNumber=number, Body=data)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _complete(self, key: str, upload: dict[str, str], sent: Iterable[dict[str, Any]]) -> bool:
        with translated(self.describe(key)):
            try:
                self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": list(sent)}, IfNoneMatch="*")
            except ClientError as error:
                return self._was_there(key, error)
        return True

    def _was_there(self, key: str, error: ClientError) -> bool:
        """False where the key is taken now; else the error goes on."""
        if code(error) in TAKEN or (code(error) in CONFLICT and self.head(key) is not None):
            return False
        raise error


class S3Source:
    def __init__(self, client: Any, place: dict[str, str], name: str, info: ObjectInfo) -> None:
        self.name = name
        self.size = info.size
        self._client = client
        self._place = place
        self._etag = info.etag

    def read_at(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        with translated(self.name):
            try:
                answer = self._client.get_object(
                    **self._place, Range=f"bytes={offset}-{end - 1}", IfMatch=f'"{self._etag}"'
                )
            except ClientError as error:
                if code(error) in TAKEN | MISSING | {"InvalidRange"}:
                    raise PermanentError("SOURCE_CHANGED", f"{self.name} was replaced", "submit it again") from error
                raise
            with closing(answer["Body"]) as body:  # `with body` would give the raw stream, which checks no length
                data: bytes = body.read()
        return data


def _parts(blocks: Iterable[bytes]) -> Iterator[bytearray]:
    """At least one part; all but the last have their full size, as S3 demands."""
    buffer, number = bytearray(), 1
    for block in blocks:
        view = memoryview(block)
        while view:
            room = part_size(number) - len(buffer)
            buffer += view[:room]
            view = view[room:]
            if len(buffer) == part_size(number):
                yield buffer
                buffer, number = bytearray(), number + 1
    if buffer or number == 1:
        yield buffer

"""What others put into the bucket of the store. S3 copies; conditions keep two versions apart.

A server that ignores a condition (moto: that of the copy's source) is caught by looking again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from include.storage.keys import valid, validate, validate_prefix
from include.storage.listing import Version
from include.storage.s3_errors import MISSING, TAKEN, code, translated

COPIED_AT_ONCE = 5 * 2**30  # bytes; what is larger is copied by S3 in parts
PART = 2**29


class S3Inbox:
    def __init__(self, bucket: str, prefix: str, client_factory: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._prefix = f"{validate(prefix)}/" if prefix else ""
        self._client_factory = client_factory

    def listed(self, prefix: str) -> Iterator[Version]:
        start = len(self._prefix)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + validate_prefix(prefix)
        )
        with translated(f"s3://{self._bucket}/{self._prefix}{prefix}"):
            for page in pages:
                for found in page.get("Contents", ()):
                    key = found["Key"][start:]
                    if valid(key):
                        yield Version(key, found["Size"], found["ETag"].strip('"'), found["LastModified"].timestamp())

    def identity(self, key: str) -> tuple[str, str]:
        return (self._bucket, self._prefix + key)

    def metadata(self, version: Version) -> Mapping[str, str] | None:
        found = self._head(version.key, version.etag)
        return None if found is None else {name.lower(): text for name, text in found["Metadata"].items()}

    def read(self, version: Version) -> bytes | None:
        with translated(self._name(version.key)):
            try:
                body = self._client.get_object(**self._place(version.key), IfMatch=f'"{version.etag}"')["Body"]
            except ClientError as error:
                if code(error) in MISSING | TAKEN:
                    return None
                raise
            with closing(body):
                data: bytes = body.read()
        return data

    def copy(self, version: Version, key: str) -> bool:
        if self._head(key) is not None:
            return True
        with translated(self._name(key)):
            try:
                made = self._copy(version, key)
            except ClientError as error:
                if code(error) not in MISSING | TAKEN:
                    raise
                return self._head(key) is not None
        if made == version.etag:
            return True
        # What was uploaded in parts gets another ETag by being copied: then the source tells. Where it is gone, another
        # pass was faster, and a run reads the copy.
        source = self._head(version.key)
        if source is None or source["ETag"].strip('"') == version.etag:
            return True
        self._delete(self._place(key))
        return False

    def remove(self, version: Version) -> bool:
        if self._head(version.key, version.etag) is None:  # for servers that delete unconditionally
            return False
        return self._delete({**self._place(version.key), "IfMatch": f'"{version.etag}"'})

    @cached_property
    def _client(self) -> Any:
        return self._client_factory()

    def _copy(self, version: Version, key: str) -> str | None:
        """The ETag of the copy, where S3 says it."""
        source, match = self._place(version.key), {"CopySourceIfMatch": f'"{version.etag}"'}
        if version.size <= COPIED_AT_ONCE:
            made = self._client.copy_object(**self._place(key), CopySource=source, IfNoneMatch="*", **match)
            return str(made["CopyObjectResult"]["ETag"]).strip('"')
        from boto3.s3.transfer import TransferConfig

        how = TransferConfig(multipart_threshold=COPIED_AT_ONCE, multipart_chunksize=PART, max_concurrency=4)
        self._client.copy(source, **self._place(key), ExtraArgs=match, Config=how)
        return None

    def _head(self, key: str, etag: str | None = None) -> dict[str, Any] | None:
        """None where there is no such object, or not with this ETag."""
        condition = {"IfMatch": f'"{etag}"'} if etag else {}
        with translated(self._name(key)):
            try:
                found: dict[str, Any] = self._client.head_object(**self._place(key), **condition)
            except ClientError as error:
                if code(error) in MISSING | TAKEN:
                    return None
                raise
        return found if etag is None or found["ETag"].strip('"') == etag else None

    def _delete(self, place: dict[str, str]) -> bool:
        with translated(self._name(place["Key"])):
            try:
                self._client.delete_object(**place)
            except ClientError as error:
                if code(error) in MISSING | TAKEN:
                    return False
                raise
        return True

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + validate(key)}

    def _name(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._prefix}{key}"

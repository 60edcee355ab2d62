"""Parts in S3: a multipart upload, whose parts come through us or straight from a browser (presigned.py).

Who sends a small file as a form has its bytes under another key, from which they are copied when they are complete: a
form may be sent again for as long as it is valid, and an object never changes.
"""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from tempfile import TemporaryFile
from typing import IO, Any

from botocore.exceptions import ClientError

from include.storage.keys import posted, validate
from include.storage.parts import PartSink, Spool, Upload, gone, incomplete
from include.storage.s3_errors import CONFLICT, MISSING, TAKEN, code, translated

NO_UPLOAD = {"NoSuchUpload", "404"}


class S3Parts:
    def __init__(self, bucket: str, prefix: str, client_factory: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._prefix = f"{validate(prefix)}/" if prefix else ""
        self._client_factory = client_factory

    def begin(self, upload: Upload, content_type: str | None) -> str:
        typed = {"ContentType": content_type} if content_type else {}
        with self._translated(upload):
            return str(self.client.create_multipart_upload(**self.place(upload.key), **typed)["UploadId"])

    def open(self, upload: Upload, number: int) -> PartSink:
        """On this machine's disk until it is whole: S3 wants its length first, and memory is dearer."""
        return Spool(TemporaryFile(), partial(self._put, upload, number), upload.key)

    def received(self, upload: Upload) -> frozenset[int]:
        if self._posted(upload):
            return frozenset([1])
        return frozenset(self._whole(upload))

    def complete(self, upload: Upload) -> None:
        if self._size(upload.key) == upload.size:
            return self.abort(upload)
        if self._posted(upload):
            self._copy(upload)
            return self.abort(upload)
        whole = self._whole(upload)
        if len(whole) < upload.parts:
            raise incomplete(upload, frozenset(whole))
        sent = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(whole.items())]
        self._join(upload, sent)
        return self.abort(upload)

    def abort(self, upload: Upload) -> None:
        """Also multipart uploads whose token was never written down."""
        place = self.place(upload.key)
        for token in self._tokens(upload) | ({upload.token} if upload.token else set()):
            with self._translated(upload):
                try:
                    self.client.abort_multipart_upload(**place, UploadId=token)
                except ClientError as error:
                    if code(error) not in NO_UPLOAD:
                        raise
        self._delete(posted(upload.id))

    def _put(self, upload: Upload, number: int, body: IO[bytes]) -> None:
        with self._translated(upload):
            try:
                self.client.upload_part(**self.place(upload.key), UploadId=upload.token, PartNumber=number, Body=body)
            except ClientError as error:
                if code(error) in NO_UPLOAD:
                    raise gone(upload) from error
                raise

    @cached_property
    def client(self) -> Any:
        return self._client_factory()

    def place(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + validate(key)}

    def _whole(self, upload: Upload) -> dict[int, str]:
        """ETags of the parts that have their length. Empty where the upload is completed or aborted."""
        pages = self.client.get_paginator("list_parts").paginate(**self.place(upload.key), UploadId=upload.token)
        with self._translated(upload):
            try:
                found = [part for page in pages for part in page.get("Parts", ())]
            except ClientError as error:
                if code(error) in NO_UPLOAD:
                    return {}
                raise
        numbers = range(1, upload.parts + 1)
        return {
            part["PartNumber"]: part["ETag"]
            for part in found
            if part["PartNumber"] in numbers and part["Size"] == upload.length(part["PartNumber"])
        }

    def _join(self, upload: Upload, sent: list[dict[str, Any]]) -> None:
        with self._translated(upload):
            try:
                self.client.complete_multipart_upload(
                    **self.place(upload.key),
                    UploadId=upload.token,
                    MultipartUpload={"Parts": sent},
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code(error) not in TAKEN | CONFLICT | NO_UPLOAD:
                    raise
                if self._size(upload.key) != upload.size:  # else another request was faster
                    raise gone(upload) from error

    def _copy(self, upload: Upload) -> None:
        source, target = self.place(posted(upload.id)), self.place(upload.key)
        with self._translated(upload):
            try:
                self.client.copy_object(**target, CopySource=source, IfNoneMatch="*")
            except ClientError as error:
                if code(error) not in TAKEN | CONFLICT | MISSING:
                    raise
        if self._size(upload.key) != upload.size:
            self._delete(upload.key)  # another form arrived between the look and the copy
            raise incomplete(upload, frozenset())

    def _posted(self, upload: Upload) -> bool:
        return upload.parts == 1 and self._size(posted(upload.id)) == upload.size

    def _size(self, key: str) -> int | None:
        place = self.place(key)
        with translated(f"s3://{self._bucket}/{place['Key']}"):
            try:
                return int(self.client.head_object(**place)["ContentLength"])
            except ClientError as error:
                if code(error) in MISSING:
                    return None
                raise

    def _delete(self, key: str) -> None:
        place = self.place(key)
        with translated(f"s3://{self._bucket}/{place['Key']}"):
            self.client.delete_object(**place)

    def _tokens(self, upload: Upload) -> set[str]:
        return {token for key, token in self._under_way(upload) if key == self.place(upload.key)["Key"]}

    def _under_way(self, upload: Upload) -> Iterator[tuple[str, str]]:
        place = self.place(upload.key)
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=place["Key"])
        with self._translated(upload):
            for page in pages:
                for found in page.get("Uploads", ()):
                    yield found["Key"], found["UploadId"]

    def _translated(self, upload: Upload) -> Any:
        return translated(f"s3://{self._bucket}/{self._prefix}{upload.key}")

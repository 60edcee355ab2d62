"""Addresses that let a browser speak to S3 itself for a while, at an endpoint that it reaches.

Whoever has one may do exactly what it says: send this part with these bytes' number, or read this object.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from include.processing.errors import PermanentError
from include.storage.keys import posted, validate
from include.storage.parts import Upload
from include.storage.s3_errors import translated

UPLOAD_SECONDS = 3600
WATCH_SECONDS = 4 * 3600  # a player asks again and again for as long as somebody watches


@dataclass(frozen=True, slots=True)
class Form:
    """To be sent as multipart/form-data: `fields` in this order, then `file`."""

    url: str
    fields: dict[str, str]


class Presigner:
    """`endpoint` is the S3 server as browsers call it; it is part of what is signed. `client_factory` gives a client
    of our own of the same store, whose credentials sign."""

    def __init__(self, endpoint: str, bucket: str, prefix: str, client_factory: Callable[[], Any]) -> None:
        there = urlsplit(endpoint)
        if there.scheme not in ("http", "https") or not there.netloc:
            remedy = "write https://host, as browsers reach the S3 server"
            raise PermanentError("BAD_STORE_URL", f"REELSCRIBE_PUBLIC_S3_ENDPOINT {endpoint!r} is no address", remedy)
        self._there, self._bucket, self._prefix = there, bucket, f"{validate(prefix)}/" if prefix else ""
        self._client = client_factory()
        self._client.meta.events.register_first("choose-signer.s3", _version_4)
        self._client.meta.events.register("before-sign.s3", self._move)

    @property
    def origin(self) -> str:
        """For a page's Content-Security-Policy."""
        return f"{self._there.scheme}://{self._there.netloc}"

    def parts(self, upload: Upload, numbers: Sequence[int]) -> dict[int, str]:
        """To PUT each part to. Its length is signed."""
        return {
            number: self._url(
                "upload_part",
                UPLOAD_SECONDS,
                **self._place(upload.key),
                UploadId=upload.token,
                PartNumber=number,
                ContentLength=upload.length(number),
            )
            for number in numbers
        }

    def form(self, upload: Upload, content_type: str) -> Form:
        """For a file of one part: S3 takes neither another size nor another type."""
        place = self._place(posted(upload.id))
        length: list[object] = ["content-length-range", upload.size, upload.size]
        with translated(f"s3://{self._bucket}/{place['Key']}"):
            made = self._client.generate_presigned_post(
                **place,
                Fields={"Content-Type": content_type},
                Conditions=[length, {"Content-Type": content_type}],
                ExpiresIn=UPLOAD_SECONDS,
            )
        return Form(made["url"], made["fields"])

    def reading(self, key: str, content_type: str, disposition: str) -> str:
        """To GET the object from, with these headers in the answer."""
        headers = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        return self._url("get_object", WATCH_SECONDS, **self._place(key), **headers)

    def _url(self, method: str, seconds: int, **parameters: Any) -> str:
        with translated(f"s3://{self._bucket}/{parameters['Key']}"):
            return str(self._client.generate_presigned_url(method, Params=parameters, ExpiresIn=seconds))

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + validate(key)}

    def _move(self, request: Any, **_: Any) -> None:
        """Just before it is signed, to the endpoint of browsers, with the bucket in the path."""
        if not request.context.get("is_presign_request"):
            return
        was = urlsplit(request.url)
        path = was.path
        if was.netloc.startswith(f"{self._bucket}."):
            path = f"/{self._bucket}{path}"
        base = self._there.path.rstrip("/")
        request.url = urlunsplit((self._there.scheme, self._there.netloc, base + path, was.query, ""))


def _version_4(signature_version: str, context: Any, **_: Any) -> str | None:
    """Older signatures cover no length."""
    if not context.get("is_presign_request"):
        return None
    for kind in ("query", "presign-post"):
        if signature_version.endswith(kind):
            return f"s3v4-{kind}"
    return None


def open_presigner(url: str, endpoint: str, client_factory: Callable[[], Any]) -> Presigner | None:
    """None where the store isn't S3, or browsers don't reach it."""
    store = urlsplit(url)
    if store.scheme != "s3" or not endpoint:
        return None
    return Presigner(endpoint, store.netloc, store.path.strip("/"), client_factory)

"""Objects to browsers in the ranges they ask for (RFC 9110, chapter 14), a block at a time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from include.api.answers import unchanged
from include.api.problems import Problem
from include.processing.ports import ByteSource
from include.storage import ObjectInfo, ObjectStore

BLOCK = 1 << 20  # bytes in memory for each answer
_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `[start, end)`."""

    start: int
    end: int


def answer(request: Request, store: ObjectStore, info: ObjectInfo, headers: Mapping[str, str]) -> Response:
    """The object, the part that is asked for, or that nothing has changed. Raises Problem 416 BAD_RANGE."""
    etag = f'"{info.etag}"'
    common = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    if unchanged(request, etag):
        return Response(status_code=304, headers=common)
    span = None
    if request.headers.get("if-range", etag) == etag:  # dates say too little: then it is sent whole
        span = span_of(request.headers.get("range"), info.size)
    status, sent = (206, span) if span else (200, Span(0, info.size))
    common["Content-Length"] = str(sent.end - sent.start)
    if span:
        common["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{info.size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=common)
    return StreamingResponse(_blocks(store.open(info.key), sent), status, common)


def span_of(header: str | None, size: int) -> Span | None:
    """None where the whole is to be sent: no range is asked for, several are, or what it says is no range."""
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:  # the last bytes
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(416, "BAD_RANGE", f"there are {size} bytes", "ask for a range of them", headers)
    return Span(start, end)


def _blocks(source: ByteSource, span: Span) -> Iterator[bytes]:
    for offset in range(span.start, span.end, BLOCK):
        yield source.read_at(offset, min(BLOCK, span.end - offset))

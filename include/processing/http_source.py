"""A video on a web server, by range requests. For the command, where the person at the keyboard chose the address;
the DAG stages addresses under stricter rules (include/storage/https_source.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import httpx

from include.processing.errors import PermanentError, ProcessingError, TransientError
from include.processing.sources import unreadable

TIMEOUT = 60.0
TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class HttpSource:
    """One connection; `fetched` counts the bytes that came over the wire, `version` changes with the file."""

    def __init__(self, url: str) -> None:
        self._url, self.fetched = url, 0
        try:
            parts = urlsplit(url)
            # without what may be secret in it: user, password and the signature of a presigned address
            self._shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
            self.name = unquote(parts.path.rsplit("/", 1)[-1]) or "video"
        except ValueError as exc:
            raise unreadable("the address", "it is no URL", "check it") from exc
        self._client = httpx.Client(follow_redirects=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})
        with self._answer(0, 1) as first:
            self.size = self._size(first)
            self.version = first.headers.get("etag") or first.headers.get("last-modified") or str(self.size)
            self.fetched += len(first.read()) if first.status_code == httpx.codes.PARTIAL_CONTENT else 0

    def read_at(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        with self._answer(offset, length) as answer:
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                raise self._no_ranges()
            data = answer.read()
        self.fetched += len(data)
        if len(data) != length:
            raise TransientError("SOURCE_UNREADABLE", f"{self._shown}: the answer was cut off", "try again")
        return data

    def _size(self, first: httpx.Response) -> int:
        total = first.headers.get("content-range", "").rpartition("/")[2]
        if first.status_code == httpx.codes.PARTIAL_CONTENT and total.isdigit():
            return int(total)
        if total == "0" or first.headers.get("content-length") == "0":
            return 0
        raise self._no_ranges()

    def _no_ranges(self) -> PermanentError:
        return unreadable(self._shown, "the server answers no range requests", "download the file and give its path")

    @contextmanager
    def _answer(self, offset: int, length: int) -> Iterator[httpx.Response]:
        """The head of an answer that is none of an error; its body comes only when it is read."""
        span = {"Range": f"bytes={offset}-{offset + length - 1}"}
        try:
            with self._client.stream("GET", self._url, headers=span) as answer:
                if answer.is_error and answer.status_code != httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    raise self._refusal(answer)
                yield answer
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects, ValueError) as exc:
            raise unreadable(self._shown, type(exc).__name__, "check the address") from exc
        except httpx.TransportError as exc:
            raise TransientError("SOURCE_UNREADABLE", f"{self._shown}: {type(exc).__name__}", "try again") from exc

    def _refusal(self, answer: httpx.Response) -> ProcessingError:
        cause = f"{self._shown}: the server answered {answer.status_code}"
        if answer.status_code not in TRY_AGAIN:
            return PermanentError("SOURCE_UNREADABLE", cause, "check the address and its access")
        asked = answer.headers.get("retry-after", "")
        pause = float(asked) if asked.isdigit() else None
        return TransientError("SOURCE_UNREADABLE", cause, "try again later", retry_after=pause)

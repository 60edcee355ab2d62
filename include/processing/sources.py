"""Where a video's bytes come from when no store is at hand: a file or a web server. S3 lives in include/storage."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from include.processing.errors import PermanentError, TransientError
from include.processing.ports import ByteSource

if TYPE_CHECKING:
    import httpx

HTTP_TIMEOUT = 60.0


class FileSource:
    """Raises SOURCE_UNREADABLE where there is no readable, regular file."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            if not path.is_file():
                raise FileNotFoundError("no such file" if not path.exists() else "not a regular file")
            self._fd = os.open(path, os.O_RDONLY)
        except OSError as exc:
            raise unreadable(str(path), exc.strerror or str(exc), "check the path and its permissions") from exc
        self.size = os.fstat(self._fd).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._fd, length, offset)

    def __del__(self) -> None:
        if hasattr(self, "_fd"):
            os.close(self._fd)


class HttpSource:
    """Range requests on one connection; `fetched` counts the bytes that came over the wire.

    For the command, where the person at the keyboard chose the URL; the DAG stages URLs under stricter rules.
    """

    def __init__(self, url: str) -> None:
        import httpx

        self._url = url
        self.fetched = 0
        self._client = httpx.Client(follow_redirects=True, timeout=HTTP_TIMEOUT)
        self.name = unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or "video"
        first = self._get(0, 1)
        total = first.headers.get("content-range", "").rpartition("/")[2]
        if first.status_code != httpx.codes.PARTIAL_CONTENT or not total.isdigit():
            raise unreadable(url, "the server answers no range requests", "download the file and give its path")
        self.size = int(total)
        self.version = first.headers.get("etag") or first.headers.get("last-modified") or str(self.size)

    def read_at(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        answer = self._get(offset, length)
        if len(answer.content) != length:
            raise TransientError("SOURCE_UNREADABLE", f"{self.name}: the server's answer was cut off", "try again")
        return answer.content

    def _get(self, offset: int, length: int) -> "httpx.Response":
        import httpx

        try:
            answer = self._client.get(self._url, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
        except httpx.TransportError as exc:
            raise TransientError("SOURCE_UNREADABLE", f"{self.name}: {type(exc).__name__}", "try again") from exc
        except httpx.InvalidURL as exc:
            raise unreadable(self._url, "not a URL", "check it") from exc
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise TransientError("SOURCE_UNREADABLE", f"the server answered {answer.status_code}", "try again later")
        if answer.is_error and answer.status_code != httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise unreadable(self.name, f"the server answered {answer.status_code}", "check the URL and its access")
        self.fetched += len(answer.content)
        return answer


def unreadable(name: str, why: str, remedy: str) -> PermanentError:
    return PermanentError("SOURCE_UNREADABLE", f"{name}: {why}", remedy)


def open_source(where: str) -> ByteSource:
    """A path or an http(s) URL, as typed by a person."""
    if where.startswith(("http://", "https://")):
        return HttpSource(where)
    return FileSource(Path(where))

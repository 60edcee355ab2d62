"""Where a video's bytes come from when no store is at hand: a file or a web server. S3 lives in include/storage."""

import os
from pathlib import Path

from include.processing.errors import PermanentError
from include.processing.ports import ByteSource


class FileSource:
    """Raises SOURCE_UNREADABLE where there is no readable, regular file."""

    def __init__(self, path: Path) -> None:
        self.name = os.fsencode(path.name).decode(errors="replace")  # a name need not be UTF-8, a result must
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


def unreadable(name: str, why: str, remedy: str) -> PermanentError:
    return PermanentError("SOURCE_UNREADABLE", f"{name}: {why}", remedy)


def open_source(where: str) -> ByteSource:
    """A path or an http(s) URL, as typed by a person."""
    if where.startswith(("http://", "https://")):
        from include.processing.http_source import HttpSource

        return HttpSource(where)
    return FileSource(Path(where))

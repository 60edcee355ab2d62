"""A file, in parts, several at a time. What came through stays: the same upload goes on where it was broken off."""

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from include.client.http import Http
from include.processing.errors import PermanentError

AT_ONCE = 4
URLS_AT_ONCE = 50
Json = dict[str, Any]
Told = Callable[[int, int], None]
"""Bytes that are there, of how many."""


def upload(http: Http, path: Path, more: Mapping[str, Any], told: Told, client_id: str | None = None) -> Json:
    """The video that it became. `more` are fields of the submission; without `client_id` the same file, by name, size
    and time of change, is the same upload."""
    try:
        state = path.stat()
        with path.open("rb"):
            pass
    except OSError as error:
        raise PermanentError("FILE_UNREADABLE", f"{path}: {error.strerror}", "give a file that is there") from error
    identity = client_id or _identity(path, state)
    asked = {"filename": path.name, "size": state.st_size, "id": identity}
    found = http.json("POST", "/uploads", json=asked)
    size, there = found["part_size"], set(found["received"])
    missing = [number for number in range(1, found["parts"] + 1) if number not in there]
    meter = _Meter(state.st_size, told, len(there) * size)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload") as pool:
        left = iter(missing)
        while numbers := list(islice(left, URLS_AT_ONCE)):
            urls = http.json("POST", f"/uploads/{found['id']}/urls", json={"parts": numbers})["urls"]
            list(pool.map(partial(_part, http, path, size, urls, meter), numbers))
    return http.json("POST", f"/uploads/{found['id']}/complete", json=dict(more))


class _Meter:
    def __init__(self, whole: int, told: Told, there: int) -> None:
        self._whole, self._told, self._there, self._lock = whole, told, min(there, whole), Lock()
        told(self._there, whole)

    def add(self, count: int) -> None:
        with self._lock:
            self._there += count
            self._told(self._there, self._whole)


def _part(http: Http, path: Path, size: int, urls: Mapping[str, str], meter: _Meter, number: int) -> None:
    with path.open("rb") as file:
        file.seek((number - 1) * size)
        data = file.read(size)
    http.put_part(urls[str(number)], data)
    meter.add(len(data))


def _identity(path: Path, state: os.stat_result) -> str:
    said = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}"
    return f"file-{hashlib.sha256(said.encode(errors='surrogateescape')).hexdigest()[:24]}"

"""Submit, watch, search, get."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from include.client.http import API, Http
from include.client.types import Hit, Video
from include.client.uploading import Told, upload

EVERY = 2.0  # seconds


def _silent(_there: int, _whole: int) -> None:
    pass


class Reelscribe:
    """The front door at `url` (Airflow's), with a token or an account of Airflow's.

    Each method raises PermanentError for what the server refuses, with its code, and TransientError where it does not
    answer after several tries.
    """

    def __init__(self, url: str, *, token: str = "", user: str = "", password: str = "") -> None:
        self._http = Http(url, token=token, user=user, password=password)

    def submit(
        self,
        source: str | Path,
        *,
        options: Mapping[str, Any] | None = None,
        dag: str | None = None,
        webhook: Mapping[str, Any] | None = None,
        client_id: str | None = None,
        told: Told = _silent,
    ) -> Video:
        """A local file (a Path) is uploaded; a text is a key of the store, s3://… or https://….

        The same `client_id` again is the same submission. `told` hears how many bytes are there, of how many."""
        more = {"options": dict(options or {}), "dag": dag, "webhook": webhook and dict(webhook)}
        more = {name: value for name, value in more.items() if value}
        if isinstance(source, Path):
            return Video.of(upload(self._http, source, more, told, client_id))
        chosen = {"id": client_id} if client_id else {}
        return Video.of(self._http.json("POST", "/videos", json={"source": source} | chosen | more))

    def video(self, video_id: str) -> Video:
        return Video.of(self._http.json("GET", f"/videos/{quote(video_id, safe='')}"))

    def videos(self, **filters: Any) -> Iterator[Video]:
        """The newest first, page by page. Filters are those of GET /videos: status, q, needs_review …"""
        yield from (Video.of(found) for found in self._pages("/videos", "videos", filters))

    def watch(self, video_id: str, every: float = EVERY) -> Iterator[Video]:
        """Each look at it, until it has ended."""
        while True:
            found = self.video(video_id)
            yield found
            if found.ended:
                return
            time.sleep(every)

    def search(self, text: str, **filters: Any) -> Iterator[Hit]:
        """Filters are those of GET /search: source, both, video_id, language …"""
        yield from (Hit.of(found) for found in self._pages("/search", "hits", {"q": text} | filters))

    def file(self, video_id: str, name: str) -> bytes:
        """One of `Video.files`, such as result.json or transcript.srt."""
        path = f"{API}/videos/{quote(video_id, safe='')}/files/{quote(name, safe='')}"
        return self._http.ask("GET", path).content

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Reelscribe":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pages(self, path: str, name: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        asked = {key: value for key, value in filters.items() if value is not None}
        while True:
            page = self._http.json("GET", path, params=asked)
            yield from page[name]
            if not page["after"]:
                return
            asked["after"] = page["after"]

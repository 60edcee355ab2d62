"""What the client gives back: of each answer, what programs want most; all of it is in `whole`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
ENDED = frozenset({"completed", "partial", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Video:
    """`percent` is from 0 to 100; `eta_seconds` is None where nobody can say; `error` is `CODE: cause; what to do`."""

    id: str
    filename: str
    status: str
    percent: float
    eta_seconds: float | None
    error: str | None
    files: tuple[str, ...]
    whole: Json = field(repr=False)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @classmethod
    def of(cls, found: Json) -> "Video":
        progress, error = found.get("progress") or {}, found.get("error")
        return cls(
            id=found["id"],
            filename=found["filename"],
            status=found["status"],
            percent=100.0 if found["status"] in ("completed", "partial") else float(progress.get("percent") or 0),
            eta_seconds=progress.get("eta_seconds"),
            error=_line(error) if error else None,
            files=tuple(found.get("files") or ()),
            whole=found,
        )


def _line(error: Json) -> str:
    remedy = error.get("remedy")
    return f"{error['code']}: {error['cause']}" + (f"; {remedy}" if remedy else "")


@dataclass(frozen=True, slots=True)
class Hit:
    """`time` is where to jump to, in seconds of the video. `highlights` are ranges of characters in `snippet`."""

    video_id: str
    filename: str
    source: str
    time: float
    snippet: str
    highlights: tuple[tuple[int, int], ...]
    whole: Json = field(repr=False)

    @classmethod
    def of(cls, found: Json) -> "Hit":
        marks = tuple((int(start), int(end)) for start, end in found["highlights"])
        where = found["video_id"], found["filename"], found["source"], found["time"]
        return cls(*where, found["snippet"], marks, found)

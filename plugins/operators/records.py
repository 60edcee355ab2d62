"""What travels between the stages: small plain dicts by XCom, everything else as objects under keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from include.processing.types import Chunk, MediaInfo, Problem, SoundChoice

VERSION = 5
"""Part of every recipe: raise it when a stage makes something else of the same input."""


class ChunkDict(TypedDict):
    """One element of what plan returns. `plan` and `vote` are keys; `label` is what Airflow's pages show.

    `vote` is the one on the language, None where it was given.
    """

    video_id: str
    index: int
    count: int
    start: float
    end: float
    label: str
    plan: str
    vote: str | None


class ExtractedDict(TypedDict):
    """`recipe` says how sound and pictures were made; `audio` is None where the chunk has no sound."""

    index: int
    recipe: str
    audio: str | None
    frames: str
    frame_index: str


class MadeDict(TypedDict):
    """The chunk with this index has its object under this key. Mapped results are joined by it, never by position."""

    index: int
    key: str


class TranscribedDict(MadeDict):
    """`usage` is the key of what it cost."""

    usage: str


class DoneDict(TypedDict):
    """A chunk that plan worked on itself, and what its stages made; None where one failed."""

    chunk: ChunkDict
    transcript: TranscribedDict | None
    screen: MadeDict | None


@dataclass(frozen=True, slots=True)
class Plan:
    """plan.json. `probe_index` is a key: what was read to open the container, so that no chunk reads it again.

    `speech_share` is how much of the sound that planning looked at is speech.
    """

    filename: str
    media: MediaInfo
    problems: tuple[Problem, ...]
    chunks: tuple[Chunk, ...]
    probe_index: str
    sound: SoundChoice
    speech_share: float


@dataclass(frozen=True, slots=True)
class Options:
    """The run's parameters; what the form leaves empty is None. `sound`: best, all, or a track's number.

    `screen_language` may be several, joined by "+"; it is the spoken one where only that was given.
    """

    source: str
    language: str | None
    asr: str
    model: str | None
    ocr: str
    screen_language: str | None
    chunk_minutes: float
    frames_per_second: float
    sound: str
    denoise: bool
    alignment: Literal["pauses", "forced"]
    budget_dollars: float | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Options":
        language, model, screen = (params[name] or "" for name in ("language", "model", "screen_language"))
        spoken = None if language.strip().lower() in ("", "auto") else language.strip()
        return cls(
            source=params["source"].strip(),
            language=spoken,
            asr=params["asr"],
            model=model.strip() or None,
            ocr=params["ocr"].strip(),
            screen_language=screen.strip() or spoken,
            chunk_minutes=float(params["chunk_minutes"]),
            frames_per_second=float(params["frames_per_second"]),
            sound=params["sound"].strip().lower() or "best",
            denoise=bool(params["denoise"]),
            alignment=params["alignment"],
            budget_dollars=None if params["budget_dollars"] is None else float(params["budget_dollars"]),
        )


def chunk_dict(chunk: Chunk, plan: str, vote: str | None) -> ChunkDict:
    return {
        "video_id": chunk.video_id,
        "index": chunk.index,
        "count": chunk.count,
        "start": chunk.start,
        "end": chunk.end,
        "label": f"{clock(chunk.start)}–{clock(chunk.end)}",
        "plan": plan,
        "vote": vote,
    }


def chunk_of(chunk: ChunkDict) -> Chunk:
    return Chunk(chunk["video_id"], chunk["index"], chunk["start"], chunk["end"], chunk["count"])


def clock(seconds: float) -> str:
    """HH:MM:SS, to the nearest second."""
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"

"""What is said, in chunk time (in video time inside a `VideoText`). Confidence is None where an engine gives none."""

from dataclasses import dataclass
from typing import Literal

from include.processing.types.media import Chunk, Problem

CoverageState = Literal["transcribed", "silent", "failed"]


@dataclass(frozen=True, slots=True)
class Word:
    start: float
    end: float
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of an engine's output, in chunk time (in video time inside a `VideoText`)."""

    start: float
    end: float
    text: str
    confidence: float | None = None
    speaker: str | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of a stretch of sound; `reason` says why it failed, or that it is no speech or no sound at all."""

    start: float
    end: float
    state: CoverageState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine and model made a text; `note` is a plain warning for the reader, e.g. of low quality."""

    name: str
    model: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """ISO 639-1. `confidence` is the share of the listened seconds that are in it; None: somebody told us."""

    code: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """The speech of one chunk, in chunk time. `coverage` fills the chunk without gaps."""

    chunk: Chunk
    engine: EngineInfo
    language: str | None
    segments: tuple[Segment, ...]
    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechUsage:
    """What a chunk's transcription cost: seconds of sound, dollars where the price is known."""

    seconds_sent: float = 0.0
    seconds_reused: float = 0.0
    seconds_silent: float = 0.0
    requests: int = 0
    dollars: float = 0.0

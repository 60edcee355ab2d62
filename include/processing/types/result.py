"""The result and what it cost, in video time."""

from dataclasses import dataclass, field
from typing import Literal

from include.processing.types.media import Problem, SubtitleTrack
from include.processing.types.pictures import Subtitle
from include.processing.types.screen import ScreenLine, ScreenText
from include.processing.types.speech import Coverage, EngineInfo, Segment

SCHEMA_VERSION = 1

CueSource = Literal["speech", "screen", "both", "subtitle"]
ResultStatus = Literal["completed", "partial"]


@dataclass(frozen=True, slots=True)
class Cue:
    """Timed text of the result, in video time.

    `shown`, of what is said: which entries of `VideoText.screen` stood while it was said, by index. A cue whose source
    is `both` is one of `VideoText.terms`.
    """

    start: float
    end: float
    text: str
    confidence: float | None
    source: CueSource
    shown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that was said from `start` to `end` and stood on the screen then, in its spelling there.

    `said` is how the recogniser wrote it. `segment` and `screen` are indices into `VideoText.speech` and `.screen`.
    """

    start: float
    end: float
    text: str
    said: str
    confidence: float | None
    segment: int
    screen: int


@dataclass(frozen=True, slots=True)
class QualityReport:
    """`status` is partial as soon as something is missing; `problems` says what."""

    status: ResultStatus
    mean_confidence: float | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The video of a result: what it is, never where or when it was processed."""

    filename: str
    duration: float
    size: int
    width: int
    height: int
    rotation: int
    frame_rate: float | None
    start_time: float
    container: str
    video_codec: str | None
    audio_codec: str | None
    subtitle_tracks: tuple[SubtitleTrack, ...] = ()


@dataclass(frozen=True, slots=True)
class VideoText:
    """result.json: everything said and shown, in video time. Nothing in it depends on when or how often it was made.

    `language_confidence` is None where the language was told, or nobody speaks.
    """

    video: VideoInfo
    language: str | None
    language_confidence: float | None
    speech: tuple[Segment, ...]
    screen: tuple[ScreenText, ...]
    timeline: tuple[Cue, ...]
    coverage: tuple[Coverage, ...]
    quality: QualityReport
    engines: dict[str, EngineInfo]
    lines: tuple[ScreenLine, ...] = ()
    subtitles: tuple[Subtitle, ...] = ()
    terms: tuple[Term, ...] = ()
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Receipt:
    """receipt.json: what making the result cost, beside it and never in it. Seconds are of sound, or of wall time.

    Of `frames_seen` pictures something was read of `frames_read`, in `screen_readings` pages, bands and lines, and
    `lines_dropped` were no text.
    """

    seconds_sent: float
    seconds_reused: float
    seconds_silent: float
    requests: int
    dollars: float
    frames_seen: int
    frames_read: int
    attempts: int
    stage_seconds: dict[str, float] = field(default_factory=dict)
    screen_readings: int = 0
    lines_dropped: int = 0
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Moment:
    """From this second on (video time) these words are being said and shown, until the next moment."""

    time: float
    frame_number: int
    audio_text: str | None
    ocr_text: str | None
    confidence: float | None

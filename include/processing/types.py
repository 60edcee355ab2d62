"""The values that flow from stage to stage. All are frozen; every time is float seconds, rounded to the millisecond.

The clock is in the type: engines speak in chunk time (`Segment`, `ScreenText`), and only `timeline.py` turns that
into video time (`Cue`, `VideoText`). Zero of the video is the container's start_time, for sound and picture alike.
Confidence is 0 to 1; None where an engine gives none.
"""

from dataclasses import dataclass, field
from typing import Literal

SCHEMA_VERSION = 1

CoverageState = Literal["transcribed", "silent", "failed"]
CueSource = Literal["speech", "screen", "both", "subtitle"]
ResultStatus = Literal["completed", "partial"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the reader of a result must know: `code` is stable, `message` says what and what to do."""

    code: str
    message: str
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """`index` counts the file's sound streams from 0; only those that can be decoded are listed.

    `language` is ISO 639-1 where there is such a code; `title` is what the file calls it. `aside` says that it is no
    plain sound of the video: a commentary, a description for the blind, music and effects alone.
    """

    index: int
    codec: str
    channels: int
    language: str | None = None
    title: str | None = None
    default: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """As `SoundTrack`. `pictures`: its lines are pictures of text, which must be read; `forced`: foreign parts only."""

    index: int
    codec: str
    language: str | None = None
    title: str | None = None
    default: bool = False
    forced: bool = False
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """`tracks` count from 0, several are mixed; none: the one that the file marks as its default.

    `channels` belong to the tracks in order, from 0; None, or nothing said: all channels mixed.
    """

    tracks: tuple[int, ...] = ()
    channels: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a probe found. Sizes are of the upright picture in pixels, 0 without one; `size` is in bytes.

    `duration` is what the file promises (from packets and index, not from a header that may lie);
    `readable_end` is where its bytes end: less than `duration` in a truncated file.
    """

    container: str
    duration: float
    readable_end: float
    start_time: float
    size: int
    width: int = 0
    height: int = 0
    rotation: int = 0
    frame_rate: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    sound_tracks: tuple[SoundTrack, ...] = ()
    subtitle_tracks: tuple[SubtitleTrack, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Half-open `[start, end)` in video time; `count` is how many chunks the video has."""

    video_id: str
    index: int
    start: float
    end: float
    count: int = 1

    @property
    def duration(self) -> float:
        return round(self.end - self.start, 3)


@dataclass(frozen=True, slots=True)
class Span:
    start: float
    end: float


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


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the upright picture, top-left origin."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def area(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class ChangedArea:
    """`appeared` is when what stands there now first stood (chunk time)."""

    box: Box
    appeared: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that shows something new.

    `tick` is the sample time and `pts` the true time of the picture shown then; `appeared` is when the first of what
    is new stood, all in chunk time. `changed` are the areas that stand still and differ from what was kept before.
    `moving` are areas that move as a film does; `switches` names the map of when things last switched there, or where
    something moved until now. `file` names the stored rows: the whole picture, or those around the areas, the first
    of which is row `top`; a picture that comes again is stored once. `thumbnail` is a small one in colour.
    """

    tick: float
    pts: float
    appeared: float
    file: str
    changed: tuple[ChangedArea, ...] = ()
    top: int = 0
    moving: tuple[Box, ...] = ()
    switches: str | None = None
    thumbnail: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """Bytes `[offset, offset + size)` of the frames archive; `sha256` is theirs, shortened to 16 hex digits."""

    file: str
    offset: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Subtitle:
    """One text of an embedded subtitle stream; `track` is `SubtitleTrack.index`."""

    start: float
    end: float
    text: str
    track: int


@dataclass(frozen=True, slots=True)
class SubtitlePicture:
    """A subtitle that is still to be read: `file` names its picture in the frames archive."""

    start: float
    end: float
    file: str
    track: int


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """The kept frames of one chunk and how far the picture was seen (chunk time); `ticks` counts what was looked at.

    `stored` says where each file of the archive lies in it, thumbnails for the pages included.
    """

    chunk: Chunk
    width: int
    height: int
    ticks: int
    end: float
    frames: tuple[Frame, ...]
    problems: tuple[Problem, ...] = ()
    stored: tuple[StoredPicture, ...] = ()
    subtitles: tuple[Subtitle, ...] = ()
    subtitle_pictures: tuple[SubtitlePicture, ...] = ()


@dataclass(frozen=True, slots=True)
class WordBox:
    """One word (or what an engine reads at once) in pixels of the upright picture, top-left origin."""

    text: str
    confidence: float
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TextBox:
    """One line of text, as `WordBox`."""

    text: str
    confidence: float
    left: int
    top: int
    width: int
    height: int
    words: tuple[WordBox, ...] = ()

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.width, self.height)


@dataclass(frozen=True, slots=True)
class ScreenText:
    """One state of the picture: its lines in reading order. A running clock is an entry of its own.

    Chunk time (video time inside a `VideoText`).
    """

    start: float
    end: float
    text: str
    confidence: float
    boxes: tuple[TextBox, ...]


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """One line of text from when to when it stood, over all states of the picture: `text` is its best reading.

    `box` is where it stood first. Chunk time (video time inside a `VideoText`).
    """

    start: float
    end: float
    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class ChunkScreens:
    """All screen text of one chunk, in chunk time.

    `frames_read` counts pictures of which something was read, `readings` all pages, bands and lines that were,
    `junk` the lines that were no text.
    """

    chunk: Chunk
    engine: EngineInfo
    screens: tuple[ScreenText, ...]
    lines: tuple[ScreenLine, ...] = ()
    subtitles: tuple[Subtitle, ...] = ()
    ticks: int = 0
    frames_read: int = 0
    readings: int = 0
    junk: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Timed text of the result, in video time."""

    start: float
    end: float
    text: str
    confidence: float | None
    source: CueSource


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

"""The values that flow from stage to stage. All are frozen; every time is float seconds, rounded to the millisecond.

The clock is in the type: engines speak in chunk time (`Segment`, `ScreenText`), and only `timeline.py` turns that
into video time (`Cue`, `VideoText`). Zero of the video is the container's start_time, for sound and picture alike.
Confidence is 0 to 1; None where an engine gives none.
"""

from include.processing.types.media import Chunk, MediaInfo, Problem, SoundChoice, SoundTrack, Span, SubtitleTrack
from include.processing.types.pictures import (
    Box,
    ChangedArea,
    Frame,
    FrameIndex,
    StoredPicture,
    Subtitle,
    SubtitlePicture,
)
from include.processing.types.result import (
    SCHEMA_VERSION,
    Cue,
    CueSource,
    Moment,
    QualityReport,
    Receipt,
    ResultStatus,
    Term,
    VideoInfo,
    VideoText,
)
from include.processing.types.screen import ChunkScreens, ScreenLine, ScreenText, TextBox, WordBox
from include.processing.types.speech import (
    Coverage,
    CoverageState,
    EngineInfo,
    Segment,
    SpeechUsage,
    SpokenLanguage,
    Transcript,
    Word,
)

__all__ = [
    "SCHEMA_VERSION",
    "Box",
    "ChangedArea",
    "Chunk",
    "ChunkScreens",
    "Coverage",
    "CoverageState",
    "Cue",
    "CueSource",
    "EngineInfo",
    "Frame",
    "FrameIndex",
    "MediaInfo",
    "Moment",
    "Problem",
    "QualityReport",
    "Receipt",
    "ResultStatus",
    "ScreenLine",
    "ScreenText",
    "Segment",
    "SoundChoice",
    "SoundTrack",
    "Span",
    "SpeechUsage",
    "SpokenLanguage",
    "StoredPicture",
    "Subtitle",
    "SubtitlePicture",
    "SubtitleTrack",
    "Term",
    "TextBox",
    "Transcript",
    "VideoInfo",
    "VideoText",
    "Word",
    "WordBox",
]

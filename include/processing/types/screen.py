"""What is shown, in chunk time (in video time inside a `VideoText`)."""

from dataclasses import dataclass

from include.processing.types.media import Chunk, Problem
from include.processing.types.pictures import Box, Subtitle
from include.processing.types.speech import EngineInfo


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

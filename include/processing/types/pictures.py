"""The pictures of a chunk that show something new, and its subtitles, in chunk time. Boxes are in pixels."""

from dataclasses import dataclass

from include.processing.types.media import Chunk, Problem


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

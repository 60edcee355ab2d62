"""A file and the chunks it is worked on in. Times are video time."""

from dataclasses import dataclass


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
    `readable_end` is where its bytes end: less than `duration` in a truncated file. `picture_end` and `sound_end` are
    where those two end; None without one, and where finding out would take reading the whole file.
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
    picture_end: float | None = None
    sound_end: float | None = None


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

"""A file's own subtitle streams: packets in file order in, texts (and pictures of text) of a chunk out."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import hashlib
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import AssSubtitle, SubtitleSet

from include.processing.container import zero
from include.processing.frames_archive import store
from include.processing.ocr.engine import OcrEngine
from include.processing.pictures import Gray
from include.processing.subtitle_markup import plain_text
from include.processing.subtitle_pictures import MAX_PIXELS, drawn
from include.processing.track_list import subtitle_streams
from include.processing.types import Chunk, FrameIndex, StoredPicture, Subtitle, SubtitlePicture, TextBox

LONGEST = 7.0  # seconds that a subtitle stands whose end nobody tells
JOIN = 0.05  # seconds between two of the same content that are one
UNSURE = 0.3  # lines that an engine reads with less confidence are no text
_NO_TIME, _NO_END = -(2**62), 2**32 - 1
# lines that are not UTF-8 are taken as they are; no picture larger than a screen is unpacked
_OPTIONS = {"sub_charenc_mode": "ignore", "max_pixels": str(MAX_PIXELS)}
_CAPTIONS = "eia_608"  # as they come in real time: otherwise each is held back until it ends


@dataclass(slots=True)
class _Entry:
    """`content` is the text, or the name of the picture; `end` None: not told yet. Video time."""

    start: float
    end: float | None
    content: str


@dataclass(slots=True)
class _Track:
    number: int
    codec: str
    pictures: bool
    replaces: bool  # each one ends what stands before it
    entries: list[_Entry] = field(default_factory=list)
    standing: list[_Entry] = field(default_factory=list)  # the next one ends them
    latest: dict[str, _Entry] = field(default_factory=dict)

    def show(self, start: float, end: float | None, content: str, since: float) -> None:
        """Nothing may be shown: that ends what stands. What began before `since` is not continued."""
        for entry in self.standing:
            if self.replaces:
                entry.end = start if entry.end is None else min(entry.end, start)
            elif entry.start < start:
                entry.end = min(start, entry.start + LONGEST)
        self.standing = [entry for entry in self.standing if entry.end is None]
        before = self.latest.get(content)
        if not content:
            return
        if before and before.start >= since and before.end is not None and before.end + JOIN >= start:
            before.end = end and max(end, before.end)
            entry = before
        else:
            entry = self.latest[content] = _Entry(start, end, content)
            self.entries.append(entry)
        if self.replaces or end is None:
            self.standing.append(entry)


class SubtitleReader:
    """A subtitle belongs to the chunk in which it starts, also when it ends later."""

    def __init__(self, container: InputContainer, chunk: Chunk, last: float, archive: tarfile.TarFile) -> None:
        """`last` is the video's end; `archive` gets the pictures."""
        self.errors = 0
        self._chunk, self._last, self._zero, self._archive = chunk, last, zero(container), archive
        self._stored: dict[str, StoredPicture] = {}
        self._tracks: dict[int, _Track] = {}
        self.streams: list[SubtitleStream] = []
        for number, stream in subtitle_streams(container):
            codec = stream.codec_context.codec
            name, pictures = codec.canonical_name, codec.bitmap_sub
            stream.codec_context.options = {**_OPTIONS, **({"real_time": "1"} if name == _CAPTIONS else {})}
            self._tracks[stream.index] = _Track(number, name, pictures, pictures or name == _CAPTIONS)
            self.streams.append(stream)

    @property
    def waiting(self) -> bool:
        """Whether one of this chunk still stands of which only the next packet of its track tells until when.

        DVB's own end is a time-out, for sets that no longer get any.
        """
        return any(
            self._inside(entry.start) and (entry.end is None or track.codec == "dvb_subtitle")
            for track in self._tracks.values()
            if track.replaces
            for entry in track.standing
        )

    def feed(self, packet: Packet[SubtitleStream]) -> None:
        try:
            shown = packet.stream.decode2(packet)
            if shown is None:
                return
            start, end = self._times(shown, packet, self._tracks[packet.stream_index].codec)
        except (FFmpegError, ValueError):
            at = packet.pts if packet.pts is not None else packet.dts
            self.errors += at is None or self._inside(round(float(at * packet.time_base) - self._zero, 3))
            return
        track = self._tracks[packet.stream_index]
        content = "" if end is not None and end <= max(start, 0.0) else self._content(shown, track, start)
        track.show(max(start, 0.0), end, content, self._chunk.start)

    def added_to(self, index: FrameIndex) -> FrameIndex:
        """The chunk's index with what was found."""
        texts = [Subtitle(*times, e.content, t.number) for t, e, times in self._found(pictures=False)]
        pictures = [SubtitlePicture(*times, e.content, t.number) for t, e, times in self._found(pictures=True)]
        return replace(
            index,
            stored=(*index.stored, *self._stored.values()),
            subtitles=tuple(sorted(texts, key=lambda s: (s.start, s.end, s.track))),
            subtitle_pictures=tuple(sorted(pictures, key=lambda s: (s.start, s.end, s.track))),
        )

    def _found(self, *, pictures: bool) -> Iterable[tuple[_Track, _Entry, tuple[float, float]]]:
        for track in self._tracks.values():
            for entry in track.entries if track.pictures == pictures else ():
                end = min(entry.start + LONGEST if entry.end is None else entry.end, self._last)
                if self._inside(entry.start) and end > entry.start:
                    yield track, entry, (self._chunk_time(entry.start), self._chunk_time(end))

    def _times(self, shown: SubtitleSet, packet: Packet[Any], codec: str) -> tuple[float, float | None]:
        """Start and end in video time. A decoder knows them better than the packet, which may be a part only; but that
        of captions gives the time of the one before."""
        if shown.pts > _NO_TIME and codec != _CAPTIONS:
            at = shown.pts / av.time_base
        elif packet.pts is not None:
            at = float(packet.pts * packet.time_base)
        else:
            raise ValueError("a subtitle without a time")
        at -= self._zero
        told = shown.start_display_time < shown.end_display_time < _NO_END
        end = round(at + shown.end_display_time / 1000, 3) if told else None
        return round(at + shown.start_display_time / 1000, 3), end

    def _content(self, shown: SubtitleSet, track: _Track, start: float) -> str:
        """The text, or the name under which the picture is stored, once however often it comes; empty for nothing."""
        if not track.pictures:
            parts = (plain_text(part.ass, track.codec) for part in shown if isinstance(part, AssSubtitle))
            return "\n".join(part for part in parts if part)
        try:
            picture = drawn(shown)
        except (FFmpegError, ValueError):
            self.errors += self._inside(start)
            return ""
        if picture is None:
            return ""
        name = f"subtitle-{hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest()[:16]}.png"
        if self._inside(start) and name not in self._stored:
            self._stored[name] = store(self._archive, name, picture)
        return name

    def _inside(self, at: float) -> bool:
        return self._chunk.start <= max(at, 0.0) < self._chunk.end

    def _chunk_time(self, video_time: float) -> float:
        return round(video_time - self._chunk.start, 3)


def read_pictures(
    pictures: Iterable[SubtitlePicture], load: Callable[[str], Gray], engine: OcrEngine
) -> tuple[Subtitle, ...]:
    """What the pictures say, in their order; each file is read once. `load` gives the picture of a name."""
    texts: dict[str, str] = {}
    for picture in pictures:
        if picture.file not in texts:
            texts[picture.file] = "\n".join(line.text for line in engine.read(load(picture.file)) if _sure(line))
    return tuple(Subtitle(p.start, p.end, texts[p.file], p.track) for p in pictures if texts[p.file])


def _sure(line: TextBox) -> bool:
    return line.confidence >= UNSURE and any(letter.isalnum() for letter in line.text)

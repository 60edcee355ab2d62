"""One pass over a chunk's bytes: sound to FLAC, pictures that show something new to a tar, subtitles to the index."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet

from include.processing.audio import FlacWriter
from include.processing.chunk_packets import TimedPacket, packets_from, starts
from include.processing.container import cause, open_container, picture_stream, zero
from include.processing.kept_frames import FrameKeeper
from include.processing.ports import ByteSource, Progress, no_progress
from include.processing.sound_tracks import USUAL_SOUND, Ear
from include.processing.subtitle_streams import SubtitleReader
from include.processing.types import Chunk, FrameIndex, MediaInfo, Problem, SoundChoice

BETWEEN_WORDS = 1.0  # seconds of video between two words on how far it is: to another process each costs


@dataclass(frozen=True, slots=True)
class Extracted:
    """Files in the work folder. `audio` is None where the chunk has no sound, `frames` holds what `index` names."""

    audio: Path | None
    frames: Path
    index: FrameIndex


def extract_chunk(
    source: ByteSource,
    media: MediaInfo,
    chunk: Chunk,
    work: Path,
    *,
    fps: float = 1.0,
    index: bytes = b"",
    progress: Progress = no_progress,
    sound: SoundChoice = USUAL_SOUND,
    hwaccel: str | None = None,
) -> Extracted:
    """Memory does not grow with the chunk. Raises what the source raises; damaged packets are counted, not fatal.

    `hwaccel` as `open_container` has it.
    """
    audio, frames = work / "audio.flac", work / "frames.tar"
    with FlacWriter(audio) as sound_file, tarfile.open(frames, "w") as archive:
        for start in starts(media, chunk):
            with open_container(source, index, hwaccel=hwaccel) as (container, file):
                reader = SubtitleReader(container, chunk, media.duration, archive)
                packets = packets_from(container, start, chunk, sound, reader)
                if packets is None:
                    continue
                picture, ear = picture_stream(container), Ear(container, sound, chunk.start, chunk.end)
                keeper = FrameKeeper(media, chunk, fps, picture, zero(container), archive) if picture else None
                hearer = _Hearer(ear, sound_file) if ear.streams else None
                told = partial(progress, "extract", chunk.index)
                _take_apart(packets, keeper, hearer, reader, zero(container) + chunk.start, chunk.duration, told)
                if error := cause(file):
                    raise error
                break
    errors = (keeper.errors if keeper else 0) + (hearer.errors if hearer else 0) + reader.errors
    found = keeper.index(_damage(errors, chunk)) if keeper else _no_picture(chunk, _damage(errors, chunk))
    return Extracted(audio if hearer and hearer.ear.written else None, frames, reader.added_to(found))


@dataclass(slots=True)
class _Hearer:
    ear: Ear
    out: FlacWriter
    errors: int = 0

    @property
    def streams(self) -> frozenset[int]:
        return frozenset(s.index for s in self.ear.streams)

    def feed(self, packet: Packet[AudioStream], inside: bool) -> None:
        """Errors count `inside` the chunk only: seeking may land in the middle of a sound frame."""
        try:
            for frame in packet.decode():
                for samples in self.ear.feed(packet.stream_index, frame):
                    self.out.write(samples)
        except (FFmpegError, ValueError):
            self.errors += inside

    def finish(self) -> None:
        for samples in self.ear.finish():
            self.out.write(samples)


def _take_apart(
    packets: Iterator[TimedPacket],
    keeper: FrameKeeper | None,
    hearer: _Hearer | None,
    reader: SubtitleReader,
    start: float,
    duration: float,
    told: Callable[[float, float], None],
) -> None:
    """Sound, pictures and subtitles each their way. `start` is the chunk's on the container's clock."""
    heard = hearer.streams if hearer else frozenset()
    written = frozenset(s.index for s in reader.streams)
    at = next_word = start
    for packet, at in packets:
        index = packet.stream_index
        if index in written:
            reader.feed(packet)
            continue
        if index in heard and hearer is not None:
            hearer.feed(packet, inside=at >= start)
        elif keeper is not None:
            keeper.feed(packet)
        if at >= next_word:
            told(at - start, duration)
            next_word = at + BETWEEN_WORDS
    told(at - start, duration)
    for part in (keeper, hearer):
        if part is not None:
            part.finish()


def _damage(errors: int, chunk: Chunk) -> tuple[Problem, ...]:
    if not errors:
        return ()
    message = f"{errors} packets could not be decoded: text may be missing here; check the original"
    return (Problem("DECODE_ERRORS", message, 0.0, chunk.duration),)


def _no_picture(chunk: Chunk, problems: tuple[Problem, ...]) -> FrameIndex:
    return FrameIndex(chunk, 0, 0, ticks=0, end=0.0, frames=(), problems=problems)

"""One pass over a chunk's bytes: sound to FLAC, the pictures that show something new to a tar of JPEGs."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import itertools
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from include.processing.audio import FlacWriter
from include.processing.container import cause, open_container, picture_stream, sought, zero
from include.processing.kept_frames import FrameKeeper
from include.processing.ports import ByteSource, Progress, no_progress
from include.processing.sound_tracks import STRAGGLERS, USUAL_SOUND, Ear, chosen_streams
from include.processing.types import Chunk, FrameIndex, MediaInfo, Problem, SoundChoice

BACKSTEPS = (0.0, 5.0, 20.0, 60.0)  # how far before the chunk reading starts, until a picture lies before it
PEEKED = 3000  # packets among which the first whole picture is looked for

AnyPacket: TypeAlias = "Packet[Any]"


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
) -> Extracted:
    """Memory does not grow with the chunk. Raises what the source raises; damaged packets are counted, not fatal."""
    audio, frames = work / "audio.flac", work / "frames.tar"
    # right after seeking in a program stream the demuxer's guesses of missing time stamps are off by a frame
    backsteps = BACKSTEPS[1:] if media.container == "mpeg" else BACKSTEPS
    starts = [*(chunk.start - step for step in backsteps if step < chunk.start), 0.0]
    with FlacWriter(audio) as sound_file, tarfile.open(frames, "w") as archive:
        for start in starts:
            with open_container(source, index) as (container, file):
                packets = _packets_from(container, start, chunk, sound)
                if packets is None:
                    continue
                picture, ear = picture_stream(container), Ear(container, sound, chunk.start, chunk.end)
                keeper = FrameKeeper(media, chunk, fps, picture, zero(container), archive) if picture else None
                hearer = _Hearer(ear, sound_file) if ear.streams else None
                told = partial(progress, "extract", chunk.index)
                _take_apart(packets, keeper, hearer, zero(container) + chunk.start, chunk.duration, told)
                if error := cause(file):
                    raise error
                break
    errors = (keeper.errors if keeper else 0) + (hearer.errors if hearer else 0)
    found = keeper.index(_damage(errors, chunk)) if keeper else _no_picture(chunk, _damage(errors, chunk))
    return Extracted(audio if hearer and hearer.ear.written else None, frames, found)


@dataclass(slots=True)
class _Hearer:
    ear: Ear
    out: FlacWriter
    errors: int = 0

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
    packets: Iterator[AnyPacket],
    keeper: FrameKeeper | None,
    hearer: _Hearer | None,
    start: float,
    duration: float,
    told: Callable[[float, float], None],
) -> None:
    """Sound one way, pictures the other. `start` is the chunk's on the container's clock."""
    for packet in packets:
        if isinstance(packet.stream, AudioStream):
            if hearer is not None:
                hearer.feed(packet, inside=_seconds(packet) >= start)
        elif keeper is not None:
            keeper.feed(packet)
        told(_seconds(packet) - start, duration)
    for part in (keeper, hearer):
        if part is not None:
            part.finish()


def _packets_from(
    container: InputContainer, start: float, chunk: Chunk, sound: SoundChoice
) -> Iterator[AnyPacket] | None:
    """Packets up to the chunk's end; None if no picture that can be decoded lies before its start.

    Seeking finds a place in the file: in a transport stream often the middle of a group of pictures.
    """
    if start > 0 and not sought(container, start):
        return None
    picture = picture_stream(container)
    streams: list[VideoStream | AudioStream] = [*([picture] if picture else []), *chosen_streams(container, sound)]
    packets = _until(chunk.end, container, streams)
    if start <= 0 or picture is None:
        return packets
    peeked: list[AnyPacket] = []
    for packet in itertools.islice(packets, PEEKED):
        peeked.append(packet)
        if packet.stream_index == picture.index and packet.is_keyframe and packet.pts is not None:
            if float(packet.pts * packet.time_base) - zero(container) > chunk.start + 1e-3:
                return None
            return itertools.chain(peeked, packets)
    return None


def _until(end: float, container: InputContainer, streams: Sequence[VideoStream | AudioStream]) -> Iterator[AnyPacket]:
    """Packets until every stream passed `end`; a stream that stays behind for long is not waited for."""
    passed: set[int] = set()
    start = zero(container)
    with suppress(FFmpegError):  # a damaged end: what came before stands, and the probe reported the loss
        for packet in container.demux(streams):
            if not packet.size:
                continue  # demux() flushes its own decoders with these; ours are flushed at the end
            at = _seconds(packet) - start
            if at >= end:
                passed.add(packet.stream_index)
                if len(passed) == len(streams) or at > end + STRAGGLERS:
                    return
            yield packet


def _seconds(packet: AnyPacket) -> float:
    """On the container's clock, by decoding time where there is one: it never runs backwards."""
    time = packet.dts if packet.dts is not None else packet.pts
    return float((time or 0) * packet.time_base)


def _damage(errors: int, chunk: Chunk) -> tuple[Problem, ...]:
    if not errors:
        return ()
    message = f"{errors} packets could not be decoded: text may be missing here; check the original"
    return (Problem("DECODE_ERRORS", message, 0.0, chunk.duration),)


def _no_picture(chunk: Chunk, problems: tuple[Problem, ...]) -> FrameIndex:
    return FrameIndex(chunk, 0, 0, ticks=0, end=0.0, frames=(), problems=problems)

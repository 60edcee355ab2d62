"""The sound of a video that has several tracks: one of them, or all as one; and reading a piece of it."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from include.processing.audio import Samples, SoundClock, SoundMix
from include.processing.container import cause, open_container, sought, sound_stream, zero
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.types import SoundChoice

PREROLL = 0.5  # seconds read before a piece: right after seeking, decoders give out rubbish
BACKSTEPS = (0.0, 5.0, 20.0)  # how much earlier still, until sound lies before the piece
STRAGGLERS = 10.0  # seconds that a track may lie behind in the file


USUAL_SOUND = SoundChoice()


class Ear:
    """A chosen sound of an open container: frames of its streams in, samples of `[start, end)` (video time) out."""

    def __init__(self, container: InputContainer, sound: SoundChoice, start: float, end: float) -> None:
        self.streams = chosen_streams(container, sound)
        channels = [*sound.channels, *[None] * len(self.streams)]
        clocks = [SoundClock(start, end, zero(container), channels[i]) for i in range(len(self.streams))]
        self._place = {stream.index: i for i, stream in enumerate(self.streams)}
        self._mix = SoundMix(clocks)

    @property
    def written(self) -> int:
        return self._mix.written

    def feed(self, stream: int, frame: av.AudioFrame) -> Iterable[Samples]:
        """Frames of other streams are not heard."""
        return self._mix.feed(self._place[stream], frame) if stream in self._place else ()

    def finish(self) -> Iterator[Samples]:
        return self._mix.finish()


def chosen_streams(container: InputContainer, sound: SoundChoice) -> list[AudioStream]:
    """Empty where there is no sound."""
    streams = [sound_stream(container, track) for track in sound.tracks or (None,)]
    return [stream for stream in streams if stream is not None]


def read_sound(source: ByteSource, probe: Probe, start: float, end: float, sound: SoundChoice = USUAL_SOUND) -> Samples:
    """16 kHz mono of `[start, end)` in video time, sample 0 at `start`; shorter where the sound ends.

    Raises what the source raises. It is what `extract_chunk` gives there, but not bit by bit: a decoder that began
    elsewhere makes other noise (AAC's is drawn by lot), and where time stamps are coarse it may be half of one off.
    """
    (samples,) = read_sounds(source, probe, start, end, [sound])
    return samples


def read_sounds(
    source: ByteSource, probe: Probe, start: float, end: float, sounds: Sequence[SoundChoice]
) -> list[Samples]:
    """Several choices of the same piece, in one pass over its bytes."""
    spots = sorted({max(0.0, start - PREROLL - step) for step in BACKSTEPS}, reverse=True)
    heard: list[Samples] = []
    for spot in [*spots, 0.0]:
        with open_container(source, probe.index) as (container, file):
            if spot > 0 and not sought(container, spot):
                continue
            heard, whole = _hear(container, [Ear(container, sound, start, end) for sound in sounds], start, end)
            if error := cause(file):
                raise error
            if whole or spot <= spots[-1]:
                break
    return heard


def _hear(container: InputContainer, ears: Sequence[Ear], start: float, end: float) -> tuple[list[Samples], bool]:
    """And whether every track was met before `start`: seeking is a guess in some containers."""
    wanted = {stream.index for ear in ears for stream in ear.streams}
    pieces: list[list[Samples]] = [[] for _ in ears]
    met, passed = set(), set()
    for stream, frame in _frames(container, wanted, zero(container) + end + STRAGGLERS):
        for ear, heard in zip(ears, pieces, strict=True):
            heard.extend(ear.feed(stream, frame))
        at = (frame.time or 0.0) - zero(container)
        met.update([stream] if at <= start else [])
        passed.update([stream] if at > end else [])
        if passed == wanted:
            break
    for ear, heard in zip(ears, pieces, strict=True):
        heard.extend(ear.finish())
    return [np.concatenate(heard) if heard else np.zeros(0, np.int16) for heard in pieces], met == wanted


def _frames(container: InputContainer, wanted: set[int], latest: float) -> Iterator[tuple[int, av.AudioFrame]]:
    """(index of the stream, frame), up to `latest` on the container's clock; what is damaged is left out."""
    clocks = {s.index: float(s.time_base or 0) for s in container.streams if s.type in ("audio", "video")}
    with suppress(FFmpegError):
        for packet in container.demux() if wanted else ():  # all: a track may have nothing for an hour
            index, pts = packet.stream_index, packet.pts
            if pts is not None and pts * clocks.get(index, 0.0) > latest:
                return
            if index in wanted:
                with suppress(FFmpegError, ValueError):
                    for frame in packet.decode():
                        if isinstance(frame, av.AudioFrame):
                            yield index, frame

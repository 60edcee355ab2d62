"""Sound on the video's clock: 16 kHz mono, sample 0 at the chunk's start, gaps filled with silence."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer

from include.processing.resampling import Resampler

RATE = 16_000
DRIFT = RATE // 25  # 40 ms: where time stamps and samples differ by more, the time stamps are believed
LATE = 10 * RATE  # a track that lies this far behind another one in the file is not waited for

Samples = npt.NDArray[np.int16]


class SoundClock:
    """Turns decoded frames into samples of `[start, end)` (seconds, as the frames' times): resampled, in step.

    `channel` counts from 0; None, or one that a frame has not: all channels mixed.
    """

    def __init__(self, start: float, end: float, zero: float, channel: int | None = None) -> None:
        self._origin = start + zero
        self._total = round((end - start) * RATE)
        self._wanted = channel
        self._channel: int | None = None  # of the frames that the resampler gets now
        self._resampler: Resampler | None = None  # None before the first frame
        self._shape: tuple[str, str, int] | None = None
        self._at: int | None = None  # where the resampler's next sample belongs; None until the first frame
        self._next = 0.0  # where the next frame's first one does, if nothing is missing
        self.written = 0

    def feed(self, frame: av.AudioFrame) -> Iterable[Samples]:
        """The samples that are new and inside, when about a second of them is there; silence where the frames left a
        gap. Take them before feeding on."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        due = None if frame.time is None else round((frame.time - self._origin) * RATE)
        jumps = due is not None and (self._at is None or abs(due - self._next) > DRIFT)
        if self._resampler is None or shape != self._shape or jumps:
            return self._anew(frame, shape, due if jumps else None)
        self._next += frame.samples * RATE / frame.sample_rate
        return self._placed(self._resampler.feed(frame))

    def _anew(self, frame: av.AudioFrame, shape: tuple[str, str, int], due: int | None) -> Iterator[Samples]:
        """Some streams change in the middle, and a resampler can't. `due`: where this frame belongs, if it jumps."""
        yield from self.finish()
        self._channel = self._wanted if self._wanted in range(frame.layout.nb_channels) else None
        self._resampler, self._shape = Resampler(frame, RATE, mono=self._channel is None), shape
        if due is not None:
            self._at, self._next = due, due
        self._next += frame.samples * RATE / frame.sample_rate
        yield from self._placed(self._resampler.feed(frame))

    def finish(self) -> Iterable[Samples]:
        """What is left in the resampler. The end is not padded: sound may be shorter than the picture."""
        return self._placed(self._resampler.finish()) if self._resampler else ()

    def _placed(self, blocks: Sequence[Samples]) -> Iterable[Samples]:
        return chain.from_iterable(self._place(block[self._channel or 0]) for block in blocks) if blocks else ()

    def _place(self, samples: Samples) -> Iterator[Samples]:
        at = self._at or 0
        self._at = at + len(samples)
        samples = samples[max(0, self.written - at) : max(0, self._total - at)]
        at = max(at, self.written)
        if not len(samples):
            return
        if at > self.written:
            yield from self._silence(at - self.written)
        self.written += len(samples)
        yield samples

    def _silence(self, count: int) -> Iterator[Samples]:
        """In blocks of a minute: a gap can be long."""
        while count > 0:
            block = min(count, 60 * RATE)
            self.written += block
            count -= block
            yield np.zeros(block, np.int16)


class SoundMix:
    """Several tracks as one sound, each in step by its own time stamps and scaled, so that nothing can clip.

    The sound of a track that comes later than `LATE` behind another one's is left out: memory must not grow.
    """

    def __init__(self, clocks: Sequence[SoundClock]) -> None:
        self._clocks = clocks
        self._sums: dict[int, npt.NDArray[np.int32]] = {}  # by second, from the first that is not given out yet
        self._next = 0

    @property
    def written(self) -> int:
        return max((clock.written for clock in self._clocks), default=0)

    def feed(self, track: int, frame: av.AudioFrame) -> Iterable[Samples]:
        """What is complete with this frame of the track at this place of `clocks`."""
        pieces = self._clocks[track].feed(frame)
        return pieces if len(self._clocks) == 1 else self._mixed(self._clocks[track], pieces)

    def finish(self) -> Iterator[Samples]:
        if len(self._clocks) == 1:
            yield from self._clocks[0].finish()
            return
        for clock in self._clocks:
            yield from self._mixed(clock, clock.finish())
        rest = self.written - self._next * RATE
        while rest > 0:
            yield self._second()[:rest]
            rest -= RATE

    def _mixed(self, clock: SoundClock, pieces: Iterable[Samples]) -> Iterator[Samples]:
        for piece in pieces:
            self._add(clock.written - len(piece), piece)
            complete = max(min(c.written for c in self._clocks), self.written - LATE)
            while (self._next + 1) * RATE <= complete:
                yield self._second()

    def _add(self, at: int, piece: Samples) -> None:
        while len(piece):
            second, offset = divmod(at, RATE)
            part, piece = piece[: RATE - offset], piece[RATE - offset :]
            if second >= self._next:
                sums = self._sums.setdefault(second, np.zeros(RATE, np.int32))
                sums[offset : offset + len(part)] += part
            at += len(part)

    def _second(self) -> Samples:
        count = len(self._clocks)
        sums = self._sums.pop(self._next, np.zeros(RATE, np.int32))
        self._next += 1
        return ((sums + count // 2) // count).astype(np.int16)


class FlacWriter:
    """Samples in, a FLAC file out, block by block; no file where there are none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: OutputContainer | None = None
        self._written = 0
        self._block: list[Samples] = []
        self._blocked = 0

    def write(self, samples: Samples) -> None:
        """Collects a second's worth: a call for each frame of sound costs more than encoding it."""
        self._block.append(samples)
        self._blocked += len(samples)
        if self._blocked >= RATE:
            self._encode()

    def _encode(self) -> None:
        if self._container is None:
            self._container = av.open(str(self._path), "w", format="flac")
            self._stream = self._container.add_stream("flac", rate=RATE, layout="mono")
        samples = np.concatenate(self._block)
        self._block, self._blocked = [], 0
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._written
        self._written += len(samples)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._blocked:
            self._encode()
        if self._container is not None:
            self._container.mux(self._stream.encode(None))
            self._container.close()


def write_flac(path: Path, samples: Samples) -> None:
    with FlacWriter(path) as out:
        out.write(samples)


def read_flac(path: Path) -> Samples:
    """All samples of a file that `FlacWriter` wrote: 1.9 MB a minute, so 19 MB for a chunk of ten."""
    with av.open(str(path), options={"format_whitelist": "flac"}) as container:
        pieces = [frame.to_ndarray()[0] for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)

"""Sound on the video's clock: 16 kHz mono, sample 0 at the chunk's start, gaps filled with silence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
DRIFT = RATE // 25  # 40 ms: where time stamps and samples differ by more, the time stamps are believed

Samples = npt.NDArray[np.int16]


class SoundClock:
    """Turns decoded frames into samples of `[start, end)` (seconds, as the frames' times): resampled, in step."""

    def __init__(self, start: float, end: float, zero: float) -> None:
        self._origin = start + zero
        self._total = round((end - start) * RATE)
        self._resampler = _resampler()
        self._shape: tuple[str, str, int] | None = None
        self._at: int | None = None  # where the resampler's next sample belongs; None until the first frame
        self.written = 0

    def feed(self, frame: av.AudioFrame) -> Iterator[Samples]:
        """The samples that are new and inside; silence where the frames left a gap."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:  # some streams change in the middle, and a resampler can't
            yield from self.finish()
            self._resampler, self._shape = _resampler(), shape
        if frame.time is not None:
            due = round((frame.time - self._origin) * RATE)
            if self._at is None or abs(due - self._at) > DRIFT:
                self._at = due
        for piece in self._resampler.resample(frame):
            yield from self._place(piece.to_ndarray()[0])

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

    def finish(self) -> Iterator[Samples]:
        """What is left in the resampler. The end is not padded: sound may be shorter than the picture."""
        if self._at is not None:
            for piece in self._resampler.resample(None):
                yield from self._place(piece.to_ndarray()[0])

    def _silence(self, count: int) -> Iterator[Samples]:
        """In blocks of a minute: a gap can be long."""
        while count > 0:
            block = min(count, 60 * RATE)
            self.written += block
            count -= block
            yield np.zeros(block, np.int16)


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=RATE)


class FlacWriter:
    """Samples in, a FLAC file out, block by block."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path), "w", format="flac")
        self._stream = self._container.add_stream("flac", rate=RATE, layout="mono")
        self._written = 0

    def write(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._written
        self._written += len(samples)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._written:
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

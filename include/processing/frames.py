"""The picture on screen at each tick, exactly, with its true PTS, from one decoder thread.

A frame stands from its PTS to the next frame's, so the packets' PTS alone tell which frames some tick needs.
Of the others only those are decoded that later frames refer to: about half of an x264 file is skipped.
"""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

LOOKAHEAD = 40  # packets: more than any decoder reorders
UNTIMED = 16  # frames kept until the first one with a PTS tells when they stood
REMEMBERED = 120  # PTS kept for finding a packet's successor in showing order


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded frame and when it first stood, in video time."""

    time: float
    frame: VideoFrame


class FramePicker:
    """Feed packets in file order; out come all decoded frames, and through `due` each tick with its picture.

    Ticks and frame times are seconds of video time; `zero` is the container's start_time in seconds.
    """

    def __init__(self, stream: VideoStream, zero: float, ticks: Sequence[float], last_end: float | None) -> None:
        stream.codec_context.thread_count = 1
        self._context = stream.codec_context
        self._base = float(stream.time_base or 0)
        self._zero, self._ticks, self._last_end = zero, ticks, last_end
        self._next = 0
        self._waiting: deque[Packet[VideoStream]] = deque()
        self._pts: list[float] = []
        self._held: Shown | None = None
        self._time: float | None = None  # of the last frame decoded
        self._untimed: deque[VideoFrame] = deque(maxlen=UNTIMED)
        self._skipping = False
        self.errors = 0
        self.end = 0.0  # how far the picture was seen

    @property
    def done(self) -> bool:
        return self._next >= len(self._ticks)

    def feed(self, packet: Packet[VideoStream]) -> Iterator[Shown]:
        """What was decoded, in showing order; take `due()` after each."""
        self._waiting.append(packet)
        if packet.pts is not None:
            insort(self._pts, packet.pts * self._base - self._zero)
            del self._pts[:-REMEMBERED]
        if len(self._waiting) > LOOKAHEAD:
            yield from self._decode(self._waiting.popleft())

    def finish(self) -> Iterator[Shown]:
        while self._waiting:
            yield from self._decode(self._waiting.popleft())
        yield from self._decode(None)

    def due(self, new: Shown) -> Iterator[tuple[float, Shown]]:
        """The ticks before `new`, each with the picture that stood then; one before the first picture takes it."""
        while not self.done and self._ticks[self._next] < new.time - 1e-4:
            yield self._ticks[self._next], self._held or new
            self._next += 1
        self._held = new
        self.end = max(self.end, new.time)

    def rest(self) -> Iterator[tuple[float, Shown]]:
        """After `finish`: the ticks under the last picture, up to the stream's end."""
        if self._held is None:
            return
        self.end = max(self._held.time + (self._lasts(self._held.frame) or 1e-3), self._last_end or 0.0)
        while not self.done and self._ticks[self._next] < self.end - 1e-4:
            yield self._ticks[self._next], self._held
            self._next += 1

    def _decode(self, packet: Packet[VideoStream] | None) -> Iterator[Shown]:
        self._skip(packet is not None and not self._wanted(packet))
        try:
            for frame in self._context.decode(packet):
                yield from self._timed(frame)
        except FFmpegError:
            self.errors += self._matters(packet)
        if packet is None and self._untimed:
            yield from self._early(0.0)

    def _matters(self, packet: Packet[VideoStream] | None) -> bool:
        """Before the first tick lies what a seek landed on: some of it can't be decoded, and nobody asked for it."""
        if packet is None:
            return False
        time = packet.dts if packet.pts is None else packet.pts
        return time is not None and time * self._base - self._zero >= self._ticks[0]

    def _timed(self, frame: VideoFrame) -> Iterator[Shown]:
        """A frame without PTS follows the one before it; before the first PTS, frames are counted back from it."""
        if frame.pts is None and self._time is None:
            self._untimed.append(frame)
            return
        if frame.pts is None:
            self._time = round((self._time or 0.0) + self._lasts(frame), 6)
        else:
            self._time = round(frame.pts * self._base - self._zero, 6)
            yield from self._early(self._time)
        yield Shown(self._time, frame)

    def _early(self, until: float) -> Iterator[Shown]:
        while self._untimed:
            yield Shown(round(until - len(self._untimed) * self._lasts(self._untimed[0]), 6), self._untimed.popleft())

    def _lasts(self, frame: VideoFrame) -> float:
        return float((frame.duration or 0) * self._base)

    def _wanted(self, packet: Packet[VideoStream]) -> bool:
        """Is there a tick while this packet's frame stands?"""
        if packet.pts is None:
            return True
        at = packet.pts * self._base - self._zero
        after = bisect_right(self._pts, at + 1e-9)
        gone = self._pts[after] if after < len(self._pts) else float("inf")
        tick = bisect_right(self._ticks, at - 1e-3)
        return tick < len(self._ticks) and self._ticks[tick] < gone + 1e-3

    def _skip(self, skip: bool) -> None:
        if skip != self._skipping:
            self._context.skip_frame = "NONREF" if skip else "DEFAULT"
            self._skipping = skip


def ticks(start: float, end: float, per_second: float) -> list[float]:
    """Sample times in `[start, end)`: the start itself, then the video's grid of 1/`per_second` from its zero."""
    first = int(start * per_second + 1e-6) + 1
    last = int(end * per_second - 1e-6)
    return [start, *(round(k / per_second, 6) for k in range(first, last + 1))]

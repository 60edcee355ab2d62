"""The picture on screen at each tick, exactly, with its true PTS, from one decoder thread.

A frame stands from its PTS to the next frame's, so the packets' PTS alone tell which frames some tick needs.
Of the others only those are decoded that later frames refer to: about half of an x264 file is skipped.
"""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator, Sequence

from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

LOOKAHEAD = 40  # packets: more than any decoder reorders
REMEMBERED = 120  # PTS kept for finding a packet's successor in showing order


class FramePicker:
    """Feed packets in file order; out come `(tick, frame)` for every tick, and every decoded frame through `seen`.

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
        self._held: VideoFrame | None = None
        self._skipping = False
        self.errors = 0
        self.end = 0.0  # how far the picture was seen

    def time(self, frame: VideoFrame) -> float:
        return round((frame.pts or 0) * self._base - self._zero, 6)

    @property
    def done(self) -> bool:
        return self._next >= len(self._ticks)

    def feed(self, packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        """Decoded frames in showing order; take `due()` after each."""
        self._waiting.append(packet)
        if packet.pts is not None:
            insort(self._pts, packet.pts * self._base - self._zero)
            del self._pts[:-REMEMBERED]
        if len(self._waiting) > LOOKAHEAD:
            yield from self._decode(self._waiting.popleft())

    def finish(self) -> Iterator[VideoFrame]:
        while self._waiting:
            yield from self._decode(self._waiting.popleft())
        yield from self._decode(None)

    def due(self, frame: VideoFrame) -> Iterator[tuple[float, VideoFrame]]:
        """The ticks before `frame`, each with the picture that stood then; a tick before the first frame takes it."""
        at = self.time(frame)
        while not self.done and self._ticks[self._next] < at - 1e-4:
            yield self._ticks[self._next], self._held or frame
            self._next += 1
        self._held = frame
        self.end = max(self.end, at)

    def rest(self) -> Iterator[tuple[float, VideoFrame]]:
        """After `finish`: the ticks under the last frame, up to the stream's end."""
        if self._held is None:
            return
        lasts = float((self._held.duration or 0) * self._base) or 1e-3
        self.end = max(self.time(self._held) + lasts, self._last_end or 0.0)
        while not self.done and self._ticks[self._next] < self.end - 1e-4:
            yield self._ticks[self._next], self._held
            self._next += 1

    def _decode(self, packet: Packet[VideoStream] | None) -> Iterator[VideoFrame]:
        self._skip(packet is not None and not self._wanted(packet))
        try:
            yield from self._context.decode(packet)
        except FFmpegError:
            self.errors += 1

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

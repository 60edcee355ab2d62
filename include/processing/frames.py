"""The picture on screen at each tick, exactly, with its true PTS, from one decoder thread.

A frame stands from its PTS to the next frame's, so the packets' PTS alone tell which frames some tick needs.
Of the others only those are decoded that later frames refer to: about half of an x264 file is skipped.
AVI stores no PTS, and what libavformat makes up is out of order; program streams store few: there every frame is
decoded, and the order in which they come out decides.
"""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from include.processing.frame_skipping import silence, spares, to_the_dot

LOOKAHEAD = 40  # packets: more than any decoder reorders
UNTIMED = 16  # frames kept until the first one with a PTS tells when they stood
REMEMBERED = 120  # PTS kept for finding a packet's successor in showing order
DISORDER = 1.0  # seconds that a frame may come late, out of its order; one that is later still has another clock
USUAL_RATE = 25.0  # frames a second where neither frame nor stream tells how long a frame lasts


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded frame and when it first stood, in video time. `quiet`: its packet said no more than "as before"."""

    time: float
    frame: VideoFrame
    quiet: bool = False


class FramePicker:
    """Feed packets in file order; out come all decoded frames, and through `due` each tick with its picture.

    Ticks and frame times are seconds of video time; `zero` is the container's start_time in seconds.
    """

    def __init__(self, stream: VideoStream, zero: float, ticks: Sequence[float], last_end: float | None) -> None:
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.open(strict=False)  # libdav1d, opened while it is told to skip, skips for good
        self._base = float(stream.time_base or 0)
        self._usual = 1 / float(stream.average_rate or stream.guessed_rate or USUAL_RATE)
        self._zero, self._ticks, self._last_end = zero, ticks, last_end
        self._kind = stream.container.format.name
        self._may_skip = self._kind not in ("avi", "mpeg") and spares(self._context)
        self._to_the_dot = to_the_dot(self._context, self._kind)
        self._next = 0
        self._waiting: deque[Packet[VideoStream]] = deque()
        self._pts: list[float] = []
        self._held: Shown | None = None
        self._time: float | None = None  # of the last frame decoded
        self._doubted = 0  # frames in a row whose PTS can't be right
        self._slots: deque[int] = deque()  # AVI: the DTS of the packets whose frames are still to come
        self._untimed: deque[VideoFrame] = deque(maxlen=UNTIMED)
        self._skipping = False
        self._quiet: set[int] = set()  # PTS of packets that say no more than "as before"
        self._silence = silence(self._context)
        self.errors = 0
        self.end = 0.0  # how far the picture was seen

    @property
    def done(self) -> bool:
        return self._next >= len(self._ticks)

    def feed(self, packet: Packet[VideoStream]) -> Iterable[Shown]:
        """What was decoded, in showing order; take `due()` after each, and all before feeding on."""
        self._waiting.append(packet)
        pts = packet.pts
        if pts is not None:
            if packet.size < self._silence:
                self._quiet.add(pts)
            if not packet.is_discard:
                insort(self._pts, pts * self._base - self._zero)
                del self._pts[:-REMEMBERED]
        return self._decode(self._waiting.popleft()) if len(self._waiting) > LOOKAHEAD else ()

    def finish(self) -> Iterator[Shown]:
        while self._waiting:
            yield from self._decode(self._waiting.popleft())
        yield from self._decode(None)

    def due(self, new: Shown) -> Sequence[tuple[float, Shown]]:
        """The ticks before `new`, each with the picture that stood then; one before the first picture takes it."""
        standing, self._held = self._held or new, new
        self.end = max(self.end, new.time)
        found = []
        while not self.done and self._ticks[self._next] < new.time - 1e-4:
            found.append((self._ticks[self._next], standing))
            self._next += 1
        return found

    def rest(self) -> Iterator[tuple[float, Shown]]:
        """After `finish`: the ticks under the last picture, up to the stream's end."""
        if self._held is None:
            return
        last = max(self._held.time, self._pts[-1]) if self.done and self._pts else self._held.time
        self.end = max(last + self._lasts(self._held.frame), self._last_end or 0.0)
        while not self.done and self._ticks[self._next] < self.end - 1e-4:
            yield self._ticks[self._next], self._held
            self._next += 1

    def _decode(self, packet: Packet[VideoStream] | None) -> list[Shown]:
        found: list[Shown] = []
        if self.done:
            return found  # nobody asks for what comes behind the last tick
        self._skip(packet is not None and self._may_skip and not self._wanted(packet))
        if packet is not None and self._kind == "avi":
            self._count(packet)
        try:
            for frame in self._context.decode(packet):
                self._time_it(frame, found)
        except FFmpegError:
            self.errors += self._matters(packet)
        if packet is None:
            found += self._early(0.0)
        return found

    def _count(self, packet: Packet[VideoStream]) -> None:
        """A picture's place is that of a packet: at most as many are under way as the decoder keeps for reordering."""
        if packet.dts is not None:
            self._slots.append(packet.dts)
        while len(self._slots) > self._context.reorder_depth + 1:  # some packets give no frame
            self._slots.popleft()

    def _matters(self, packet: Packet[VideoStream] | None) -> bool:
        """Before the first tick lies what a seek landed on: some of it can't be decoded, and nobody asked for it."""
        if packet is None:
            return False
        time = packet.dts if packet.pts is None else packet.pts
        return time is not None and time * self._base - self._zero >= self._ticks[0]

    def _time_it(self, frame: VideoFrame, found: list[Shown]) -> None:
        """A frame without time follows the one before it; before the first time, frames are counted back from it."""
        stamp = frame.pts if self._kind != "avi" else self._slots.popleft() if self._slots else None
        if stamp is None and self._time is None:
            self._untimed.append(frame)
            return
        time = self._next_time(frame) if stamp is None else round(stamp * self._base - self._zero, 6)
        if self._untimed:
            found += self._early(time)
        late = self._time is not None and self._time - DISORDER < time < self._time
        if late and self._kind != "mpeg":
            return  # the picture that stands now is a later one
        self._doubted = self._doubted + 1 if late else 0
        if 0 < self._doubted <= UNTIMED:  # a program stream's few PTS may be taken for a neighbour's, but not for long
            time = self._next_time(frame)
        self._time = time
        quiet = stamp in self._quiet
        self._quiet.discard(stamp or 0)
        found.append(Shown(time, frame, quiet))

    def _next_time(self, frame: VideoFrame) -> float:
        return round((self._time or 0.0) + self._lasts(frame), 6)

    def _early(self, until: float) -> Iterator[Shown]:
        while self._untimed:
            yield Shown(round(until - len(self._untimed) * self._lasts(self._untimed[0]), 6), self._untimed.popleft())

    def _lasts(self, frame: VideoFrame) -> float:
        return float((frame.duration or 0) * self._base) or self._usual

    def _wanted(self, packet: Packet[VideoStream]) -> bool:
        """Is there a tick while this packet's frame stands?

        Where one may be hidden, it is taken to stand for two packets' time. The second field of an interlaced frame
        may be a packet without PTS: it is not torn from the first.
        """
        if packet.pts is None or (self._waiting and self._waiting[0].pts is None):
            return True
        at = packet.pts * self._base - self._zero
        after = bisect_right(self._pts, at + 1e-9) + (not self._to_the_dot)
        gone = self._pts[after] if after < len(self._pts) else float("inf")
        tick = bisect_right(self._ticks, at - 1e-3)
        return tick < len(self._ticks) and self._ticks[tick] < gone + (0.0 if self._to_the_dot else 1e-3)

    def _skip(self, skip: bool) -> None:
        if skip != self._skipping:
            self._context.skip_frame = "NONREF" if skip else "DEFAULT"
            self._skipping = skip


def ticks(start: float, end: float, per_second: float) -> list[float]:
    """Sample times in `[start, end)`: the start itself, then the video's grid of 1/`per_second` from its zero."""
    first = int(start * per_second + 1e-6) + 1
    last = int(end * per_second - 1e-6)
    return [start, *(round(k / per_second, 6) for k in range(first, last + 1))]

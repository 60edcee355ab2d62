"""How long a file really is: what it promises, and how much of that its bytes hold.

Headers lie, so an MP4 is judged by its sample tables, everything else by its last packets, and what can't be judged
so (no duration, an absurd one, a transport stream) by counting all packets, without decoding them.
"""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

from include.processing.container import open_container, picture_stream, sound_stream, zero
from include.processing.ports import ByteSource
from include.processing.types import Problem

TAIL = 10.0  # seconds before the declared end at which the end is looked for
FORWARD, BACK = 3600.0, 2.0  # a clock that skips an hour, or runs backwards, has jumped
SLACK = 2.0  # streams may end this much before the container says
IDLE_BITRATE = 2_000  # bit/s below which a declared duration is not believed without counting packets
COUNTED = 256 * 1024 * 1024  # bytes up to which a transport stream is read whole: it may be several, joined
ESTIMATED = ("wav", "mp3", "aac", "flac")  # their duration is a guess from the size or the header


@dataclass(frozen=True, slots=True)
class Extent:
    """Seconds from the container's zero: the promised end, and where the bytes end; `ends` by index of the stream, as
    far as they were met with."""

    end: float
    readable: float
    problems: tuple[Problem, ...] = ()
    ends: Mapping[int, float] = field(default_factory=dict)


def true_extent(container: InputContainer, streams: Sequence[Stream], source: ByteSource, index: bytes) -> Extent:
    """`streams` are the picture and the sound that will be read."""
    kind = container.format.name
    if "mp4" in kind:
        tables = [t for s in streams if (t := _by_sample_table(s, zero(container), source.size))]
        if len(tables) == len(streams):
            return replace(_of_tables(tables), ends={s.index: t.end for s, t in zip(streams, tables, strict=True)})
    if kind == "wav" and (lie := _promised_by_wav(source)):
        ours = max(_last_packets(container, streams, _declared(container)).values(), default=0.0)
        return Extent(ours, ours, (_mismatch(lie, ours),))
    declared = _declared(container)
    joined = kind == "mpegts" and source.size <= COUNTED
    if declared and not joined and source.size * 8 >= declared * IDLE_BITRATE:
        last = _last_packets(container, streams, declared)
        ours = _latest(last, {s.index for s in streams})
        if ours > 0 and max(last.values()) >= declared - SLACK:
            ends = {**_by_header(container, streams), **last}
            return Extent(max(ours, declared) if ours >= declared - 0.5 else ours, ours, ends=ends)
    return _counted(source, index, kind, declared)


def _declared(container: InputContainer) -> float:
    declared = (container.duration or 0) / av.time_base
    if container.format.name == "avi":  # its demuxer shortens the duration to the size; the header's count stays
        declared = max([declared, *(float(s.frames * (s.time_base or 0)) for s in container.streams.video)])
    if container.format.name != "mpegts":  # elsewhere it counts from 0, not from the first packet
        declared -= max(0.0, zero(container))
    return max(0.0, declared)


def _of_tables(tables: Sequence[Extent]) -> Extent:
    end = max(t.end for t in tables)
    cut = [t.readable for t in tables if t.readable < t.end]
    return Extent(end, min(cut), (truncated(min(cut), end),)) if cut else Extent(end, end)


def _by_sample_table(stream: Stream, start: float, size: int) -> Extent | None:
    """None for a stream without a table (fragmented files)."""
    entries = stream.index_entries
    count, base = len(entries), stream.time_base
    if not count or base is None:
        return None
    last = entries[count - 1]
    step = max(1, last.timestamp - entries[count - 2].timestamp) if count > 1 else int(stream.duration or 1)
    first = stream.start_time or 0
    shift = first - entries[0].timestamp  # sample tables count in decoding time
    ticks = last.timestamp + shift + step
    if stream.duration and abs(first + stream.duration - ticks) <= step + 1 / base:
        ticks = first + stream.duration  # the last sample need not last as long as the one before it
    end = float(ticks * base) - start
    if all(e.pos + e.size <= size for e in (entries[i] for i in range(max(0, count - 64), count))):
        return Extent(end, end)
    missing = next(e for e in entries if e.pos + e.size > size)
    return Extent(end, max(0.0, float((missing.timestamp + shift) * base) - start))


def _last_packets(container: InputContainer, streams: Sequence[Stream], declared: float) -> dict[int, float]:
    """The ends of all streams that have packets near the declared end; none where seeking doesn't lead there."""
    start = zero(container)
    ends: dict[int, float] = {}
    with suppress(FFmpegError, PermissionError):
        container.seek(int((start + max(0.0, declared - TAIL)) * av.time_base), backward=True)
        for packet in container.demux():
            if packet.pts is not None:
                ends[packet.stream_index] = max(ends.get(packet.stream_index, 0.0), _end_of(packet, start))
    return ends


def _latest(ends: Mapping[int, float], wanted: Collection[int]) -> float:
    return max((end for index, end in ends.items() if index in wanted), default=0.0)


def _by_header(container: InputContainer, streams: Sequence[Stream]) -> dict[int, float]:
    """Where a Matroska file says that its streams end: one may end long before the others, out of sight."""
    ends = {}
    for stream in streams:
        with suppress(ValueError, OverflowError):
            hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
            said = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
            ends[stream.index] = said.total_seconds() - zero(container)
    return ends


def _counted(source: ByteSource, index: bytes, kind: str, declared: float) -> Extent:
    """By all packets, up to where the clock jumps. Opened anew: one can't seek back before negative timestamps."""
    latest: dict[int, float] = {}
    ends: dict[int, float] = {}
    with open_container(source, index) as (container, _), suppress(FFmpegError):  # what was counted stands
        start = zero(container)
        wanted = {s.index for s in (picture_stream(container), sound_stream(container)) if s}
        for packet in container.demux():
            if packet.pts is None:
                continue
            at = float((packet.pts if packet.dts is None else packet.dts) * packet.time_base) - start
            if at > max(ends.values(), default=0.0) + FORWARD or at < latest.get(packet.stream_index, at) - BACK:
                return _jumped(_latest(ends, wanted), at)
            latest[packet.stream_index] = at
            ends[packet.stream_index] = max(ends.get(packet.stream_index, 0.0), _end_of(packet, start))
    ours, every = _latest(ends, wanted), max(ends.values(), default=0.0)
    return replace(_judged(kind, declared, ours, every), ends=ends)


def _judged(kind: str, declared: float, ours: float, every: float) -> Extent:
    if every >= declared - SLACK or kind == "mpegts":
        return Extent(ours, ours)
    if kind in ESTIMATED or ours <= 0:
        return Extent(ours, ours, (_mismatch(f"{declared:.0f} s", ours),))
    return Extent(declared, ours, (truncated(ours, declared),))


def _promised_by_wav(source: ByteSource) -> str | None:
    """The size that its header claims for the sound, where the file is too short for it."""
    head = source.read_at(0, 4096)
    at = head.find(b"data")
    size = int.from_bytes(head[at + 4 : at + 8], "little") if at > 0 else 0
    streamed = size in (0, 0xFFFFFFFF)  # written before the end was known
    return f"{size} bytes" if not streamed and at + 8 + size > source.size else None


def _mismatch(said: str, seconds: float) -> Problem:
    message = f"the header says {said}, there are {seconds:.1f} s of sound; the header was not believed"
    return Problem("DURATION_MISMATCH", message, seconds, seconds)


def _jumped(at: float, to: float) -> Extent:
    message = f"the clock jumps from {at:.1f} s to {to:.1f} s; what follows was left out"
    return Extent(at, at, (Problem("TIMESTAMP_DISCONTINUITY", message, round(at, 3), round(at, 3)),))


def truncated(readable: float, end: float) -> Problem:
    message = f"the file breaks off at {readable:.1f} s of {end:.1f} s: upload it again to get the rest"
    return Problem("TRUNCATED", message, round(readable, 3), round(end, 3))


def _end_of(packet: Packet[Any], start: float) -> float:
    return float(((packet.pts or 0) + (packet.duration or 0)) * packet.time_base) - start

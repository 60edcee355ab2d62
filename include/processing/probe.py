"""What a file is and how long it really is: from its index and packets, since headers lie."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from include.processing.container import open_container, picture_stream, sound_stream, zero
from include.processing.errors import PermanentError
from include.processing.ports import ByteSource
from include.processing.types import MediaInfo, Problem

MAX_STREAMS = 20
MAX_PIXELS = 8192 * 8192
MAX_HOURS = 24
TAIL = 10.0  # seconds before the declared end at which the end is looked for
JUMP = 30.0  # a gap of this length between packets of an audio or video stream is a clock that jumped
FIRST_PACKETS = 200  # among which a first picture is looked for
SLACK = 2.0  # streams of a sound file may end this much before the container says
IDLE_BITRATE = 2_000  # bit/s below which a declared duration is not believed without counting packets


@dataclass(frozen=True, slots=True)
class Probe:
    """`index` is what was read to open the container: hand it to later stages, so that they need not fetch it."""

    media: MediaInfo
    problems: tuple[Problem, ...]
    index: bytes


def probe(source: ByteSource) -> Probe:
    """Raises PermanentError for what can't be processed; what is only damaged comes back with `problems`."""
    with open_container(source) as (container, file):
        picture, sound = picture_stream(container), sound_stream(container)
        _check(container, source, picture)
        index = file.recorded()
        media = MediaInfo(
            container=container.format.name,
            duration=0.0,
            readable_end=0.0,
            start_time=round(zero(container), 3),
            size=source.size,
            **_picture_facts(container, picture),
            audio_codec=sound.codec_context.codec.canonical_name if sound else None,
        )
        streams = [s for s in (picture, sound) if s]
        end, readable, problems = _true_end(container, streams, source, index)
    if end > MAX_HOURS * 3600:
        raise PermanentError(
            "TOO_LONG", f"{source.name}: {end / 3600:.1f} hours", f"cut it into files of at most {MAX_HOURS} hours"
        )
    if end <= 0:
        raise PermanentError("NO_STREAMS", f"{source.name}: no packet of picture or sound", "upload the file again")
    media = replace(media, duration=round(end, 3), readable_end=round(min(end, readable), 3))
    return Probe(media, (*problems, *_absent(media)), index)


def _check(container: InputContainer, source: ByteSource, picture: av.VideoStream | None) -> None:
    if len(container.streams) > MAX_STREAMS:
        raise PermanentError(
            "TOO_MANY_STREAMS", f"{source.name}: {len(container.streams)} streams", f"keep at most {MAX_STREAMS}"
        )
    if picture is None and not container.streams.audio:
        raise PermanentError("NO_STREAMS", f"{source.name}: neither picture nor sound", "give a video file")
    if picture is not None:
        pixels = picture.codec_context.width * picture.codec_context.height
        if pixels > MAX_PIXELS:
            size = f"{picture.codec_context.width}x{picture.codec_context.height}"
            raise PermanentError("TOO_LARGE_FRAME", f"{source.name}: {size} pixels", "scale it down to 8K or less")


def _picture_facts(container: InputContainer, picture: av.VideoStream | None) -> dict[str, Any]:
    if picture is None:
        return {}
    context = picture.codec_context
    rate, turn = picture.average_rate, _rotation(container, picture)
    sideways = turn % 180 != 0
    return {
        "width": context.height if sideways else context.width,
        "height": context.width if sideways else context.height,
        "rotation": turn,
        "frame_rate": round(float(rate), 3) if rate else None,
        "video_codec": context.codec.canonical_name,
    }


def _rotation(container: InputContainer, picture: av.VideoStream) -> int:
    """Degrees, counterclockwise, by which a picture must be turned to stand upright; only frames tell it."""
    with suppress(av.error.FFmpegError):
        for packet in itertools.islice(container.demux(picture), FIRST_PACKETS):
            for frame in packet.decode():
                return int(frame.rotation) % 360
    return 0


def _absent(media: MediaInfo) -> list[Problem]:
    end = media.duration
    problems = []
    if media.audio_codec is None:
        problems.append(Problem("NO_AUDIO", "the file has no sound: there is no speech to find", 0.0, end))
    if media.video_codec is None:
        problems.append(Problem("NO_VIDEO", "the file has no picture: there is no screen text to find", 0.0, end))
    return problems


def _true_end(
    container: InputContainer, streams: Sequence[Stream], source: ByteSource, index: bytes
) -> tuple[float, float, list[Problem]]:
    """(end promised, end of what can be read, problems) in seconds from the container's zero."""
    if "mp4" in container.format.name:
        found = [_indexed_end(s, zero(container), source.size) for s in streams]
        if all(found):
            ends = [f for f in found if f]
            end, readable = max(e for e, _ in ends), min([r for e, r in ends if r < e], default=max(r for _, r in ends))
            return end, readable, [truncated(readable, end)] if readable < end else []
    declared = max(0.0, (container.duration or 0) / av.time_base)
    if container.format.name != "mpegts":  # elsewhere the header's duration counts from 0, not from the first packet
        declared = max(0.0, declared - max(0.0, zero(container)))
    suspicious = not declared or source.size * 8 < declared * IDLE_BITRATE
    last, jump = (None, None) if suspicious else (_last_packet(container, streams, declared), None)
    if last is None or last < declared - JUMP:
        last, jump = _count_packets(source, index)
    return _judge(container.format.name, declared, last, jump)


def _judge(kind: str, declared: float, last: float, jump: Problem | None) -> tuple[float, float, list[Problem]]:
    if jump:
        return jump.start, jump.start, [jump]
    if last >= declared - SLACK:
        return max(last, declared) if last >= declared - 0.5 else last, last, []
    if kind in ("wav", "mp3", "aac", "flac") or last <= 0:
        message = f"the header says {declared:.0f} s, there are {last:.1f} s; the header was not believed"
        return last, last, [Problem("DURATION_MISMATCH", message, last, last)]
    return declared, last, [truncated(last, declared)]


def truncated(readable: float, end: float) -> Problem:
    message = f"the file breaks off at {readable:.1f} s of {end:.1f} s: upload it again to get the rest"
    return Problem("TRUNCATED", message, round(readable, 3), round(end, 3))


def _indexed_end(stream: Stream, start: float, size: int) -> tuple[float, float] | None:
    """(end, readable end) of an MP4 stream by its sample table; None if it has none (fragmented files)."""
    entries = stream.index_entries
    count, base = len(entries), stream.time_base
    if not count or base is None:
        return None
    last = entries[count - 1]
    step = max(1, last.timestamp - entries[count - 2].timestamp) if count > 1 else int(stream.duration or 1)
    shift = (stream.start_time or 0) - entries[0].timestamp  # sample tables count in decoding time
    end = float((last.timestamp + step + shift) * base) - start
    if stream.duration and abs(exact := float(((stream.start_time or 0) + stream.duration) * base) - start - end) < 1:
        end += exact  # the table's last sample may be shorter than the one before it
    if all(e.pos + e.size <= size for e in (entries[i] for i in range(max(0, count - 64), count))):
        return end, end
    missing = next(e for e in entries if e.pos + e.size > size)
    return end, max(0.0, float((missing.timestamp + shift) * base) - start)


def _last_packet(container: InputContainer, streams: Sequence[Stream], declared: float) -> float | None:
    """The end of the last packet, found near the declared end; None where seeking doesn't lead there."""
    start = zero(container)
    try:
        container.seek(int((start + max(0.0, declared - TAIL)) * av.time_base), backward=True)
        ends = [_packet_end(p, start) for p in container.demux(streams) if p.pts is not None]
    except (av.error.FFmpegError, PermissionError):
        return None
    return max(ends, default=None)


def _count_packets(source: ByteSource, index: bytes) -> tuple[float, Problem | None]:
    """(end of the last packet, where the clock jumps) by reading the whole file without decoding it.

    Opens the container anew: seeking back to the start fails on negative timestamps.
    """
    end, jump = 0.0, None
    latest: dict[int, float] = {}
    with open_container(source, index) as (container, _), suppress(av.error.FFmpegError):  # what was counted stands
        streams = [s for s in (picture_stream(container), sound_stream(container)) if s]
        for packet in container.demux(streams):
            if packet.pts is None:
                continue
            at = _packet_end(packet, zero(container))
            before = latest.get(packet.stream_index, 0.0)
            if jump is None and abs(at - before) > JUMP + float((packet.duration or 0) * (packet.time_base or 0)):
                message = f"the clock jumps from {before:.1f} s to {at:.1f} s; what follows was left out"
                jump = Problem("TIMESTAMP_DISCONTINUITY", message, round(before, 3), round(before, 3))
            latest[packet.stream_index] = at
            end = max(end, at)
    return end, jump


def _packet_end(packet: Packet[Any], start: float) -> float:
    return float(((packet.pts or 0) + (packet.duration or 0)) * packet.time_base) - start

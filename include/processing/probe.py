"""What a file is and how long it really is: from its index and packets, since headers lie."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import itertools
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import av
from av.container import InputContainer
from av.stream import Stream

from include.processing.container import open_container, picture_stream, sound_stream, zero
from include.processing.errors import PermanentError
from include.processing.extent import Extent, true_extent
from include.processing.ports import ByteSource
from include.processing.track_list import sound_tracks, subtitle_tracks
from include.processing.types import MediaInfo, Problem

MAX_STREAMS = 20
MAX_PIXELS = 8192 * 8192
MAX_HOURS = 24
FIRST_PACKETS = 200  # among which a first picture is looked for


@dataclass(frozen=True, slots=True)
class Probe:
    """`index` is what was read to open the container: hand it to later stages, so that they need not fetch it."""

    media: MediaInfo
    problems: tuple[Problem, ...]
    index: bytes


def probe(source: ByteSource) -> Probe:
    """Raises PermanentError for what can't be processed; what is only damaged comes back with `problems`."""
    with open_container(source, record=True) as (container, file):
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
            sound_tracks=sound_tracks(container),
            subtitle_tracks=subtitle_tracks(container),
        )
        streams = [s for s in (picture, sound) if s]
        extent = true_extent(container, streams, source, index)
        media = replace(media, picture_end=_end(extent, picture), sound_end=_end(extent, sound))
    end = extent.end
    if end > MAX_HOURS * 3600:
        raise PermanentError(
            "TOO_LONG", f"{source.name}: {end / 3600:.1f} hours", f"cut it into files of at most {MAX_HOURS} hours"
        )
    if end <= 0:
        raise PermanentError("NO_STREAMS", f"{source.name}: no packet of picture or sound", "upload the file again")
    media = replace(media, duration=round(end, 3), readable_end=round(min(end, extent.readable), 3))
    return Probe(media, (*extent.problems, *_absent(media)), index)


def _end(extent: Extent, stream: Stream | None) -> float | None:
    end = extent.ends.get(stream.index) if stream else None
    return None if end is None else round(end, 3)


def _check(container: InputContainer, source: ByteSource, picture: av.VideoStream | None) -> None:
    if len(container.streams) > MAX_STREAMS:
        raise PermanentError(
            "TOO_MANY_STREAMS", f"{source.name}: {len(container.streams)} streams", f"keep at most {MAX_STREAMS}"
        )
    if picture is None and sound_stream(container) is None:
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

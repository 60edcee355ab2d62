"""Which packets of a file a chunk needs: from the last whole picture before it to its end, of all its streams.

Streams lie side by side in a file but not level: sound may lie a minute before the picture that is shown with it.
"""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from include.processing.container import picture_stream, sought, zero
from include.processing.sound_tracks import STRAGGLERS, chosen_streams
from include.processing.subtitle_streams import SubtitleReader
from include.processing.types import Chunk, MediaInfo, SoundChoice

BACKSTEPS = (0.0, 5.0, 20.0, 60.0)  # how far before the chunk reading starts, until all it needs lies behind
PICTURE_STRAGGLERS = 120.0  # seconds that pictures may lie behind the sound: where few are stored, they do
LATE = 1.0  # seconds that a subtitle may lie behind sound and picture in the file, as in a fragmented MP4
PEEKED = 6000  # packets among which the first whole picture and the first sound are looked for
NO_GAP = 0.1  # seconds that sound may begin after the chunk

AnyPacket: TypeAlias = "Packet[Any]"
TimedPacket: TypeAlias = tuple[AnyPacket, float]
"""A packet and its time on the container's clock."""


def starts(media: MediaInfo, chunk: Chunk) -> list[float]:
    """Where to begin reading, one after another until `packets_from` is content."""
    return [*(chunk.start - step for step in _steps(media) if step < chunk.start), 0.0]


def _steps(media: MediaInfo) -> Sequence[float]:
    """In a program stream the demuxer's guesses of missing time stamps are off by a frame right after seeking, and AVI
    has none. In a transport stream a subtitle is sent well before it is shown; in a fragmented MP4 those of the
    fragment that is sought are skipped."""
    if media.container in ("mpeg", "avi") or (media.container == "mpegts" and media.subtitle_tracks):
        return BACKSTEPS[1:]
    if "mp4" in media.container and media.subtitle_tracks:
        return BACKSTEPS[2:]
    return BACKSTEPS


def packets_from(
    container: InputContainer, start: float, chunk: Chunk, sound: SoundChoice, reader: SubtitleReader
) -> Iterator[TimedPacket] | None:
    """Packets up to the chunk's end; None if no picture that can be decoded, or not all sound, lies behind `start`.

    Seeking finds a place in the file: in a transport stream often the middle of a group of pictures.
    """
    if start > 0 and not sought(container, start):
        return None
    picture, heard = picture_stream(container), chosen_streams(container, sound)
    packets = _until(chunk.end, container, [*([picture] if picture else []), *heard], reader)
    if start <= 0 or picture is None:
        return packets
    patient = chunk.start - start < BACKSTEPS[-1]
    zero_at = zero(container)
    missing = {s.index for s in heard if _began(s) - zero_at < chunk.start} if patient else set()
    whole, peeked = False, []
    for packet, at in itertools.islice(packets, PEEKED):
        peeked.append((packet, at))
        if packet.stream_index == picture.index and packet.is_keyframe and packet.pts is not None and not whole:
            if float(packet.pts * packet.time_base) - zero_at > chunk.start + 1e-3:
                return None
            whole = True
        elif packet.stream_index in missing:
            if at - zero_at > chunk.start + NO_GAP:
                return None
            missing.discard(packet.stream_index)
        if whole and not missing:
            break
    return itertools.chain(peeked, packets) if whole else None


def _began(stream: VideoStream | AudioStream) -> float:
    """On the container's clock, as far as the file says."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _until(
    end: float, container: InputContainer, streams: Sequence[VideoStream | AudioStream], reader: SubtitleReader
) -> Iterator[TimedPacket]:
    """Packets until every stream passed `end`; a stream that stays behind for long is not waited for.

    Nor are subtitles, which may not come for an hour: what lies there a little later, and a picture of one that
    stands at the end, is all that is read on for.
    """
    waiting = {s.index for s in streams}
    pictures = {s.index for s in streams if isinstance(s, VideoStream)}
    level = frozenset(waiting)  # of these, all is read up to the end
    bases = {s.index: float(s.time_base or 0) for s in (*streams, *reader.streams)}
    start, late = zero(container), LATE if reader.streams else 0.0
    with suppress(FFmpegError):  # a damaged end: what came before stands, and the probe reported the loss
        for packet in container.demux([*streams, *reader.streams]):
            if not packet.size:
                continue  # demux() flushes its own decoders with these; ours are flushed at the end
            index = packet.stream_index
            seconds = _seconds(packet, bases[index])
            at = seconds - start
            if at >= end and index in level:
                waiting.discard(index)
                if at > end + (PICTURE_STRAGGLERS if waiting & pictures else STRAGGLERS):
                    return
                if not waiting and at >= end + late and not reader.waiting:
                    return
                if at > end + STRAGGLERS or not waiting:
                    continue
            yield packet, seconds


def _seconds(packet: AnyPacket, base: float) -> float:
    """By decoding time where there is one: it never runs backwards."""
    dts = packet.dts
    return (packet.pts or 0 if dts is None else dts) * base

"""Where a video is cut: near each multiple of the chunk length, in the best pause of its speech."""

from contextlib import suppress

import av
import numpy as np
from av.error import FFmpegError

from include.processing.audio import Samples, SoundClock
from include.processing.container import open_container, sound_stream, zero
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.speech_activity import best_cut, levels
from include.processing.types import Chunk

REACH = 15.0  # seconds around a mark in which its cut may lie
SHORTEST_TAIL = 0.05  # of a chunk's length: a shorter rest belongs to the chunk before it


def plan_chunks(source: ByteSource, probe: Probe, video_id: str, chunk_minutes: float) -> tuple[Chunk, ...]:
    """Half-open chunks that fill `[0, readable_end)` without a gap; picture and sound share the cuts."""
    end = probe.media.readable_end
    marks = cut_marks(end, chunk_minutes * 60)
    cuts = [_cut_near(source, probe, mark, min(REACH, chunk_minutes * 6, (end - mark) / 2)) for mark in marks]
    edges = [0.0, *(round(cut, 3) for cut in cuts), end]
    count = len(edges) - 1
    return tuple(Chunk(video_id, i, edges[i], edges[i + 1], count) for i in range(count))


def cut_marks(duration: float, length: float) -> list[float]:
    """The multiples of `length` inside `duration`, but none that leaves a tiny rest."""
    count = max(1, int(duration // length) + (duration % length > SHORTEST_TAIL * length))
    return [round(length * i, 3) for i in range(1, count)]


def _cut_near(source: ByteSource, probe: Probe, mark: float, reach: float) -> float:
    """The mark itself where there is no sound around it."""
    if probe.media.audio_codec is None:
        return mark
    first = max(0.0, mark - reach)
    clock = SoundClock(first, mark + reach, probe.media.start_time)
    pieces: list[Samples] = []
    with open_container(source, probe.index) as (container, _), suppress(FFmpegError):
        stream = sound_stream(container)
        if stream is None:
            return mark
        container.seek(int((first + zero(container)) * av.time_base), backward=True)
        for frame in (f for packet in container.demux(stream) for f in packet.decode()):
            pieces.extend(clock.feed(frame))
            if frame.time is not None and frame.time - zero(container) > mark + reach:
                break
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    return first + best_cut(levels(samples), mark - first, reach) if len(samples) else mark

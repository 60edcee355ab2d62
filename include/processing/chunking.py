"""Where a video is cut: near each multiple of the chunk length, in the best pause of its speech."""

from collections.abc import Callable

import numpy as np

from include.processing.audio import RATE, Samples
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.sound_tracks import USUAL_SOUND, read_sound
from include.processing.speech_activity import levels
from include.processing.speech_anchors import REACH, pause_near
from include.processing.transcription.stretches import stretches
from include.processing.types import Chunk, SoundChoice

Listener = Callable[[Samples], None]

SHORTEST_TAIL = 0.05  # of a chunk's length: a shorter rest belongs to the chunk before it
SHORT_CHUNK = 60.0  # seconds; in a shorter one there is no room for REACH
NO_SOUND = np.zeros(0, np.int16)


class SpeechMeter:
    """How much of the sound that it was given would be sent: a sample, for an estimate of what hearing it all costs."""

    def __init__(self) -> None:
        self.seconds = self.spoken = 0.0

    def add(self, samples: Samples) -> None:
        self.seconds += len(samples) / RATE
        self.spoken += sum(stretch.end - stretch.start for stretch in stretches(levels(samples)))

    @property
    def share(self) -> float | None:
        """0 to 1; None where nothing was heard yet."""
        return min(1.0, self.spoken / self.seconds) if self.seconds else None


def plan_chunks(
    source: ByteSource,
    probe: Probe,
    video_id: str,
    chunk_minutes: float,
    *,
    sound: SoundChoice = USUAL_SOUND,
    listener: Listener = lambda samples: None,
) -> tuple[Chunk, ...]:
    """Half-open chunks that fill `[0, readable_end)` without a gap; picture and sound share the cuts.

    `listener` gets the sound around each mark, as it is read anyway.
    """
    end = probe.media.readable_end
    length = chunk_minutes * 60
    reach = REACH if length >= SHORT_CHUNK else length / 10
    cuts = [_cut_near(source, probe, mark, reach, sound, listener) for mark in cut_marks(end, length)]
    edges = [0.0, *cuts, end]
    count = len(edges) - 1
    return tuple(Chunk(video_id, i, edges[i], edges[i + 1], count) for i in range(count))


def cut_marks(duration: float, length: float) -> list[float]:
    """The multiples of `length` inside `duration`, but none that leaves a tiny rest."""
    tail = max(SHORTEST_TAIL * length, REACH if length >= SHORT_CHUNK else 0.0)
    count = max(1, int(duration // length) + (duration % length > tail))
    return [round(length * i, 3) for i in range(1, count)]


def _cut_near(
    source: ByteSource, probe: Probe, mark: float, reach: float, sound: SoundChoice, listener: Listener
) -> float:
    """The mark itself where there is no sound around it."""
    end = probe.media.readable_end
    first, last = max(0.0, mark - reach), mark + min(reach, (end - mark) / 2)
    samples = read_sound(source, probe, first, last, sound) if probe.media.audio_codec else NO_SOUND
    listener(samples)
    return pause_near(levels(samples), first, mark, end, reach).at

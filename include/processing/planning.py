"""What is decided about a video before any of it is processed: which sound, which chunks, how much speech to expect."""

from dataclasses import dataclass

from include.processing.chunking import SpeechMeter, plan_chunks
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.sound_tracks import read_sound
from include.processing.track_choice import choose_sound
from include.processing.types import Chunk, SoundChoice

SAMPLE = 30.0  # seconds that are listened to where no sound was met on the way


@dataclass(frozen=True, slots=True)
class Outline:
    """`speech_share` is how much of the sound that was met would be sent, 0 to 1; 0 where nobody asked."""

    sound: SoundChoice
    chunks: tuple[Chunk, ...]
    speech_share: float


def outline(
    source: ByteSource,
    probe: Probe,
    video_id: str,
    chunk_minutes: float,
    wanted: str,
    language: str | None,
    *,
    estimated: bool = True,
) -> Outline:
    """`wanted` is best, all, or the number of a sound track from 1. Raises SOUND_TRACK where there is no such track.

    Where cuts let no sound be met and an estimate is asked for, some is listened to for that: 0.1 CPU-s.
    """
    sound = choose_sound(source, probe, wanted, language)
    meter = SpeechMeter()
    chunks = plan_chunks(source, probe, video_id, chunk_minutes, sound=sound, listener=meter.add)
    if estimated and meter.share is None and probe.media.audio_codec:
        middle = probe.media.readable_end / 2
        meter.add(read_sound(source, probe, max(0.0, middle - SAMPLE / 2), middle + SAMPLE / 2, sound))
    return Outline(sound, chunks, round(meter.share or 0.0, 3))

"""What a video's speech will cost, before any of it is bought."""

from dataclasses import dataclass

from include.processing.types import MediaInfo


@dataclass(frozen=True, slots=True)
class Estimate:
    speech_seconds: float
    dollars: float


def estimate(speech_share: float, media: MediaInfo, dollars_per_minute: float) -> Estimate:
    """`speech_share` is how much would be sent of the sound that planning looked at."""
    seconds = speech_share * media.readable_end if media.audio_codec else 0.0
    return Estimate(round(seconds, 1), round(seconds / 60 * dollars_per_minute, 4))

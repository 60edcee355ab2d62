"""python -m include.processing.preview: what a video is and how much of it is speech, without processing it.

For whoever looks at foreign bytes beside other work: a process of its own, which has little memory and time, and knows
no secrets. It reads one line of JSON, `{"where", "sound", "language"}`, and writes one: a `Preview` or a `Refusal`.
"""

import json
import resource
import sys
from dataclasses import dataclass
from typing import Any

from include.processing.chunking import SpeechMeter
from include.processing.errors import PermanentError, ProcessingError, TransientError
from include.processing.ports import ByteSource
from include.processing.probe import Probe, probe
from include.processing.record import readable, to_json
from include.processing.sound_tracks import read_sound
from include.processing.sources import open_source
from include.processing.track_choice import choose_sound
from include.processing.types import MediaInfo, Problem, SoundChoice

CPU_SECONDS = 30
MEMORY = 4 << 30  # bytes of addresses; a tenth of it is used
SAMPLES, SAMPLE = 6, 30.0  # stretches that are listened to, of so many seconds


@dataclass(frozen=True, slots=True)
class Preview:
    """`speech_share` is how much of the sound that was listened to is speech, 0 to 1."""

    media: MediaInfo
    problems: tuple[Problem, ...]
    speech_share: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ProcessingError on its way to another process."""

    code: str
    cause: str
    remedy: str
    transient: bool

    def error(self) -> ProcessingError:
        kind = TransientError if self.transient else PermanentError
        return kind(self.code, self.cause, self.remedy)


def preview(source: ByteSource, wanted: str, language: str | None) -> Preview:
    """`wanted` is best, all, or the number of a sound track from 1. Raises what probing raises."""
    probed = probe(source)
    share = 0.0
    if probed.media.audio_codec:
        share = _speech_share(source, probed, choose_sound(source, probed, wanted, language))
    return Preview(probed.media, probed.problems, round(share, 3))


def answer_of(line: bytes) -> Preview | Refusal | None:
    """None where the process said nothing that makes sense."""
    return readable(Preview, line) or readable(Refusal, line)


def _speech_share(source: ByteSource, probed: Probe, sound: SoundChoice) -> float:
    meter, end = SpeechMeter(), probed.media.readable_end
    step = max(SAMPLE, end / SAMPLES)
    at = 0.0
    while at < end:
        first = at + max(0.0, (step - SAMPLE) / 2)
        meter.add(read_sound(source, probed, first, min(end, first + SAMPLE), sound))
        at += step
    return meter.share or 0.0


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        said: Preview | Refusal = preview(open_source(asked["where"]), asked["sound"], asked["language"])
    except ProcessingError as error:
        said = Refusal(error.code, error.cause, error.remedy, isinstance(error, TransientError))
    except MemoryError:
        said = Refusal("OUT_OF_MEMORY", "looking at it takes too much memory", "submit it: workers have more", False)
    sys.stdout.buffer.write(to_json(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())

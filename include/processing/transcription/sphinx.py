"""pocketsphinx: its small English model is in the wheel, so it hears without key, weights or network, but badly."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from include.processing.audio import RATE, Samples
from include.processing.errors import PermanentError
from include.processing.transcription.engine import Heard, Limits, grouped, samples_of, within
from include.processing.transcription.languages import language_code
from include.processing.types import Word

FRAMES_PER_SECOND = 100
LEAST_SPEECH = 0.15  # seconds on end; in a shorter sound it hears "huh" and the like
ALTERNATE = re.compile(r"\(\d+\)$")  # "to(3)" is the third pronunciation of "to"


class SphinxTranscriber:
    name = "sphinx"
    note = (
        "offline recogniser, expect many wrong words: set OPENAI_API_KEY, or REELSCRIBE_WHISPER_MODEL to a folder of "
        "faster-whisper weights"
    )
    limits = Limits(max_bytes=1 << 30, max_seconds=60.0)  # its search grows faster than the sound
    dollars_per_minute = 0.0
    in_flight = 1
    detects_language = False  # it hears English, whatever is spoken
    takes_keywords = False

    def __init__(self, model: str | None = None, weights: Path | None = None) -> None:
        if model is not None:
            raise PermanentError(
                "ASR_MODEL",
                f"the offline recogniser has no model {model}",
                "leave the model out, or set OPENAI_API_KEY or choose another engine",
            )
        self.model: str | None = None
        self.identity = f"sphinx {version('pocketsphinx')} en-us"

    def transcribe(self, audio: Path, language: str | None = None, keywords: Sequence[str] = ()) -> Heard:
        if language_code(language) not in (None, "en"):
            raise PermanentError(
                "ASR_LANGUAGE",
                f"the offline recogniser understands English only, not {language}",
                "set OPENAI_API_KEY or REELSCRIBE_WHISPER_MODEL, or choose English",
            )
        samples = samples_of(audio)
        words = _decode(samples) if _somebody_speaks(samples) else []
        return Heard(within(grouped(words), len(samples) / RATE), "en" if words else None, timed=True)


@cache
def _decoder() -> Any:
    """One per process: a third of a second and 90 MB."""
    from pocketsphinx import Decoder, get_model_path

    try:
        return Decoder(
            hmm=get_model_path("en-us/en-us"),
            lm=get_model_path("en-us/en-us.lm.bin"),
            dict=get_model_path("en-us/cmudict-en-us.dict"),
            loglevel="FATAL",
        )
    except (RuntimeError, ValueError, OSError) as exc:
        raise PermanentError(
            "ASR_NO_WEIGHTS", "pocketsphinx came without its model", "install pocketsphinx again from its wheel"
        ) from exc


def _somebody_speaks(samples: Samples) -> bool:
    """The WebRTC voice detector of the wheel, for the longest stretch: in silence the recogniser invents words."""
    from pocketsphinx import Vad

    detector = Vad(mode=Vad.MEDIUM_STRICT, sample_rate=RATE)
    step = detector.frame_bytes // 2
    spoken = [detector.is_speech(samples[i : i + step].tobytes()) for i in range(0, len(samples) - step + 1, step)]
    longest = max((len(list(run)) for speech, run in groupby(spoken) if speech), default=0)
    return bool(longest * detector.frame_length >= LEAST_SPEECH)


def _decode(samples: Samples) -> list[Word]:
    decoder = _decoder()
    decoder.reinit_feat(decoder.config)  # or the answer hangs on what the process heard before
    decoder.start_utt()
    try:
        decoder.process_raw(samples.tobytes(), full_utt=True)
    finally:
        decoder.end_utt()
    return [_word(part) for part in decoder.seg() or () if part.word[0] not in "<[+"]


def _word(part: Any) -> Word:
    """Its end frame is inclusive; `prob` is the posterior in the lattice and may exceed 1 by a rounding error."""
    start, end = part.start_frame / FRAMES_PER_SECOND, (part.end_frame + 1) / FRAMES_PER_SECOND
    return Word(start, end, ALTERNATE.sub("", part.word), min(1.0, part.prob))

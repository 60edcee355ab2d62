"""The sample video's sound, its sentences, and when each of their words is said."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
ROOM = 0.2  # seconds of the sound around a sentence that belong to it
SAMPLE = Path(__file__).parents[4] / "include" / "local" / "sample" / "sample.mp4"

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Word:
    """Seconds of the sample; `text` as it is written, with a space before it and its punctuation after it."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    words: tuple[Word, ...]


def sound() -> Samples:
    """16 kHz mono, -1 to 1."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(SAMPLE)) as video:
        frames = [f for frame in video.decode(audio=0) for f in resampler.resample(frame)]
    pieces = [f.to_ndarray()[0] for f in [*frames, *resampler.resample(None)]]
    return np.concatenate(pieces).astype(np.float32) / 32768


def sentences(samples: Samples) -> tuple[Sentence, ...]:
    """The truth knows when a sentence is said; pocketsphinx, given its words, finds when each of them is."""
    truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))
    decoder = _aligner()
    return tuple(_sentence(samples, u, decoder) for u in truth["utterances"])


def _aligner() -> Any:
    from pocketsphinx import Decoder, get_model_path

    hmm, words = get_model_path("en-us/en-us"), get_model_path("en-us/cmudict-en-us.dict")
    return Decoder(hmm=hmm, lm=None, dict=words, loglevel="FATAL")


def _sentence(samples: Samples, said: dict[str, Any], decoder: Any) -> Sentence:
    first = round((said["start"] - ROOM) * RATE)
    part = samples[first : round((said["end"] + ROOM) * RATE)]
    decoder.set_align_text(re.sub(r"[^a-z' ]", "", said["text"].lower()))
    decoder.start_utt()
    decoder.process_raw((part * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    found = [(p.start_frame / 100, (p.end_frame + 1) / 100) for p in decoder.seg() if p.word[0] != "<"]
    written = said["text"].split()
    clock = first / RATE
    times = [(max(clock + a, said["start"]), min(clock + b, said["end"])) for a, b in found]
    return Sentence(tuple(Word(a, b, f" {text}") for (a, b), text in zip(times, written, strict=True)))

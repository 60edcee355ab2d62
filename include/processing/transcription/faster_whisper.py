"""faster-whisper with weights that are already here: it never downloads any.

Weights are a folder (CTranslate2's format: model.bin, config.json, tokenizer.json), or a model in the hub's local
cache, by the name that faster-whisper gives it (`small`) or the hub does (`owner/name`).
"""

import hashlib
import json
import math
import os
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from include.processing.audio import RATE, Samples
from include.processing.errors import PermanentError, ProcessingError, TransientError
from include.processing.transcription.engine import LEAST_SECONDS, Heard, Limits, samples_of, within
from include.processing.transcription.languages import language_code
from include.processing.types import Segment, Word

DEFAULT_MODEL = "small"
NEEDED = ("model.bin", "config.json", "tokenizer.json")  # without the last one faster-whisper would ask the hub
FINGERPRINT = 1 << 20  # bytes of the weights' head that tell one fine-tuned model from another
OPTIONS: dict[str, Any] = {
    "beam_size": 5,
    "temperature": 0.0,  # its other attempts throw dice that no seed governs: the same sound shall give the same text
    "word_timestamps": True,
    "vad_filter": False,  # of telephone speech it cuts out every seventh second, whole sentences among them
    "condition_on_previous_text": False,  # or one mistake repeats itself to the end
}
SPEECH = 0.2  # of Silero's probability: every sentence spoken reaches 0.45 somewhere, silence and most noise less
BLOCK = 512  # samples that Silero judges at once


class WhisperTranscriber:
    name = "faster-whisper"
    note = None
    limits = Limits(max_bytes=1 << 30, max_seconds=600.0)
    dollars_per_minute = 0.0
    in_flight = 1  # it uses several cores itself
    detects_language = True
    takes_keywords = True

    def __init__(self, model: str | None = None, weights: Path | None = None) -> None:
        """`model` is a name, looked up in the hub's local cache unless `weights` is the folder of that name."""
        release = _installed()
        if weights is None or (model is not None and model != weights.name):
            self.model: str | None = model or DEFAULT_MODEL
            self._folder = cached_weights(self.model)
        else:
            self.model, self._folder = weights.name, weights
        _require(self._folder)
        options = " ".join(f"{name}={value}" for name, value in sorted(OPTIONS.items()))
        self.identity = f"faster-whisper {release} {_fingerprint(self._folder)} {options} speech={SPEECH}"

    def transcribe(self, audio: Path, language: str | None = None, keywords: Sequence[str] = ()) -> Heard:
        samples = samples_of(audio)
        if len(samples) < LEAST_SECONDS * RATE or not _somebody_speaks(samples):
            return Heard((), None, timed=True)
        model, code = _load(self._folder), language_code(language)
        if code is not None and code not in model.supported_languages:
            raise PermanentError(
                "ASR_LANGUAGE", f"the model {self.model} does not know the language {language}", "choose another model"
            )
        try:
            terms = ", ".join(keywords) or None
            found, about = model.transcribe(_floats(samples), language=code, hotwords=terms, **OPTIONS)
            segments = [_segment(s) for s in found]
        except (RuntimeError, ValueError) as exc:
            raise self._failure(exc) from exc
        return Heard(within(segments, len(samples) / RATE), about.language if segments else code, timed=True)

    def _failure(self, exc: Exception) -> ProcessingError:
        cause, remedy = f"faster-whisper with the model {self.model}: {exc}", "choose a smaller model or another engine"
        kind = TransientError if "out of memory" in str(exc) else PermanentError  # a neighbour may hold the memory
        return kind("ASR_FAILED", cause, remedy)


def _somebody_speaks(samples: Samples) -> bool:
    """At any time: in a sound without speech Whisper invents text."""
    from faster_whisper.vad import get_vad_model

    whole_blocks = np.pad(_floats(samples), (0, -len(samples) % BLOCK))
    return bool(get_vad_model()(whole_blocks).max() >= SPEECH)


def _floats(samples: Samples) -> Any:
    return samples.astype(np.float32) / 32768


def _installed() -> str:
    """Its version. Raises PermanentError ASR_NO_PACKAGE where there is none."""
    try:
        import faster_whisper  # noqa: F401 - the package may be there and what it needs not

        return version("faster-whisper")
    except (ImportError, PackageNotFoundError) as exc:
        raise PermanentError(
            "ASR_NO_PACKAGE",
            f"faster-whisper can't be imported: {exc}",
            "pip install faster-whisper, or choose another engine",
        ) from exc


def in_cache() -> bool:
    """Is the default model in the hub's local cache? Imports nothing large."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:  # it comes with faster-whisper
        return False
    repository = f"Systran/faster-whisper-{DEFAULT_MODEL}"
    return all(isinstance(try_to_load_from_cache(repository, name), str) for name in NEEDED)


def cached_weights(model: str) -> Path:
    """Raises PermanentError ASR_NO_WEIGHTS where the hub's local cache has no such model."""
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(model, local_files_only=True))
    except (OSError, ValueError) as exc:  # not there, or no such name
        raise _no_weights(f"no weights of the model {model} on this machine") from exc


def _require(folder: Path) -> None:
    if missing := [name for name in NEEDED if not (folder / name).is_file()]:
        raise _no_weights(f"the weights in {folder} lack {', '.join(missing)}")


def _no_weights(cause: str) -> PermanentError:
    return PermanentError(
        "ASR_NO_WEIGHTS",
        cause,
        f"set REELSCRIBE_WHISPER_MODEL to a folder with a Whisper model for CTranslate2 ({', '.join(NEEDED)}), "
        "or choose another engine",
    )


def _fingerprint(folder: Path) -> str:
    weights = folder / "model.bin"
    with weights.open("rb") as file:
        head = file.read(FINGERPRINT)
    texts = b"".join((folder / name).read_bytes() for name in NEEDED[1:])
    return hashlib.sha256(head + texts + str(weights.stat().st_size).encode()).hexdigest()[:16]


def threads() -> int:
    """One, or OMP_NUM_THREADS, but never more than OMP_THREAD_LIMIT: CTranslate2 shares its work among as many threads
    as it asked for, and what the missing ones should have done is left out. Then the text is nonsense, or nothing."""
    asked, limit = (os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT"))
    wanted = int(asked) if asked.isdecimal() and int(asked) else 1
    return min(wanted, int(limit)) if limit.isdecimal() and int(limit) else wanted


@cache
def _load(folder: Path) -> Any:
    """One per process: large weights are gigabytes."""
    from faster_whisper import WhisperModel

    try:
        json.loads((folder / "tokenizer.json").read_bytes())  # of a half copied one, tokenizers raises a bare Exception
        return WhisperModel(
            str(folder), device="auto", compute_type="auto", cpu_threads=threads(), local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as exc:
        raise _no_weights(f"the weights in {folder} can't be loaded: {exc}") from exc


def _segment(found: Any) -> Segment:
    words = tuple(Word(w.start, w.end, w.word, w.probability) for w in found.words or ())
    return Segment(found.start, found.end, found.text, math.exp(min(0.0, found.avg_logprob)), words=words)

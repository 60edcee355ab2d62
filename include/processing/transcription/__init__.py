"""Speech to text: engines behind one protocol (`engine.Transcriber`), ours and those of other distributions."""

import os
import pkgutil
from functools import cache
from pathlib import Path

from include.processing.errors import PermanentError
from include.processing.transcription import third_party
from include.processing.transcription.engine import Transcriber

# each is built as Engine(model, weights); one that keeps no weights here takes no notice of them
ENGINES = {
    "openai": f"{__name__}.openai_api:OpenAITranscriber",
    "faster-whisper": f"{__name__}.faster_whisper:WhisperTranscriber",
    "sphinx": f"{__name__}.sphinx:SphinxTranscriber",
}


def transcriber(name: str, model: str | None = None, weights: Path | None = None) -> Transcriber:
    """The engine, imported and built at its first use, once per process. `weights`: a folder for faster-whisper."""
    credentials = os.environ.get("OPENAI_API_KEY"), os.environ.get("OPENAI_BASE_URL")
    return _built(resolve_engine(name, weights), model, weights, credentials)


@cache
def _built(name: str, model: str | None, weights: Path | None, _credentials: tuple[str | None, ...]) -> Transcriber:
    """A changed key or address makes a new engine."""
    if name not in ENGINES:
        return third_party.build(third_party.offered()[name], model, weights)
    engine: Transcriber = pkgutil.resolve_name(ENGINES[name])(model, weights)
    return engine


def engine_names() -> tuple[str, ...]:
    """Ours, then those of other distributions; `auto` is none of them. Ours win where one has the same name."""
    return *ENGINES, *sorted(third_party.offered().keys() - {*ENGINES, "auto"})


def resolve_engine(name: str, weights: Path | None = None) -> str:
    """`auto` → the best engine that can work here: OpenAI with a key, faster-whisper with weights, else sphinx.

    Weights that were named and are missing are an error of faster-whisper, not a reason to hear badly.
    """
    if name == "auto":
        return _best(weights)
    if name not in ENGINES and name not in engine_names():
        raise PermanentError("ASR_ENGINE", f"no speech engine {name}", f"choose auto, {', '.join(engine_names())}")
    return name


def _best(weights: Path | None) -> str:
    if os.environ.get("OPENAI_API_KEY", "").strip():
        return "openai"
    from include.processing.transcription.faster_whisper import in_cache

    return "faster-whisper" if weights is not None or in_cache() else "sphinx"

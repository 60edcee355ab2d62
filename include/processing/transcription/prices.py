"""What a minute of sound costs, in dollars."""

import re
from collections.abc import Mapping

from include.processing.transcription.engine import Transcriber

# OpenAI's list prices: https://developers.openai.com/api/docs/pricing and the page of each model under /docs/models.
# The gpt-4o models are billed by token: theirs is OpenAI's own estimate.
PRICES: dict[tuple[str, str], float] = {
    ("openai", "gpt-transcribe"): 0.0045,
    ("openai", "whisper-1"): 0.006,
    ("openai", "gpt-4o-transcribe"): 0.006,
    ("openai", "gpt-4o-mini-transcribe"): 0.003,
    ("openai", "gpt-4o-transcribe-diarize"): 0.006,
}
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def without_date(model: str) -> str:
    """The model that a dated snapshot is of."""
    return _SNAPSHOT.sub("", model)


def list_price(engine: str, model: str | None) -> float:
    """0.0 for what is not in the table: a model of your own, or one that is newer than the table."""
    return PRICES.get((engine, without_date(model or "")), 0.0)


def dollars_per_minute(engine: Transcriber, overrides: Mapping[str, float]) -> float:
    """What our `overrides` say; without one, what the engine says of itself."""
    own = overridden(engine.name, engine.model, overrides)
    return engine.dollars_per_minute if own is None else own


def overridden(engine: str, model: str | None, overrides: Mapping[str, float]) -> float | None:
    """`overrides` go by "engine/model", by model, or by engine."""
    for name in (f"{engine}/{model}", model, engine):
        if name is not None and name in overrides:
            return overrides[name]
    return None

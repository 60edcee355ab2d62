"""A speech engine with our ledger, pace and budget around it, for the tasks that send sound out."""

from functools import cache
from typing import TYPE_CHECKING

from airflow.sdk import Context

from include.settings import settings
from operators.base import StageOperator, run_of
from operators.records import Options

if TYPE_CHECKING:
    from include.processing.ports import Budget, Limiter
    from include.processing.transcription.buying import Buyer
    from include.processing.transcription.engine import Transcriber
    from include.processing.transcription.listening import Listening
    from include.storage import ObjectStore


def engine_of(options: Options) -> "Transcriber":
    """Chosen where it works: which keys and weights are at hand is that worker's matter."""
    from include.processing.transcription import resolve_engine, transcriber

    weights = settings().whisper_model
    return transcriber(resolve_engine(options.asr, weights), options.model, weights)


def waits(engine: "Transcriber") -> bool:
    """Whether it asks somebody else, and so works little itself."""
    return engine.name == "openai" or bool(engine.dollars_per_minute)


def buyer_of(
    operator: StageOperator,
    context: Context,
    store: "ObjectStore",
    engine: "Transcriber",
    video_id: str,
    chunk_index: int | None = None,
) -> "Buyer":
    from include.db.spending import Asker
    from include.processing.transcription.buying import Buyer
    from include.processing.transcription.prices import dollars_per_minute
    from include.storage.ledger import StoreLedger
    from operators.speech_ledger import SharedLedger

    run_id, options = run_of(context), operator.options(context)
    return Buyer(
        engine,
        SharedLedger(StoreLedger(store), operator.database, Asker(run_id, video_id, chunk_index)),
        limiter() if waits(engine) else None,
        _budget(operator, run_id, options.budget_dollars),
        dollars_per_minute(engine, settings().prices),
        options.denoise,
    )


def listening_of(options: Options) -> "Listening":
    from include.processing.transcription.listening import Listening

    return Listening(options.language, options.alignment)


@cache
def limiter() -> "Limiter":
    """Counts in Redis, for all workers; without it for this process alone."""
    from include.rates import SharedLimiter

    chosen = settings()
    return SharedLimiter(chosen.redis_url or "memory://", chosen.speech_requests, chosen.speech_seconds)


def _budget(operator: StageOperator, run_id: str, dollars: float | None) -> "Budget | None":
    from operators.speech_ledger import DatabaseBudget

    return None if dollars is None else DatabaseBudget(operator.database, run_id, dollars)

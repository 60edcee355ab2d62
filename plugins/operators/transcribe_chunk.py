"""One chunk's sound → what was said, each stretch of it paid for once."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.settings import settings
from operators.base import StageOperator
from operators.records import VERSION, ChunkDict, ExtractedDict, Options, TranscribedDict, chunk_of

if TYPE_CHECKING:
    from include.processing.transcription.engine import Transcriber
    from include.storage import ObjectStore


class TranscribeChunkOperator(StageOperator):
    stage = "transcribe"
    template_fields = ("chunk", "extracted")

    def __init__(self, *, chunk: ChunkDict, extracted: ExtractedDict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk, self.extracted = chunk, extracted

    def execute(self, context: Context) -> TranscribedDict:
        from include.storage import keys

        options, store, chunk = self.options(context), self.open_store(), chunk_of(self.chunk)
        with self.job(context, chunk.video_id, chunk) as job:
            engine = _engine(options)
            recipe = keys.recipe(
                stage=self.stage,
                version=VERSION,
                extract=self.extracted["recipe"],
                engine=engine.identity,
                language=options.language,
            )
            key = partial(keys.chunk_object, chunk.video_id, self.stage, recipe, chunk)
            job.details["engine"] = engine.name
            if store.head(key("transcript.json")):  # written last: what it cost is there too
                job.details["found"] = True
            else:
                self._transcribe(store, engine, options.language, key)
        return {"index": chunk.index, "key": key("transcript.json"), "usage": key("usage.json")}

    def _transcribe(
        self, store: "ObjectStore", engine: "Transcriber", language: str | None, key: "partial[str]"
    ) -> None:
        from include.processing.record import to_json
        from include.processing.transcription.chunk import transcribe_chunk
        from include.storage.ledger import StoreLedger

        with TemporaryDirectory() as work:
            audio = None
            if self.extracted["audio"]:
                audio = Path(work, "audio.flac")
                store.download(self.extracted["audio"], audio)
            transcript, usage = transcribe_chunk(chunk_of(self.chunk), audio, engine, language, StoreLedger(store))
        store.put(key("usage.json"), to_json(usage))
        store.put(key("transcript.json"), to_json(transcript))


def _engine(options: Options) -> "Transcriber":
    """Chosen here, not in plan: which keys and weights are at hand is this worker's matter."""
    from include.processing.transcription import resolve_engine, transcriber

    weights = settings().whisper_model
    return transcriber(resolve_engine(options.asr, weights), options.model, weights)
